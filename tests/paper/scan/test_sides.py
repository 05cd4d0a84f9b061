"""This file proves that sides are fitted to real edges: straight, faint, framed, or curled."""

from __future__ import annotations

import cv2
import numpy as np

from appliance.paper.scan.sides import fit_corners, fit_sides

TRUE = np.array([[150.0, 120], [850, 160], [820, 640], [130, 600]])
INWARDS = np.array([[1, 1], [-1, 1], [-1, -1], [1, -1]])


def picture(sheet: int = 230, table: int = 120) -> np.ndarray:
    """A sheet on a table, drawn four times finer and shrunk, so that edges are true."""
    big = np.full((3000, 4000, 3), table, np.uint8)
    corners = np.round((TRUE + 0.5) * 4 - 0.5).astype(np.int32)
    cv2.fillPoly(big, [corners], (sheet, sheet, sheet))
    small = cv2.resize(big, (1000, 750), interpolation=cv2.INTER_AREA)
    noise = np.random.default_rng(1).normal(0, 1.5, small.shape)
    return np.clip(small + noise, 0, 255).astype(np.uint8)


def test_a_rough_quad_is_drawn_onto_the_edges() -> None:
    """Corners six pixels off come back to within half a pixel; every side holds."""
    rough = TRUE + np.array([[5, -4], [-6, 3], [4, 5], [-5, -5]])
    fit = fit_sides(picture(), rough[None], 10)
    assert np.abs(fit.quads[0] - TRUE).max() < 0.5
    assert fit.held.min() > 0.9


def test_a_faint_edge_is_enough() -> None:
    """White on white: six levels of difference."""
    fit = fit_sides(picture(sheet=226, table=220), (TRUE + 3)[None], 8)
    assert np.abs(fit.quads[0] - TRUE).max() < 1.5


def test_a_printed_frame_is_not_taken_for_the_edge() -> None:
    """A red frame close within the sheet is the stronger edge, and still not the outer one."""
    framed = picture(sheet=226, table=170)
    inner = TRUE + 8 * INWARDS
    cv2.polylines(framed, [np.round(inner).astype(np.int32)], True, (40, 40, 190), 2, cv2.LINE_AA)
    fit = fit_sides(framed, (TRUE + 1 * INWARDS)[None], 10)
    assert np.abs(fit.quads[0] - TRUE).max() < 1.5


def test_a_lifted_corner_is_found_where_it_is() -> None:
    """One corner of the sheet curls inwards by 14 pixels: the edges near it lead there."""
    bent = picture(table=120)
    bent[:] = 120
    middle = (TRUE[1] + TRUE[2]) / 2
    lifted = TRUE[2] + [-14, -3]
    outline = np.array([TRUE[0], TRUE[1], middle, lifted, TRUE[3]])
    cv2.fillPoly(bent, [np.round(outline).astype(np.int32)], (230, 230, 230), cv2.LINE_AA)
    fit = fit_sides(bent, TRUE[None], 8)
    corners = fit_corners(bent, fit, 14)
    assert np.linalg.norm(corners[2] - lifted) < 3

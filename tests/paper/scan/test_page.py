"""This file proves that a photo of a paper becomes a straight, clean page, or honestly does not."""

from __future__ import annotations

import io

import cv2
import numpy as np
import pytest
from PIL import Image

from appliance.paper.scan.page import make_page
from bench.accuracy import jaccard
from bench.scenes import make_scene


@pytest.mark.parametrize("seed", range(6))
def test_a_sheet_on_a_dark_mat_is_found_to_within_two_percent(seed: int) -> None:
    """The case the box is built for: A4 and A5 forms, a certificate, a card on the mat."""
    paper = ("A4", "A5", "certificate", "card", "A6", "receipt")[seed]
    scene = make_scene(seed, paper=paper, table="mat")
    page = make_page(scene.jpeg(), mat="dark")
    assert page.quad is not None
    assert jaccard(page.quad, scene.quad) > 0.98
    assert page.checks["complete"].state == "ok"
    assert len(page.jpeg) < 215_000


def test_the_page_has_the_size_of_the_paper_at_200_dpi() -> None:
    """An A4 form stands at 1654 x 2339 pixels, and the JPEG says 200 dpi."""
    scene = make_scene(11, paper="A4", table="wood", turn_deg=3)
    page = make_page(scene.jpeg())
    assert page.size_px == (1654, 2339)
    assert Image.open(io.BytesIO(page.jpeg)).info["dpi"] == (200, 200)


@pytest.mark.parametrize(("paper", "size_px"), [("A4", (1654, 2339)), ("A5", (1165, 1654))])
def test_a_fixed_camera_tells_a5_from_a4(paper: str, size_px: tuple[int, int]) -> None:
    """Where it is known how much of the table the photo shows, an A5 form is an A5 page."""
    scene = make_scene(11, paper=paper, table="mat", turn_deg=2, px_per_mm=4.3)
    page = make_page(scene.jpeg(), field_mm=2028 / 4.3)
    assert page.paper == paper
    assert page.size_px == size_px


def test_light_is_evened_while_red_stays_red_and_blue_stays_blue() -> None:
    """Paper comes out white in a hand's shadow; the stamp and the signature keep their hue."""
    scene = make_scene(21, paper="A4", table="mat", turn_deg=0, defects=("shadow",))
    page = cv2.imdecode(np.frombuffer(make_page(scene.jpeg()).jpeg, np.uint8), cv2.IMREAD_COLOR)
    blue, green, red = (page[..., c].astype(int) for c in range(3))
    assert np.median(page) == 255
    assert ((red - np.maximum(blue, green)) > 80).sum() > 500
    assert ((blue - np.maximum(red, green)) > 60).sum() > 200
    assert (page.max(2) < 60).sum() > 5000


def test_nothing_on_the_table_is_never_cropped() -> None:
    """An empty table, plain grey or noise gives the whole photo and asks for a hand."""
    rng = np.random.default_rng(5)
    noise = rng.integers(0, 255, (900, 1200, 3)).astype(np.uint8)
    for pixels in (np.full((900, 1200, 3), 127, np.uint8), noise):
        page = make_page(cv2.imencode(".jpg", pixels)[1].tobytes())
        assert page.needs_hand
        assert page.quad is None
        assert abs(page.size_px[0] / page.size_px[1] - 4 / 3) < 0.01
        assert page.checks["complete"].state == "unknown"


def test_corners_placed_by_hand_are_taken_as_they_are() -> None:
    """A person's corners need no gate; given in any order, they come back in ours."""
    scene = make_scene(31, paper="A5", table="white")
    corners = [(float(x), float(y)) for x, y in scene.quad[[2, 0, 3, 1]]]
    page = make_page(scene.jpeg(), quad=corners)
    assert page.quad is not None
    assert jaccard(page.quad, scene.quad) > 0.999
    assert page.confidence == 1.0


def test_a_sheet_hanging_out_of_the_photo_is_called_incomplete() -> None:
    """The law wants the whole paper: a cut-off sheet is never "complete"."""
    scene = make_scene(41, paper="A4", table="mat", defects=("cut_off",))
    page = make_page(scene.jpeg())
    assert page.checks["complete"].state != "ok"


def test_blurred_print_is_called_not_sharp() -> None:
    """The same form is sharp in focus and not sharp out of it."""
    states = [
        make_page(make_scene(51, paper="A4", table="mat", turn_deg=0, blur_px=blur).jpeg())
        .checks["sharp"]
        .state
        for blur in (0.8, 9.0)
    ]
    assert states == ["ok", "bad"]


@pytest.mark.parametrize("turn_deg", [2, 92, 182, 272])
def test_a_form_is_turned_upright_when_sure(turn_deg: float) -> None:
    """Whichever way the form lay, the page reads from the top; else it is left as placed."""
    scene = make_scene(61, paper="A4", table="mat", turn_deg=turn_deg)
    page = make_page(scene.jpeg())
    if page.upright_sure:
        assert page.turns == (4 - scene.turns_cw) % 4


def test_where_the_photo_was_taken_does_not_reach_the_page() -> None:
    """EXIF and GPS are gone: a page carries its dpi and nothing else."""
    exif = Image.Exif()
    exif[0x010E] = "taken at home"
    exif.get_ifd(0x8825)[1] = "N"
    out = io.BytesIO()
    image = Image.open(io.BytesIO(make_scene(71, paper="A5", table="mat").jpeg()))
    image.save(out, "JPEG", exif=exif)
    page = make_page(out.getvalue())
    assert not Image.open(io.BytesIO(page.jpeg)).getexif()
    assert b"Exif" not in page.jpeg
    assert b"taken at home" not in page.jpeg

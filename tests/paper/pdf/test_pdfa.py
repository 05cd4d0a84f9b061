"""This file proves that each kind of PDF we make keeps the rules of PDF/A-2b, by several judges."""

from __future__ import annotations

import io
import shutil
import subprocess
from collections.abc import Callable
from datetime import UTC, datetime
from functools import cache
from pathlib import Path

import numpy as np
import pikepdf
import pytest

from appliance.paper.pdf.pdf import make_pdf
from appliance.paper.pdf.text_pdf import Canvas
from appliance.paper.scan.jpeg import encode_page
from tests.paper.pages_for_tests import form_page
from tests.paper.pdfa_rules import faults

MADE_AT = datetime(2026, 11, 22, 3, 4, 5, tzinfo=UTC)


@cache
def plain() -> bytes:
    return make_pdf([form_page()] * 2, title="Tờ khai <1> & phụ lục", made_at=MADE_AT)


@cache
def small() -> bytes:
    return make_pdf([form_page()], title="Tờ khai", made_at=MADE_AT, small=True)


@cache
def text() -> bytes:
    canvas = Canvas()
    canvas.text(60, 80, "Giấy tờ mang theo: ế ự ỡ", "bold", 20, (0, 0, 0))
    canvas.text(60, 120, "Chữ lạ \U0001f600 → 中", "medium", 14, (0, 0, 0))
    return canvas.pdf("Giấy tờ\x0b mang theo", MADE_AT)


KINDS = pytest.mark.parametrize("make", [plain, small, text])


@KINDS
def test_every_rule_that_could_be_broken_is_kept(make: Callable[[], bytes]) -> None:
    """Header, identifiers, metadata against Info, output intent, filters, images, fonts."""
    assert faults(make()) == []


@KINDS
def test_it_says_what_it_is_to_another_reader(make: Callable[[], bytes], tmp_path: Path) -> None:
    """Poppler draws it without a word of complaint and finds no person in it."""
    if shutil.which("pdftoppm") is None:
        pytest.skip("needs poppler-utils")
    (tmp_path / "a.pdf").write_bytes(make())
    drawn = subprocess.run(
        ["pdftoppm", "-r", "40", "-png", str(tmp_path / "a.pdf"), str(tmp_path / "a")],
        capture_output=True,
        check=True,
    )
    assert drawn.stderr == b""
    told = subprocess.run(
        ["pdfinfo", str(tmp_path / "a.pdf")], capture_output=True, check=True, text=True
    )
    assert "Author" not in told.stdout and "Encrypted:       no" in told.stdout


@KINDS
def test_verapdf_agrees(make: Callable[[], bytes], tmp_path: Path) -> None:
    """The reference validator, where somebody has installed it."""
    if shutil.which("verapdf") is None:
        pytest.skip("veraPDF is not installed; only our own rules were checked")
    (tmp_path / "a.pdf").write_bytes(make())
    told = subprocess.run(
        ["verapdf", "--flavour", "2b", "--format", "text", str(tmp_path / "a.pdf")],
        capture_output=True,
        text=True,
    )
    assert told.stdout.startswith("PASS"), told.stdout


@pytest.mark.parametrize(
    ("harm", "rule"),
    [
        (lambda pdf: pdf.Root.__delitem__("/OutputIntents"), "OutputIntents"),
        (lambda pdf: pdf.docinfo.__setitem__("/Author", "Ai đó"), "privacy"),
        (lambda pdf: pdf.docinfo.__setitem__("/Title", "khác"), "6.6.3"),
        (lambda pdf: pdf.Root.__setitem__("/OpenAction", pikepdf.Dictionary()), "6.5"),
        (lambda pdf: _picture(pdf).__setitem__("/Interpolate", True), "6.2.8"),
        (lambda pdf: _picture(pdf).__setitem__("/ColorSpace", pikepdf.Name.DeviceCMYK), "6.2.4"),
    ],
)
def test_a_broken_rule_is_seen(harm: Callable[[pikepdf.Pdf], object], rule: str) -> None:
    """The checks can fail: each harm done to a good file is named."""
    out = io.BytesIO()
    with pikepdf.open(io.BytesIO(plain())) as pdf:
        harm(pdf)
        pdf.save(out, deterministic_id=True, fix_metadata_version=False)
    try:
        told = " ".join(faults(out.getvalue()))
    except (AttributeError, KeyError) as error:
        told = str(error)
    assert rule in told


def _picture(pdf: pikepdf.Pdf) -> pikepdf.Object:
    return pdf.pages[0].obj.Resources.XObject.P


def test_a_layered_page_is_small_and_looks_the_same(tmp_path: Path) -> None:
    """At most 40 kB for an A4 form: print black, stamp red, ink blue, where they were."""
    if shutil.which("pdftoppm") is None:
        pytest.skip("needs poppler-utils")
    cv2 = pytest.importorskip("cv2")
    jpeg, data = form_page(), small()
    assert len(data) < 40_000 < len(jpeg)
    (tmp_path / "a.pdf").write_bytes(data)
    name = tmp_path / "a"
    command = ["pdftoppm", "-r", "200", "-png", "-singlefile", f"{name}.pdf", str(name)]
    subprocess.run(command, check=True)
    ours = cv2.imread(f"{name}.png").astype(int)
    page = cv2.imdecode(np.frombuffer(jpeg, np.uint8), cv2.IMREAD_COLOR).astype(int)
    assert abs(ours.shape[0] - page.shape[0]) <= 1 and abs(ours.shape[1] - page.shape[1]) <= 1
    for pick in (_black, _red, _blue):
        there, here = pick(page[:2300, :1600]), pick(ours[:2300, :1600])
        grown = cv2.dilate(there.astype(np.uint8), np.ones((5, 5))) > 0
        assert there.sum() > 300
        assert 0.6 < here.sum() / there.sum() < 1.7
        assert (here & grown).sum() > 0.97 * here.sum()


def _black(page: np.ndarray) -> np.ndarray:
    return page.max(2) < 80


def _red(page: np.ndarray) -> np.ndarray:
    return page[..., 2] - np.maximum(page[..., 0], page[..., 1]) > 70


def _blue(page: np.ndarray) -> np.ndarray:
    return page[..., 0] - np.maximum(page[..., 1], page[..., 2]) > 50


def test_the_same_page_in_layers_is_the_same_bytes() -> None:
    """Byte for byte, as with the plain path."""
    assert small.__wrapped__() == small()


def test_a_photo_or_a_blank_page_is_not_taken_apart_for_nothing() -> None:
    """What is no paper goes in as the JPEG it is; an empty page stays an empty page."""
    cv2 = pytest.importorskip("cv2")
    rng = np.random.default_rng(1)
    table = cv2.GaussianBlur(rng.integers(0, 200, (900, 1200, 3)).astype(np.uint8), (0, 0), 4)
    photo = encode_page(table, dpi=200)
    blank = encode_page(np.full((900, 1200, 3), 255, np.uint8), dpi=200)
    with pikepdf.open(
        io.BytesIO(make_pdf([photo, blank], title="x", made_at=MADE_AT, small=True))
    ) as pdf:
        assert pdf.pages[0].obj.Resources.XObject.P.read_raw_bytes() == photo
        assert len(pdf.pages[1].obj.Resources.XObject.keys()) == 0
    assert faults(make_pdf([blank], title="x", made_at=MADE_AT, small=True)) == []

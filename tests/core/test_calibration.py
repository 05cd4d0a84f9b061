"""This file proves how what a person saw on the page becomes how slips are drawn."""

from __future__ import annotations

import json

import pytest

from appliance.core.calibration import Calibration, code_dots_for, from_text
from appliance.core.calibration_slips import calibration_slip, width_slip
from appliance.core.slip import Qr, Sample
from appliance.errors import BadInput


@pytest.mark.parametrize(
    ("width", "read", "wanted"),
    [
        (576, (4, 5, 6, 7), 6),
        (576, (5, 6, 7), 6),
        (576, (6, 7), 7),
        (576, (7,), 7),
        (576, (4, 5), 5),
        (576, (), 7),
        (384, (4, 5, 6), 5),
        (384, (5, 6), 6),
        (384, (), 6),
    ],
)
def test_codes_are_a_step_larger_than_the_smallest_read(
    width: int, read: tuple[int, ...], wanted: int
) -> None:
    assert code_dots_for(width, read) == wanted


def test_what_is_kept_comes_back_and_nonsense_is_nothing() -> None:
    tuned = Calibration(384, "heavy", cuts=False, least_dots=28, code_dots=6)
    assert from_text(tuned.as_text()) == tuned
    wrong = json.dumps({"width_dots": 500})
    for text in (None, "", "{", "[]", "7", wrong, '{"width_dots": 576, "colour": "red"}'):
        assert from_text(text) is None


def test_what_no_printer_does_is_refused() -> None:
    for wrong in (
        {"width_dots": 512},
        {"width_dots": 384, "code_dots": 7},
        {"width_dots": 576, "least_dots": 8},
        {"width_dots": 576, "darkness": "pink"},
    ):
        with pytest.raises(BadInput):
            Calibration(**wrong)  # type: ignore[arg-type]


def test_the_page_has_each_size_and_no_secret() -> None:
    page = calibration_slip("Nhà văn hóa An Bình", "http://192.168.1.20:8080", 384)
    codes = [block for block in page.blocks if isinstance(block, Qr)]
    assert [code.module_dots for code in codes] == [4, 5, 6]
    assert all("AGE-SECRET" not in code.content for code in codes)
    assert [block.size_dots for block in page.blocks if isinstance(block, Sample)] == [24, 28, 32]
    assert width_slip("An Bình").kind == "test"

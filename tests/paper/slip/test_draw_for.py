"""This file proves that a printer's calibration is seen on its slips."""

from __future__ import annotations

from appliance.commands.slip import sample_slip
from appliance.core.calibration import Calibration
from appliance.core.slip import Qr, Slip
from appliance.paper.slip.layout import draw_for, draw_slip


def black(slip: Slip, tuned: Calibration) -> int:
    return sum(draw_for(slip, tuned).point(lambda v: v == 0).getdata())  # type: ignore[arg-type]


def test_an_uncalibrated_printer_gets_what_it_always_got() -> None:
    slip = sample_slip("visit")
    assert draw_for(slip, Calibration(576)).tobytes() == draw_slip(slip, 576).tobytes()


def test_a_faint_head_gets_thicker_strokes_and_a_smearing_one_thinner() -> None:
    slip = sample_slip("visit")
    faint, right, heavy = (
        black(slip, Calibration(576, darkness))  # type: ignore[arg-type]
        for darkness in ("faint", "right", "heavy")
    )
    assert faint > right > heavy


def test_codes_and_letters_keep_their_size() -> None:
    slip = Slip("test", (Qr("http://192.168.1.20:8080/t", "Mã"),))
    small = draw_for(slip, Calibration(384, code_dots=4))
    large = draw_for(slip, Calibration(384, code_dots=6))
    assert large.height > small.height
    letters = sample_slip("ticket")
    assert (
        draw_for(letters, Calibration(576, least_dots=32)).tobytes()
        != draw_for(letters, Calibration(576)).tobytes()
    )

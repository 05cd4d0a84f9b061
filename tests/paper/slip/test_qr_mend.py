"""This file proves that a slip with a line that was not printed still opens its papers."""

from __future__ import annotations

import io

import numpy as np
import pytest
from PIL import Image

from appliance.core.slip import Qr, Slip
from appliance.paper.scan.qr import read_codes_of_photo
from appliance.paper.slip.layout import draw_slip
from appliance.paper.slip.qr_mend import mended

CONTENT = "http://192.168.1.20:8080/t#" + "MA-THU-" * 10


def photo(streak_at: int | None, width: int) -> bytes:
    slip = draw_slip(Slip("ticket", (Qr(CONTENT, ""),)), width)  # type: ignore[arg-type]
    if streak_at is not None:
        slip.paste(255, (0, streak_at, slip.width, streak_at + 2))
    near = slip.resize((slip.width * 3 // 2, slip.height * 3 // 2), Image.Resampling.BILINEAR)
    out = io.BytesIO()
    near.rotate(4, expand=True, fillcolor=255).save(out, "JPEG", quality=60)
    return out.getvalue()


@pytest.mark.parametrize("width", [384, 576])
def test_a_white_line_anywhere_is_no_loss(width: int) -> None:
    """Also through the eyes of the code, above and below."""
    height = draw_slip(Slip("ticket", (Qr(CONTENT, ""),)), width).height  # type: ignore[arg-type]
    for at in range(20, height - 20, height // 9):
        assert read_codes_of_photo(photo(at, width)) == [CONTENT], at


def test_thin_lines_are_filled_and_white_squares_stay() -> None:
    grey = np.zeros((60, 60), np.uint8)
    grey[10:12] = 255
    grey[30:45, 30:45] = 255
    across = next(iter(mended(grey)))
    assert not across[10:12].any()
    assert across[36:40, 36:40].all()

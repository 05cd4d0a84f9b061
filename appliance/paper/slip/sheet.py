"""This file lays a slip on a sheet of A4 for a house whose only printer is an office printer."""

from __future__ import annotations

import io
import zlib
from typing import TYPE_CHECKING, Any

from appliance.paper.slip.metrics import DOTS_PER_MM
from appliance.paper.slip.raster import threshold

if TYPE_CHECKING:
    from PIL import Image

A4_MM = (210.0, 297.0)
MARGIN_MM = 15.0  # office printers leave a rim
MOST_TIMES_LARGER = 2.0
SMOOTHER = 3  # the slip's dots are coarse for an office printer's 600 dots an inch
MM_PT = 72 / 25.4


def to_sheet(slip: Image.Image) -> bytes:
    """Return a one-page PDF: the slip at the top, grown to twice its size where the sheet allows.

    The same slip gives the same bytes; nothing in it tells the time or the machine.
    """
    import pikepdf
    from PIL import Image

    width_mm, height_mm = slip.width / DOTS_PER_MM, slip.height / DOTS_PER_MM
    room_mm = (A4_MM[0] - 2 * MARGIN_MM, A4_MM[1] - 2 * MARGIN_MM)
    times = min(MOST_TIMES_LARGER, room_mm[0] / width_mm, room_mm[1] / height_mm)
    size_px = (slip.width * SMOOTHER, slip.height * SMOOTHER)
    dots = threshold(slip.convert("L").resize(size_px, Image.Resampling.LANCZOS))
    width_pt, height_pt = width_mm * times * MM_PT, height_mm * times * MM_PT
    left_pt = (A4_MM[0] * MM_PT - width_pt) / 2
    bottom_pt = (A4_MM[1] - MARGIN_MM) * MM_PT - height_pt
    page_pt: Any = tuple(round(mm * MM_PT, 2) for mm in A4_MM)
    with pikepdf.new() as pdf:
        picture = pikepdf.Stream(
            pdf,
            zlib.compress(dots.tobytes(), 9),
            Type=pikepdf.Name.XObject,
            Subtype=pikepdf.Name.Image,
            Width=dots.width,
            Height=dots.height,
            ColorSpace=pikepdf.Name.DeviceGray,
            BitsPerComponent=1,
            Filter=pikepdf.Name.FlateDecode,
        )
        page = pdf.add_blank_page(page_size=page_pt)
        page.obj.Resources = pikepdf.Dictionary(
            XObject=pikepdf.Dictionary(P=pdf.make_indirect(picture))
        )
        drawing = f"q {width_pt:.2f} 0 0 {height_pt:.2f} {left_pt:.2f} {bottom_pt:.2f} cm /P Do Q"
        page.obj.Contents = pdf.make_stream(drawing.encode("ascii"))
        out = io.BytesIO()
        pdf.save(out, deterministic_id=True)
    return out.getvalue()

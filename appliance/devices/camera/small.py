"""This file makes the small preview picture of a full photo (Pillow, imported when first asked)."""

from __future__ import annotations

import io

from appliance.devices.camera import PREVIEW_LONG_SIDE_PX, CameraError

# A progressive JPEG is decoded as a whole; beyond this a small box would run out of memory.
MOST_PIXELS = 64_000_000
# A picture this much smaller than asked for is still a good one to look at.
_NEARLY = 0.7


def small_jpeg(jpeg: bytes, long_side_px: int = PREVIEW_LONG_SIDE_PX) -> bytes:
    """The same picture, upright, long side at most `long_side_px`.

    The decoder is asked for a reduced size first (`draft`), which costs a fraction of the whole;
    where a half, a quarter or an eighth is nearly what is wanted, it is taken as it comes.
    """
    from PIL import Image, ImageOps

    try:
        with Image.open(io.BytesIO(jpeg)) as image:
            if image.width * image.height > MOST_PIXELS:
                raise ValueError("too large for a preview")
            image.draft("RGB", _asked(image.width, image.height, long_side_px))
            upright = ImageOps.exif_transpose(image).convert("RGB")
    except (OSError, ValueError, Image.DecompressionBombError) as error:
        raise CameraError(
            f"the photo cannot be read ({error}); take it again", code="camera_bad_photo"
        ) from error
    upright.thumbnail((long_side_px, long_side_px), Image.Resampling.BILINEAR)
    out = io.BytesIO()
    upright.save(out, "JPEG", quality=70)
    return out.getvalue()


def _asked(width: int, height: int, long_side_px: int) -> tuple[int, int]:
    """The size to ask the decoder for: it gives the smallest of 1, 1/2, 1/4, 1/8 not below it."""
    for part in (1, 2, 4, 8):
        reduced = max(width, height) / part
        if _NEARLY * long_side_px <= reduced <= long_side_px:
            return width // part, height // part
    return long_side_px, long_side_px

"""This file makes the small preview picture of a full photo (Pillow, imported when first asked)."""

from __future__ import annotations

import io

from appliance.devices.camera import PREVIEW_LONG_SIDE_PX, CameraError

# A progressive JPEG is decoded as a whole; beyond this a small box would run out of memory.
MOST_PIXELS = 64_000_000


def small_jpeg(jpeg: bytes, long_side_px: int = PREVIEW_LONG_SIDE_PX) -> bytes:
    """The same picture, upright, long side at most `long_side_px`.

    The decoder is asked for a reduced size first (`draft`), which costs a fraction of the whole.
    """
    from PIL import Image, ImageOps

    try:
        with Image.open(io.BytesIO(jpeg)) as image:
            if image.width * image.height > MOST_PIXELS:
                raise ValueError("too large for a preview")
            image.draft("RGB", (long_side_px, long_side_px))
            upright = ImageOps.exif_transpose(image).convert("RGB")
    except (OSError, ValueError, Image.DecompressionBombError) as error:
        raise CameraError(
            f"the photo cannot be read ({error}); take it again", code="camera_bad_photo"
        ) from error
    upright.thumbnail((long_side_px, long_side_px), Image.Resampling.BILINEAR)
    out = io.BytesIO()
    upright.save(out, "JPEG", quality=70)
    return out.getvalue()

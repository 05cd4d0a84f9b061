"""This file looks at a photo before anything is decoded, and says plainly what cannot be taken."""

from __future__ import annotations

import io
import warnings
from dataclasses import dataclass

from appliance.errors import BadInput

MIN_SIDE_PX = 64
MAX_JPEG_PIXELS = 64_000_000
"""A JPEG is decoded at half size above `HALVE_ABOVE_PIXELS`, so it may be larger than the rest."""
MAX_OTHER_PIXELS = 40_000_000
MAX_WEBP_PIXELS = 24_000_000
"""Its decoder keeps the whole picture twice; 600 MB of memory is the limit for any photo."""
MAX_BYTES = 80 * 1024 * 1024
_FORMATS = ("JPEG", "PNG", "WEBP", "TIFF", "BMP", "GIF")
"""MPO, what some phones write, is opened by the JPEG reader."""
_ORIENTATION_TAG = 0x0112

_SAYS = {
    "empty": "Tệp rỗng, không có gì bên trong. Hãy chụp hoặc chép lại tấm ảnh. (the file is empty)",
    "not_an_image": "Đây không phải là ảnh mở được. Hãy dùng ảnh JPEG hoặc PNG. (not an image)",
    "truncated": "Ảnh bị đứt giữa chừng. Hãy chép lại ảnh hoặc chụp lại. (the image is truncated)",
    "too_small": "Ảnh nhỏ quá, không đọc được giấy. Hãy chụp lại gần hơn. (the image is too small)",
    "too_large": "Ảnh lớn quá. Hãy gửi ảnh nhỏ hơn 40 triệu điểm ảnh. (the image is too large)",
    "animated": "Đây là ảnh động. Hãy gửi ảnh chụp thường. (animated images are not taken)",
    "damaged": "Ảnh hỏng, không giải mã được. Hãy chụp lại. (the image is damaged)",
}


class BadPhoto(BadInput):
    """A photo that cannot become a page; `code` is one of the keys of `_SAYS`."""

    default_code = "not_an_image"

    def __init__(self, code: str) -> None:
        super().__init__(_SAYS[code], code=code)


@dataclass(frozen=True)
class PhotoHeader:
    """What the first bytes of a photo say. Sizes are as stored, before EXIF orientation."""

    kind: str
    mode: str
    stored_px: tuple[int, int]
    orientation: int

    @property
    def is_plain_jpeg(self) -> bool:
        """True when OpenCV's JPEG reader gives the right colours by itself."""
        return self.kind in ("JPEG", "MPO") and self.mode in ("RGB", "L")

    @property
    def shown_px(self) -> tuple[int, int]:
        """(width, height) as displayed, after EXIF orientation."""
        width, height = self.stored_px
        return (height, width) if self.orientation >= 5 else (width, height)


def read_header(data: bytes) -> PhotoHeader:
    """Return what the header of `data` says, or raise BadPhoto. Decodes no pixel."""
    if not data:
        raise BadPhoto("empty")
    if len(data) > MAX_BYTES:
        raise BadPhoto("too_large")
    header = _open(data)
    width, height = header.stored_px
    if width * height > _most_pixels(header):
        raise BadPhoto("too_large")
    if min(width, height) < MIN_SIDE_PX:
        raise BadPhoto("too_small")
    if header.kind in ("JPEG", "MPO") and not _has_end(data):
        raise BadPhoto("truncated")
    return header


def _most_pixels(header: PhotoHeader) -> int:
    if header.is_plain_jpeg:
        return MAX_JPEG_PIXELS
    return MAX_WEBP_PIXELS if header.kind == "WEBP" else MAX_OTHER_PIXELS


def _open(data: bytes) -> PhotoHeader:
    from PIL import Image, UnidentifiedImageError

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            with Image.open(io.BytesIO(data), formats=_FORMATS) as image:
                kind = image.format or ""
                if kind != "MPO" and getattr(image, "n_frames", 1) > 1:
                    raise BadPhoto("animated")
                # PNG's own getexif() would decode the whole picture to look for a late chunk.
                exif = image.getexif() if kind != "PNG" else Image.Image.getexif(image)
                return PhotoHeader(kind, image.mode, image.size, _orientation(exif))
        except BadPhoto:
            raise
        except Image.DecompressionBombError:
            raise BadPhoto("too_large") from None
        except UnidentifiedImageError:
            raise BadPhoto("truncated" if _starts_like_an_image(data) else "not_an_image") from None
        except Exception:  # noqa: BLE001 - a broken header makes Pillow raise nearly anything
            raise BadPhoto("damaged") from None


def _orientation(exif: object) -> int:
    try:
        value = int(exif.get(_ORIENTATION_TAG, 1))  # type: ignore[attr-defined]
    except Exception:  # noqa: BLE001 - a broken EXIF block must not cost the photo
        return 1
    return value if 1 <= value <= 8 else 1


def _starts_like_an_image(data: bytes) -> bool:
    if data.startswith(b"RIFF"):
        return data[8:12] in (b"WEBP", b"")  # and not a film (AVI) or a sound (WAVE)
    return data.startswith((b"\xff\xd8\xff", b"\x89PNG\r\n\x1a\n", b"II*\0", b"MM\0*"))


def _has_end(data: bytes) -> bool:
    """Return whether a JPEG has its end marker after the start of its first scan."""
    at = 2
    while at + 4 <= len(data) and data[at] == 0xFF:
        marker = data[at + 1]
        if marker == 0xDA:
            return data.rfind(b"\xff\xd9") > at
        if marker == 0xFF or 0xD0 <= marker <= 0xD8 or marker == 0x01:
            at += 1 if marker == 0xFF else 2
            continue
        at += 2 + int.from_bytes(data[at + 2 : at + 4], "big")
    return data.rfind(b"\xff\xd9") > 2 and data.rfind(b"\xff\xda") > 2

"""This file reads QR codes off a photo: plainly first, then enlarged where a code is suspected."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import cv2
import numpy as np

from appliance.paper.scan.decode import Pixels, decode
from appliance.paper.slip.qr_mend import mended

MAX_CODES = 8
MAX_TEXT = 4096
LADDER = (2.0, 3.0, 1.0)
LADDER_MAX_SIDE_PX = 3600
FOCUS_MAX_PX = 1_500_000
LENS_SIGMA_PX, NOISE_SHARE = 0.8, 0.01


def read_qr(grey: Pixels, *, thorough: bool = False) -> list[str]:
    """Return the texts of the QR codes in `grey` (H x W), in reading order, without repeats.

    `thorough` also climbs the ladder (enlarged, sharpened, other thresholds) over the whole of
    `grey`; give it a crop, an identity card say, not a whole photo. Codes below 1.9 pixels per
    module are beyond reading.
    """
    import zxingcpp

    seen = _read(grey, return_errors=True)
    good = [code for code in seen if code.valid]
    if not good and (thorough or seen):
        for rung in _rungs(grey, [] if thorough else [code.position for code in seen]):
            good = [code for code in _read(rung) if code.valid]
            if not good:
                good = [c for c in _read(rung, zxingcpp.Binarizer.GlobalHistogram) if c.valid]
            if good:
                break
    good.sort(key=lambda code: (code.position.top_left.y, code.position.top_left.x))
    texts = (code.text[:MAX_TEXT].replace("\r\n", "\n") for code in good)
    return list(dict.fromkeys(text for text in texts if text))[:MAX_CODES]


def read_codes_of_photo(data: bytes) -> list[str]:
    """The texts of the QR codes anywhere in a photo's bytes. Raises BadPhoto.

    For a slip held under the camera: no page is looked for, only the code.
    """
    grey = cv2.cvtColor(decode(data).pixels, cv2.COLOR_BGR2GRAY)
    plain = np.asarray(grey, np.uint8)
    return read_qr(plain) or _read_mended(plain) or read_qr(plain, thorough=True)


def _read_mended(grey: Pixels) -> list[str]:
    for whole in mended(grey):
        if found := read_qr(whole):
            return found
    return []


def _read(grey: Pixels, binarizer: Any = None, *, return_errors: bool = False) -> list[Any]:
    import zxingcpp

    return list(
        zxingcpp.read_barcodes(
            grey,
            formats=zxingcpp.barcode_formats_from_str("QRCode"),
            try_invert=False,
            binarizer=binarizer or zxingcpp.Binarizer.LocalAverage,
            text_mode=zxingcpp.TextMode.Plain,
            return_errors=return_errors,
        )
    )


def _rungs(grey: Pixels, positions: list[Any]) -> Iterator[Pixels]:
    """Yield enlarged and sharpened crops around suspected codes, or of the whole."""
    crops = [_around(grey, position) for position in positions] or [grey]
    focused = [_focused(crop) for crop in crops if crop.size <= FOCUS_MAX_PX]
    for ratio in LADDER:
        for crop in (*focused, *crops):
            if ratio * max(crop.shape) > LADDER_MAX_SIDE_PX:
                continue
            big = cv2.resize(crop, None, fx=ratio, fy=ratio, interpolation=cv2.INTER_CUBIC)
            yield np.asarray(big, np.uint8)
            soft = cv2.GaussianBlur(big, (0, 0), 1.2 * ratio)
            yield np.asarray(cv2.addWeighted(big, 2.5, soft, -1.5, 0), np.uint8)


def _focused(crop: Pixels) -> Pixels:
    """Return `crop` with the softness of a lens in focus taken back, by Wiener's filter."""
    height, width = crop.shape
    size = cv2.getOptimalDFTSize(height), cv2.getOptimalDFTSize(width)
    below, right = size[0] - height, size[1] - width
    whole = cv2.copyMakeBorder(crop, 0, below, 0, right, cv2.BORDER_REPLICATE)
    waves = np.fft.rfft2(np.asarray(whole, np.float32))
    down, across = np.fft.fftfreq(size[0])[:, None], np.fft.rfftfreq(size[1])[None]
    kept = np.exp(-2 * (np.pi * LENS_SIGMA_PX) ** 2 * (down**2 + across**2))
    sharp = np.fft.irfft2(waves * (kept / (kept * kept + NOISE_SHARE)), s=size)
    return np.ascontiguousarray(np.clip(sharp[:height, :width], 0, 255).astype(np.uint8))


def _around(grey: Pixels, position: Any) -> Pixels:
    corners = [
        getattr(position, name) for name in ("top_left", "top_right", "bottom_right", "bottom_left")
    ]
    xs, ys = [c.x for c in corners], [c.y for c in corners]
    spare = round(0.35 * max(max(xs) - min(xs), max(ys) - min(ys), 40))
    top, left = max(0, min(ys) - spare), max(0, min(xs) - spare)
    return np.ascontiguousarray(grey[top : max(ys) + spare, left : max(xs) + spare])

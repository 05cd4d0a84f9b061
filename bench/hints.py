"""This file measures what hints beside the live picture cost: CPU per second somebody looks on.

The frames are those of a camera: each new, with noise. The yardstick of the same run is decoding
one 12 MP photo, which is the least any photograph costs.
"""

from __future__ import annotations

import io
import tempfile
import time
from pathlib import Path

import numpy as np
import psutil
from PIL import Image

from appliance.demo.room import sample_photo
from appliance.devices.camera.small import small_jpeg
from appliance.devices.hints import Hints
from appliance.devices.page_maker import PageMaker
from appliance.devices.shutter import Shutter
from appliance.paper.scan.decode import decode
from appliance.store.ram import Ram
from bench.rows import at_most, show

LOOKS = 40
PHOTO_PX = (4056, 3040)


def main(argv: list[str]) -> None:
    """Print the table. No arguments."""
    still = np.asarray(Image.open(io.BytesIO(small_jpeg(sample_photo("birth-form"))))).astype(int)
    noise = np.random.default_rng(1)
    lying = [_jpeg(still + noise.normal(0, 3, still.shape)) for _ in range(12)]
    moving = [_jpeg(np.roll(still, 25 * step, 1)) for step in range(12)]
    yardstick_s = _decoding_s()
    maker = PageMaker()
    try:
        rows = [
            at_most(f"CPU a second, {name} / decoding 12 MP", _cpu(maker, frames) / yardstick_s, 1)
            for name, frames in (("a sheet lies still", lying), ("all moves", moving))
        ]
    finally:
        maker.close()
    show(rows, f"hints ({yardstick_s * 1000:.0f} ms to decode 12 MP)")


def _cpu(maker: PageMaker, frames: list[bytes]) -> float:
    """CPU seconds in child and room for each second of looking on; the child is warm."""
    with tempfile.TemporaryDirectory() as folder:
        ram = Ram(Path(folder))
        ram.make_folders()
        hints = Hints(ram, _Camera(frames), maker, Shutter())  # type: ignore[arg-type]
        ram.want_preview()
        hints.turn()
        assert maker._child is not None
        child = psutil.Process(maker._child.pid)
        before, began_s = sum(child.cpu_times()[:2]) + time.process_time(), time.monotonic()
        for _ in range(LOOKS):
            ram.want_preview()
            time.sleep(hints.turn())
        after = sum(child.cpu_times()[:2]) + time.process_time()
        return (after - before) / (time.monotonic() - began_s)


class _Camera:
    """A fresh frame at every look."""

    url, virtual = "bench:", True

    def __init__(self, frames: list[bytes]) -> None:
        self._frames = frames
        self._at = 0

    def preview(self) -> bytes:
        self._at += 1
        return self._frames[self._at % len(self._frames)]


def _jpeg(pixels: np.ndarray) -> bytes:
    out = io.BytesIO()
    Image.fromarray(np.clip(pixels, 0, 255).astype(np.uint8)).save(out, "JPEG", quality=70)
    return out.getvalue()


def _decoding_s() -> float:
    with Image.open(io.BytesIO(sample_photo("birth-form"))) as photo:
        data = _jpeg(np.asarray(photo.resize(PHOTO_PX)))
    decode(data)
    began_s = time.process_time()
    for _ in range(3):
        decode(data)
    return (time.process_time() - began_s) / 3

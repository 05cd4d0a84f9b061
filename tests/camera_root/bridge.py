"""This file lets the real picamera2 open libcamera's software camera. Tests only, never on a Pi.

Each function answers one difference between that camera and the Pi's own, seen on picamera2 0.3.38
with libcamera 0.7.1. Everything else (event loop, jobs, requests, buffers, encoders) is as shipped.
"""

from __future__ import annotations

import time
import types
from typing import Any

import libcamera
import numpy as np
import simplejpeg
from picamera2 import MappedArray, Picamera2, dma_heap
from picamera2.allocators import dmaallocator
from picamera2.encoders import JpegEncoder
from picamera2.request import CompletedRequest

FRAME_S = 1 / 30
# What the Pi's pipeline reports with every frame and this one does not.
METADATA = {
    "ExposureTime": 10_000,
    "AnalogueGain": 1.0,
    "DigitalGain": 1.0,
    "Lux": 300.0,
    "FocusFoM": 1200,
    "AeState": 2,
}


class Sensor:
    """`stalled`: frames stop coming, as when the cable to the sensor is loose."""

    stalled = False
    kept: list[Any] = []  # noqa: RUF012 - the one sensor there is


def install() -> None:
    """Put every bridge in place; call once, before the first Picamera2."""
    if "/dev/dma_heap/system" not in dma_heap.heapNames:
        dma_heap.heapNames.append("/dev/dma_heap/system")  # what Debian's kernels call it
    dmaallocator.libcamera = types.SimpleNamespace(FrameBuffer=_two_planes)
    Picamera2._get_raw_modes = _modes_without_raw(Picamera2._get_raw_modes)
    JpegEncoder.encode_func = _encode_nv12(JpegEncoder.encode_func)
    CompletedRequest.get_metadata = _fuller_metadata(CompletedRequest.get_metadata)
    Picamera2.process_requests = _at_a_pace(Picamera2.process_requests)


def _two_planes(planes: list[Any]) -> Any:
    """It takes its second plane for granted; picamera2 hands over one that holds both."""
    if len(planes) == 1:
        luma = planes[0]
        whole = luma.length
        luma.length = whole * 2 // 3  # the same object: picamera2 knows it by its descriptor
        chroma = libcamera.FrameBuffer.Plane()
        chroma.fd, chroma.offset, chroma.length = luma.fd, luma.length, whole - luma.length
        planes = [luma, chroma]
    return libcamera.FrameBuffer(planes)


_two_planes.Plane = libcamera.FrameBuffer.Plane  # type: ignore[attr-defined]


def _modes_without_raw(real: Any) -> Any:
    """It has no raw stream: its modes are those of a still."""

    def modes(self: Any) -> Any:
        if self.camera.generate_configuration([libcamera.StreamRole.Raw]) is not None:
            return real(self)
        still = self.camera.generate_configuration([libcamera.StreamRole.StillCapture])
        formats = still.at(0).formats
        return [
            {"format": str(pixel_format), "size": (size.width, size.height)}
            for pixel_format in formats.pixel_formats
            for size in formats.sizes(pixel_format)
        ]

    return modes


def _encode_nv12(real: Any) -> Any:
    """It gives NV12 only, which picamera2's JPEG encoder does not know."""

    def encode(self: Any, request: Any, name: str) -> Any:
        configuration = request.config[name]
        if configuration["format"] != "NV12":
            return real(self, request, name)
        _, height = configuration["size"]
        with MappedArray(request, name) as mapped:
            luma, chroma = mapped.array[:height], mapped.array[height:]
            planes = (luma, chroma[:, 0::2], chroma[:, 1::2])
            return simplejpeg.encode_jpeg_yuv_planes(*map(np.ascontiguousarray, planes), self.q)

    return encode


def _fuller_metadata(real: Any) -> Any:
    def metadata(self: Any) -> Any:
        return METADATA | real(self)

    return metadata


def _at_a_pace(real: Any) -> Any:
    """It has no frame clock and would take a whole core; and it never stalls by itself."""

    def process(self: Any, display: Any) -> Any:
        time.sleep(FRAME_S)
        if Sensor.stalled:
            with self._requestslock:
                Sensor.kept.extend(self._requests)
                self._requests = []
        return real(self, display)

    return process

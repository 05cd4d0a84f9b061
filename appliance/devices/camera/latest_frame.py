"""This file keeps the newest preview frame an encoder wrote, and whether anybody still wants it."""

from __future__ import annotations

import io
import threading
import time


class LatestFrame(io.BufferedIOBase):
    """A file to an encoder; to everybody else the newest JPEG and its age."""

    def __init__(self) -> None:
        super().__init__()
        self._lock = threading.Lock()
        self._frame: tuple[float, bytes] | None = None
        self._wanted_s = float("-inf")
        self.count = 0

    def write(self, frame: bytes) -> int:  # type: ignore[override]
        with self._lock:
            self._frame = (time.monotonic(), bytes(frame))
            self.count += 1
        return len(frame)

    def newest(self, stale_s: float) -> bytes | None:
        """The newest frame, None when it is older than `stale_s`: frozen must not pass for live."""
        with self._lock:
            frame = self._frame
        return frame[1] if frame and time.monotonic() - frame[0] <= stale_s else None

    def wanted(self) -> None:
        self._wanted_s = time.monotonic()

    def unwanted_for_s(self) -> float:
        return time.monotonic() - self._wanted_s

    def forget(self) -> None:
        with self._lock:
            self._frame = None

"""This file has pages made in a child process: begun when needed, ended when it hangs."""

from __future__ import annotations

import json
import os
import select
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar

import appliance
from appliance.errors import DeviceError

# A 12 MP photo takes about a second here and several on a Pi 4; a hang takes for ever.
LIMIT_S = 40.0
# The live picture's looks take a moment; only the child's own start takes seconds.
GLANCE_LIMIT_S = 15.0
_LINE_LIMIT_BYTES = 1_000_000


Corners = list[list[float]]
"""Four points, each as parts of the photo's width and height as displayed."""


class PageError(DeviceError):
    """No page came of a photo. Codes: page_failed (the child died or hung), or the photo's own
    (truncated, too_large, not_an_image, …)."""

    default_code: ClassVar[str] = "page_failed"


@dataclass(frozen=True)
class MadePage:
    """A page's JPEG, its size in pixels, and the law's words: {word: {state, value, code}}.

    `guess`: the sheet's corners in the photo, as parts of its width and height. `sure` is False
    where nothing was cropped and a person has to place them.
    """

    jpeg: bytes
    size_px: tuple[int, int]
    checks: dict[str, Any]
    guess: Corners | None = None
    sure: bool = True


@dataclass(frozen=True)
class Glance:
    """paper.glance.Glance as it comes out of the child."""

    code: str
    corners: Corners | None
    face: bytes


class PageMaker:
    """One child at a time, used by one thread at a time; `warm` may come from any thread."""

    def __init__(
        self,
        mat: str = "any",
        *,
        field_mm: int = 0,
        limit_s: float = LIMIT_S,
        argv: tuple[str, ...] = ("-m", "appliance.devices.page_child"),
    ) -> None:
        self._mat = mat
        self._field_mm = field_mm or None
        self._limit_s = limit_s
        self._argv = argv
        self._lock = threading.Lock()
        self._child: subprocess.Popen[bytes] | None = None
        self.beat: Callable[[], None] = lambda: None

    def make(self, jpeg: bytes, corners: Corners | None = None) -> MadePage:
        """The page of a photo; `corners` as a person has placed them. Raises PageError."""
        asked = {"op": "page", "mat": self._mat, "corners": corners, "field_mm": self._field_mm}
        head, page = self._ask(asked, jpeg)
        width, height = head["size_px"]
        return MadePage(page, (width, height), head["checks"], head["guess"], head["sure"])

    def turn(self, page: bytes, turns: int) -> tuple[bytes, tuple[int, int]]:
        """A page after clockwise quarter turns, and its size. Raises PageError."""
        head, turned = self._ask({"op": "turn", "turns": turns}, page)
        width, height = head["size_px"]
        return turned, (width, height)

    def card(self, jpeg: bytes) -> list[str]:
        """The texts of the QR codes on a card in a photo. Raises PageError."""
        return list(self._ask({"op": "card", "mat": self._mat}, jpeg)[0]["codes"])

    def signature(self, frame: bytes) -> bytes | None:
        """What paper.glance.signature says of a live frame; None while a page is being made."""
        answer = self._ask_if_free({"op": "signature"}, frame)
        return answer and answer[1]

    def glance(self, frame: bytes) -> Glance | None:
        """What paper.glance says of a live frame; None while a page is being made."""
        answer = self._ask_if_free({"op": "glance", "mat": self._mat}, frame)
        return answer and Glance(answer[0]["code"], answer[0]["corners"], answer[1])

    def codes(self, jpeg: bytes) -> list[str]:
        """The texts of the QR codes in a photo. Raises PageError."""
        return list(self._ask({"op": "codes"}, jpeg)[0]["codes"])

    def warm(self) -> None:
        """Begin the child if it is not there; its imports take longer than its work."""
        if self._lock.acquire(blocking=False):
            try:
                self._running()
            finally:
                self._lock.release()

    def close(self) -> None:
        """End the child without waiting for its work."""
        child, self._child = self._child, None
        if child is not None:
            _end(child)

    def _ask_if_free(
        self, head: dict[str, Any], payload: bytes
    ) -> tuple[dict[str, Any], bytes] | None:
        if not self._lock.acquire(blocking=False):
            return None
        try:
            return self._ask_locked(head, payload, GLANCE_LIMIT_S)
        finally:
            self._lock.release()

    def _ask(self, head: dict[str, Any], payload: bytes) -> tuple[dict[str, Any], bytes]:
        with self._lock:
            return self._ask_locked(head, payload, self._limit_s)

    def _ask_locked(
        self, head: dict[str, Any], payload: bytes, limit_s: float
    ) -> tuple[dict[str, Any], bytes]:
        for last in (False, True):
            child = self._running()
            try:
                answer = self._talk(child, head, payload, limit_s)
                break
            except (OSError, ValueError) as error:
                self.close()
                # It may have gone home, being idle, just as we came: that is worth one more.
                if last or not isinstance(error, BrokenPipeError):
                    raise PageError(
                        f"the page could not be made ({error}); photograph it again"
                    ) from error
        if "error" in answer[0]:
            raise PageError("this photo cannot become a page", code=answer[0]["error"])
        return answer

    def _running(self) -> subprocess.Popen[bytes]:
        if self._child is not None and self._child.poll() is not None:
            self.close()
        if self._child is None:
            env = dict(os.environ)
            env.pop("NOTIFY_SOCKET", None)
            home = str(Path(appliance.__file__).resolve().parents[1])
            env["PYTHONPATH"] = os.pathsep.join(filter(None, [home, env.get("PYTHONPATH", "")]))
            self._child = subprocess.Popen(
                [sys.executable, *self._argv],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                env=env,
                bufsize=0,
            )
            assert self._child.stdin and self._child.stdout
            os.set_blocking(self._child.stdin.fileno(), False)
            os.set_blocking(self._child.stdout.fileno(), False)
        return self._child

    def _talk(
        self, child: subprocess.Popen[bytes], head: dict[str, Any], payload: bytes, limit_s: float
    ) -> tuple[dict[str, Any], bytes]:
        assert child.stdin and child.stdout
        end_s = time.monotonic() + limit_s
        out = memoryview(json.dumps(head | {"bytes": len(payload)}).encode() + b"\n" + payload)
        stdin, stdout = child.stdin.fileno(), child.stdout.fileno()
        while out:
            self._wait([], [stdin], end_s)
            out = out[os.write(stdin, out[:65536]) :]
        got = bytearray()
        wanted: int | None = None
        answer: dict[str, Any] = {}
        while wanted is None or len(got) < wanted:
            self._wait([stdout], [], end_s)
            piece = os.read(stdout, 1 << 20)
            if not piece:
                raise OSError("its process ended")
            got += piece
            if wanted is None and (cut := got.find(b"\n")) >= 0:
                answer = json.loads(got[:cut])
                wanted = answer["bytes"]
                del got[: cut + 1]
            elif wanted is None and len(got) > _LINE_LIMIT_BYTES:
                raise ValueError("its answer makes no sense")
        return answer, bytes(got)

    def _wait(self, readers: list[int], writers: list[int], end_s: float) -> None:
        while True:
            self.beat()
            left_s = end_s - time.monotonic()
            if left_s <= 0:
                raise TimeoutError("it took too long")
            if any(select.select(readers, writers, [], min(1.0, left_s))[:2]):
                return


def _end(child: subprocess.Popen[bytes]) -> None:
    child.kill()
    for pipe in (child.stdin, child.stdout):
        if pipe is not None:
            pipe.close()
    child.wait()

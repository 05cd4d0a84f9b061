"""This file decides from the live picture what to say before the tap, and when to go off by itself.

It is told of every frame's signature and of what a glance saw, and asks for a glance only where a
scene has come to lie still. A sheet is known by its face (paper.glance), so that one that has been
photographed in a visit is not taken again there, however it is moved: a finger on the button still
can. In another visit the same printed form is another resident's.
"""

from __future__ import annotations

import math
import secrets
import threading
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from typing import Any

from appliance.devices.page_maker import Glance

SETTLED_S = 0.4
"""How long nothing moves before it is worth a glance."""
COUNTED_S = 1.0
"""How long a good sheet lies still before the shutter goes off: long enough to see it coming."""
MOVED_LEVELS = 9
"""How much a cell's grey changes when something moves; noise and a lamp's flicker stay below."""
MOVED_CELLS = 2
ALIKE = 0.72
"""Least correlation of two faces of one sheet (measured .81 to 1; of two sheets, up to .50)."""
REMEMBERED = 12
UNSEEN_S = 1.0
"""How late a sheet may be seen that lay there when the photograph was taken."""


@dataclass(frozen=True)
class Hint:
    """`code`: moving, steady (good, being counted), ready (now), or why a photo would not be good.
    `sheet` names the sheet; `left_ms` is what is left to count; `taken_in` the visits in which it
    has been photographed already.
    """

    code: str
    sheet: str = ""
    left_ms: int = 0
    taken_in: tuple[str, ...] = ()

    def as_dict(self) -> dict[str, Any]:
        return asdict(self)

    @property
    def mark(self) -> str:
        """Changes with all but the time that is left."""
        return ".".join((self.code, self.sheet, *self.taken_in))


class Shutter:
    """Used by the preview's thread; `taken` may come from any."""

    def __init__(self, now_s: Callable[[], float] = time.monotonic) -> None:
        self._now_s = now_s
        self._run = secrets.token_hex(4)
        self._count = 0
        self._lock = threading.Lock()
        self._still: bytes = b""
        self._still_since_s = 0.0
        self._glance: Glance | None = None
        self._face = b""
        self._taken: list[tuple[bytes, str]] = []
        self._take_next: tuple[str, float] | None = None

    def see(self, signature: bytes, at_s: float) -> None:
        """A frame at `at_s` (monotonic). Compared with the scene as it came to rest, not with the
        frame before: what creeps is seen too."""
        if not self._still or has_moved(self._still, signature):
            self._still, self._still_since_s, self._glance = signature, at_s, None

    def look_away(self) -> None:
        """Nothing can be seen for a while; whatever lies there afterwards is seen anew."""
        with self._lock:
            self._still, self._glance = b"", None

    def wants_glance(self, at_s: float) -> bool:
        return self._glance is None and at_s - self._still_since_s >= SETTLED_S

    def glanced(self, glance: Glance) -> None:
        """What the glance at the scene that lies still now has seen."""
        with self._lock:
            self._glance = glance
            if not glance.face:
                return
            if not alike(glance.face, self._face):
                self._count += 1
            self._face = glance.face
            if self._take_next is not None:
                visit_id, until_s = self._take_next
                self._take_next = None
                if self._still_since_s <= until_s:
                    self._remember(visit_id)

    def taken(self, visit_id: str) -> None:
        """The sheet under the camera has just been photographed, by whomever. It may have been laid
        there a moment ago, unseen: then it is the next that is seen; unless the photograph turns
        out to hold none (`visit_id` is then "")."""
        with self._lock:
            seen = self._glance is not None and bool(self._glance.face)
            if seen and visit_id:
                self._remember(visit_id)
            until_s = self._now_s() + UNSEEN_S if seen else math.inf
            self._take_next = (visit_id, until_s) if visit_id else None

    def hint(self, at_s: float) -> Hint:
        with self._lock:
            if self._glance is None:
                return Hint("moving")
            sheet = f"{self._run}-{self._count}"
            if self._glance.code:
                return Hint(self._glance.code, sheet if self._glance.face else "")
            visits = {visit for face, visit in self._taken if alike(self._face, face)}
            left_s = self._still_since_s + SETTLED_S + COUNTED_S - at_s
            code = "steady" if left_s > 0 else "ready"
            return Hint(code, sheet, max(0, round(left_s * 1000)), tuple(sorted(visits)))

    def _remember(self, visit_id: str) -> None:
        self._taken = [(self._face, visit_id), *self._taken][:REMEMBERED]


def has_moved(one: bytes, other: bytes) -> bool:
    """Whether two signatures show different scenes."""
    far = sum(1 for a, b in zip(one, other, strict=True) if abs(a - b) > MOVED_LEVELS)
    return far >= MOVED_CELLS


def alike(one: bytes, other: bytes) -> bool:
    """Whether two faces are of one sheet, be it turned upside down."""
    if not one or len(one) != len(other):
        return False
    return max(_correlation(one, other), _correlation(one, other[::-1])) >= ALIKE


def _correlation(one: bytes, other: bytes) -> float:
    mean_a, mean_b = sum(one) / len(one), sum(other) / len(other)
    a, b = [n - mean_a for n in one], [n - mean_b for n in other]
    size = (sum(n * n for n in a) * sum(n * n for n in b)) ** 0.5
    return sum(x * y for x, y in zip(a, b, strict=True)) / size if size else 1.0

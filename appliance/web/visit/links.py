"""This file keeps one-time links to a visit's papers: in memory, ten minutes, one download."""

from __future__ import annotations

import re
import secrets
import threading
from dataclasses import dataclass

LINK_S = 10 * 60
_TOKEN = re.compile(r"[A-Za-z0-9_-]{20,64}")


@dataclass(frozen=True)
class Link:
    """`ends_mono_ms` on the monotonic clock: setting the wall clock makes no link live longer."""

    token: str
    visit_id: str
    ends_mono_ms: int
    key: str


class Links:
    """At most one link a visit. Used from every thread of the server."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._by_visit: dict[str, Link] = {}

    def make(self, visit_id: str, mono_ms: int, *, key: str) -> Link:
        """A new link, ending the one before; the same `key` again is the same link."""
        with self._lock:
            self._drop_old(mono_ms)
            before = self._by_visit.get(visit_id)
            if before is not None and before.key == key:
                return before
            link = Link(secrets.token_urlsafe(16), visit_id, mono_ms + LINK_S * 1000, key)
            self._by_visit[visit_id] = link
            return link

    def newest_of(self, visit_id: str, mono_ms: int) -> Link | None:
        with self._lock:
            self._drop_old(mono_ms)
            return self._by_visit.get(visit_id)

    def find(self, token: str, mono_ms: int) -> Link | None:
        """The link of a token that has not been used and is not too old; it stays usable."""
        with self._lock:
            self._drop_old(mono_ms)
            return self._find(token)

    def take(self, token: str, mono_ms: int) -> Link | None:
        """The same, and it is used up: of two who ask at once only one gets it."""
        with self._lock:
            self._drop_old(mono_ms)
            link = self._find(token)
            if link is not None:
                del self._by_visit[link.visit_id]
            return link

    def _find(self, token: str) -> Link | None:
        if not _TOKEN.fullmatch(token):
            return None
        for link in self._by_visit.values():
            if secrets.compare_digest(link.token, token):
                return link
        return None

    def _drop_old(self, mono_ms: int) -> None:
        for visit_id, link in list(self._by_visit.items()):
            if link.ends_mono_ms <= mono_ms:
                del self._by_visit[visit_id]

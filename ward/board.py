"""This file is what the ward knows of each house right now, and how far it may be believed.

A house is `online` only while its status says so AND something was heard from it lately AND the
ward itself hears the broker. Else it is `offline` (it said so, or the broker did by its last will)
or `unknown` (silence). Nothing here is ever green on old data.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any, Literal

from appliance.sync.protocol import ProtocolError, Scalar, parse_utc, utc_text

FRESH_LEAST_S = 150.0  # two health reports and a half at the usual 60 s
HEALTHS_MISSED = 2.5
HOUSES_MOST = 20_000

Presence = Literal["online", "offline", "unknown"]


@dataclass
class House:
    """Last values of one house. `heard_at` is the last message that was no retained copy."""

    house: str
    first_seen_at: datetime
    heard_at: datetime | None = None
    status: str | None = None
    status_at: datetime | None = None
    states: dict[str, dict[str, Any]] = field(default_factory=dict)
    dirty: bool = True

    def values(self, name: str) -> dict[str, Scalar]:
        """The last state/<name>, or an empty mapping."""
        kept = self.states.get(name)
        return dict(kept["values"]) if kept else {}

    def peek(self, name: str) -> Mapping[str, Scalar]:
        """Like `values`, without a copy: replaced as a whole when news come, so only look."""
        kept = self.states.get(name)
        return kept["values"] if kept else {}

    def state_at(self, name: str) -> datetime | None:
        kept = self.states.get(name)
        return parse_utc(kept["at"]) if kept else None

    def fresh_s(self) -> float:
        """How long this house may be silent: it says in hello how often it reports health."""
        said = self.peek("hello").get("health_s")
        if isinstance(said, (int, float)) and not isinstance(said, bool) and 0 < said <= 3600:
            return max(FRESH_LEAST_S, HEALTHS_MISSED * said)
        return FRESH_LEAST_S


class Board:
    """All houses, for the listener to write and the pages to read; safe across threads."""

    def __init__(self, now: Callable[[], datetime] = lambda: datetime.now(UTC)) -> None:
        self._now = now
        self._lock = threading.RLock()
        self._houses: dict[str, House] = {}
        self.link_up = False
        self.link_since = now()

    # --- writing, by the listener ---------------------------------------------------------------

    def load(self, kept: Iterable[Mapping[str, Any]]) -> None:
        """Take up what was kept before a restart."""
        with self._lock:
            for row in kept:
                self._houses[row["house"]] = House(
                    row["house"],
                    parse_utc(row["first_seen_at"]),
                    _moment(row["last_heard_at"]),
                    row["status"],
                    _moment(row["status_at"]),
                    dict(row["states"]),
                    dirty=False,
                )

    def link(self, up: bool) -> None:
        with self._lock:
            if up != self.link_up:
                self.link_up, self.link_since = up, self._now()

    def heard(self, house: str, *, retained: bool = False) -> bool:
        """Something came from this house. True when it has just come back from a silence."""
        with self._lock:
            known = self._house(house)
            was = self._presence(known)
            if not retained:
                known.heard_at, known.dirty = self._now(), True
            return was != "online" and self._presence(known) == "online"

    def status(self, house: str, status: str, *, retained: bool = False) -> bool:
        """state/status came. True when the house has just come online."""
        with self._lock:
            known = self._house(house)
            was = self._presence(known)
            if known.status != status:
                known.status = status
                # A retained "offline" is as old as the last we heard; how old, nobody can know.
                late = retained and status == "offline"
                known.status_at = known.heard_at if late else self._now()
            known.dirty = True
            if not retained:
                known.heard_at = self._now()
            return was != "online" and self._presence(known) == "online"

    def state(self, house: str, name: str, values: Mapping[str, Scalar], *, retained: bool) -> None:
        """state/<name> came; a retained copy is as old as we last knew, not new."""
        with self._lock:
            known = self._house(house)
            before = known.states.get(name)
            if retained and before is not None and before["values"] == values:
                return
            known.states[name] = {"at": utc_text(self._now()), "values": dict(values)}
            known.dirty = True
            if not retained:
                known.heard_at = self._now()

    def take_dirty(self) -> list[dict[str, Any]]:
        """What changed since the last call, as rows to keep."""
        with self._lock:
            rows = [_row(h) for h in self._houses.values() if h.dirty]
            for house in self._houses.values():
                house.dirty = False
            return rows

    def full(self, house: str) -> bool:
        """True when this would be one house more than a ward can have: somebody makes them up."""
        with self._lock:
            return house not in self._houses and len(self._houses) >= HOUSES_MOST

    # --- reading, by the pages ------------------------------------------------------------------

    def __len__(self) -> int:
        return len(self._houses)

    def houses(self) -> list[tuple[House, Presence, datetime | None]]:
        """(house, presence, since when) for each; since is None when nobody can know."""
        with self._lock:
            return [(h, *self._presence_since(h)) for h in self._houses.values()]

    def house(self, house: str) -> tuple[House, Presence, datetime | None] | None:
        with self._lock:
            known = self._houses.get(house)
            return (known, *self._presence_since(known)) if known else None

    def _house(self, house: str) -> House:
        known = self._houses.get(house)
        if known is None:
            known = self._houses[house] = House(house, self._now())
        return known

    def _presence(self, h: House) -> Presence:
        return self._presence_since(h)[0]

    def _presence_since(self, h: House) -> tuple[Presence, datetime | None]:
        if not self.link_up:
            return "unknown", min(filter(None, (self.link_since, self._silent_since(h))))
        if h.status == "offline":
            return "offline", h.status_at
        if h.status != "online" or self._silent_since(h) is not None:
            return "unknown", h.heard_at
        return "online", h.status_at

    def _silent_since(self, h: House) -> datetime | None:
        """When the house was last heard, if that is too long ago; its first sight if never."""
        last = h.heard_at or h.first_seen_at
        late = h.heard_at is None or self._now() - last > timedelta(seconds=h.fresh_s())
        return last if late else None


def _row(h: House) -> dict[str, Any]:
    return {
        "house": h.house,
        "first_seen_at": utc_text(h.first_seen_at),
        "last_heard_at": utc_text(h.heard_at) if h.heard_at else None,
        "status": h.status,
        "status_at": utc_text(h.status_at) if h.status_at else None,
        "states": dict(h.states),
    }


def _moment(text: str | None) -> datetime | None:
    if text is None:
        return None
    try:
        return parse_utc(text)
    except ProtocolError:
        return None

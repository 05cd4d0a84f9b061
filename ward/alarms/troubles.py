"""This file sees what is wrong right now, from the board and the open calls.

A trouble is on, off, or nobody knows. Only what is off for certain ends an alarm: a house that
went silent with its paper out has not got new paper by that.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from appliance.sync.protocol import parse_utc
from ward.alarms.settings import Alarms, Kind
from ward.board import House, Presence
from ward.calls import still_on

Key = tuple[Kind, str, str]  # kind, house, call
Known = Mapping[str, tuple[House, Presence, datetime | None]]

UNDER_VOLTAGE_RESTS = timedelta(minutes=10)  # it flickers; only a long rest is an end
BACKLOG_SETTLES = timedelta(seconds=20)  # an old call's end may be in the next batch


@dataclass(frozen=True)
class Seen:
    """One look. `due`: what is wrong long enough -> since when. `off`: what is surely over."""

    due: Mapping[Key, datetime]
    off: frozenset[Key]


@dataclass
class Watch:
    """Remembers since when something is so; a restart only makes it wait once more."""

    settings: Alarms
    _since: dict[Key, datetime] = field(default_factory=dict)
    _last_on: dict[Key, datetime] = field(default_factory=dict)

    def look(
        self,
        known: Known,
        calls: Iterable[Mapping[str, Any]],
        alarms: Iterable[Key],
        link_since: datetime | None,
        now: datetime,
    ) -> Seen:
        """`calls`: rows that are open. `alarms`: those that are not over. `link_since`: since when
        the ward hears its broker, None while it does not (then no silence means anything)."""
        due: dict[Key, datetime] = {}
        open_calls = self._help(known, calls, now, due)
        off: set[Key] = set()
        here: set[Key] = set()
        for name, (house, presence, _) in known.items():
            ward = self.settings.ward_of(name)
            if ward is None:
                continue
            silent: Key = ("silent", name, "")
            if presence == "online":
                off.add(silent)
                self._box(house, now, due, off, here)
            elif link_since is not None:
                since = house.heard_at or house.first_seen_at
                opened_at = ward.hours.opened_at(now)
                patience = timedelta(seconds=self.settings.silent_s)
                if opened_at and now - max(since, link_since, opened_at) >= patience:
                    due[silent] = since
        for key in alarms:
            # A house that is told quiet, or a call that is not open any more, is nobody's alarm.
            gone = self.settings.ward_of(key[1]) is None
            if gone or (key[0] == "help" and key not in open_calls):
                off.add(key)
        self._forget(here, open_calls, known)
        return Seen(due, frozenset(off))

    def _help(
        self,
        known: Known,
        calls: Iterable[Mapping[str, Any]],
        now: datetime,
        due: dict[Key, datetime],
    ) -> set[Key]:
        on: set[Key] = set()
        for call in calls:
            key: Key = ("help", call["house"], call["call"])
            if not still_on(call, known.get(call["house"])):
                continue
            on.add(key)
            if self.settings.ward_of(call["house"]) is None:
                continue
            opened_at = parse_utc(call["opened_at"])
            seen_at = self._since.setdefault(key, now)
            house = known.get(call["house"])
            rings = house is not None and (house[0].peek("help").get("open") or 0) != 0
            settled = rings or now - seen_at >= BACKLOG_SETTLES
            if settled and now - opened_at >= timedelta(seconds=self.settings.help_s):
                due[key] = opened_at
        return on

    def _box(
        self, house: House, now: datetime, due: dict[Key, datetime], off: set[Key], here: set[Key]
    ) -> None:
        """Paper and power of a house that is heard."""
        health = house.peek("health")
        if not health:
            return
        paper: Key = ("paper_out", house.house, "")
        if health.get("printer_code") == "paper_out":
            here.add(paper)
            since = self._since.setdefault(paper, now)
            if now - since >= timedelta(seconds=self.settings.paper_out_s):
                due[paper] = since
        elif health.get("printer_ok") in (0, 1):
            off.add(paper)
        power: Key = ("under_voltage", house.house, "")
        if health.get("undervolt_now") == 1:
            here.add(power)
            self._last_on[power] = now
            since = self._since.setdefault(power, now)
            if now - since >= timedelta(seconds=self.settings.under_voltage_s):
                due[power] = since
        elif now - self._last_on.setdefault(power, now) >= UNDER_VOLTAGE_RESTS:
            off.add(power)

    def _forget(self, here: set[Key], open_calls: set[Key], known: Known) -> None:
        for key in list(self._since):
            silent = key[1] in known and known[key[1]][1] != "online"
            stays = key in open_calls if key[0] == "help" else key in here or silent
            if not stays:
                del self._since[key]

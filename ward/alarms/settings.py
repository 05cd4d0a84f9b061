"""This file reads alarms.toml: which houses belong to whom, when they are open, who is on call."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any, Literal, get_args
from zoneinfo import ZoneInfo

Kind = Literal["help", "silent", "paper_out", "under_voltage"]
KINDS: tuple[Kind, ...] = get_args(Kind)
ZONE = ZoneInfo("Asia/Ho_Chi_Minh")
NAME = "alarms.toml"
Span = tuple[time, time]


class BadAlarms(ValueError):
    """The file cannot be used as it is; the message says where and what is wanted."""


@dataclass(frozen=True)
class Person:
    """Somebody on call. `to`: Apprise URLs; they hold secrets and are never logged."""

    name: str
    to: tuple[str, ...] = field(repr=False)
    kinds: tuple[Kind, ...] = KINDS


@dataclass(frozen=True)
class Hours:
    """When houses are open. `days`: 1 is Monday, 7 is Sunday."""

    spans: tuple[Span, ...] = ((time(7, 30), time(11, 30)), (time(13, 30), time(17)))
    days: frozenset[int] = frozenset({1, 2, 3, 4, 5})
    closed_on: frozenset[date] = frozenset()

    def opened_at(self, now: datetime) -> datetime | None:
        """When the opening began in which `now` lies; None while closed."""
        local = now.astimezone(ZONE)
        if local.isoweekday() not in self.days or local.date() in self.closed_on:
            return None
        for begin, end in self.spans:
            if begin <= local.time() < end:
                return datetime.combine(local.date(), begin, ZONE)
        return None


@dataclass(frozen=True)
class WardOf:
    """The houses of one ward, and who is called for them, first to last."""

    name: str = ""
    houses: tuple[str, ...] = ("*",)
    quiet: tuple[str, ...] = ()
    hours: Hours = Hours()
    on_call: tuple[Person, ...] = ()


@dataclass(frozen=True)
class Alarms:
    """All of the file. The times are how long a trouble lasts before somebody is told."""

    console: str = ""
    help_s: int = 120
    silent_s: int = 900
    paper_out_s: int = 60
    under_voltage_s: int = 60
    next_person_s: int = 180
    wards: tuple[WardOf, ...] = (WardOf(),)

    def ward_of(self, house: str) -> WardOf | None:
        """The first ward that has this house; None when nobody is to be told about it."""
        for ward in self.wards:
            if _fits(house, ward.houses):
                return None if _fits(house, ward.quiet) else ward
        return None


def read(file: Path) -> Alarms:
    """The settings, or BadAlarms."""
    try:
        return parse(tomllib.loads(file.read_text("utf-8")))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise BadAlarms(f"{file} cannot be read: {error}") from error
    except BadAlarms as error:
        raise BadAlarms(f"{file}: {error}") from error


def parse(table: Mapping[str, Any]) -> Alarms:
    """The settings of a table as TOML gives it. What is not known is an error, not ignored."""
    after = ("help_s", "silent_s", "paper_out_s", "under_voltage_s", "next_person_s")
    _only(table, ("console", "after", "ward"), "the file")
    times = _table(table.get("after", {}), "after")
    _only(times, after, "[after]")
    for key, value in times.items():
        if isinstance(value, bool) or not isinstance(value, int) or not 1 <= value <= 86_400:
            raise BadAlarms(f"after.{key} is whole seconds, 1 to 86400")
    wards = [_ward(_table(w, "ward"), n) for n, w in enumerate(_list(table, "ward"), 1)]
    return Alarms(
        console=_text(table.get("console", ""), "console").rstrip("/"),
        **times,
        wards=tuple(wards) or (WardOf(),),
    )


def _ward(table: Mapping[str, Any], n: int) -> WardOf:
    where = f"[[ward]] no. {n}"
    _only(table, ("name", "houses", "quiet", "open", "days", "closed_on", "on_call"), where)
    people = tuple(_person(_table(p, "on_call"), where) for p in _list(table, "on_call"))
    if len({p.name for p in people}) != len(people):
        raise BadAlarms(f"{where}: two people on call have the same name")
    usual = Hours()
    hours = Hours(
        tuple(_span(s, where) for s in _list(table, "open")) if "open" in table else usual.spans,
        frozenset(_list(table, "days")) if "days" in table else usual.days,
        frozenset(_day(d, where) for d in _list(table, "closed_on")),
    )
    if not hours.days <= set(range(1, 8)):
        raise BadAlarms(f"{where}: days are 1 (Monday) to 7 (Sunday)")
    return WardOf(
        _text(table.get("name", ""), f"{where}: name"),
        tuple(_text(h, f"{where}: houses") for h in table.get("houses", ["*"])),
        tuple(_text(h, f"{where}: quiet") for h in table.get("quiet", [])),
        hours,
        people,
    )


def _person(table: Mapping[str, Any], where: str) -> Person:
    _only(table, ("name", "to", "kinds"), f"{where}, on_call")
    name = _text(table.get("name", ""), f"{where}, on_call: name")
    to = tuple(_text(u, f"{name}: to") for u in _list(table, "to"))
    kinds = tuple(k for k in KINDS if k in _list(table, "kinds")) if "kinds" in table else KINDS
    if not name or not to or any("://" not in url for url in to):
        raise BadAlarms(f'{where}: a person on call has a name and to = ["service://…"]')
    if "kinds" in table and len(kinds) != len(_list(table, "kinds")):
        raise BadAlarms(f"{name}: kinds are {', '.join(KINDS)}")
    return Person(name, to, kinds)


def _span(value: object, where: str) -> Span:
    try:
        begin, end = (time.fromisoformat(part.strip()) for part in str(value).split("-"))
    except ValueError as error:
        raise BadAlarms(f'{where}: open is like ["07:30-11:30", "13:30-17:00"]') from error
    if not begin < end:
        raise BadAlarms(f"{where}: {value} ends before it begins")
    return begin, end


def _day(value: object, where: str) -> date:
    try:
        return value if isinstance(value, date) else date.fromisoformat(str(value))
    except ValueError as error:
        raise BadAlarms(f"{where}: closed_on is a list of days like 2026-09-02") from error


def _only(table: Mapping[str, Any], known: tuple[str, ...], where: str) -> None:
    odd = sorted(set(table) - set(known))
    if odd:
        raise BadAlarms(f"{where} has no setting {odd[0]!r}; it knows {', '.join(known)}")


def _table(value: object, where: str) -> Mapping[str, Any]:
    if not isinstance(value, dict):
        raise BadAlarms(f"{where} is a table")
    return value


def _list(table: Mapping[str, Any], key: str) -> list[Any]:
    value = table.get(key, [])
    if not isinstance(value, list):
        raise BadAlarms(f"{key} is a list")
    return value


def _text(value: object, where: str) -> str:
    if not isinstance(value, str) or len(value) > 2000:
        raise BadAlarms(f"{where} is a text")
    return value.strip()


def _fits(house: str, patterns: tuple[str, ...]) -> bool:
    return any(fnmatchcase(house, pattern) for pattern in patterns)

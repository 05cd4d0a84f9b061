"""This file turns what the board and the store know into the lines of the fleet page. Pure."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from appliance.sync.protocol import Scalar
from ward.board import House, Presence
from ward.web import words

Tone = Literal["good", "wait", "bad", "grey", "plain"]


@dataclass(frozen=True)
class Cell:
    """One value as a word with a tone; the tone never speaks alone."""

    text: str
    tone: Tone = "plain"


@dataclass(slots=True)
class Glance:
    """What is looked at in every house, to choose which are shown; cheap for thousands."""

    house: House
    presence: Presence
    since: datetime | None
    open_calls: int
    name: str
    rank: int
    silent_s: float
    bad: tuple[str, ...]

    def is_one_of(self, which: str) -> bool:
        """Whether this house is meant by a filter of the page."""
        if which == "help":
            return self.open_calls > 0
        if which == "silent":
            return self.presence != "online"
        return not which or which in self.bad


@dataclass(frozen=True)
class HouseRow:
    """One house on the fleet page."""

    house: str
    name: str
    presence: Presence
    calling: bool
    virtual: str
    notes: tuple[str, ...]  # what somebody has to see to, in words
    said: Cell
    cells: Mapping[str, Cell]


COLUMNS = {
    "waiting": "Đang chờ",
    "longest": "Chờ lâu nhất",
    "printer": "Máy in",
    "camera": "Camera",
    "disk": "Thẻ nhớ trống",
    "temperature": "Nhiệt độ",
    "uptime": "Đã chạy",
    "version": "Bản",
}
NOTES = {"twice": "hai máy cùng một tên", "aside": "có mục chưa gửi được"}
FILTERS = {
    "": "tất cả",
    "help": "đang gọi giúp",
    "silent": "mất liên lạc",
    "paper": "hết hoặc sắp hết giấy",
    "printer": "máy in có lỗi",
    "camera": "camera có lỗi",
    "aside": "có mục chưa gửi được",
    "twice": "hai máy cùng một tên",
}
HOT_C, WARM_C = 80, 70
DISK_LOW_MIB = 1024
LONG_WAIT_S = 30 * 60


def glance(
    h: House,
    presence: Presence,
    since: datetime | None,
    open_calls: int,
    now: datetime,
    twice: bool = False,
) -> Glance:
    """One look at a house: how much it needs somebody (the larger the rank, the more)."""
    live = presence == "online"
    health = h.peek("health")
    bad = _bad(health, twice) if live else ("twice",) if twice else ()
    worn = live and (
        (_number(health, "soc_temp_c") or 0) >= HOT_C
        or (_number(health, "disk_free_mib") or DISK_LOW_MIB) < DISK_LOW_MIB
    )
    rank = 3 if open_calls else 2 if not live or twice else 1 if bad or worn else 0
    silent_s = 0.0 if live else (now - (h.heard_at or h.first_seen_at)).total_seconds()
    name = str(h.peek("hello").get("name") or "")[:80]
    return Glance(h, presence, since, open_calls, name, rank, silent_s, bad)


def _bad(health: Mapping[str, Scalar], twice: bool) -> tuple[str, ...]:
    """What the filters of the page ask for."""
    found = [k for k in ("printer", "camera") if health.get(f"{k}_ok") == 0]
    if health.get("printer_code") in ("paper_out", "paper_low"):
        found.append("paper")
    if (_number(health, "set_aside") or 0) > 0:
        found.append("aside")
    return (*found, "twice") if twice else tuple(found)


def house_row(g: Glance, now: datetime) -> HouseRow:
    """The line of one house. What is not fresh is never shown as if it were."""
    h, live = g.house, g.presence == "online"
    queue, health = h.peek("queue"), h.peek("health")
    cells = {
        "waiting": _waiting(queue),
        "longest": _longest(queue, h.state_at("queue"), now),
        "printer": _device(health, "printer"),
        "camera": _device(health, "camera"),
        "disk": _disk(_number(health, "disk_free_mib")),
        "temperature": _temperature(_number(health, "soc_temp_c")),
        "uptime": Cell(words.span(_number(health, "uptime_s"))),
    }
    if not live:
        cells = {k: Cell(words.UNKNOWN, "grey") for k in cells}
    cells["version"] = Cell(str(h.peek("hello").get("sw") or words.UNKNOWN)[:40])
    said = Cell(
        words.presence(g.presence, g.since, now),
        "good" if live else "bad" if g.presence == "offline" else "grey",
    )
    virtual = words.devices(h.peek("hello").get("virtual"))
    notes = tuple(text for kind, text in NOTES.items() if kind in g.bad)
    return HouseRow(h.house, g.name, g.presence, g.open_calls > 0, virtual, notes, said, cells)


def chosen(every: Iterable[Glance], search: str, which: str, order: str) -> list[Glance]:
    """Search by name or id (accents may be left out), filter, sort; troubles first by default."""
    wanted = _plain(search)
    kept = [
        g
        for g in every
        if g.is_one_of(which) and (not wanted or wanted in _plain(f"{g.house.house} {g.name}"))
    ]
    if order == "house":
        return sorted(kept, key=lambda g: g.house.house)
    if order == "silent":
        return sorted(kept, key=lambda g: (-g.silent_s, g.house.house))
    return sorted(kept, key=lambda g: (-g.rank, -g.silent_s, g.house.house))


def _number(values: Mapping[str, Scalar], key: str) -> float | None:
    value = values.get(key)
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        return None
    return float(value) if -1e12 < value < 1e12 else None


def _waiting(queue: Mapping[str, Scalar]) -> Cell:
    n = _number(queue, "waiting")
    return Cell(words.UNKNOWN, "grey") if n is None or n < 0 else Cell(f"{int(n)} người")


def _longest(queue: Mapping[str, Scalar], at: datetime | None, now: datetime) -> Cell:
    waiting, longest = _number(queue, "waiting"), _number(queue, "longest_wait_s")
    if waiting == 0:
        return Cell("không ai chờ")
    if waiting is None or longest is None or at is None:
        return Cell(words.UNKNOWN, "grey")
    total_s = longest + max(0.0, (now - at).total_seconds())  # the wait goes on without a message
    return Cell(words.span(total_s), "wait" if total_s >= LONG_WAIT_S else "plain")


def _device(health: Mapping[str, Scalar], kind: str) -> Cell:
    ok, code = _number(health, f"{kind}_ok"), health.get(f"{kind}_code")
    if ok == 1:
        # Paper that ends soon, and a machine that is only pretended, are never shown as good.
        return Cell(words.fault(code), "wait") if code else Cell("tốt", "good")
    if ok == 0:
        return Cell(words.fault(code), "bad")
    return Cell("không có" if code == "none" else words.UNKNOWN, "grey")


def _disk(free_mib: float | None) -> Cell:
    if free_mib is None or free_mib < 0:
        return Cell(words.UNKNOWN, "grey")
    text = (
        f"{free_mib / 1024:.1f} GB".replace(".", ",") if free_mib >= 1024 else f"{int(free_mib)} MB"
    )
    return Cell(text, "bad" if free_mib < DISK_LOW_MIB else "plain")


def _temperature(c: float | None) -> Cell:
    if c is None or not -60 <= c <= 200:
        return Cell(words.UNKNOWN, "grey")
    return Cell(f"{round(c)} °C", "bad" if c >= HOT_C else "wait" if c >= WARM_C else "plain")


def _plain(text: str) -> str:
    bare = unicodedata.normalize("NFD", text.casefold().replace("đ", "d"))
    return "".join(c for c in bare if not unicodedata.combining(c))

"""This file gathers what the pages of papers show."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, Any

from flask import request

from appliance.sync.protocol import parse_utc
from ward import dossier_notes
from ward.store import intake, results
from ward.web import words

if TYPE_CHECKING:
    from ward.web import Ward

MOST = 300
LATE = timedelta(days=3)  # nobody has looked at it for so long
STATES = {
    "new": ("mới đến", "wait"),
    "received": ("đã nhận", "plain"),
    "supplement": ("cần bổ sung", "wait"),
    "done": ("đã xong", "good"),
}
SHOW = {"": "chưa xong", "new": "mới đến", "supplement": "cần bổ sung", "all": "tất cả"}
DEEDS = {
    "handed in": "nhà gửi đến",
    "opened": "mở ra xem",
    "marked received": "ghi là đã nhận",
    "marked supplement": "ghi là cần bổ sung",
    "marked done": "ghi là đã xong",
    "deleted": "xóa giấy tờ đã hết hạn giữ",
}


def every(ward: Ward) -> dict[str, Any]:
    """The list, with what the address asks for: a house, a state, part of an id."""
    show, house = request.args.get("show", "")[:12], request.args.get("house", "")[:32]
    search = request.args.get("q", "").strip().casefold()[:40]
    now, names = ward.now(), _names(ward)
    found = [
        row
        for row in intake.newest(ward.store.connection, house or None, MOST)
        if _is_one_of(row, show)
        and (not search or search in f"{row['dossier']} {names.get(row['house'], '')}".casefold())
    ]
    return {
        "rows": [_line(row, names, now) for row in found],
        "show": show,
        "shows": SHOW,
        "house": house,
        "q": search,
        "can_open": ward.identity_file is not None,
    }


def one(ward: Ward, row: Mapping[str, Any]) -> dict[str, Any]:
    now, db = ward.now(), ward.store.connection
    sent_at = results.last_sent_at(db, row["house"], row["dossier"])
    return {
        "d": _line(row, _names(ward), now),
        "log": [
            {"who": e["who"], "when": words.clock(parse_utc(e["at"]), now), "what": _deed(e)}
            for e in reversed(intake.log_of(db, row["house"], row["dossier"]))
        ],
        "choices": dossier_notes.CHOICES,
        "text_most": dossier_notes.TEXT_MOST,
        "waiting": results.waiting(db, row["house"]),
        "sent": words.clock(sent_at, now) if sent_at else "",
        "can_open": ward.identity_file is not None,
    }


def inside(ward: Ward, row: Mapping[str, Any], found: Mapping[str, bytes]) -> dict[str, Any]:
    """The list of papers and the files of an opened dossier."""
    said = json.loads(found.get("papers.json", b"{}"))
    said = said if isinstance(said, dict) else {}
    papers = said.get("papers")
    return {
        "d": _line(row, _names(ward), ward.now()),
        "procedure": _text(said.get("procedure")),
        "number": _text(said.get("number")),
        "day": _day(_text(said.get("day"))),
        "papers": [
            {"name": _text(p.get("name")), "pages": _pages(p.get("pages"))}
            for p in (papers if isinstance(papers, list) else [])
            if isinstance(p, dict)
        ],
        "shown": [_text(s) for s in said.get("shown") or [] if isinstance(s, str)],
        "files": sorted(name for name in found if name != "papers.json"),
    }


def _line(row: Mapping[str, Any], names: Mapping[str, str], now: datetime) -> dict[str, Any]:
    text, tone = STATES.get(row["state"], (row["state"], "plain"))
    came = parse_utc(row["received_at"])
    late = row["state"] == "new" and now - came > LATE
    return {
        **row,
        "name": names.get(row["house"]) or row["house"],
        "when": words.clock(came, now),
        "age": words.span((now - came).total_seconds()),
        "late": late,
        "text": text,
        "tone": "bad" if late else tone,
        "size": _size(row["size_bytes"]),
        "by": row["state_by"],
        "at": words.clock(parse_utc(row["state_at"]), now),
    }


def _day(on: str) -> str:
    try:
        return f"{date.fromisoformat(on):%d/%m/%Y}"
    except ValueError:
        return on


def _size(n_bytes: int) -> str:
    if n_bytes < 100 * 1024:
        return f"{max(1, round(n_bytes / 1024))} kB"
    return f"{n_bytes / 1_048_576:.1f} MB".replace(".", ",")


def _is_one_of(row: Mapping[str, Any], show: str) -> bool:
    if show in ("new", "supplement"):
        return bool(row["state"] == show)
    return show == "all" or row["state"] != "done"


def _deed(entry: Mapping[str, Any]) -> str:
    what = str(entry["what"])
    if what.startswith("read "):
        return f"xem {what.removeprefix('read ')}"
    return DEEDS.get(what, what)


def _names(ward: Ward) -> dict[str, str]:
    return {h.house: str(h.peek("hello").get("name") or "")[:80] for h, _, _ in ward.board.houses()}


def _text(value: object) -> str:
    """What a house wrote, made short and printable."""
    return "".join(c for c in str(value if value is not None else "") if c.isprintable())[:120]


def _pages(value: object) -> str:
    numbers = [n for n in value if isinstance(n, int)] if isinstance(value, list) else []
    return ", ".join(map(str, numbers[:40]))

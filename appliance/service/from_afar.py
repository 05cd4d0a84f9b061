"""This file is what the ward may see and do of the box itself: restart, log, wall, set-aside items.

What is answered goes to the ward with the command's outcome, in the same commit. It holds numbers,
states and the box's own log lines, masked; never a name, an identity number or a picture.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any, Protocol

from appliance.core.moment import Moment
from appliance.errors import Conflict, HienError
from appliance.service import set_aside as decisions
from appliance.store import board, postings, quiet, set_aside, tickets
from appliance.store.database import Store

OPS = ("reboot", "logs", "wall", "aside_list", "aside_retry", "aside_discard")
Answer = dict[str, Any]

LINES_MOST, LINE_MOST, LOG_MOST_BYTES = 300, 400, 24_000
NUMBERS_MOST, ITEMS_MOST = 12, 30
# Six digits in a row may be of somebody; long tokens may open something.
_MASKED = re.compile(r"\d{6,}|[\w.+-]+@[\w-]+\.[\w.]+|[A-Za-z0-9_-]{24,}")


class Box(Protocol):
    """The machine, as far as the room that speaks with the ward can reach it."""

    def log_lines(self, lines: int) -> list[str]: ...
    def can_restart(self) -> bool: ...


def do(
    store: Store, now: Moment, box: Box | None, op: str, args: Mapping[str, Any], zone: str
) -> Answer:
    """Do one of OPS inside the caller's transaction. Raises HienError, KeyError, ValueError."""
    if op == "wall":
        return wall(store, now, zone)
    if op == "aside_list":
        return {"items": [_item(row) for row in set_aside.waiting(store, ITEMS_MOST)]}
    if op == "aside_retry":
        decisions.retry(store, now, int(args["item"]))
        return {}
    if op == "aside_discard":
        decisions.discard(store, now, int(args["item"]))
        return {}
    if box is None:
        raise HienError("this room cannot reach the box", code="no_box")
    if op == "logs":
        return logs(box, int(args.get("lines", 150)))
    if not box.can_restart():
        raise HienError("nothing here starts the box again", code="cannot_restart")
    if quiet.is_busy(store, now) and not args.get("even_if_busy"):
        raise Conflict("somebody is being served", code="busy")
    return {}  # the room restarts the box once this is committed


def logs(box: Box, lines: int) -> Answer:
    """The last lines, masked. Raises HienError (no_log)."""
    found = masked(box.log_lines(max(1, min(lines, LINES_MOST))))
    if not found:
        raise HienError("there are no log lines", code="no_log")
    return {"lines": found}


def masked(lines: Sequence[str]) -> list[str]:
    """The newest of these that fit into one message, without what could be of somebody."""
    kept: list[str] = []
    left = LOG_MOST_BYTES
    for line in reversed(lines):
        clean = "".join(c for c in line if c.isprintable())
        clean = _MASKED.sub("•••", clean)[:LINE_MOST]
        left -= len(clean.encode()) + 8
        if left < 0:
            break
        kept.append(clean)
    return kept[::-1]


def wall(store: Store, now: Moment, zone: str) -> Answer:
    """What the wall shows now, as numbers: whoever asks draws the screen from it."""
    today = board.today(store, now, zone)
    with_somebody = [r for r in tickets.with_somebody(store) if r["day_on"] == today]
    waiting = tickets.waiting(store)
    hung = postings.up(store)
    return {
        "at": now.at_text,
        "called": [[r["number"], r["desk"] or 0] for r in with_somebody[:NUMBERS_MOST]],
        "next": [r["number"] for r in waiting[:NUMBERS_MOST]],
        "waiting": len(waiting),
        "help": board.help_state(store, now)["open"],
        "notice": str(hung[0]["title"])
        if hung and not waiting and not tickets.at_a_desk(store, today)
        else "",
        "notices": len(hung),
    }


def _item(row: Mapping[str, Any]) -> dict[str, Any]:
    return {k: row[k] for k in ("id", "kind", "reason", "tries")} | {"at": row["made_at"]}

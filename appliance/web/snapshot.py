"""This file is what everybody in the room may know, as one JSON value: numbers, never a name kept
back, never an id that opens anything."""

from __future__ import annotations

from typing import Any

from appliance.core.help_call import UNANSWERED_S
from appliance.core.moment import Moment, parse_utc
from appliance.core.proof_watch import level_pct
from appliance.service.proof_watch import passed_s
from appliance.store import board, dossiers, help_calls, postings, tickets, volunteers
from appliance.store.database import Row, Store
from appliance.web.notices import notices
from appliance.web.parts import WebParts
from appliance.web.words.duty import callable_now, duty_now

LAST_CALLED = 4
NOTHING_KNOWN: dict[str, Any] = {
    "day": "",
    "current": None,
    "call": "",
    "others": [],
    "last": [],
    "waiting": 0,
    "next": [],
    "on_duty": [],
    "duty": {"known": False, "open": False, "hours": [], "closed": None, "opens": None}
    | {"next": None},
    "today": "",
    "board": "",
    "help": {"state": "none", "who": "", "since": "", "eta": "", "phones": []},
    "notices": [],
}


def snapshot(parts: WebParts, store: Store, now: Moment) -> dict[str, Any]:
    """`current` is the newest number called and not finished (or None); `others` the rest of
    those; `last` the last four called before it, then any other still at a desk; `call` changes
    with each call or repeat."""
    zone = parts.house.zone
    day_on = board.today(store, now, zone)
    with_somebody = [row for row in tickets.with_somebody(store) if row["day_on"] == day_on]
    # A number that was laid aside is not the one being helped; it stays on the list below.
    current = next(iter(tickets.at_a_desk(store, day_on)), None)
    others = [row for row in with_somebody if current is None or row["id"] != current["id"]]
    called = tickets.last_called(store, day_on, LAST_CALLED + 1)
    earlier = [row for row in called if current is None or row["number"] != current["number"]]
    earlier = earlier[:LAST_CALLED]
    shown = {row["number"] for row in earlier}
    # Somebody who has been at a desk for long is still on the list, below the last four.
    earlier += [row for row in others if row["state"] == "serving" and row["number"] not in shown]
    waiting = tickets.waiting(store)
    return {
        "day": day_on,
        "current": _called(current) if current else None,
        "call": f"{day_on}:{current['number']}:{current['call_count']}" if current else "",
        "others": [_called(row) for row in others],
        "last": [_called(row) for row in earlier],
        "waiting": len(waiting),
        "next": [row["number"] for row in waiting[:LAST_CALLED]],
        "on_duty": [
            {"name": row["name"], "desk": row["desk"]} for row in volunteers.on_duty(store)
        ],
        "duty": duty_now(store, now, zone),
        "today": now.local(zone).date().isoformat(),
        "board": _board(store, now, zone),
        "help": {**help_now(store, now, zone), "phones": callable_now(parts, store)},
        "notices": [*notices(parts, now), *_drafts(store, now)],
    }


def help_now(store: Store, now: Moment, zone: str) -> dict[str, Any]:
    """`state` none | open | unanswered (open for more than 3 minutes) | answered; `who` as far as
    consented; `since` and `eta` as local "HH:MM"."""
    calls = help_calls.still_on(store)
    unanswered = [row for row in calls if row["state"] == "open"]
    if not calls:
        return {"state": "none", "who": "", "since": "", "eta": ""}
    row = unanswered[0] if unanswered else calls[-1]
    state = "answered"
    if unanswered:
        state = "unanswered" if board.age_s(row, now, "made_at") > UNANSWERED_S else "open"
    return {
        "state": state,
        "who": row["who"],
        "since": _clock(row["made_at"], zone),
        "eta": _clock(row["eta_at"], zone) if row["eta_at"] else "",
    }


def _board(store: Store, now: Moment, zone: str) -> str:
    """Changes every ten minutes while a notice hangs: screens that show it fetch it again, and
    only what was fetched counts as shown."""
    count = len(postings.up(store))
    if not count:
        return ""
    local = now.local(zone)
    return f"{count}:{local:%d-%H}:{local.minute // 10}"


def _drafts(store: Store, now: Moment) -> list[dict[str, Any]]:
    """A draft nobody has read with a fifth of its day left is everybody's matter."""
    pressing = [w for w in dossiers.watches(store) if level_pct(passed_s(w, now)) >= 80]
    return [{"code": "draft", "level": "care"}] if pressing else []


def _called(row: Row) -> dict[str, Any]:
    return {"number": row["number"], "desk": row["desk"], "state": row["state"]}


def _clock(at_text: str, zone: str) -> str:
    from zoneinfo import ZoneInfo

    return parse_utc(at_text).astimezone(ZoneInfo(zone)).strftime("%H:%M")

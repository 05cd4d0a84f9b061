"""This file hangs statutory notices: up for so many working days, seen hour by hour, taken down.

The text of a notice is public while it hangs and leaves the table when it comes down; its title,
its dates, the hours it was shown and a digest of its text stay as the proof.
"""

from __future__ import annotations

import hashlib
import unicodedata
from dataclasses import replace
from datetime import date, timedelta

from appliance.core import posting as rules
from appliance.core.age import made_under
from appliance.core.moment import Moment, parse_utc
from appliance.core.texts import one_line
from appliance.errors import BadInput, NotFound, TooMany
from appliance.service.dating import date_rows
from appliance.service.report import tell
from appliance.service.working_days import calendar
from appliance.store import postings
from appliance.store.database import Row, Store


def put_up(
    store: Store,
    now: Moment,
    *,
    key: str,
    title: str,
    text: str,
    working_days: int,
    zone: str,
    by_ward: bool = False,
) -> Row:
    """Hang a notice; the same `key` again is the same notice.

    Raises BadInput (too_long, too_short, bad_text, too_many_lines, bad_number), TooMany.
    """  # fmt: skip
    heading = one_line(title, most=rules.TITLE_MOST, least=3, what="title")
    body = _lines(text)
    if not 1 <= working_days <= rules.DAYS_MOST:
        raise BadInput(f"1 to {rules.DAYS_MOST} working days", code="bad_number")
    with store.write():
        before = store.one("SELECT * FROM postings WHERE key = ?", key)
        if before is not None:
            return before
        if len(postings.up(store)) >= rules.MOST_UP:
            raise TooMany(f"at most {rules.MOST_UP} notices hang at once", code="too_many_postings")
        posted_on, last_on = _days(store, now, working_days, zone)
        posting_id = store.insert(
            "postings",
            {
                "key": key,
                "title": heading,
                "text": body,
                "text_sha256": hashlib.sha256(body.encode()).hexdigest(),
                "working_days": working_days,
                "state": "up",
                "posted_at": now.at_text,
                "posted_on": posted_on,
                "last_on": last_on,
                "by_ward": int(by_ward),
                **made_under(now),
            },
        )
        _tell(store, now, posting_id, "posted", last_on=last_on)
        return _get(store, posting_id)


def take_down(store: Store, now: Moment, posting_id: int, *, zone: str) -> None:
    """A person takes it down; before its last day is over, the proof says so."""
    with store.write():
        row = _get(store, posting_id)
        if row["state"] == "up":
            early = now.local(zone).date() <= date.fromisoformat(row["last_on"])
            _down(store, now, posting_id, early)


def take_down_due(store: Store, now: Moment, zone: str) -> int:
    """Those whose last day is over come down by themselves. Writes only when there are any."""
    _date(store, now, zone)
    today_on = now.local(zone).date().isoformat()
    due = [row for row in postings.up(store) if row["last_on"] < today_on]
    if due:
        with store.write():
            for row in due:
                _down(store, now, row["id"], early=False)
    return len(due)


def _date(store: Store, now: Moment, zone: str) -> None:
    """One that was hung before the clock was set hangs as many days as it was meant to."""

    def days_anew(row: Row) -> None:
        at = parse_utc(row["posted_at"])
        posted_on, last_on = _days(store, replace(now, at=at), row["working_days"], zone)
        store.run(
            "UPDATE postings SET posted_on = ?, last_on = ? WHERE id = ?",
            posted_on,
            last_on,
            row["id"],
        )
        _tell(store, now, row["id"], "posted", last_on=last_on)

    date_rows(store, now, "postings", days_anew)


def _days(store: Store, now: Moment, working_days: int, zone: str) -> tuple[str, str]:
    """ISO dates: the day it is put up, and its last one."""
    today = now.local(zone).date()
    last_on = rules.last_day(today, working_days, calendar(store).works)
    return today.isoformat(), last_on.isoformat()


def seen(store: Store, now: Moment, posting_ids: list[int], screen: str) -> None:
    """A screen of the house has just drawn these. At most one write in ten minutes for each."""
    hour_at = now.at_text[:14] + "00:00.000Z"
    fresh = (now.at - timedelta(seconds=rules.SEEN_EVERY_S)).timestamp()
    due = []
    for posting_id in posting_ids:
        row = store.one(
            "SELECT last_at FROM posting_hours WHERE posting_id = ? AND hour_at = ? AND screen = ?",
            posting_id,
            hour_at,
            screen,
        )
        if row is None or parse_utc(row["last_at"]).timestamp() <= fresh:
            due.append(posting_id)
    if not due:
        return
    with store.write():
        for posting_id in due:
            store.run(
                "INSERT INTO posting_hours (posting_id, hour_at, screen, first_at, last_at)"
                " VALUES (?, ?, ?, ?, ?) ON CONFLICT (posting_id, hour_at, screen)"
                " DO UPDATE SET last_at = excluded.last_at",
                posting_id,
                hour_at,
                screen,
                now.at_text,
                now.at_text,
            )


def _down(store: Store, now: Moment, posting_id: int, early: bool) -> None:
    store.run(
        "UPDATE postings SET state = 'down', down_at = ?, down_early = ?, text = '' WHERE id = ?",
        now.at_text,
        int(early),
        posting_id,
    )
    _tell(store, now, posting_id, "taken_down", early=int(early))


def _lines(text: str) -> str:
    """Several lines, each as core.texts keeps them; empty lines at the ends go."""
    if len(text) > 8 * rules.TEXT_MOST:
        raise BadInput(f"at most {rules.TEXT_MOST} characters", code="too_long")
    lines = [
        " ".join(unicodedata.normalize("NFC", line).split())
        for line in text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    ]
    body = "\n".join(lines).strip("\n")
    if any(unicodedata.category(c) in ("Cc", "Cs", "Co", "Cn") for c in body if c != "\n"):
        raise BadInput("there is a character that cannot be shown", code="bad_text")
    if len(body) > rules.TEXT_MOST:
        raise BadInput(f"at most {rules.TEXT_MOST} characters", code="too_long")
    if body.count("\n") >= rules.LINES_MOST:
        raise BadInput(f"at most {rules.LINES_MOST} lines", code="too_many_lines")
    if len(body) < 10:
        raise BadInput("at least 10 characters", code="too_short")
    return body


def _tell(store: Store, now: Moment, posting_id: int, what: str, **more: object) -> None:
    tell(store, now, "ops", {"type": what, "posting": posting_id, **more})


def _get(store: Store, posting_id: int) -> Row:
    row = postings.get(store, posting_id)
    if row is None:
        raise NotFound("no such notice", code="unknown_posting")
    return row

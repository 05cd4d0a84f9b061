"""This file prints a lesson, and counts who will do it alone next time: never who it was."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from appliance.core.lesson import Lesson
from appliance.core.lesson_slip import content_of, lesson_slip
from appliance.core.moment import Moment
from appliance.core.slip import Slip
from appliance.errors import TooMany
from appliance.service.report import tell
from appliance.service.slips import queue_for_anybody
from appliance.store.database import Store

if TYPE_CHECKING:
    from appliance.service.slip_content import House

KIND = "lesson"
# Anybody in the room may print and tick: a child at the tablet must not empty the roll.
MOST_SLIPS_A_MINUTE = 4
MOST_TICKS_A_MINUTE = 20


def ask_slip(store: Store, now: Moment, lesson: Lesson, *, key: str) -> int:
    """Queue the slip; the print job's id. The same `key` is the same slip. Raises TooMany."""
    return queue_for_anybody(
        store, now, key=key, kind=KIND, payload=content_of(lesson),
        most_a_minute=MOST_SLIPS_A_MINUTE,
    )  # fmt: skip


def slip_of(payload: Mapping[str, Any], house: House, copy_no: int) -> Slip:
    """The slip of a lesson job."""
    return lesson_slip(
        title=payload["title"],
        need=payload["need"],
        cards=payload["cards"],
        doubt=payload["doubt"],
        house_name=house.name,
        phone=house.phone,
        qr=f"{house.address}/learn/{payload['lesson']}",
        copy_no=copy_no,
    )


def alone_next_time(store: Store, now: Moment, lesson: Lesson, *, key: str, zone: str) -> None:
    """ "Lần sau tôi tự làm được": one more, on this day. Twice with a `key` is once.

    Raises TooMany (too_many_ticks): more than this is play.
    """
    day_on = now.at.astimezone(ZoneInfo(zone)).date().isoformat()
    with store.write():
        if store.value("SELECT count(*) FROM learned WHERE key = ?", key):
            return
        lately = store.value(
            "SELECT count(*) FROM outbox WHERE stream = 'ops' AND epoch = ? AND mono_ms > ?"
            " AND json_extract(body, '$.type') = 'learned'",
            now.epoch,
            now.mono_ms - 60_000,
        )
        if lately >= MOST_TICKS_A_MINUTE:
            raise TooMany("wait a minute", retry_after_s=60, code="too_many_ticks")
        store.insert("learned", {"key": key, "lesson_id": lesson.id, "day_on": day_on})
        tell(store, now, "ops", {"type": "learned", "lesson": lesson.id, "day": day_on})

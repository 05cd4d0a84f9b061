"""This file keeps a half hour free: booked, come, missed, cancelled; a code instead of a name."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from datetime import date, timedelta

from appliance.core import appointment as rules
from appliance.core.catalogue import Catalogue
from appliance.core.day_time import Span, minute_of
from appliance.core.look_up import LENGTH, SIGNS
from appliance.core.moment import Moment
from appliance.errors import BadInput, Conflict, NotFound, TooMany
from appliance.service.report import tell
from appliance.service.slips import queue_slip
from appliance.store import appointments, rota
from appliance.store.database import Row, Store


def places(store: Store, now: Moment, day: date, zone: str) -> list[Span]:
    """The half hours of `day` that can still be had. Reads only."""
    local = now.local(zone)
    earliest = minute_of(local) + 1 if day == local.date() else 0
    return rules.places(
        day,
        rota.opening(store),
        rota.spans_of_day(store, day),
        appointments.taken_spans(store, day.isoformat()),
        earliest,
    )


def book(
    store: Store,
    now: Moment,
    *,
    key: str,
    service_id: str,
    day: date,
    from_min: int,
    channel: str,
    catalogue: Catalogue,
    zone: str,
    kind: rules.Kind = "visit",
    parties: int = 1,
    visit_id: str | None = None,
    bring: Sequence[str] | None = None,
) -> Row:
    """Book a half hour and ask for its slip. The same `key` again is the same appointment.

    Raises BadInput (unknown_service, bad_day, bad_parties), Conflict (place_taken), TooMany.
    """
    service = catalogue.service(service_id)
    if not 1 <= parties <= rules.PARTIES_MOST:
        raise BadInput("one or two people", code="bad_parties")
    today = now.local(zone).date()
    if not today <= day <= today + timedelta(days=rules.AHEAD_DAYS):
        raise BadInput(f"today to {rules.AHEAD_DAYS} days ahead", code="bad_day")
    with store.write():
        before = store.one("SELECT * FROM appointments WHERE key = ?", key)
        if before is not None:
            return before
        _not_too_many(store, now, today, channel)
        span = next((p for p in places(store, now, day, zone) if p.from_min == from_min), None)
        if span is None:
            raise Conflict("that time is taken or closed", code="place_taken")
        row = {
            "id": secrets.token_hex(8),
            "key": key,
            "code": _free_code(store),
            "kind": kind,
            "service_id": service.id,
            "visit_id": visit_id,
            "day_on": day.isoformat(),
            "from_min": span.from_min,
            "to_min": span.to_min,
            "parties": parties,
            "state": "booked",
            "channel": channel,
            "made_at": now.at_text,
            "epoch": now.epoch,
            "mono_ms": now.mono_ms,
        }
        store.insert("appointments", row)
        what = f"Trao kết quả: {service.name}" if kind == "hand_over" else service.name
        queue_slip(
            store,
            now,
            key=f"appointment:{row['id']}",
            kind="appointment",
            visit_id=None,
            payload={
                "appointment": row["id"],
                "what": what,
                "day_on": row["day_on"],
                "from_min": span.from_min,
                "code": row["code"],
                "bring": list(bring) if bring is not None else [p.name for p in service.papers],
                "both": parties > 1,
            },
        )
        _tell(store, now, row, "booked")
        return _get(store, str(row["id"]))


def came(store: Store, now: Moment, appointment_id: str, present: int) -> Row:
    """They are here; of two, each is ticked. All here: the appointment is kept."""
    with store.write():
        row = _get(store, appointment_id)
        if row["state"] == "cancelled":
            raise Conflict("this appointment was cancelled", code="appointment_over")
        if not 0 <= present <= row["parties"]:
            raise BadInput("more people than were to come", code="bad_parties")
        state = "came" if present == row["parties"] else "booked"
        if (row["present"], row["state"]) != (present, state):
            store.run(
                "UPDATE appointments SET present = ?, state = ?, ended_at = ? WHERE id = ?",
                present,
                state,
                now.at_text if state == "came" else None,
                appointment_id,
            )
            if state == "came":
                _tell(store, now, row, "came")
        return _get(store, appointment_id)


def cancel(store: Store, now: Moment, appointment_id: str) -> Row:
    """Cancelling twice is cancelling once."""
    with store.write():
        row = _get(store, appointment_id)
        if row["state"] == "booked":
            _end(store, now, row, "cancelled")
        return _get(store, appointment_id)


def end_overdue(store: Store, now: Moment, zone: str) -> int:
    """Nobody came until the end of that day. Writes only when there are any."""
    today_on = now.local(zone).date().isoformat()
    rows = appointments.overdue(store, today_on)
    if rows:
        with store.write():
            for row in rows:
                _end(store, now, row, "missed")
    return len(rows)


def _end(store: Store, now: Moment, row: Row, state: str) -> None:
    store.run(
        "UPDATE appointments SET state = ?, ended_at = ? WHERE id = ? AND state = 'booked'",
        state,
        now.at_text,
        row["id"],
    )
    store.run(
        "UPDATE print_jobs SET state = 'cancelled', done_at = ? WHERE state = 'queued' AND key = ?",
        now.at_text,
        f"appointment:{row['id']}",
    )
    _tell(store, now, row, state)


def _not_too_many(store: Store, now: Moment, today: date, channel: str) -> None:
    if len(appointments.booked(store, today.isoformat())) >= rules.MOST_OPEN:
        raise TooMany("too many appointments are open", code="too_many_appointments")
    if channel != "tablet":
        return
    recent = store.value(
        "SELECT count(*) FROM appointments WHERE channel = 'tablet' AND epoch = ? AND mono_ms > ?",
        now.epoch,
        now.mono_ms - rules.FROM_TABLET_WITHIN_S * 1000,
    )
    if recent >= rules.FROM_TABLET_MOST:
        raise TooMany(
            "too many appointments at once",
            retry_after_s=rules.FROM_TABLET_WITHIN_S,
            code="too_many_appointments",
        )


def _free_code(store: Store) -> str:
    """A code no open appointment has."""
    while True:
        code = "".join(secrets.choice(SIGNS) for _ in range(LENGTH))
        if not store.value(
            "SELECT count(*) FROM appointments WHERE state = 'booked' AND code = ?", code
        ):
            return code


def _tell(store: Store, now: Moment, row: Row, what: str) -> None:
    body = {"type": f"appointment_{what}", "kind": row["kind"], "service": row["service_id"]}
    body |= {"day": row["day_on"], "from_min": row["from_min"], "parties": row["parties"]}
    tell(store, now, "ops", body)


def _get(store: Store, appointment_id: str) -> Row:
    row = appointments.get(store, appointment_id)
    if row is None:
        raise NotFound("this appointment is not known", code="unknown_appointment")
    return row

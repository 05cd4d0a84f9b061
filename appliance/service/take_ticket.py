"""This file hands out a number: ticket, key, slip and report in one transaction."""

from __future__ import annotations

import re
import secrets
from dataclasses import dataclass

from appliance import seal
from appliance.core import ticket as rules
from appliance.core.catalogue import Catalogue
from appliance.core.look_up import look_of
from appliance.core.moment import Moment
from appliance.errors import BadInput, TooMany
from appliance.service.report import tell
from appliance.service.slips import queue_slip
from appliance.store import tickets
from appliance.store.database import Store
from appliance.store.ram import Ram

KEY = re.compile(r"[A-Za-z0-9_.:-]{1,64}")
CHANNELS = ("tablet", "desk", "button")
MOST_WAITING = 300  # a room of 20 square metres: beyond this somebody is playing


@dataclass(frozen=True)
class Taken:
    """The ticket. `new` is False when this key had its ticket already (a double tap)."""

    id: str
    number: int
    new: bool


def new_key() -> str:
    """An idempotency key for one form."""
    return secrets.token_urlsafe(12)


def take_ticket(
    store: Store,
    ram: Ram,
    now: Moment,
    *,
    key: str,
    service_id: str,
    channel: str,
    catalogue: Catalogue,
    zone: str,
    per_minute: int,
) -> Taken:
    """Take a number. The slip is queued; its secret lies in RAM until it is on paper.

    Raises BadInput (bad_key, unknown_service), TooMany (too_many_tickets, too_many_waiting).
    """
    if not KEY.fullmatch(key):
        raise BadInput("open the start page again and choose once more", code="bad_key")
    if channel not in CHANNELS:
        raise BadInput(f"unknown channel {channel[:20]!r}", code="bad_channel")
    service = catalogue.service(service_id)
    with store.write():
        before = tickets.by_key(store, key)
        if before is not None:
            return Taken(before["id"], before["number"], new=False)
        _not_too_many(store, now, per_minute)
        day_on = rules.day_for(tickets.last(store), now, zone)
        since = rules.numbers_taken_since(day_on, now, zone)
        number = 1 + (store.value("SELECT max(number) FROM tickets WHERE day_on >= ?", since) or 0)
        _expire_left_over(store, now, day_on)
        secret, recipient = seal.new_identity()
        ticket_id = secrets.token_hex(8)
        store.insert(
            "tickets",
            {
                "id": ticket_id,
                "key": key,
                "day_on": day_on,
                "number": number,
                "service_id": service.id,
                "channel": channel,
                "state": "waiting",
                "place": 1 + (store.value("SELECT max(place) FROM tickets") or 0),
                "recipient": recipient,
                "look": look_of(secret),
                "taken_at": now.at_text,
                "epoch": now.epoch,
                "mono_ms": now.mono_ms,
                "run": now.run,
                "sync": now.sync,
            },
        )
        queue_slip(
            store,
            now,
            key=f"ticket:{ticket_id}",
            kind="ticket",
            ticket_id=ticket_id,
            payload={
                "number": number,
                "service": service.name,
                "bring": [_bring(paper.name, paper.capture) for paper in service.papers],
                "waiting_ahead": tickets.waiting_ahead(store, ticket_id),
                "taken_at": now.at_text,
            },
            with_key=True,
        )
        tell(
            store,
            now,
            "queue",
            {
                "type": "taken",
                "day": day_on,
                "number": number,
                "service": service.id,
                "channel": channel,
            },
        )
        # Last, so that a failure above leaves no secret behind; in RAM, so it needs no fsync.
        ram.put_secret(ticket_id, secret)
    return Taken(ticket_id, number, new=True)


def _bring(name: str, capture: bool) -> str:
    return name if capture else f"{name} (chỉ xem, không chụp)"


def _not_too_many(store: Store, now: Moment, per_minute: int) -> None:
    lately = store.value(
        "SELECT count(*) FROM tickets WHERE epoch = ? AND mono_ms > ?",
        now.epoch,
        now.mono_ms - 60_000,
    )
    if lately >= per_minute:
        raise TooMany("wait a minute, then choose again", retry_after_s=60, code="too_many_tickets")
    if tickets.count_waiting(store) >= MOST_WAITING:
        raise TooMany(
            "the waiting list is full; ask the volunteer",
            retry_after_s=300,
            code="too_many_waiting",
        )


def _expire_left_over(store: Store, now: Moment, day_on: str) -> None:
    """The first number of a new day closes what an earlier day left waiting."""
    left = store.all(
        "SELECT id, number, day_on FROM tickets"
        " WHERE state IN ('waiting', 'called') AND day_on < ?",
        day_on,
    )
    for row in left:
        store.run(
            "UPDATE tickets SET state = 'expired', ended_at = ?, end_reason = 'day_over'"
            " WHERE id = ?",
            now.at_text,
            row["id"],
        )
        tell(
            store, now, "queue", {"type": "expired", "day": row["day_on"], "number": row["number"]}
        )

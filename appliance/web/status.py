"""This file is for programs: how the house is, its services, today's numbers. Public data only."""

from __future__ import annotations

import sqlite3

from flask import Blueprint, Response, jsonify

from appliance import __version__
from appliance.errors import StoreError
from appliance.store import board, outbox, tickets
from appliance.web.current import now, parts, store, zone
from appliance.web.door.access import open_to_all
from appliance.web.notices import room_word

ROOMS = ("web", "devices", "sync")
status = Blueprint("status", __name__)


@status.get("/healthz")
@open_to_all
def healthz() -> Response:
    """{"ok", "version", "rooms": {room: "ok" | "stale" | "missing"}, "queue": {"waiting"},
    "outbox": {"rows"}, "virtual": [kinds]}.

    Always 200: the room that answers is there; `ok` is about the house."""
    at = now()
    rooms = {room: room_word(parts(), room, at) for room in ROOMS}
    waiting: int | None = None
    pending: int | None = None
    try:
        waiting = tickets.count_waiting(store())
        pending = outbox.count_pending(store())
    except (StoreError, sqlite3.Error):
        pass  # null says: the table cannot be read
    return jsonify(
        ok=waiting is not None and all(word == "ok" for word in rooms.values()),
        version=__version__,
        rooms=rooms,
        queue={"waiting": waiting},
        outbox={"rows": pending},
        virtual=parts().config.virtual(),
    )


@status.get("/api/services")
@open_to_all
def services() -> Response:
    """[{id, name}] in the order of the start page."""
    return jsonify([{"id": s.id, "name": s.name} for s in parts().catalogue.services])


@status.get("/api/tickets/today")
@open_to_all
def tickets_today() -> Response:
    """[{number, service, state, printed}] by number. No id: an id opens its ticket."""
    day_on = board.today(store(), now(), zone())
    return jsonify(
        [
            {
                "number": row["number"],
                "service": row["service_id"],
                "state": row["state"],
                "printed": row["printed"],
            }
            for row in tickets.of_day(store(), day_on)
        ]
    )

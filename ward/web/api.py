"""This file answers programs: houses, events, metrics, and whether the ward itself is well."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from flask import Blueprint, Response, abort, jsonify, request

from appliance.sync.protocol import ProtocolError, check_house, utc_text
from ward.store import aside, clocks
from ward.web import metrics

if TYPE_CHECKING:
    from ward.web import Ward

CHUNK = 1000


def blueprint(ward: Ward) -> Blueprint:
    api = Blueprint("api", __name__)

    @api.get("/healthz")
    def healthz() -> tuple[Response, int]:
        ok = ward.board.link_up and not ward.listener.store_fault
        answer = jsonify(
            ok=ok,
            houses=len(ward.board),
            broker="up" if ward.board.link_up else "down",
            store=ward.listener.store_fault or "ok",
        )
        return answer, 200 if ok else 503

    @api.get("/api/houses")
    def houses() -> Response:
        return jsonify(
            [
                {
                    "house": h.house,
                    "online": presence == "online",
                    "since": utc_text(since) if since else None,
                    "presence": presence,
                    "heard_at": utc_text(h.heard_at) if h.heard_at else None,
                    **{name: h.values(name) for name in ("hello", "queue", "help", "health")},
                }
                for h, presence, since in sorted(ward.board.houses(), key=lambda k: k[0].house)
            ]
        )

    @api.get("/api/events")
    def events() -> Response:
        try:
            house = check_house(request.args.get("house"))
            after = int(request.args.get("after", "0"))
        except (ProtocolError, ValueError):
            abort(400)
        return Response(_stream(ward, house, after), mimetype="application/json")

    @api.get("/metrics")
    def prometheus() -> Response:
        counters: dict[str, Any] = dict(ward.listener.counts)
        for reason, n in aside.counts(ward.store.connection).items():
            counters[f"refused_{reason}"] = n
        own = {
            "broker_up": float(ward.board.link_up),
            "store_ok": float(not ward.listener.store_fault),
            "houses": float(len(ward.board)),
            "calls_open": float(
                ward.store.value("SELECT count(*) FROM calls WHERE state IN ('open', 'answered')")
            ),
            "conflicts_kept": float(ward.store.value("SELECT count(*) FROM conflicts")),
        }
        body = metrics.text(ward.board.houses(), own, counters, ward.now())
        return Response(body, mimetype="text/plain; version=0.0.4")

    return api


def _stream(ward: Ward, house: str, after: int) -> Iterator[str]:
    """A JSON array of this house's events in the order they were stored, piece by piece."""
    yield "["
    first, dater = True, clocks.Dater(ward.store.connection)
    while True:
        rows = ward.store.all(
            "SELECT id, house, epoch, stream, seq, mono_ms, t, sync, d, received_at FROM events"
            " WHERE house = ? AND id > ? ORDER BY id LIMIT ?",
            house,
            max(0, min(after, 2**62)),
            CHUNK,
        )
        for row in rows:
            row.update(dater.of(row), d=json.loads(row["d"]))
            after = row["id"]
            yield ("" if first else ",\n") + json.dumps(row, ensure_ascii=False)
            first = False
        if len(rows) < CHUNK:
            break
    yield "]\n"

"""This file is the pages for those who look after it all: alarms, conflicts, who did what."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any

from flask import Blueprint, abort, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from appliance.sync.protocol import ProtocolError, parse_utc
from ward.store import alarms, aside, audit, boots
from ward.store.db import FAULTS
from ward.web import alarm_view, words
from ward.web.access import must

if TYPE_CHECKING:
    from ward.web import Ward

ALARMS_SHOWN, CONFLICTS_SHOWN, NOTES_SHOWN, REFUSED_SHOWN = 200, 100, 200, 20


def blueprint(ward: Ward) -> Blueprint:
    pages = Blueprint("watch", __name__)

    @pages.get("/alarms")
    def all_alarms() -> str:
        now = ward.now()
        names = {
            h.house: str(h.peek("hello").get("name") or "")[:80] for h, _, _ in ward.board.houses()
        }
        found = alarm_view.lines(ward, alarms.lately(ward.store, ALARMS_SHOWN), names, now)
        return render_template(
            "alarms.html",
            on=[a for a in found if a["state"] != "over"],
            over=[a for a in found if a["state"] == "over"],
        )

    @pages.post("/alarms/take")
    def take() -> Response:
        who = must("take_alarm")
        number = request.form.get("alarm", "")
        if not number.isascii() or not number.isdigit() or len(number) > 15:
            abort(400)
        try:
            with ward.store.write() as db:
                row = db.execute(
                    "SELECT house, kind FROM alarms WHERE id = ?", (int(number),)
                ).fetchone()
                if row is None or not alarms.take(db, int(number), who.name, ward.now()):
                    abort(409)
                audit.note(db, ward.now(), who.name, "alarm_taken", row["house"], row["kind"])
        except FAULTS:
            abort(503)
        return redirect(url_for("watch.all_alarms"), 303)

    @pages.get("/conflicts")
    def conflicts() -> str:
        now, upto = ward.now(), audit.looked_into(ward.store, "conflicts")
        rows = ward.store.all(
            "SELECT house, epoch, stream, seq, payload, times, first_at, last_at FROM conflicts"
            " ORDER BY last_at DESC LIMIT ?",
            CONFLICTS_SHOWN,
        )
        for row in rows:
            row["when"] = words.clock(parse_utc(row["last_at"]), now)
            row["new"] = row["last_at"] > upto
        return render_template(
            "conflicts.html", rows=rows, new=any(r["new"] for r in rows), **_odd(ward, now)
        )

    @pages.post("/conflicts")
    def looked_into() -> Response:
        """The banner goes; the conflicts stay. Only what the page showed counts as seen."""
        who, upto = must("conflicts"), request.form.get("upto", "")[:40]
        try:
            parse_utc(upto)
            with ward.store.write() as db:
                audit.look_into(db, "conflicts", upto, who.name, ward.now())
                audit.note(db, ward.now(), who.name, "conflicts_looked_into", detail=upto)
        except ProtocolError:
            abort(400)
        except FAULTS:
            abort(503)
        return redirect(url_for("watch.conflicts"), 303)

    @pages.get("/audit")
    def notes() -> str:
        must("audit")
        now = ward.now()
        found = [
            {**n, "when": words.clock(parse_utc(n["at"]), now), "text": words.DEEDS.get(n["what"])}
            for n in audit.newest(ward.store, NOTES_SHOWN)
        ]
        return render_template("audit.html", notes=found)

    return pages


def _odd(ward: Ward, now: datetime) -> dict[str, Any]:
    """Names two boxes use, and what no house may say: how often, and the newest few."""
    db = ward.store.connection
    samples = ward.store.all(
        "SELECT topic, reason, size_bytes, received_at FROM refused ORDER BY id DESC LIMIT ?",
        REFUSED_SHOWN,
    )
    for row in samples:
        row["when"] = words.clock(parse_utc(row["received_at"]), now)
    return {
        "twice": [
            {**row, "when": words.clock(parse_utc(row["last_at"]), now)}
            for row in boots.twice(db, now)
        ],
        "refused": sorted(aside.counts(db).items(), key=lambda kv: -kv[1]),
        "samples": samples,
    }

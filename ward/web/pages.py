"""This file answers people: the page of all houses, its live part, and the answer to a call."""

from __future__ import annotations

import hashlib
import sqlite3
import unicodedata
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import fontpkg
from flask import (
    Blueprint,
    Response,
    abort,
    jsonify,
    make_response,
    redirect,
    render_template,
    request,
    send_file,
    url_for,
)
from werkzeug.wrappers import Response as AnyResponse

from appliance.sync.protocol import parse_utc, utc_text
from ward.store import audit, jobs
from ward.web import rows, words
from ward.web.access import must

if TYPE_CHECKING:
    from ward.web import Ward

ROWS_MOST = 100
WHO_MOST = 40
ETA_MIN_MOST = 180
CALLS_MOST = 100
CONFLICTS_SHOWN = timedelta(days=7)  # after that they are still in the database and in /metrics
WEIGHTS = ("Regular", "SemiBold")
CALLS_SQL = """
SELECT c.*, j.state AS job_state, j.reason AS job_reason FROM calls c
LEFT JOIN jobs j ON j.job = (
  SELECT job FROM jobs WHERE house = c.house AND op = 'answer_help'
  AND json_extract(args, '$.call') = c.call ORDER BY created_at DESC, rowid DESC LIMIT 1)
WHERE c.state IN ('open', 'answered') ORDER BY c.state = 'answered', c.opened_at LIMIT 1000
"""


def blueprint(ward: Ward) -> Blueprint:
    pages = Blueprint("pages", __name__)

    @pages.get("/")
    def fleet() -> str:
        return render_template("fleet.html", **_view(ward))

    @pages.get("/live")
    def live() -> AnyResponse:
        """The part of the page that changes; 304 while it has not."""
        body = render_template("live.html", **_view(ward))
        answer = make_response(body)
        answer.set_etag(hashlib.blake2b(body.encode(), digest_size=12).hexdigest())
        answer.headers["Cache-Control"] = "no-cache"
        return answer.make_conditional(request)

    @pages.post("/answer")
    def answer() -> AnyResponse:
        who = must("answer")
        call = _open_call(ward, request.form.get("house", ""), request.form.get("call", ""))
        args = _answer_args(call)
        try:
            with ward.store.write() as db:
                jobs.create(db, call["house"], "answer_help", args, who.name, ward.now())
                told = f"{args['who']}, {args['eta_min']} phút"
                audit.note(db, ward.now(), who.name, "answer_help", call["house"], told)
        except sqlite3.Error:
            abort(503)
        ward.listener.wake()
        if request.accept_mimetypes.best == "application/json":
            made = jsonify(ok=True)
            made.status_code = 201
            return made
        return redirect(url_for("pages.fleet"), 303)

    @pages.get("/font/<weight>.ttf")
    def font(weight: str) -> Response:
        if weight not in WEIGHTS:
            abort(404)
        number = 400 if weight == "Regular" else 600
        found = send_file(fontpkg.path("be-vietnam-pro", weight=number), mimetype="font/ttf")
        found.headers["Cache-Control"] = "public, max-age=604800"
        return found

    return pages


def _view(ward: Ward) -> dict[str, Any]:
    now = ward.now()
    known = {h.house: (h, presence, since) for h, presence, since in ward.board.houses()}
    calls = [c for c in ward.store.all(CALLS_SQL) if rows.still_on(c, known.get(c["house"]))]
    open_by_house: dict[str, int] = {}
    for call in calls:
        open_by_house[call["house"]] = open_by_house.get(call["house"], 0) + 1
    every = [
        rows.glance(h, presence, since, open_by_house.get(h.house, 0), now)
        for h, presence, since in known.values()
    ]
    search = unicodedata.normalize("NFC", request.args.get("q", ""))[:80]
    which, order = request.args.get("show", "")[:20], request.args.get("order", "")[:20]
    kept = rows.chosen(every, search, which, order)
    names = {g.house.house: g.name for g in every}
    return {
        "now": now,
        "rows": [rows.house_row(g, now) for g in kept[:ROWS_MOST]],
        "hidden": max(0, len(kept) - ROWS_MOST),
        "columns": rows.COLUMNS,
        "online": sum(g.presence == "online" for g in every),
        "total": len(every),
        "calls": [_call(c, names, now) for c in calls[:CALLS_MOST]],
        "calls_more": max(0, len(calls) - CALLS_MOST),
        "waiting_calls": sum(c["state"] == "open" for c in calls),
        "link_down": None if ward.board.link_up else words.clock(ward.board.link_since, now),
        "store_fault": ward.listener.store_fault,
        "conflicts": ward.store.value(
            "SELECT count(*) FROM conflicts WHERE last_at > ?",
            max(utc_text(now - CONFLICTS_SHOWN), audit.looked_into(ward.store, "conflicts")),
        ),
        "q": search,
        "show": which,
        "order": order,
        "eta_choices": (5, 10, 15, 30, 60),
    }


def _call(call: dict[str, Any], names: dict[str, str], now: Any) -> dict[str, Any]:
    opened = parse_utc(call["opened_at"])
    return {
        **call,
        "key": hashlib.blake2b(
            f"{call['house']}/{call['call']}".encode(), digest_size=8
        ).hexdigest(),
        "source": words.SOURCES.get(call["source"], ""),
        "name": names.get(call["house"]) or call["house"],
        "since": words.clock(opened, now),
        "age": words.span(max(0.0, (now - opened).total_seconds())),
        "comes": words.eta(call["eta_min"], call["answered_at"], now),
        "job": words.JOBS.get(call["job_state"] or "", ""),
        "job_bad": call["job_state"] in ("failed", "rejected", "expired"),
    }


def _open_call(ward: Ward, house: str, call: str) -> dict[str, Any]:
    found = ward.store.one(
        "SELECT * FROM calls WHERE house = ? AND call = ? AND state IN ('open', 'answered')",
        house[:32],
        call[:64],
    )
    if found is None:
        abort(409)
    return found


def _answer_args(call: dict[str, Any]) -> dict[str, Any]:
    """What the house is told: which call, who comes, in how many minutes."""
    who = unicodedata.normalize("NFC", request.form.get("who", "")).strip()
    who = "".join(c for c in who if c.isprintable())
    eta = request.form.get("eta_min", "")
    if not 1 <= len(who) <= WHO_MOST or not eta.isascii() or not eta.isdigit():
        abort(422)
    if not 0 <= int(eta[:6]) <= ETA_MIN_MOST:
        abort(422)
    return {"call": call["call"], "who": who, "eta_min": int(eta)}

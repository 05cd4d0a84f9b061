"""This file answers people: the page of all houses, its live part, and the answer to a call."""

from __future__ import annotations

import hashlib
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

from appliance.sync.protocol import utc_text
from ward import calls
from ward.store import audit, boots, jobs
from ward.store.db import FAULTS
from ward.web import call_view, rows, words
from ward.web.access import must

if TYPE_CHECKING:
    from ward.web import Ward

ROWS_MOST = 100
WHO_MOST = 40
ETA_MIN_MOST = 180
CALLS_MOST = 100
CONFLICTS_SHOWN = timedelta(days=7)  # after that they are still in the database and in /metrics
WEIGHTS = ("Regular", "SemiBold")


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
        except FAULTS:
            abort(503)
        ward.listener.wake()
        if request.accept_mimetypes.best == "application/json":
            made = jsonify(ok=True)
            made.status_code = 201
            return made
        return redirect(_back(call["house"]), 303)

    @pages.post("/close")
    def close() -> AnyResponse:
        """The help has been given: tell the house so."""
        who = must("answer")
        call = _open_call(ward, request.form.get("house", ""), request.form.get("call", ""))
        try:
            with ward.store.write() as db:
                args = {"call": call["call"]}
                jobs.create(db, call["house"], "close_help", args, who.name, ward.now())
                audit.note(db, ward.now(), who.name, "close_help", call["house"])
        except FAULTS:
            abort(503)
        ward.listener.wake()
        return redirect(_back(call["house"]), 303)

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
    on = [c for c in calls.on(ward.store) if calls.still_on(c, known.get(c["house"]))]
    open_by_house: dict[str, int] = {}
    for call in on:
        open_by_house[call["house"]] = open_by_house.get(call["house"], 0) + 1
    twice = {row["house"] for row in boots.twice(ward.store.connection, now)}
    every = [
        rows.glance(h, presence, since, open_by_house.get(h.house, 0), now, h.house in twice)
        for h, presence, since in known.values()
    ]
    search = unicodedata.normalize("NFC", request.args.get("q", ""))[:80]
    which, order = request.args.get("show", "")[:20], request.args.get("order", "")[:20]
    kept = rows.chosen(every, search, which, order)
    return {
        "now": now,
        "rows": [rows.house_row(g, now) for g in kept[:ROWS_MOST]],
        "hidden": max(0, len(kept) - ROWS_MOST),
        "columns": rows.COLUMNS,
        "online": sum(g.presence == "online" for g in every),
        "total": len(every),
        "calls": call_view.cards(ward, on[:CALLS_MOST], known, now),
        "calls_more": max(0, len(on) - CALLS_MOST),
        "waiting_calls": sum(c["state"] == "open" for c in on),
        "alarms_open": ward.store.value(
            "SELECT count(*) FROM alarms WHERE state = 'open' AND kind <> 'help'"
        ),
        "twice": [(g.house.house, g.name) for g in every if g.house.house in twice],
        "filters": rows.FILTERS,
        "link_down": None if ward.board.link_up else words.clock(ward.board.link_since, now),
        "store_fault": ward.listener.store_fault,
        "conflicts": ward.store.value(
            "SELECT count(*) FROM conflicts WHERE last_at > ?",
            max(utc_text(now - CONFLICTS_SHOWN), audit.looked_into(ward.store, "conflicts")),
        ),
        "q": search,
        "show": which,
        "order": order,
        "eta_choices": words.ETA_CHOICES,
    }


def _back(house: str) -> str:
    """To where the form was: the page of the house, or of all."""
    if request.form.get("back") == "house":
        return url_for("house.page", house=house)
    return url_for("pages.fleet")


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

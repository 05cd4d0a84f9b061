"""This file makes the Flask app from its parts. Nothing is built at import."""

from __future__ import annotations

import sqlite3
from typing import Any
from zoneinfo import ZoneInfo

from flask import Flask, request

from appliance.core.moment import parse_utc
from appliance.errors import StoreError
from appliance.service.take_ticket import new_key
from appliance.store.database import Row
from appliance.web import error_pages, i18n
from appliance.web.assets import asset_url
from appliance.web.blueprints import ALL
from appliance.web.current import Site, current_volunteer, now, parts, site, store, zone
from appliance.web.desk import practice
from appliance.web.door import captive, security
from appliance.web.door.access import check_access
from appliance.web.live import Hub
from appliance.web.parts import WebParts
from appliance.web.preferences import chosen_size
from appliance.web.resident.read_aloud import has_button, needs_ears
from appliance.web.resident.voice import face_questions
from appliance.web.snapshot import NOTHING_KNOWN, snapshot
from appliance.web.visit import at_work
from appliance.web.visit.phone_camera import on_phone
from appliance.web.words import wording
from appliance.web.words.day import day_said, span_said, time_said, weekday_said
from appliance.web.words.dossier import plain, whose
from appliance.web.words.duty import hours_words, next_words

MIB = 2**20


def create_app(parts: WebParts, hub: Hub | None = None) -> Flask:
    """The app. `hub` is started by whoever serves it; without one the app makes its own, idle."""
    app = Flask("appliance.web", static_folder=None)
    app.extensions["hien"] = Site(parts, hub or Hub(parts))
    app.config["MAX_CONTENT_LENGTH"] = parts.config["web.max_body_mib"] * MIB
    app.json.ensure_ascii = False  # type: ignore[attr-defined]
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True
    # In this order: language, who looks for the internet, then the door, then who may come in.
    i18n.install(app)
    captive.install(app, parts)
    security.install(app, parts)
    app.before_request(practice.look)
    app.teardown_appcontext(practice.close_store)
    app.before_request(check_access)
    app.before_request(at_work.note)
    error_pages.install(app)
    for blueprint in ALL:
        app.register_blueprint(blueprint)
    app.context_processor(_for_every_page)
    app.jinja_env.globals.update(
        asset_url=asset_url,
        day_of=day_of,
        face_questions=face_questions,
        plain_status=plain,
        whose=whose,
        day_said=day_said,
        hours_words=hours_words,
        next_words=next_words,
        span_said=span_said,
        time_said=time_said,
        weekday_said=weekday_said,
        new_key=new_key,
        notice_words=wording.of_notice,
        on_phone=on_phone,
        practice_banner=practice.banner,
        is_read_aloud=has_button,
        needs_ears=needs_ears,
        printer_words=wording.of_printer,
    )
    return app


def _for_every_page() -> dict[str, Any]:
    return {
        "house": parts().house,
        "language": i18n.chosen(),
        "size": chosen_size(),
        "here": request.full_path.rstrip("?"),
        "now_in_house": now_in_house,
        "volunteer": _volunteer_if_known,
    }


def day_of(at_text: str) -> str:
    """The day of a moment, by local time, in words."""
    return day_said(parse_utc(at_text).astimezone(ZoneInfo(zone())).date())


def now_in_house() -> dict[str, Any]:
    """The public snapshot of this moment, for a page: fresh, not the last one sent out.

    When the table cannot be read, the page that says so must still come: the last one known.
    """
    try:
        return snapshot(parts(), store(), now())
    except (StoreError, sqlite3.Error):
        newest = site().hub.newest()
        return newest.body if newest else NOTHING_KNOWN


def _volunteer_if_known() -> Row | None:
    try:
        return current_volunteer()
    except (StoreError, sqlite3.Error):
        return None

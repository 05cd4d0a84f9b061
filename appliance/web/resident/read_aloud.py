"""This file reads a resident's screen aloud: the page's own words, and nothing else."""

from __future__ import annotations

import io

from flask import Blueprint, Response, current_app, make_response, render_template, request
from flask import send_file as send
from werkzeug.exceptions import HTTPException
from werkzeug.routing import RequestRedirect

from appliance.errors import NotFound
from appliance.web import forms, i18n
from appliance.web.current import parts
from appliance.web.door.access import open_to_all, who_may_open
from appliance.web.resident.page_text import text_of
from appliance.web.resident.speech import Speech

read_aloud = Blueprint("read_aloud", __name__)

READABLE = frozenset(
    (
        "start.page", "tickets.page", "tickets.key_page", "help_calls.page", "follow.page",
        "guide.page", "guide.case", "guide.for_service", "voice.page", "voice.thanks",
        "appointments.page", "appointments.choose", "appointments.choose_day",
        "appointments.choose_time", "postings.page", "lessons.page", "lessons.one",
    )
)  # fmt: skip
"""The resident's screens. A page that is not here has no button and is never read."""


@read_aloud.get("/read")
@open_to_all
def page() -> Response:
    """For browsers without scripts: the sound, to be started by hand, and the way back."""
    back = _asked()
    text = text_of_page(back)
    there = speech().is_there() and bool(text)
    return make_response(render_template("read.html", back=back, there=there, ears=needs_ears()))


@read_aloud.get("/read.txt")
@open_to_all
def words() -> Response:
    """The words alone, for a browser that has a Vietnamese voice of its own."""
    return Response(text_of_page(_asked()), mimetype="text/plain; charset=utf-8")


@read_aloud.get("/read.wav")
@open_to_all
def sound() -> Response:
    """The same, spoken by the box. In memory only; in no log, as the path alone is there."""
    text = text_of_page(_asked())
    if not text:
        raise NotFound("nothing to read here", code="nothing_to_read")
    voice = "en" if i18n.chosen() == "en" else parts().config["web.voice"]
    wav = speech().wav(text, voice)
    return send(io.BytesIO(wav), mimetype="audio/wav", conditional=True, max_age=0)


def text_of_page(path: str) -> str:
    """What this browser would see at `path`, as text; empty for a page that leads elsewhere.

    Raises NotFound (not_readable) for anything but the resident's own screens.
    """
    if not is_on() or not is_readable(path):
        raise NotFound("this page is not read aloud", code="not_readable")
    cookies = request.headers.get("Cookie", "")
    with current_app.test_request_context(
        path, base_url=request.host_url, headers={"Cookie": cookies}
    ):
        response = current_app.full_dispatch_request()
        if response.status_code >= 500 or response.mimetype != "text/html":
            return ""
        return text_of(response.get_data(as_text=True))


def is_readable(path: str) -> bool:
    """True when the path is one of the resident's screens, open to everybody."""
    adapter = current_app.create_url_adapter(request)
    assert adapter is not None
    try:
        endpoint, _values = adapter.match(path.split("?")[0], method="GET")
    except (HTTPException, RequestRedirect):
        return False
    return endpoint in READABLE and who_may_open(current_app.view_functions[endpoint]) == "all"


def is_on() -> bool:
    return str(parts().config["web.read_aloud"]) != "off"


def needs_ears() -> bool:
    """By default a screen is read into headphones only: the room hears what belongs to one."""
    return str(parts().config["web.read_aloud"]) == "headphones"


def has_button() -> bool:
    """Whether the page of this request has the button."""
    return is_on() and request.endpoint in READABLE


def speech() -> Speech:
    found = current_app.extensions.setdefault("hien_speech", Speech())
    assert isinstance(found, Speech)
    return found


def _asked() -> str:
    return forms.own_path(request.args.get("of"))

"""This file takes a page that a telephone photographed: judged and sealed as any other."""

from __future__ import annotations

import time
from collections.abc import Callable

from flask import Blueprint, make_response, request, url_for
from werkzeug.wrappers import Response

from appliance.errors import BadInput, NotFound
from appliance.paper.scan.photo import BadPhoto
from appliance.paper.scan.strip import strip
from appliance.service import capture, phones
from appliance.store import visits as kept
from appliance.web import forms
from appliance.web.current import SESSION_COOKIE, now, parts, store, wants_json
from appliance.web.door.access import volunteers_only
from appliance.web.visit.next_day import catalogue_of
from appliance.web.visit.visits import acted, shown, visit_or_404
from appliance.web.words.page import why_no_picture

phone_camera = Blueprint("phone_camera", __name__)

MOST_MIB = 20
"""A telephone's 50 megapixels make about 15 MiB; what is larger is no page."""
LEFT_BEHIND_S = 10 * 60


@phone_camera.post("/visits/<visit_id>/papers/<paper_id>/picture")
@volunteers_only
def of_paper(visit_id: str, paper_id: str) -> Response:
    """Multipart fields photo (a JPEG) and key. The same key is the same page."""
    return _taken(
        visit_id,
        lambda key: capture.ask_page(
            store(), now(), key=key, visit_id=visit_id, paper_id=paper_id, kind="upload",
            catalogue=catalogue_of(visit_or_404(visit_id)),
        ),
    )  # fmt: skip


@phone_camera.post("/visits/<visit_id>/pages/<page_id>/picture")
@volunteers_only
def of_page(visit_id: str, page_id: str) -> Response:
    """A better picture of a page, which stays until the new one has become a page."""

    def ask(key: str) -> int:
        row = kept.page(store(), page_id)
        if row is None or row["visit_id"] != visit_id or row["state"] != "kept":
            raise NotFound("this page is not known", code="unknown_page")
        return capture.ask_again(store(), now(), key=key, page_id=page_id, kind="upload")

    return _taken(visit_id, ask)


def _why(code: str) -> str:
    """The camera's words fit, but for two that would speak of another machine."""
    return why_no_picture(f"sent_{code}" if code in ("damaged", "not_an_image") else code)


def on_phone() -> bool:
    """Whether this browser is a telephone that has joined: only there the camera is offered."""
    return phones.is_on_phone(store(), request.cookies.get(SESSION_COOKIE, ""))


def _taken(visit_id: str, ask: Callable[[str], int]) -> Response:
    most = min(MOST_MIB, parts().config["web.max_body_mib"]) * 2**20
    request.max_content_length = most
    request.max_form_parts = 10
    visit = visit_or_404(visit_id)
    key, ram = forms.key(), parts().ram
    sent = request.files.get("photo")
    try:
        if sent is None:
            raise BadPhoto("empty")
        # Where and when it was taken is gone before anything else of it is looked at.
        photo = strip(sent.stream.read(most))
    except BadPhoto as e:
        if wants_json():
            raise
        return make_response(shown(visit, _why(e.code)), 400)

    def act() -> dict[str, int]:
        ram.drop_uploads_before(time.time() - LEFT_BEHIND_S)
        ram.put_upload(key, photo)  # before it is asked for: the other room may be quick
        try:
            return {"capture": ask(key)}
        except BaseException:
            ram.drop_upload(key)
            raise

    try:
        return acted(visit_id, act, to=url_for("visits.page", visit_id=visit_id))
    except BadInput as e:
        if wants_json():
            raise
        return make_response(shown(visit_or_404(visit_id), _why(e.code)), 400)

"""This file shows what the camera sees and what it took: live picture, pages, their order."""

from __future__ import annotations

import io
import json
import time
from typing import Any

from flask import Blueprint, Response, render_template
from flask import request as flask_request
from werkzeug.wrappers import Response as AnyResponse

from appliance.errors import BadInput, NotFound
from appliance.service import capture, page_changes
from appliance.store import visits as kept
from appliance.store.database import Row
from appliance.web import forms
from appliance.web.current import now, parts, store, volunteer
from appliance.web.desk.done import key_of
from appliance.web.door.access import volunteers_only
from appliance.web.notices import room_word
from appliance.web.visit.visits import acted, back_anchor, visit_or_404
from appliance.web.words.page import judged

pages = Blueprint("pages", __name__)

# The camera begins to send when somebody looks: the first frame takes a moment.
FIRST_FRAME_S = 1.5
FRAME_EVERY_S = 0.05
# Somebody looking at an older frame would photograph what is not there any more.
STALE_S = 3.0
SMALL_LONG_PX = 480


@pages.get("/preview.jpg")
@volunteers_only
def preview() -> Response:
    """The newest live frame; 204 when the camera sends none. `?after=` names the frame the screen
    has (X-Frame-At-Ms): the answer waits a little for another one, then is 304. What to do under
    the camera comes with each answer (X-Hint, see devices.hints); another hint than the one
    named by `?hint=` (its code, sheet and visits, by dots) ends the waiting too."""
    ram = parts().ram
    ram.want_preview()
    after, hinted = flask_request.args.get("after", ""), flask_request.args.get("hint")
    end_s = time.monotonic() + FIRST_FRAME_S
    while True:
        frame, hint = ram.preview(), ram.hint()
        headers = {"X-Hint": json.dumps(hint)}
        live = frame is not None and _is_live(frame[1])
        if frame is not None and live:
            at_ms = str(int(frame[1] * 1000))
            if at_ms != after:
                return jpeg_answer(frame[0], {"X-Frame-At-Ms": at_ms, **headers})
        news = hinted is not None and hinted != _mark(hint)
        if time.monotonic() > end_s or (live and news):
            # Nothing new is no error: the screen says what it means, and asks again.
            headers["Cache-Control"] = "no-store"
            return Response(status=304 if live else 204, headers=headers)
        time.sleep(FRAME_EVERY_S)


def _mark(hint: dict[str, Any]) -> str:
    return ".".join((hint.get("code", ""), hint.get("sheet", ""), *hint.get("taken_in", ())))


def _is_live(at_s: float) -> bool:
    """A frame is live while it is young; also when old (nothing moves in a drawn scene), as long
    as the devices room is there to take it away. It does so when the camera stops."""
    if time.time() - at_s < STALE_S:
        return True
    return room_word(parts(), "devices", now()) == "ok"


@pages.get("/visits/<visit_id>/pages/<page_id>.jpg")
@volunteers_only
def picture(visit_id: str, page_id: str) -> Response:
    return jpeg_answer(_pixels(visit_id, page_id))


@pages.get("/visits/<visit_id>/pages/<page_id>/small.jpg")
@volunteers_only
def small(visit_id: str, page_id: str) -> Response:
    """The page for the list, at most SMALL_LONG_PX on its long side."""
    from PIL import Image

    with Image.open(io.BytesIO(_pixels(visit_id, page_id)), formats=("JPEG",)) as image:
        image.draft(image.mode, (SMALL_LONG_PX, SMALL_LONG_PX))
        image.thumbnail((SMALL_LONG_PX, SMALL_LONG_PX))
        out = io.BytesIO()
        image.save(out, "JPEG", quality=80)
    return jpeg_answer(out.getvalue())


@pages.get("/visits/<visit_id>/pages/<page_id>")
@volunteers_only
def page(visit_id: str, page_id: str) -> str:
    """One page as large as the screen is wide."""
    visit = visit_or_404(visit_id)
    row = page_of(visit_id, page_id)
    ids = [one["id"] for one in kept.pages(store(), visit_id)]
    at = ids.index(page_id)
    return render_template(
        "page.html",
        visit=visit,
        page=row,
        page_at={"id": page_id, "position": at + 1},
        words=judged(row["checks"]),
        position=at + 1,
        count=len(ids),
        before=ids[at - 1] if at else None,
        behind=ids[at + 1] if at + 1 < len(ids) else None,
        in_ram=parts().ram.page_path(visit_id, page_id).exists(),
        key=lambda what: key_of(what, volunteer()["id"], page_id),
    )


@pages.post("/visits/<visit_id>/pages/<page_id>/again")
@volunteers_only
def again(visit_id: str, page_id: str) -> AnyResponse:
    forms.small_form()
    page_of(visit_id, page_id)
    return acted(
        visit_id,
        lambda: {
            "capture": capture.ask_again(
                store(), now(), key=forms.key(), page_id=page_id, sheet=forms.sheet()
            )
        },
    )


@pages.post("/visits/<visit_id>/pages/<page_id>/remove")
@volunteers_only
def remove(visit_id: str, page_id: str) -> AnyResponse:
    """Taking out a page twice is taking it out once."""
    forms.small_form()
    page_of(visit_id, page_id, removed=True)
    return acted(
        visit_id,
        lambda: {"removed": capture.remove_page(store(), parts().ram, page_id)["id"]},
        anchor=back_anchor(),
    )


@pages.post("/visits/<visit_id>/pages/<page_id>/keep")
@volunteers_only
def keep(visit_id: str, page_id: str) -> AnyResponse:
    forms.small_form()
    page_of(visit_id, page_id)
    return acted(visit_id, lambda: capture.keep_anyway(store(), page_id), anchor=back_anchor())


@pages.post("/visits/<visit_id>/pages/<page_id>/move")
@volunteers_only
def move(visit_id: str, page_id: str) -> AnyResponse:
    """`by` is "up" (towards the first page) or "down"; `place` where the page stood (from 1) on
    the screen: a double tap, or a list that has changed since, moves nothing."""
    forms.small_form()
    page_of(visit_id, page_id)
    by = {"up": -1, "down": 1}.get(forms.text("by", most=8))
    if by is None:
        raise BadInput("by: up or down", code="bad_move")
    place = forms.whole("place", least=1, most=999)

    def act() -> None:
        ids = [one["id"] for one in kept.pages(store(), visit_id)]
        if ids.index(page_id) + 1 == place:
            page_changes.move_page(store(), page_id, by)

    return acted(visit_id, act, anchor=back_anchor())


def page_of(visit_id: str, page_id: str, *, removed: bool = False) -> Row:
    """The page, when it belongs to this visit (and is kept); else NotFound."""
    row = kept.page(store(), page_id)
    states = ("kept", "removed") if removed else ("kept",)
    if row is None or row["visit_id"] != visit_id or row["state"] not in states:
        raise NotFound("this page is not known", code="unknown_page")
    return {**row, "checks": json.loads(row["checks"])}


def _pixels(visit_id: str, page_id: str) -> bytes:
    page_of(visit_id, page_id)
    jpeg = parts().ram.page(visit_id, page_id)
    if jpeg is None:
        raise NotFound("this page is sealed; the slip opens it", code="page_locked")
    return jpeg


def jpeg_answer(data: bytes, headers: dict[str, str] | None = None) -> Response:
    return Response(
        data, mimetype="image/jpeg", headers={"Cache-Control": "no-store", **(headers or {})}
    )

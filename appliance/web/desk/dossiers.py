"""This file is the desk's list of what is not over yet, and one dossier's page."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flask import Blueprint, make_response, render_template, url_for
from werkzeug.wrappers import Response

from appliance.core.day_time import read_day
from appliance.core.dossier import OVER
from appliance.errors import BadInput, HienError
from appliance.service import appointments, proof_watch
from appliance.service import dossiers as service
from appliance.store import dossiers as kept
from appliance.store import from_ward
from appliance.store.database import Row
from appliance.web import forms
from appliance.web.current import now, parts, store, volunteer, zone
from appliance.web.desk.view import service_of
from appliance.web.desk.ward_side import STATES
from appliance.web.door.access import volunteers_only
from appliance.web.same_page import done_or_told
from appliance.web.visit.code_boxes import Boxes, boxes_of, day_of_code, sent_boxes, to_read_back
from appliance.web.words.dossier import PORTAL, left_words, plain, trouble, whose

dossiers = Blueprint("dossiers", __name__)


@dossiers.get("/desk/dossiers")
@volunteers_only
def page() -> str:
    return render_template("dossiers.html", rows=[dressed(r) for r in kept.open_ones(store())])


@dossiers.get("/desk/dossiers/<visit_id>")
@volunteers_only
def one(visit_id: str) -> Response:
    return shown(visit_id)


@dossiers.post("/desk/dossiers/<visit_id>/status")
@volunteers_only
def set_status(visit_id: str) -> Response:
    forms.small_form()
    return done(
        visit_id,
        lambda: service.set_status(
            store(), now(), visit_id, forms.whole("status", least=1, most=10)
        ),
    )


@dossiers.post("/desk/dossiers/<visit_id>/code")
@volunteers_only
def set_code(visit_id: str) -> Response:
    """Fields dossier_code, code_day, code_number as in code_boxes, or `code` in one."""
    forms.small_form()
    boxes = sent_boxes()
    text = boxes.text or forms.text("code", most=60)
    try:
        read_back = to_read_back(text)
    except BadInput:
        read_back = ""  # said below, where the code is refused
    if read_back:
        return shown(visit_id, boxes=boxes, read_back=read_back)
    return done(visit_id, lambda: service.set_code(store(), now(), visit_id, text), boxes=boxes)


@dossiers.post("/desk/dossiers/<visit_id>/papers")
@volunteers_only
def add_papers(visit_id: str) -> Response:
    """The resident is here with what was missing: a visit opens at once."""
    forms.small_form()
    made: dict[str, Row] = {}

    def act() -> None:
        made["visit"] = service.add_papers(
            store(), parts().ram, now(), visit_id, key=forms.key(), volunteer=volunteer(),
            catalogue=parts().catalogue, zone=zone(),
        )  # fmt: skip

    return done(visit_id, act, to=lambda: url_for("visits.page", visit_id=made["visit"]["id"]))


@dossiers.post("/desk/dossiers/<visit_id>/result-slip")
@volunteers_only
def result_slip(visit_id: str) -> Response:
    forms.small_form()

    def act() -> None:
        row = dressed(service.get(store(), visit_id))
        service.print_result_slip(
            store(), now(), visit_id, key=forms.key(), bring=row["bring"],
            what=row["service"].name if row["service"] else "Hồ sơ",
            where=forms.text("where", most=60), when=forms.text("when", most=60),
        )  # fmt: skip

    return done(visit_id, act)


@dossiers.post("/desk/dossiers/<visit_id>/hand-over")
@volunteers_only
def hand_over(visit_id: str) -> Response:
    """An appointment to hand the certificate over here; `parties` 2 when both must come."""
    forms.small_form()

    def act() -> None:
        row = dressed(service.get(store(), visit_id))
        appointments.book(
            store(), now(), key=forms.key(), service_id=row["service_id"],
            day=read_day(forms.text("day", most=20)),
            from_min=forms.whole("from_min", least=0, most=1439), channel="desk",
            catalogue=parts().catalogue, zone=zone(), kind="hand_over",
            parties=forms.whole("parties", least=1, most=2), visit_id=visit_id, bring=row["bring"],
        )  # fmt: skip

    return done(visit_id, act, to=lambda: url_for("appointments.at_desk"))


@dossiers.post("/desk/dossiers/<visit_id>/draft")
@volunteers_only
def draft(visit_id: str) -> Response:
    """A draft has come back: the watch begins."""
    forms.small_form()
    return done(visit_id, lambda: proof_watch.begin(store(), now(), visit_id))


@dossiers.post("/desk/dossiers/<visit_id>/draft/<int:watch_id>")
@volunteers_only
def draft_read(visit_id: str, watch_id: int) -> Response:
    """`answer`: confirmed, wrong or withdrawn."""
    forms.small_form()
    return done(
        visit_id,
        lambda: proof_watch.end(store(), now(), watch_id, forms.text("answer", most=12)),
    )


def done(
    visit_id: str,
    act: Callable[[], object],
    to: Callable[[], str] | None = None,
    boxes: Boxes | None = None,
) -> Response:
    """Then `to`, or this dossier again; what stands in the way is told on its page."""
    return done_or_told(
        act,
        to or (lambda: url_for("dossiers.one", visit_id=visit_id)),
        lambda e, status: shown(visit_id, e, status, boxes),
    )


def shown(
    visit_id: str,
    error: HienError | None = None,
    status: int = 200,
    boxes: Boxes | None = None,
    read_back: str = "",
) -> Response:
    row = dressed(service.get(store(), visit_id))
    today = now().local(zone()).date()
    page = render_template(
        "dossier.html",
        one=row,
        portal=PORTAL,
        plain=plain,
        changes=kept.changes(store(), visit_id),
        over=row["status"] in OVER,
        ward_word=from_ward.newest_word(store(), visit_id),
        ward_states=STATES,
        today=today,
        boxes=boxes or boxes_of(row["dossier_code"] or ""),
        read_back=read_back,
        day_of_code=day_of_code,
        trouble=trouble(error.code) if error else "",
    )
    return make_response(page, status)


def dressed(row: Row) -> dict[str, Any]:
    """With its service, whose turn it is, which originals to bring, how long a draft has."""
    found = service_of(row, parts().catalogue)
    photographed = kept.originals(store(), row["visit_id"])
    names = {p.id: p for p in (found.papers if found else ())}
    passed = (
        proof_watch.passed_s(
            {"epoch": row["watch_epoch"], "mono_ms": row["watch_mono_ms"],
             "began_at": row["watch_began_at"]},
            now(),
        )
        if row["watch_id"]
        else 0
    )  # fmt: skip
    who, words = whose(row["status"])
    return {
        **row,
        "service": found,
        "who": who,
        "turn": words,
        "plain": plain(row["status"]),
        "bring": [names[p].name for p in photographed if p in names],
        "left": left_words(row["watch_ends_at"], now()) if row["watch_id"] else "",
        "pressing": _pressing(passed),
    }


def _pressing(passed_s: float) -> str:
    from appliance.core.proof_watch import level_pct

    level = level_pct(passed_s)
    return "trouble" if level >= 80 else "care" if level >= 50 else ""

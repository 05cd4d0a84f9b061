"""This file hands the papers over: the PDF for the portal, a one-time link for a telephone."""

from __future__ import annotations

from flask import (
    Blueprint,
    Response,
    current_app,
    make_response,
    render_template,
    url_for,
)
from werkzeug.wrappers import Response as AnyResponse

from appliance.core.moment import parse_utc
from appliance.errors import Conflict
from appliance.store import visits as kept
from appliance.store.database import Row
from appliance.web import forms
from appliance.web.current import now, parts, store, wants_json
from appliance.web.door.access import open_to_all, volunteers_only
from appliance.web.link_code import code_picture, for_others
from appliance.web.visit.links import LINK_S, Link, Links
from appliance.web.visit.visits import acted, shown, visit_or_404
from appliance.web.words.desk import visit_trouble

handover = Blueprint("handover", __name__)


@handover.get("/visits/<visit_id>/papers.pdf")
@volunteers_only
def papers(visit_id: str) -> AnyResponse:
    visit = visit_or_404(visit_id)
    try:
        return _pdf_answer(visit)
    except Conflict as e:
        if wants_json():
            raise
        return make_response(shown(visit, visit_trouble(e.code)), 409)


@handover.get("/visits/<visit_id>/phone")
@volunteers_only
def phone(visit_id: str) -> str:
    """The code a resident's telephone reads; nothing is made by looking at this page."""
    visit = visit_or_404(visit_id)
    link = links().newest_of(visit_id, now().mono_ms)
    return render_template(
        "phone.html",
        visit=visit,
        link=link,
        left_min=max(1, round((link.ends_mono_ms - now().mono_ms) / 60_000)) if link else 0,
        address=_address(link) if link else "",
        code=code_picture(_address(link)) if link else "",
        pages=len(kept.pages(store(), visit_id)),
    )


@handover.post("/visits/<visit_id>/phone")
@volunteers_only
def make_link(visit_id: str) -> AnyResponse:
    """A new one-time link; the one before it, if any, ends."""
    forms.small_form()

    def act() -> dict[str, str]:
        _pages_in_ram(visit_or_404(visit_id))
        link = links().make(visit_id, now().mono_ms, key=forms.key())
        return {"address": _address(link)}

    return acted(visit_id, act, to=url_for("handover.phone", visit_id=visit_id))


@handover.get("/get/<token>")
@open_to_all
def offer(token: str) -> AnyResponse:
    """What the telephone opens: a button. Looking, also by a link preview, takes nothing."""
    link = links().find(token, now().mono_ms)
    page = render_template("get.html", token=token if link else "", minutes=LINK_S // 60)
    return make_response(page, 200 if link else 404)


@handover.post("/get/<token>")
@open_to_all
def take(token: str) -> AnyResponse:
    forms.small_form()
    link = links().take(token, now().mono_ms)
    visit = kept.get(store(), link.visit_id) if link else None
    try:
        if visit is None:
            raise Conflict("this link is used up or too old", code="link_over")
        return _pdf_answer(visit)
    except Conflict:
        return make_response(render_template("get.html", token="", minutes=LINK_S // 60), 404)


def links() -> Links:
    """This process's links: in memory only, gone with a restart."""
    found = current_app.extensions.setdefault("hien_links", Links())
    assert isinstance(found, Links)
    return found


def _pdf_answer(visit: Row) -> Response:
    from appliance.paper.pdf.pdf import make_pdf

    pages = _pages_in_ram(visit)
    newest = max(row["taken_at"] for row, _jpeg in pages)
    data = make_pdf(
        [jpeg for _row, jpeg in pages],
        title=f"Hồ sơ số {visit['number']}, ngày {visit['day_on']}",
        made_at=parse_utc(newest),
    )
    name = f"ho-so-so-{visit['number']}.pdf"
    return Response(
        data,
        mimetype="application/pdf",
        headers={
            "Cache-Control": "no-store",
            "Content-Disposition": f'attachment; filename="{name}"',
        },
    )


def _pages_in_ram(visit: Row) -> list[tuple[Row, bytes]]:
    """Every page of the visit in order. Raises Conflict (no_pages, pages_locked, visit_closed):
    a PDF with a page missing would be handed in as if it were whole."""
    if visit["state"] == "closed":
        raise Conflict("this visit is finished", code="visit_closed")
    rows = kept.pages(store(), visit["id"])
    if not rows:
        raise Conflict("there is no page yet", code="no_pages")
    found = [(row, parts().ram.page(visit["id"], row["id"])) for row in rows]
    whole = [(row, jpeg) for row, jpeg in found if jpeg is not None]
    if len(whole) < len(found):
        raise Conflict("some pages are sealed; the slip opens them", code="pages_locked")
    return whole


def _address(link: Link) -> str:
    return for_others(url_for("handover.offer", token=link.token))

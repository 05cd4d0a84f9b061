"""This file is the guide for everybody: find what you need, a few questions, then the papers."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Response, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from appliance.core.case_words import say_case
from appliance.core.checklist import long_answers
from appliance.core.leaflet import leaflet as leaflet_of
from appliance.errors import NotFound
from appliance.service import checklists
from appliance.web import forms, i18n
from appliance.web.current import now, parts, store, zone
from appliance.web.door.access import open_to_all
from appliance.web.resident.guide_view import (
    case_page,
    found,
    guide_now,
    of_service,
    read_case,
    service_for,
    slip_state,
)

guide = Blueprint("guide", __name__)

MOST_QUERY = 80


@guide.get("/guide")
@open_to_all
def page() -> str:
    """`q` what was typed; without it, the life events and all procedures by group."""
    book = guide_now()
    typed = request.args.get("q", "")[:MOST_QUERY]
    return render_template(
        "guide.html",
        guide=book,
        typed=typed,
        hits=found(book, typed) if typed.strip() else None,
        service_for=lambda target: service_for(target, book, parts().catalogue),
    )


@guide.get("/guide/for/<service_id>")
@open_to_all
def for_service(service_id: str) -> AnyResponse | str:
    """What one of the services of the start screen leads to: straight on when it is one thing."""
    book = guide_now()
    service = next((s for s in parts().catalogue.services if s.id == service_id), None)
    if service is None:
        raise NotFound("no such service", code="unknown_service")
    hits = of_service(book, service)
    if len(hits) == 1 and not hits[0].assist:
        one = hits[0].event or hits[0].procedure
        assert one is not None
        return redirect(url_for("guide.case", target=one.id), code=303)
    return render_template(
        "guide.html",
        guide=book,
        typed="",
        hits=hits or None,
        service=service,
        service_for=lambda target: service_for(target, book, parts().catalogue),
    )


@guide.get("/guide/<target>")
@open_to_all
def case(target: str) -> AnyResponse | str:
    """The questions of a life event or procedure; once they are answered, exactly the papers.

    Answers are the address's own fields (question=answer); `have` the papers ticked; `change`
    shows the questions again. `a` is the short form on slips, one digit for each answer.
    """
    book = guide_now()
    if "a" in request.args:
        answers = long_answers(book, target, request.args["a"])
        return redirect(url_for("guide.case", target=target, **dict[str, Any](answers)), code=303)
    asked = read_case(book, target, request.args, request.args.getlist("have"))
    return render_template(
        "guide_case.html",
        **case_page(book, asked),
        change="change" in request.args,
        sent=bool(request.args),
        job=slip_state(request.args.get("printed", "")),
    )


@guide.post("/guide/<target>/slip")
@open_to_all
def print_slip(target: str) -> AnyResponse:
    """Print the checklist; the same `key` is the same slip."""
    forms.small_form()
    book, have = guide_now(), forms.ticked("have", most=60)
    asked = read_case(book, target, request.form, have)
    job_id = checklists.ask_slip(
        store(), now(), book, asked, key=forms.key(), on=now().local(zone()).date()
    )
    fields: dict[str, Any] = {**asked.answers, "have": have, "printed": job_id}
    back = url_for("guide.case", target=asked.id, **fields)
    return redirect(f"{back}#slip", code=303)


@guide.get("/guide/<target>/leaflet.pdf")
@open_to_all
def leaflet(target: str) -> Response:
    """The same as a leaflet on A4, in the language of the screen."""
    from appliance.paper.pdf.leaflet import draw_leaflet

    book = guide_now()
    asked = read_case(book, target, request.args, request.args.getlist("have"))
    if asked.open:
        raise NotFound("answer the questions first", code="open_questions")
    today, language = now().local(zone()).date(), i18n.chosen()
    content = leaflet_of(
        say_case(asked, book, today, language),
        language,
        house_name=parts().house.name,
        phone=parts().house.phone,
        today=today,
    )
    return Response(
        draw_leaflet(content, made_at=now().at),
        mimetype="application/pdf",
        headers={
            "Content-Disposition": f'inline; filename="giay-can-mang-{asked.id}.pdf"',
            "Cache-Control": "no-store",
        },
    )

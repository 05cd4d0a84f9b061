"""This file teaches: a lesson card by card, all of it to re-read, on paper, on one's own phone."""

from __future__ import annotations

import tomllib
from functools import lru_cache
from importlib.resources import files

from flask import Blueprint, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from appliance.core.lesson import Lessons, parse
from appliance.core.lesson_leaflet import lesson_leaflet
from appliance.service import lessons as service
from appliance.store import print_jobs
from appliance.store.database import Row
from appliance.web import forms, i18n
from appliance.web.current import now, parts, store, zone
from appliance.web.door.access import open_to_all
from appliance.web.link_code import code_picture, for_others

lessons = Blueprint("lessons", __name__)

FILE = "skills.toml"


@lessons.get("/learn")
@open_to_all
def page() -> str:
    return render_template("lessons.html", lessons=all_lessons().lessons)


@lessons.get("/learn/<lesson_id>")
@open_to_all
def one(lesson_id: str) -> str:
    """`card` 1, 2, … shows one card; without it, the whole lesson. `printed`, `learned` say what
    was just done."""
    lesson = all_lessons().get(lesson_id)
    typed = request.args.get("card", "")
    card = int(typed) if typed.isascii() and typed.isdigit() and len(typed) < 3 else 0
    return render_template(
        "lesson.html",
        lesson=lesson,
        at=card if 1 <= card <= len(lesson.cards) else 0,
        job=_slip(request.args.get("printed", "")),
        learned="learned" in request.args,
        printer=not parts().config["devices.printer"].startswith("none:"),
    )


@lessons.get("/learn/<lesson_id>/phone")
@open_to_all
def on_phone(lesson_id: str) -> str:
    """The code that opens this lesson on the resident's own telephone, in the same Wi-Fi."""
    lesson = all_lessons().get(lesson_id)
    address = for_others(url_for("lessons.one", lesson_id=lesson.id))
    return render_template(
        "lesson_phone.html", lesson=lesson, address=address, code=code_picture(address)
    )


@lessons.get("/learn/<lesson_id>/leaflet.pdf")
@open_to_all
def leaflet(lesson_id: str) -> Response:
    """All cards on A4, in the language of the screen."""
    from appliance.paper.pdf.leaflet import draw_leaflet

    lesson = all_lessons().get(lesson_id)
    content = lesson_leaflet(
        lesson,
        i18n.chosen(),
        house_name=parts().house.name,
        phone=parts().house.phone,
        today=now().local(zone()).date(),
    )
    return Response(
        draw_leaflet(content, made_at=now().at),
        mimetype="application/pdf",
        headers={
            "Content-Disposition": f'inline; filename="{lesson.id}.pdf"',
            "Cache-Control": "no-store",
        },
    )


@lessons.post("/learn/<lesson_id>/slip")
@open_to_all
def print_slip(lesson_id: str) -> Response:
    """Field key: the same key is the same slip."""
    forms.small_form()
    job_id = service.ask_slip(store(), now(), all_lessons().get(lesson_id), key=forms.key())
    return redirect(
        url_for("lessons.one", lesson_id=lesson_id, printed=job_id, _anchor="slip"), code=303
    )


@lessons.post("/learn/<lesson_id>/alone")
@open_to_all
def alone(lesson_id: str) -> Response:
    """Field key. One more who will do it alone next time; nobody knows who."""
    forms.small_form()
    lesson = all_lessons().get(lesson_id)
    service.alone_next_time(store(), now(), lesson, key=forms.key(), zone=zone())
    return redirect(
        url_for("lessons.one", lesson_id=lesson_id, learned=1, _anchor="learned"), code=303
    )


@lru_cache(maxsize=1)
def all_lessons() -> Lessons:
    """The built-in lessons, read when first asked for."""
    path = files("appliance") / "data" / "lessons" / FILE
    return parse(tomllib.loads(path.read_text(encoding="utf-8")), FILE)


def _slip(typed: str) -> Row | None:
    if not typed.isascii() or not typed.isdigit() or len(typed) > 9:
        return None
    job = print_jobs.get(store(), int(typed))
    return job if job and job["kind"] == service.KIND else None

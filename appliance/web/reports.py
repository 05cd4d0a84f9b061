"""This file is the month's report at the desk: counts by service on screen, and as CSV."""

from __future__ import annotations

import csv
import io
from collections import Counter
from datetime import date
from typing import Any

from flask import Blueprint, Response, redirect, render_template, url_for
from werkzeug.wrappers import Response as AnyResponse

from appliance.core.duty_sheet import month_before, next_month
from appliance.core.month_report import TICKS, Line, add_up, share_pct, total
from appliance.core.voice import NOT_DONE as REASON_IDS
from appliance.core.voice import QUESTIONS
from appliance.service.ward_figures import MOST, set_figures
from appliance.store import reports as kept
from appliance.web import forms
from appliance.web.access import volunteers_only
from appliance.web.current import now, parts, store
from appliance.web.day_said import length_said
from appliance.web.desk_words import DONE, NOT_DONE
from appliance.web.duty_month import asked_month, csv_file, month_bounds, served
from appliance.web.voice import FACE_QUESTIONS, HOURS_WISHES, TOPICS

reports = Blueprint("reports", __name__)


@reports.get("/desk/report")
@volunteers_only
def page() -> str:
    first = asked_month()
    lines = month_lines(first)
    whole = total(lines)
    people = served(first)
    from_at, to_at = month_bounds(first)
    figures = kept.ward_figures(store(), first.isoformat()) or {"ward_total": 0, "from_home": 0}
    return render_template(
        "report.html",
        first=first,
        before=month_before(first),
        behind=next_month(first),
        lines=[(service_named(line.service_id), line) for line in lines],
        whole=whole,
        most=max((line.visits for line in lines), default=0),
        done_words=DONE,
        reasons=NOT_DONE,
        questions=FACE_QUESTIONS,
        votes=[(vote_named(row), row["n"]) for row in kept.votes(store(), from_at, to_at)],
        remarks=[(TOPICS[r["topic"]], r["n"]) for r in kept.remarks(store(), from_at, to_at)],
        hours=length_said(sum(one.minutes for one in people)),
        volunteers=len([one for one in people if one.minutes]),
        figures=figures,
        here_pct=share_pct(whole.dossiers, figures["ward_total"]),
        home_pct=share_pct(figures["from_home"], figures["ward_total"]),
    )


@reports.post("/desk/report")
@volunteers_only
def ward_figures() -> AnyResponse:
    """Fields month, ward_total, from_home: what the ward says of the whole month."""
    forms.small_form()
    from appliance.core.day_time import read_day

    first = read_day(forms.text("month", most=10))
    set_figures(
        store(), now(), first, ward_total=forms.whole("ward_total", least=0, most=MOST),
        from_home=forms.whole("from_home", least=0, most=MOST),
    )  # fmt: skip
    return redirect(url_for("reports.page", month=first.strftime("%Y-%m")), code=303)


@reports.get("/desk/report.csv")
@volunteers_only
def as_csv() -> Response:
    """One line per service and one for all; columns in English, for programs and spreadsheets."""
    first = asked_month()
    lines = month_lines(first)
    out = io.StringIO()
    writer = csv.writer(out)
    faces = [f"{q}_{face}" for q in QUESTIONS for face in (3, 2, 1)]
    reasons = [f"not_done_{reason}" for reason in REASON_IDS]
    head = ["month", "service", "taken", "visits", "dossiers", *TICKS, "waited_min"]
    writer.writerow([*head, *reasons, *faces])
    for line in [*lines, total(lines)]:
        row: list[Any] = [first.strftime("%Y-%m"), line.service_id or "all"]
        row += [line.taken, line.visits, line.dossiers, *(line.ticks[t] for t in TICKS)]
        row += ["" if line.waited_min is None else line.waited_min]
        row += [line.not_done[reason] for reason in REASON_IDS]
        row += [line.faces.get(q, Counter())[face] for q in QUESTIONS for face in (3, 2, 1)]
        writer.writerow(row)
    return csv_file(out.getvalue(), f"hien-{first:%Y-%m}.csv")


def month_lines(first: date) -> list[Line]:
    ends = (first.isoformat(), next_month(first).isoformat())
    return add_up(kept.tickets(store(), *ends), kept.ratings(store(), *ends))


def service_named(service_id: str) -> Any:
    return next((s for s in parts().catalogue.services if s.id == service_id), None)


def vote_named(row: dict[str, Any]) -> Any:
    """A wish in words, or the service that is wished for."""
    if row["kind"] == "hours":
        return HOURS_WISHES.get(row["choice"], row["choice"])
    found = service_named(row["choice"])
    return found.name if found else row["choice"]

"""This file is the month's report at the desk: on screen, as CSV, and as a page to hand on."""

from __future__ import annotations

import csv
import io
from collections import Counter
from dataclasses import dataclass
from datetime import date
from typing import Any

from flask import Blueprint, Response, redirect, render_template, url_for
from flask_babel import lazy_gettext as _l
from werkzeug.wrappers import Response as AnyResponse

from appliance.core.duty_sheet import month_before, next_month
from appliance.core.month_report import TICKS, Line, add_up, by_procedure, total
from appliance.core.report_sheet import report_sheet, shares
from appliance.core.voice import NOT_DONE as REASON_IDS
from appliance.core.voice import QUESTIONS
from appliance.service.ward_figures import MOST, set_figures
from appliance.store import reports as kept
from appliance.store.database import Row
from appliance.store.lessons import learned
from appliance.web import forms, i18n
from appliance.web.current import now, parts, store, zone
from appliance.web.desk.duty_month import asked_month, csv_file, month_bounds, served
from appliance.web.door.access import volunteers_only
from appliance.web.resident.guide_view import guide_now
from appliance.web.resident.lessons import all_lessons
from appliance.web.resident.voice import FACE_QUESTIONS, HOURS_WISHES, TOPICS
from appliance.web.words.day import length_said
from appliance.web.words.desk import DONE, NOT_DONE

reports = Blueprint("reports", __name__)

TREND_MONTHS = 6
SHARE_WORDS = (_l("Nộp tại điểm"), _l("Tự nộp ở nhà"), _l("Nộp nơi khác"))


@reports.get("/desk/report")
@volunteers_only
def page() -> str:
    first = asked_month()
    month = month_of_house(first)
    whole = total(month.lines)
    return render_template(
        "report.html",
        first=first,
        before=month_before(first),
        behind=next_month(first),
        lines=[(service_named(line.service_id), line) for line in month.lines],
        procedures=[(case_named(p), visits, filed) for _s, p, visits, filed in month.procedures],
        whole=whole,
        most=max((line.visits for line in month.lines), default=0),
        trend=[(f"{m.month}/{m.year % 100:02d}", v, d) for m, v, d in month.trend],
        trend_most=max((v for _m, v, _d in month.trend), default=0),
        done_words=DONE,
        reasons=NOT_DONE,
        questions=FACE_QUESTIONS,
        votes=[(vote_named(row), row["n"]) for row in month.votes],
        remarks=[(TOPICS[r["topic"]], r["n"]) for r in month.remarks],
        hours=length_said(month.minutes),
        learned=sum(month.learned.values()),
        volunteers=month.volunteers,
        figures=month.figures,
        share_words=SHARE_WORDS,
        shares=shares(whole.dossiers, month.figures["from_home"], month.figures["ward_total"]),
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
    """One line per service and one for all, then one per procedure people were asked about, which
    are in the lines above already, and one per lesson; columns in English, for programs and
    spreadsheets. `learned` counts those who will do it alone next time."""
    first = asked_month()
    month = month_of_house(first)
    lines = month.lines
    out = io.StringIO()
    writer = csv.writer(out)
    faces = [f"{q}_{face}" for q in QUESTIONS for face in (3, 2, 1)]
    reasons = [f"not_done_{reason}" for reason in REASON_IDS]
    head = ["month", "service", "taken", "visits", "dossiers", *TICKS, "waited_min"]
    writer.writerow([*head, *reasons, *faces, "procedure", "lesson", "learned"])
    alone = sum(month.learned.values())
    for line in [*lines, total(lines)]:
        row: list[Any] = [first.strftime("%Y-%m"), line.service_id or "all"]
        row += [line.taken, line.visits, line.dossiers, *(line.ticks[t] for t in TICKS)]
        row += ["" if line.waited_min is None else line.waited_min]
        row += [line.not_done[reason] for reason in REASON_IDS]
        row += [line.faces.get(q, Counter())[face] for q in QUESTIONS for face in (3, 2, 1)]
        writer.writerow([*row, "", "", "" if line.service_id else alone])
    blank = [""] * (len(TICKS) + 1 + len(reasons) + len(faces))
    for service_id, target, visits, filed in month.procedures:
        writer.writerow([f"{first:%Y-%m}", service_id, "", visits, filed, *blank, target, "", ""])
    for lesson_id, count in month.learned.items():
        writer.writerow([f"{first:%Y-%m}", "", "", "", "", *blank, "", lesson_id, count])
    return csv_file(out.getvalue(), f"hien-{first:%Y-%m}.csv")


@reports.get("/desk/report.pdf")
@volunteers_only
def as_pdf() -> Response:
    """The month on one A4 page in Vietnamese, to hand on."""
    from appliance.paper.pdf.report_sheet import draw_report

    first = asked_month()
    month, at = month_of_house(first), now()
    house = parts().house
    sheet = report_sheet(
        first,
        month.lines,
        {s.id: s.name for s in parts().catalogue.services},
        minutes=month.minutes,
        volunteers=month.volunteers,
        ward_total=month.figures["ward_total"],
        from_home=month.figures["from_home"],
        trend=month.trend,
        remarks={row["topic"]: row["n"] for row in month.remarks},
        votes=[(row["kind"], str(vote_named(row, spoken=False)), row["n"]) for row in month.votes],
        procedures=[(case_named(p, "vi"), v, d) for _s, p, v, d in month.procedures],
        learned=[(lesson_named(lesson, "vi"), n) for lesson, n in month.learned.items()],
        house=", ".join(part for part in (house.name, house.ward) if part),
        made_on=at.local(zone()).date(),
    )
    return Response(
        draw_report(sheet, made_at=at.at),
        mimetype="application/pdf",
        headers={
            "Content-Disposition": f'inline; filename="hien-{first:%Y-%m}.pdf"',
            "Cache-Control": "no-store",
        },
    )


@dataclass(frozen=True)
class Month:
    """All a report shows; `procedures` (service, target, visits, dossiers), `trend` six months;
    `learned` lesson -> how many will do it alone next time."""

    lines: list[Line]
    procedures: list[tuple[str, str, int, int]]
    trend: list[tuple[date, int, int]]
    minutes: int
    volunteers: int
    votes: list[Row]
    remarks: list[Row]
    figures: Row
    learned: dict[str, int]


def month_of_house(first: date) -> Month:
    ends = (first.isoformat(), next_month(first).isoformat())
    rows = kept.tickets(store(), *ends)
    months = [first]
    while len(months) < TREND_MONTHS:
        months.insert(0, month_before(months[0]))
    counted = kept.by_month(store(), months[0].isoformat(), ends[1])
    people = served(first)
    from_at, to_at = month_bounds(first)
    return Month(
        lines=add_up(rows, kept.ratings(store(), *ends)),
        procedures=by_procedure(rows),
        trend=[(m, *counted.get(f"{m:%Y-%m}", (0, 0))) for m in months],
        minutes=sum(one.minutes for one in people),
        volunteers=len([one for one in people if one.minutes]),
        votes=kept.votes(store(), from_at, to_at),
        remarks=kept.remarks(store(), from_at, to_at),
        figures=kept.ward_figures(store(), ends[0]) or {"ward_total": 0, "from_home": 0},
        learned=learned(store(), *ends),
    )


def service_named(service_id: str) -> Any:
    return next((s for s in parts().catalogue.services if s.id == service_id), None)


def case_named(target: str, language: str = "") -> str:
    """A life event or procedure in everyday words; the id where the guide knows it no more."""
    guide = guide_now()
    words = {e.id: e.name for e in guide.events} | {p.id: p.everyday for p in guide.procedures}
    return words[target].say(language or i18n.chosen()) if target in words else target


def lesson_named(lesson_id: str, language: str) -> str:
    """A lesson's name; the id where there is no such lesson any more."""
    known = {lesson.id: lesson.name for lesson in all_lessons().lessons}
    return known[lesson_id].say(language) if lesson_id in known else lesson_id


def vote_named(row: dict[str, Any], spoken: bool = True) -> Any:
    """A wish in words, or the service that is wished for; hours as their code unless `spoken`."""
    if row["kind"] == "hours":
        return HOURS_WISHES.get(row["choice"], row["choice"]) if spoken else row["choice"]
    found = service_named(row["choice"])
    return found.name if found else row["choice"]

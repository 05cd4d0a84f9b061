"""This file is a month of duty: hours and people helped, a sheet to sign, and a CSV."""

from __future__ import annotations

import csv
import io
from datetime import date, datetime, time
from zoneinfo import ZoneInfo

from flask import Blueprint, Response, render_template, request

from appliance.core.duty_sheet import Served, Turn, add_up, month_before, month_of, next_month
from appliance.core.moment import parse_utc, utc_text
from appliance.errors import BadInput, NotFound
from appliance.store import rota, volunteers
from appliance.web.current import now, parts, store, zone
from appliance.web.door.access import volunteers_only
from appliance.web.words.day import length_said

duty_month = Blueprint("duty_month", __name__)


@duty_month.get("/desk/month")
@volunteers_only
def page() -> str:
    """`?month=2026-11`; without it the present one."""
    first = asked_month()
    return render_template(
        "duty_month.html", first=first, before=month_before(first), behind=next_month(first),
        served=served(first), length=length_said,
    )  # fmt: skip


@duty_month.get("/desk/month/<int:volunteer_id>")
@volunteers_only
def sheet(volunteer_id: int) -> str:
    """One volunteer's sheet to sign, made for printing."""
    first = asked_month()
    if volunteers.get(store(), volunteer_id) is None:
        raise NotFound("no such volunteer", code="unknown_volunteer")
    found = next((s for s in served(first) if s.volunteer_id == volunteer_id), None)
    name = next(r["name"] for r in volunteers.active(store()) if r["id"] == volunteer_id)
    return render_template(
        "duty_sheet.html", first=first, one=found or Served(volunteer_id, name, (), 0),
        length=length_said,
    )  # fmt: skip


@duty_month.get("/desk/month.csv")
@volunteers_only
def as_csv() -> Response:
    """One line per time on duty, then one per volunteer; UTF-8 with BOM, for a spreadsheet."""
    first = asked_month()
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(["kind", "volunteer", "day", "from", "to", "minutes", "helped"])
    for one in served(first):
        name = plain_cell(one.name)
        for turn in one.turns:
            began, ended = turn.began.strftime("%H:%M"), turn.ended.strftime("%H:%M")
            writer.writerow(["turn", name, turn.began.date(), began, ended, turn.minutes, ""])
        writer.writerow(["total", name, "", "", "", one.minutes, one.helped])
    return csv_file(out.getvalue(), f"truc-{first:%Y-%m}.csv")


def served(first: date) -> list[Served]:
    """The month that begins on `first`, by local time."""
    from_at, to_at = month_bounds(first)
    here = ZoneInfo(zone())
    turns = [
        (
            row["volunteer_id"],
            row["name"],
            Turn(
                parse_utc(row["began_at"]).astimezone(here),
                parse_utc(row["ended_at"]).astimezone(here),
            ),
        )
        for row in rota.served(store(), from_at, to_at)
    ]
    names = {row["id"]: row["name"] for row in volunteers.active(store())}
    return add_up(turns, rota.helped(store(), from_at, to_at), names)


def asked_month() -> date:
    """The month of `?month=`, by default the present one. Raises BadInput (bad_month)."""
    text = request.args.get("month", "")
    if not text:
        return now().local(parts().house.zone).date().replace(day=1)
    try:
        if len(text) != 7:
            raise ValueError
        return month_of(text)
    except ValueError as e:
        raise BadInput("month: as 2026-11", code="bad_month") from e


def month_bounds(first: date) -> tuple[str, str]:
    """The month as UTC texts [from, to)."""
    here = ZoneInfo(zone())
    ends = (first, next_month(first))
    return tuple(utc_text(datetime.combine(d, time(), here)) for d in ends)  # type: ignore[return-value]


def plain_cell(text: str) -> str:
    """A name that a spreadsheet must not take for a formula."""
    return "'" + text if text[:1] in "=+-@\t" else text


def csv_file(text: str, name: str) -> Response:
    return Response(
        "\ufeff" + text,
        mimetype="text/csv",
        headers={"Content-Disposition": f'attachment; filename="{name}"'},
    )

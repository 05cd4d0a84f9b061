"""This file shows the desk what passes between the house and its ward: what the ward said of
papers sent there, and what could not be sent, to be tried again or let go."""

from __future__ import annotations

import contextlib
from collections.abc import Callable
from datetime import date

from flask import Blueprint, redirect, render_template, url_for
from flask_babel import lazy_gettext as _
from werkzeug.wrappers import Response

from appliance.core.moment import parse_utc
from appliance.errors import Conflict
from appliance.service import set_aside as service
from appliance.store import from_ward, set_aside
from appliance.store.database import Row
from appliance.web import forms
from appliance.web.current import now, parts, store, volunteer
from appliance.web.door.access import volunteers_only

ward_side = Blueprint("ward_side", __name__)

STATES = {
    "received": _("Phường đã nhận"),
    "supplement": _("Phường cần bổ sung"),
    "done": _("Phường đã xong"),
}
REASONS = {
    "too_large": _("Tin dài quá mức gửi được."),
    "damaged": _("Bản niêm phong bị hỏng trên đường."),
    "file_gone": _("Bản niêm phong không còn trên thẻ nhớ."),
    "unreadable": _("Thẻ nhớ không đọc được bản niêm phong."),
    "not_ours": _("Phường không nhận từ nhà này. Báo người trông máy của phường."),
    "another_there": _("Phường đã có bản khác cùng mã."),
    "not_taken": _("Phường không nhận, dù đã gửi nhiều lần."),
}
OTHER = _("Phường không đọc được mục này.")


@ward_side.get("/desk/ward")
@volunteers_only
def page() -> str:
    return render_template(
        "ward_side.html",
        items=[_item(row) for row in set_aside.waiting(store())],
        results=[_result(row) for row in from_ward.results(store())],
    )


@ward_side.post("/desk/ward/<int:item_id>/retry")
@volunteers_only
def retry(item_id: int) -> Response:
    forms.small_form()
    return _decided(lambda: service.retry(store(), now(), item_id, volunteer()["id"]))


@ward_side.post("/desk/ward/<int:item_id>/discard")
@volunteers_only
def discard(item_id: int) -> Response:
    forms.small_form()
    return _decided(lambda: service.discard(store(), now(), item_id, volunteer()["id"]))


def _decided(act: Callable[[], Row]) -> Response:
    with contextlib.suppress(Conflict):  # a second tap, or somebody else: the list shows it
        act()
    return redirect(url_for("ward_side.page"), code=303)


def _item(row: Row) -> Row:
    return {**row, "why": REASONS.get(row["reason"], OTHER), "at": _local(row["made_at"])}


def _result(row: Row) -> Row:
    day_on = row.get("day_on")
    day = f"{date.fromisoformat(day_on):%d/%m/%Y}" if day_on else ""
    said = STATES.get(row["state"], row["state"])
    return {**row, "word": said, "when": _local(row["at"]), "day_on": day}


def _local(at: str) -> str:
    from zoneinfo import ZoneInfo

    moment = parse_utc(at).astimezone(ZoneInfo(parts().house.zone))
    return f"{moment:%H:%M} {moment.day}/{moment.month}"

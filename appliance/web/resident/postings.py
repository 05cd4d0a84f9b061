"""This file is the notice board: read by all, hung by volunteers, with the hours it was shown."""

from __future__ import annotations

import logging
import sqlite3

from flask import Blueprint, make_response, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from werkzeug.wrappers import Response

from appliance.core.moment import parse_utc
from appliance.core.posting import DAYS_MOST, TEXT_MOST, TITLE_MOST, fits_the_wall
from appliance.errors import HienError, NotFound, StoreError
from appliance.service import postings as service
from appliance.store import postings as kept
from appliance.store.database import Row
from appliance.web import forms
from appliance.web.current import now, store, zone
from appliance.web.door.access import open_to_all, volunteers_only
from appliance.web.same_page import done_or_told

postings = Blueprint("postings", __name__)
log = logging.getLogger("hien.web")

_SCREENS = {"wall": _l("bảng gọi số"), "board": _l("bảng niêm yết")}
_TROUBLE = {
    "too_long": _l("Nội dung dài quá: nhiều nhất 2.000 chữ cái. Bạn chia thành nhiều tờ."),
    "too_short": _l("Bạn ghi tên và nội dung thông báo."),
    "too_many_lines": _l("Nhiều nhất 60 dòng. Bạn chia thành nhiều tờ."),
    "bad_text": _l("Có ký tự máy không hiện được. Bạn viết lại."),
    "bad_number": _l("Số ngày làm việc từ 1 đến 60."),
    "too_many_postings": _l("Bảng đã đầy. Gỡ bớt tờ cũ trước."),
}


@postings.get("/notices")
@open_to_all
def page() -> str:
    return render_template("postings.html", rows=kept.up(store()))


@postings.get("/board")
@open_to_all
def board() -> str:
    """For a screen that shows nothing but the notices; each look is written down."""
    rows = kept.up(store())
    written_down([row["id"] for row in rows], "board")
    return render_template("board.html", rows=rows)


@postings.get("/desk/postings")
@volunteers_only
def at_desk() -> Response:
    return shown()


@postings.post("/desk/postings")
@volunteers_only
def put_up() -> Response:
    """Fields title, text, days, key."""
    forms.small_form(4 * forms.SMALL_FORM_BYTES)
    return done_or_told(
        lambda: service.put_up(
            store(), now(), key=forms.key(), title=forms.text("title", most=TITLE_MOST, least=3),
            text=request.form.get("text", ""), zone=zone(),
            working_days=forms.whole("days", least=1, most=DAYS_MOST),
        ),
        "postings.at_desk",
        shown,
    )  # fmt: skip


@postings.post("/desk/postings/<int:posting_id>/down")
@volunteers_only
def take_down(posting_id: int) -> Response:
    forms.small_form()
    service.take_down(store(), now(), posting_id, zone=zone())
    return redirect(url_for("postings.at_desk"), code=303)


@postings.get("/desk/postings/<int:posting_id>/proof")
@volunteers_only
def proof(posting_id: int) -> str:
    """The sheet for the file: when it hung, and each hour a screen showed it."""
    row = kept.get(store(), posting_id)
    if row is None:
        raise NotFound("no such notice", code="unknown_posting")
    from zoneinfo import ZoneInfo

    here = ZoneInfo(zone())
    days: dict[str, list[str]] = {}
    for hour in kept.hours(store(), posting_id):
        first, last = (parse_utc(hour[n]).astimezone(here) for n in ("first_at", "last_at"))
        days.setdefault(first.date().isoformat(), []).append(
            f"{first:%H:%M}–{last:%H:%M} ({_SCREENS[hour['screen']]})"
        )
    return render_template("posting_proof.html", one=row, days=days, at=at_said)


def shown(error: HienError | None = None, status: int = 200) -> Response:
    names = ("title", "text", "days")
    typed = {n: request.form.get(n, "")[: 2 * TEXT_MOST] for n in names} if error else {}
    trouble = str(_TROUBLE.get(error.code, _("Chưa treo được. Bạn thử lại."))) if error else ""
    page = render_template(
        "desk_postings.html", rows=kept.newest(store()), typed=typed, trouble=trouble,
        title_most=TITLE_MOST, text_most=TEXT_MOST, days_most=DAYS_MOST,
    )  # fmt: skip
    return make_response(page, status)


def written_down(posting_ids: list[int], screen: str) -> None:
    """These are on a screen now. A card that cannot be written must not darken the screen."""
    try:
        service.seen(store(), now(), posting_ids, screen)
    except (StoreError, sqlite3.Error) as e:
        log.warning("not written down that a notice was shown: %s", e)


def for_the_wall(rows: list[Row], minute: int) -> Row | None:
    """One of those short enough to be read from afar, another every ten minutes."""
    short = [row for row in rows if fits_the_wall(row["text"])]
    return short[minute // 10 % len(short)] if short else None


def at_said(at_text: str) -> str:
    """ "8:05, 26/11/2026" in local time."""
    from zoneinfo import ZoneInfo

    return parse_utc(at_text).astimezone(ZoneInfo(zone())).strftime("%H:%M, %d/%m/%Y")

"""This file is the page of what the house keeps: what, where, how long, who sees it; and forgets.

Anybody may read it. A volunteer forgets a visit here when its resident asks: one step, at once,
told to the ward as a count. The list is docs/data.md in people's words.
"""

from __future__ import annotations

import re
from datetime import date

from flask import Blueprint, make_response, render_template, request, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from werkzeug.wrappers import Response

from appliance.errors import BadInput, HienError
from appliance.service import erase as service
from appliance.web import forms
from appliance.web.current import now, parts, store, zone
from appliance.web.door.access import open_to_all, volunteers_only
from appliance.web.same_page import done_or_told

kept = Blueprint("kept", __name__)

TROUBLE = {
    "bad_number": _l("Số trên phiếu chưa đúng. Chưa xoá gì cả."),
    "bad_day": _l("Ngày chưa đúng. Chưa xoá gì cả."),
    "unknown_visit": _l("Không có lượt này, hoặc đã xoá rồi."),
    "visit_open": _l("Lượt này đang mở ở bàn trực. Bạn kết thúc lượt rồi xoá."),
}
ELSE = _l("Chưa xoá được. Bạn thử lại, hoặc gọi phường.")
_GONE = re.compile(r"([0-9]{1,4})-([0-9]{1,4})")


@kept.get("/kept")
@open_to_all
def page() -> Response:
    return _shown(False)


@kept.get("/desk/kept")
@volunteers_only
def at_desk() -> Response:
    return _shown(True)


@kept.post("/desk/kept/erase")
@volunteers_only
def erase() -> Response:
    """Fields number and day (ISO) of the slip. Twice is once."""
    forms.small_form()
    gone = service.Erased(0, 0)

    def act() -> None:
        nonlocal gone
        number = forms.whole("number", least=1, most=99_999)
        visit_id = service.visit_of(store(), _day(), number)
        sealed = parts().sealed_dir.parent
        gone = service.erase_visit(store(), now(), sealed, parts().ram, visit_id)

    def to() -> str:
        return url_for("kept.at_desk", gone=f"{gone.pages}-{gone.dossiers}")

    return done_or_told(act, to, lambda error, status: _shown(True, error, status))


def _day() -> str:
    try:
        return date.fromisoformat(request.form.get("day", "").strip()[:10]).isoformat()
    except ValueError as e:
        raise BadInput("day: a date like 2026-11-23", code="bad_day") from e


def _shown(desk: bool, error: HienError | None = None, status: int = 200) -> Response:
    gone = _GONE.fullmatch(request.args.get("gone", ""))
    done = ""
    if gone and desk:
        counts = {"pages": int(gone[1]), "dossiers": int(gone[2])}
        done = _("Đã xoá: %(pages)s trang giấy, %(dossiers)s hồ sơ chưa gửi.", **counts)
    return make_response(
        render_template(
            "kept.html",
            desk=desk,
            trouble=TROUBLE.get(error.code, ELSE) if error else "",
            done=done,
            keep_h=parts().config["data.keep_sealed_h"],
            today=now().local(zone()).date().isoformat(),
            typed={n: request.form.get(n, "")[:10] for n in ("number", "day")},
        ),
        status,
    )

"""This file says who is here, who comes next and when the house is open, for wall and tablet."""

from __future__ import annotations

from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from appliance.core.day_time import minute_of
from appliance.core.moment import Moment
from appliance.errors import HienError
from appliance.store import rota, volunteers
from appliance.store.database import Store
from appliance.web.parts import WebParts
from appliance.web.words.day import day_said, span_said, time_said

CALLABLE_SHOWN = 3

# What stands in the way on the pages of duty and appointments, by code.
_TROUBLE = {
    "bad_time": _l("Chưa đọc được giờ. Bạn viết như 7:30, hoặc 7h30."),
    "bad_span": _l("Lúc kết thúc phải sau lúc bắt đầu. Bạn xem lại."),
    "spans_overlap": _l("Hai khoảng giờ trong một ngày chồng lên nhau. Bạn xem lại."),
    "too_many_spans": _l("Mỗi ngày nhiều nhất bốn khoảng giờ."),
    "bad_date": _l("Chưa đọc được ngày. Bạn chọn lại ngày."),
    "day_over": _l("Ngày này đã qua. Bạn chọn hôm nay hoặc một ngày sau."),
    "too_far": _l("Ngày này xa quá. Bạn chọn ngày gần hơn."),
    "bad_length": _l("Một ca dài từ nửa giờ đến 14 giờ. Bạn xem lại giờ."),
    "bad_weeks": _l("Số tuần từ 1 đến 52."),
    "bad_number": _l("Con số này chưa đúng. Bạn xem lại."),
    "bad_session": _l("Bạn chọn sáng, chiều, tối, cả ngày hoặc giờ khác."),
    "too_long": _l("Nội dung dài quá. Bạn viết ngắn lại."),
    "bad_text": _l("Có ký tự máy không hiện được. Bạn viết lại."),
    "shift_overlaps": _l("Người này đã có ca vào lúc đó. Chưa ghi ca nào."),
    "shift_full": _l("Buổi này đã đủ người. Chưa ghi ca nào."),
    "shift_closed": _l("Hôm đó điểm nghỉ. Chưa ghi ca nào."),
    "shift_taken": _l("Ca này đã có người nhận rồi. Lịch dưới đây là mới nhất."),
    "unknown_shift": _l("Ca này không còn trong lịch."),
    "unknown_volunteer": _l("Không tìm thấy người này trong danh sách."),
    "bad_phone": _l("Số điện thoại có từ 8 đến 12 chữ số. Bạn xem lại."),
    "too_many_on_call": _l("Nhiều nhất sáu người trực điện thoại."),
    "too_many_closed_days": _l("Đã có nhiều ngày nghỉ quá. Bạn bỏ bớt trước."),
    "roster_fields": _l("Mỗi dòng có bốn ô: ngày, từ giờ, đến giờ, tên."),
    "roster_quotes": _l("Dấu ngoặc kép trong dòng chưa đóng."),
    "roster_empty": _l("Tệp không có ca nào. Chưa ghi gì."),
    "roster_too_long": _l("Tệp có hơn 500 ca. Bạn chia nhỏ ra. Chưa ghi gì."),
    "roster_too_large": _l("Tệp lớn hơn 64 KiB. Chưa ghi gì."),
    "place_taken": _l("Giờ này vừa có người hẹn, hoặc điểm nghỉ. Xin chọn giờ khác."),
    "bad_day": _l("Ngày này chưa hẹn được. Xin chọn ngày khác."),
    "bad_parties": _l("Số người chưa đúng. Xin xem lại."),
    "too_many_appointments": _l("Có nhiều lịch hẹn quá. Xin hỏi người trực giúp."),
    "appointment_over": _l("Lịch hẹn này đã hủy rồi."),
}


def duty_now(store: Store, now: Moment, zone: str) -> dict[str, Any]:
    """For the public snapshot. `next`: who is planned now or comes next; names with consent."""
    local = now.local(zone)
    day_on, minute = local.date().isoformat(), minute_of(local)
    opening = rota.opening(store)
    opens = opening.opens_next(local)
    here = {row["id"] for row in volunteers.on_duty(store)}
    planned = [
        row for row in rota.planned_now(store, day_on, minute) if row["volunteer_id"] not in here
    ]
    row = planned[0] if planned and not here else rota.comes_next(store, day_on, minute)
    return {
        "known": opening.known,
        "open": opening.is_open(local),
        "hours": [[span.from_min, span.to_min] for span in opening.of_day(local.date())],
        "closed": opening.closed.get(day_on),
        "opens": {"day": opens[0].isoformat(), "minute": opens[1]} if opens else None,
        "next": {
            "name": row["name"],
            "day": row["day_on"],
            "minute": row["from_min"],
            "now": bool(planned) and not here,
        }
        if row
        else None,
    }


def callable_now(parts: WebParts, store: Store) -> list[dict[str, str]]:
    """Whom a resident may telephone: volunteers on call, else the house's own number."""
    found = [{"name": row["name"], "phone": row["phone"]} for row in rota.on_call(store)]
    if not found and parts.house.phone:
        found = [{"name": "", "phone": parts.house.phone}]
    return found[:CALLABLE_SHOWN]


def next_words(state: dict[str, Any]) -> str:
    """Who comes next and when; empty when the rota is."""
    duty, today = state["duty"], state["today"]
    coming = duty["next"]
    if coming is None:
        return ""
    name = coming["name"] or _("Người trực")
    if coming["now"]:
        return str(_("%(who)s có lịch trực lúc này.", who=name))
    at = time_said(coming["minute"])
    if coming["day"] == today:
        return str(_("%(who)s đến lúc %(at)s.", who=name, at=at))
    return str(_("%(who)s trực %(day)s, %(at)s.", who=name, day=day_said(coming["day"]), at=at))


def hours_words(state: dict[str, Any]) -> str:
    """Today's hours, or why the house is closed and when it opens; empty when nobody said."""
    duty = state["duty"]
    if not duty["known"]:
        return ""
    if duty["hours"] and (duty["open"] or _still_to_come(state)):
        spans = ", ".join(span_said(*span) for span in duty["hours"])
        return str(_("Hôm nay mở %(hours)s.", hours=spans))
    opens = duty["opens"]
    again = (
        str(_("Mở lại %(day)s, %(at)s.", day=day_said(opens["day"]), at=time_said(opens["minute"])))
        if opens
        else ""
    )
    if duty["closed"] is not None:
        closed = (
            _("Hôm nay nghỉ: %(why)s.", why=duty["closed"].rstrip("."))
            if duty["closed"]
            else _("Hôm nay nghỉ.")
        )
        return f"{closed} {again}".strip()
    outside = _("Bây giờ ngoài giờ mở cửa.")
    return f"{outside} {again}".strip()


def why_not(error: HienError | None) -> str:
    """What is the matter with the line of a roster file; empty for any other error."""
    cause = error.__cause__ if error and error.code.startswith("roster_line") else None
    code = cause.code if isinstance(cause, HienError) else "roster_quotes"
    return str(_TROUBLE.get(code, "")) if cause else ""


def trouble(code: str) -> str:
    """The sentence for an error on these pages; the line or weekday named where there is one."""
    head, _mark, tail = code.rpartition("_")
    if head == "roster_line" and tail.isdigit():
        return str(_("Dòng %(n)s trong tệp chưa đúng. Chưa ghi ca nào cả.", n=tail))
    return str(_TROUBLE.get(code, _("Chưa làm được. Không có gì bị mất; bạn thử lại.")))


def _still_to_come(state: dict[str, Any]) -> bool:
    opens = state["duty"]["opens"]
    return bool(opens and opens["day"] == state["today"])

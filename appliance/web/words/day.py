"""This file says days and times of day in the language of the screen."""

from __future__ import annotations

from datetime import date

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

WEEKDAYS = (
    _l("thứ Hai"), _l("thứ Ba"), _l("thứ Tư"), _l("thứ Năm"), _l("thứ Sáu"), _l("thứ Bảy"),
    _l("Chủ nhật"),
)  # fmt: skip


def weekday_said(weekday: int) -> str:
    return str(WEEKDAYS[weekday])


def day_said(day_on: str | date) -> str:
    """ "thứ Năm, ngày 26 tháng 11" """
    day = day_on if isinstance(day_on, date) else date.fromisoformat(day_on)
    words = {"w": weekday_said(day.weekday()), "d": day.day, "m": day.month}
    return str(_("%(w)s, ngày %(d)s tháng %(m)s", **words))


def time_said(minute: int) -> str:
    """ "8 giờ", "13 giờ 30" """
    if minute % 60 == 0:
        return str(_("%(h)s giờ", h=minute // 60))
    return str(_("%(h)s giờ %(m)s", h=minute // 60, m=f"{minute % 60:02d}"))


def span_said(from_min: int, to_min: int) -> str:
    """ "7:30–11:30" """
    return f"{from_min // 60}:{from_min % 60:02d}–{to_min // 60}:{to_min % 60:02d}"


def length_said(minutes: int) -> str:
    """ "12 giờ 05 phút" """
    return str(_("%(h)s giờ %(m)s phút", h=minutes // 60, m=f"{minutes % 60:02d}"))

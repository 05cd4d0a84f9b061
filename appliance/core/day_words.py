"""This file says dates and times the way people here say them."""

from __future__ import annotations

from datetime import date, datetime

WEEKDAYS = ("thứ Hai", "thứ Ba", "thứ Tư", "thứ Năm", "thứ Sáu", "thứ Bảy", "Chủ nhật")


def date_words(day: date) -> str:
    """ "thứ Ba, ngày 24 tháng 11". The year is left out: a slip is about the coming weeks."""
    return f"{WEEKDAYS[day.weekday()]}, ngày {day.day} tháng {day.month}"


def time_words(at: datetime) -> str:
    """ "8 giờ 05" """
    return f"{at.hour} giờ" + (f" {at.minute:02d}" if at.minute else "")


def moment_words(at: datetime) -> str:
    """ "8 giờ 05, thứ Ba, ngày 24 tháng 11" """
    return f"{time_words(at)}, {date_words(at.date())}"


def wait_words(seconds: float) -> str:
    """A span in minutes, as a rough promise: "khoảng 10 phút"."""
    minutes = max(1, round(seconds / 60))
    if minutes < 60:
        return f"khoảng {minutes} phút"
    hours, rest = divmod(minutes, 60)
    return f"khoảng {hours} giờ" + (f" {rest:02d}" if rest else "")

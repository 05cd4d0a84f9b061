"""This file is the visit's rules: what can have been done, and what a dossier code looks like."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from appliance.core.age import age_s
from appliance.core.moment import Moment
from appliance.errors import BadInput

# Nobody has worked on an open visit, or gone on with a called number, for so long: its people have
# left. Longer than the portal's form takes while the visit's screen stands behind it.
LEFT_ALONE_S = 3600
# Somebody at work on a visit is noted at most this often.
TOUCH_EVERY_S = 600

# What a volunteer ticks at the end. A fixed list, not free text: nothing personal can slip in.
DONE: dict[str, str] = {
    "submitted": "Đã nộp hồ sơ trên Cổng Dịch vụ công",
    "account": "Đã mở hoặc kích hoạt tài khoản VNeID",
    "guided": "Đã được hướng dẫn từng bước",
    "advised": "Đã hỏi đáp, biết cần giấy tờ gì",
    "supplemented": "Đã bổ sung giấy tờ",
}

# {agency code}-{yymmdd}-{counter}, as in H15.50.05.13-261008-0975.
# The older shape begins with zeros, as in 000.00.16.H26-210715-0001.
DOSSIER_CODE = re.compile(
    r"(?:[GH]\d{2}(?:\.\d{2}){0,3}|\d{3}\.\d{2}\.\d{2}\.[GH]\d{2})-\d{6}-\d{4,7}", re.ASCII
)
_DASHES = str.maketrans("–—−", "---")


def dossier_code(typed: str) -> str | None:
    """The code as the portal writes it, or None for an empty field. Raises BadInput."""
    code = "".join(typed[:200].split()).upper().translate(_DASHES)
    if not code:
        return None
    if len(code) > 40 or not DOSSIER_CODE.fullmatch(code):
        raise BadInput(
            "a dossier code looks like H15.50.05.13-261008-0975", code="bad_dossier_code"
        )
    return code


def code_groups(code: str) -> tuple[str, ...]:
    """The code in the groups people read it out in: unit, day, counter."""
    return tuple(code.split("-"))


def done_lines(ids: list[str]) -> list[str]:
    """The sentences for the ticked ids. Raises BadInput for one that is not in the list."""
    for one in ids:
        if one not in DONE:
            raise BadInput(f"unknown tick {one[:20]!r}", code="unknown_tick")
    return [DONE[one] for one in DONE if one in ids]


def untouched_s(visit: Mapping[str, Any], now: Moment) -> float:
    """How long nobody has been at work on `visit`, a row of the table; the start of the box counts
    as somebody."""
    return age_s({"epoch": visit["touched_epoch"], "mono_ms": visit["touched_mono_ms"]}, now)

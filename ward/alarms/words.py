"""This file words what somebody on call reads on a telephone: what, where, since when, what now."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from appliance.sync.protocol import parse_utc
from ward.alarms.settings import ZONE

LINES_MOST = 20  # houses in one message; when a district loses power the rest is counted

WHAT = {
    "help": "Gọi giúp",
    "silent": "Mất liên lạc",
    "paper_out": "Máy in hết giấy",
    "under_voltage": "Nguồn điện yếu",
}
NOW = {
    "help": "Chưa ai nhận. Bác nào đi được xin trả lời trên bảng của phường.",
    "silent": "Nhà vẫn tự làm việc được. Xin gọi điện hỏi: điện, dây mạng, bộ phát Wi-Fi.",
    "paper_out": "Số và phiếu vẫn còn trong máy. Xin nhờ người thay cuộn giấy.",
    "under_voltage": "Dễ hỏng thẻ nhớ. Xin thay bộ nguồn hoặc dây nguồn.",
}
OVER = {
    "help": "Lời gọi đã xong, không cần đi nữa.",
    "silent": "Đã nối lại.",
    "paper_out": "Đã có giấy.",
    "under_voltage": "Nguồn điện đã ổn.",
}


@dataclass(frozen=True)
class Message:
    """What is sent at once to one person."""

    title: str
    body: str
    urgent: bool


def message(
    alarms: Sequence[tuple[Mapping[str, Any], str]],
    names: Mapping[str, str],
    console: str,
    now: datetime,
) -> Message:
    """One message out of (alarm, word) pairs; the urgent ones first."""
    ordered = sorted(alarms, key=lambda pair: (pair[1] != "alarm", pair[0]["kind"] != "help"))
    lines = [_line(alarm, word, names, now) for alarm, word in ordered[:LINES_MOST]]
    if len(ordered) > LINES_MOST:
        lines.append(f"Còn {len(ordered) - LINES_MOST} việc nữa, xem trên bảng của phường.")
    first, word = ordered[0]
    title = f"{WHAT[first['kind']]}: {names.get(first['house']) or first['house']}"
    if word == "over":
        title = f"Đã xong – {title}"
    if len(ordered) > 1:
        title += f" và {len(ordered) - 1} việc khác"
    if console:
        lines.append(f"{console}/alarms")
    return Message(title, "\n".join(lines), any(w == "alarm" for _, w in ordered))


def _line(alarm: Mapping[str, Any], word: str, names: Mapping[str, str], now: datetime) -> str:
    where = names.get(alarm["house"]) or alarm["house"]
    kind = alarm["kind"]
    if word == "alarm":
        return f"{where}: {WHAT[kind].lower()} từ {clock(alarm['since_at'], now)}. {NOW[kind]}"
    if alarm["state"] == "taken":
        return f"{where}: {alarm['who'] or 'đã có người'} đã nhận việc này, bác không cần lo nữa."
    if alarm["why"] == "withdrawn":
        return f"{where}: lời gọi lúc {clock(alarm['since_at'], now)} đã rút lại, không cần đi nữa."
    return f"{where}: {WHAT[kind].lower()} từ {clock(alarm['since_at'], now)}. {OVER[kind]}"


def clock(text: str, now: datetime) -> str:
    """14:05 today, else 14:05 ngày 21/11."""
    at, today = parse_utc(text).astimezone(ZONE), now.astimezone(ZONE).date()
    if at.date() == today - timedelta(days=1):
        return f"{at:%H:%M} hôm qua"
    return f"{at:%H:%M}" + ("" if at.date() == today else f" ngày {at.day}/{at.month}")

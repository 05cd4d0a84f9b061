"""This file says in one line for people how the machines are: systemd's STATUS, the desk's tip."""

from __future__ import annotations

from collections.abc import Sequence

from appliance.core.check import Check

_NAMES = {"camera": "máy chụp", "printer": "máy in", "panel": "nút gọi", "disk": "thẻ nhớ"}
_STATES = {"ok": "tốt", "bad": "có trục trặc", "unknown": "chưa rõ"}
_CODES = {
    "none": "không có",
    "paper_out": "hết giấy",
    "cover_open": "đang mở nắp",
    "off": "không thấy máy",
    "paper_low": "sắp hết giấy",
    "disk_full": "đầy",
    "button_stuck": "bị kẹt",
    "silent": "không trả lời",
    "virtual": "máy ảo",
    "panel_no_pins": "không nối được",
    "camera_none": "không thấy máy",
    "camera_stalled": "không có hình",
    "camera_busy": "đang bị chương trình khác dùng",
}


def status_line(checks: Sequence[Check]) -> str:
    """Such as: máy chụp: tốt; máy in: hết giấy; nút gọi: tốt. The card only when in trouble."""
    words = []
    for check in checks:
        if check.name in _NAMES and (check.name != "disk" or check.state == "bad"):
            words.append(f"{_NAMES[check.name]}: {_CODES.get(check.code, _STATES[check.state])}")
    return "; ".join(words)

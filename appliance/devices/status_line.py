"""This file says in one line for people how the machines are: systemd's STATUS, the desk's tip."""

from __future__ import annotations

from collections.abc import Sequence

from appliance.core.check import Check

_NAMES = {"camera": "máy chụp", "printer": "máy in", "panel": "nút gọi"}
# Named only when something is wrong with it.
_BOX = {
    "disk": "thẻ nhớ",
    "ram": "bộ nhớ tạm",
    "power": "nguồn điện",
    "heat": "nhiệt độ",
    "memory": "bộ nhớ",
    "card": "thẻ nhớ",
    "clock": "đồng hồ",
}
_STATES = {"ok": "tốt", "bad": "có trục trặc", "unknown": "chưa rõ"}
_CODES = {
    "none": "không có",
    "paper_out": "hết giấy",
    "cover_open": "đang mở nắp",
    "off": "không thấy máy",
    "paper_low": "sắp hết giấy",
    "disk_full": "đầy",
    "ram_full": "đầy",
    "undervolt": "yếu",
    "too_hot": "nóng quá",
    "memory_low": "sắp hết",
    "io_errors": "có lỗi",
    "clock_unset": "chưa đúng",
    "denied": "chưa được phép dùng",
    "button_stuck": "bị kẹt",
    "silent": "không trả lời",
    "virtual": "máy ảo",
    "panel_no_pins": "không nối được",
    "camera_none": "không thấy máy",
    "camera_stalled": "không có hình",
    "camera_busy": "đang bị chương trình khác dùng",
}


def status_line(checks: Sequence[Check]) -> str:
    """Such as: máy chụp: tốt; máy in: hết giấy; nút gọi: tốt. The box only where it ails."""
    words = []
    for check in checks:
        name = _NAMES.get(check.name) or (_BOX.get(check.name) if check.state == "bad" else None)
        if name:
            words.append(f"{name}: {_CODES.get(check.code, _STATES[check.state])}")
    return "; ".join(words)

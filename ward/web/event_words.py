"""This file says in a few words what an event was. What it does not know it names as it came."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from appliance.sync.protocol import ProtocolError, parse_utc
from ward.store.clocks import ABOUT
from ward.web import words

STREAMS = {"help": "gọi giúp", "queue": "hàng chờ", "ops": "máy và việc", "health": "sức khỏe máy"}
TYPES = {
    ("help", "called"): "Có người gọi giúp",
    ("help", "answered"): "Có người nhận lời gọi",
    ("help", "withdrawn"): "Rút lại lời gọi",
    ("help", "closed"): "Xong lời gọi",
    ("queue", "taken"): "Lấy số",
    ("queue", "called"): "Gọi số",
    ("queue", "called_again"): "Gọi lại số",
    ("queue", "absent"): "Vắng mặt",
    ("queue", "done"): "Xong một lượt",
    ("queue", "cancelled"): "Hủy số",
    ("queue", "expired"): "Số hết hạn",
    ("queue", "undone"): "Hoàn lại thao tác",
    ("queue", "visit_opened"): "Bắt đầu làm giấy tờ",
    ("queue", "visit_parked"): "Tạm dừng giấy tờ",
    ("queue", "visit_resumed"): "Làm tiếp giấy tờ",
    ("ops", "slip"): "In phiếu",
    ("ops", "print_again"): "In lại phiếu",
    ("ops", "command"): "Làm việc phường giao",
    ("ops", "duty_began"): "Vào ca trực",
    ("ops", "duty_ended"): "Hết ca trực",
    ("ops", "pages_deleted"): "Xóa trang giấy đã hết hạn giữ",
    ("ops", "clock"): "Chỉnh đồng hồ",
    ("ops", "wanted"): "Áp dụng thiết lập của phường",
    ("ops", "replay"): "Gửi lại báo cáo cũ",
    ("ops", "floor"): "Báo chỗ báo cáo bắt đầu",
    ("ops", "hours"): "Đổi giờ mở cửa",
}
SAID = ("number", "service", "source", "kind", "state", "code", "op", "count", "who", "eta_min")
SAID_MOST = 120


def what(stream: str, d: Mapping[str, Any]) -> str:
    kind = d.get("type")
    known = TYPES.get((stream, kind)) if isinstance(kind, str) else None
    return known or f"{STREAMS.get(stream, stream)}: {str(kind)[:40]}"


def said(d: Mapping[str, Any]) -> str:
    """The few values that mean something to people, as `12 · paper_out`."""
    parts = [str(d[k]) for k in SAID if isinstance(d.get(k), (str, int)) and d[k] != ""]
    return " · ".join(parts)[:SAID_MOST]


def when(event: Mapping[str, Any], dated: Mapping[str, str | None], now: datetime) -> str:
    """When it happened, as well as anybody knows (ward.store.clocks.Dater); "khoảng" where the
    house's clock was not set and no moment of that boot is known."""
    try:
        at = parse_utc(dated["at"] or event["received_at"])
    except ProtocolError:
        return words.UNKNOWN
    return (f"{ABOUT} " if dated["at_is"] == ABOUT else "") + words.clock(at, now)

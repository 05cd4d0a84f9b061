"""This file says in a few words what an event was. What it does not know it names as it came."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from appliance.sync.protocol import ProtocolError, parse_utc
from ward.store.clocks import ABOUT
from ward.web import commands, words

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
    ("queue", "brought_back"): "Đưa số trở lại hàng chờ",
    ("queue", "service_changed"): "Đổi việc cần làm",
    ("ops", "slip"): "In phiếu",
    ("ops", "print_again"): "In lại phiếu",
    ("ops", "command"): "Làm việc phường giao",
    ("ops", "duty_began"): "Vào ca trực",
    ("ops", "duty_ended"): "Hết ca trực",
    ("ops", "hours"): "Đổi giờ mở cửa",
    ("ops", "closed"): "Báo nghỉ",
    ("ops", "opened_again"): "Bỏ ngày nghỉ",
    ("ops", "shifts_planned"): "Xếp ca trực",
    ("ops", "shift_offered"): "Nhờ đổi ca",
    ("ops", "shift_taken"): "Nhận ca thay",
    ("ops", "shift_dropped"): "Bỏ ca trực",
    ("ops", "appointment_booked"): "Đặt hẹn",
    ("ops", "appointment_came"): "Đến hẹn",
    ("ops", "appointment_cancelled"): "Hủy hẹn",
    ("ops", "appointment_missed"): "Lỡ hẹn",
    ("ops", "dossier"): "Hồ sơ đổi trạng thái",
    ("ops", "dossier_sent"): "Gửi hồ sơ niêm phong đến phường",
    ("ops", "dossiers_expired"): "Xóa hồ sơ quá hạn chưa gửi được",
    ("ops", "results_taken"): "Nhận kết quả phường trả",
    ("ops", "proof_began"): "Bắt đầu theo dõi bản nháp",
    ("ops", "proof_level"): "Bản nháp sắp hết giờ xem",
    ("ops", "proof_confirmed"): "Bản nháp được xác nhận",
    ("ops", "proof_wrong"): "Bản nháp có chỗ sai",
    ("ops", "proof_lapsed"): "Bản nháp hết giờ xem",
    ("ops", "proof_withdrawn"): "Thôi theo dõi bản nháp",
    ("ops", "posted"): "Treo thông báo",
    ("ops", "taken_down"): "Gỡ thông báo",
    ("ops", "rated"): "Người dân chấm điểm",
    ("ops", "remark"): "Người dân góp ý",
    ("ops", "vote"): "Người dân bỏ phiếu",
    ("ops", "catalogue"): "Đổi lệ phí, thời hạn, ngày làm việc",
    ("ops", "learned"): "Người dân tự làm được thêm một việc",
    ("ops", "wanted"): "Áp dụng thiết lập của phường",
    ("ops", "phone_joined"): "Thêm điện thoại của tình nguyện viên",
    ("ops", "phone_out"): "Bỏ điện thoại của tình nguyện viên",
    ("ops", "pages_deleted"): "Xóa trang giấy đã hết hạn giữ",
    ("ops", "erased"): "Xóa dữ liệu theo yêu cầu",
    ("ops", "clock"): "Chỉnh đồng hồ",
    ("ops", "replay"): "Gửi lại báo cáo cũ",
    ("ops", "floor"): "Báo chỗ báo cáo bắt đầu",
    ("ops", "discarded"): "Bỏ một mục không gửi được",
}
ANYWHERE = {
    "set_aside": "Để riêng một báo cáo không gửi được",
    "unreadable": "Một báo cáo không đọc được",
}
SAID = (
    "number", "service", "source", "kind", "name", "state", "code", "reason", "op", "count", "who",
    "eta_min", "day", "pct", "last_on", "version", "ver", "topic", "text", "choice", "pages",
    "missing", "not_done", "why",
)  # fmt: skip
SAID_MOST = 120
VALUES = {
    "done": "đã làm", "rejected": "không nhận", "applied": "đã áp dụng", "refused": "không áp dụng",
    "printed": "đã in", "needs_operator": "cần người xem máy in", "expired": "quá hạn",
    "sent_unconfirmed": "đã gửi, chưa thấy ra", "failed_clean": "chưa in được",
    "button": "nút bấm", "tablet": "máy tính bảng", "desk": "bàn làm việc",
    "ticket": "phiếu số", "visit": "phiếu hướng dẫn", "result": "phiếu kết quả",
    "test": "phiếu thử", "appointment": "phiếu hẹn", "checklist": "phiếu giấy tờ cần có",
    "roster": "danh sách trực", "config": "thiết lập", "catalogue": "danh mục thủ tục",
    "environment": "môi trường", "security": "an ninh", "traffic": "giao thông",
    "housing": "nhà ở", "other": "việc khác", "hours": "giờ mở cửa", "service": "việc cần giúp",
    "report": "tin báo", "dossier": "hồ sơ", "papers": "thiếu giấy tờ",
    "system": "hệ thống của Cổng lỗi", "in_person": "phải đến trực tiếp", "no_network": "mất mạng",
    "account": "tài khoản chưa dùng được", "morning": "buổi sáng", "afternoon": "buổi chiều",
    "evening": "buổi tối", "saturday": "thứ Bảy", "sunday": "Chủ nhật",
    **words.FAULTS,
    **commands.TITLES,
}  # fmt: skip


def what(stream: str, d: Mapping[str, Any]) -> str:
    kind = d.get("type")
    known = None
    if isinstance(kind, str):
        known = TYPES.get((stream, kind)) or ANYWHERE.get(kind)
    return known or f"{STREAMS.get(stream, stream)}: {str(kind)[:40]}"


def said(d: Mapping[str, Any]) -> str:
    """The few values that mean something to people, as `12 · paper_out`."""
    found = [d[k] for k in SAID if isinstance(d.get(k), (str, int)) and d[k] != ""]
    parts = [VALUES.get(str(v), str(v)) for v in found]
    return " · ".join(parts)[:SAID_MOST]


def when(event: Mapping[str, Any], dated: Mapping[str, str | None], now: datetime) -> str:
    """When it happened, as well as anybody knows (ward.store.clocks.Dater); "khoảng" where the
    house's clock was not set and no moment of that boot is known."""
    try:
        at = parse_utc(dated["at"] or event["received_at"])
    except ProtocolError:
        return words.UNKNOWN
    return (f"{ABOUT} " if dated["at_is"] == ABOUT else "") + words.clock(at, now)

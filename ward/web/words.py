"""This file says times, numbers and device states the way a ward officer would."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

ZONE = ZoneInfo("Asia/Ho_Chi_Minh")
UNKNOWN = "không rõ"
ETA_CHOICES = (5, 10, 15, 30, 60)  # minutes

FAULTS = {
    "paper_out": "hết giấy",
    "paper_low": "sắp hết giấy",
    "cover_open": "nắp đang mở",
    "off": "không trả lời",
    "stalled": "đang đứng",
    "busy": "đang bận",
    "virtual": "máy ảo",
    "none": "không có",
    "error": "báo lỗi",
    "camera_none": "không thấy camera",
    "camera_stalled": "camera đang đứng",
    "camera_busy": "camera đang bận",
    "silent": "không trả lời",
    "not_there": "không thấy",
    "disk_full": "thẻ nhớ đầy",
}
DEVICES = {"camera": "camera", "printer": "máy in", "panel": "nút bấm"}
SOURCES = {"button": "từ nút bấm", "tablet": "từ máy tính bảng", "desk": "từ bàn làm việc"}
JOBS = {
    "queued": "Chưa gửi được, đang chờ đường truyền. Nếu gấp, gọi điện thoại cho nhà.",
    "sent": "Đã gửi lời đáp, đang chờ nhà báo lại.",
    "done": "Nhà đã nhận lời đáp.",
    "failed": "Nhà nhận nhưng không làm được. Gọi điện thoại cho nhà.",
    "rejected": "Nhà không nhận lời đáp này. Gọi điện thoại cho nhà.",
    "expired": "Lời đáp không tới được nhà trong 10 phút. Gọi điện thoại cho nhà.",
}
JOB_STATES = {
    "queued": "chưa gửi được",
    "sent": "đã gửi, chờ nhà báo lại",
    "done": "nhà đã làm",
    "failed": "nhà không làm được",
    "rejected": "nhà không nhận",
    "expired": "hết hạn, nhà chưa nhận được",
}
DEEDS = {
    "sign_in": "đăng nhập",
    "sign_in_refused": "đăng nhập không được",
    "sign_out": "đăng xuất",
    "answer_help": "trả lời lời gọi giúp",
    "close_help": "báo xong lời gọi giúp",
    "test_slip": "cho in phiếu thử",
    "reboot": "cho khởi động lại máy",
    "logs": "xem nhật ký máy",
    "wall": "xem màn hình tường",
    "aside_list": "xem mục để riêng",
    "aside_retry": "cho gửi lại mục để riêng",
    "aside_discard": "bỏ mục để riêng",
    "post_notice": "treo thông báo",
    "take_down_notice": "gỡ thông báo",
    "alarm_taken": "nhận một báo động",
    "conflicts_looked_into": "đã xem báo cáo trùng số",
    "export": "tải bảng về",
    "wish_roster": "gửi danh sách trực",
    "wish_config": "gửi thiết lập",
    "wish_catalogue": "gửi danh mục thủ tục",
    "account_add": "thêm tài khoản",
    "account_password": "đổi mật khẩu",
    "account_remove": "bỏ tài khoản",
    "token_add": "cấp mã cho chương trình",
    "token_remove": "thu mã của chương trình",
}
TOLD = {"due": "đang báo", "sending": "đang báo", "failed": "chưa báo được", "unknown": "không rõ"}


def told(tellings: Iterable[Mapping[str, Any]], now: datetime) -> str:
    """Who was called: Chị Hạnh 14:07, Anh Minh (chưa báo được)."""
    return ", ".join(
        f"{t['person']} {clock(datetime.fromisoformat(t['at']), now)}"
        if t["state"] == "sent"
        else f"{t['person']} ({TOLD.get(t['state'], UNKNOWN)})"
        for t in tellings
    )


def clock(moment: datetime | None, now: datetime) -> str:
    """14:05 today; 14:05 hôm qua; 14:05 ngày 21/11 before."""
    if moment is None:
        return "lúc nào chưa rõ"
    local, today = moment.astimezone(ZONE), now.astimezone(ZONE).date()
    at = f"{local:%H:%M}"
    if local.date() == today:
        return at
    if local.date() == today - timedelta(days=1):
        return f"{at} hôm qua"
    year = f"/{local.year}" if local.year != today.year else ""
    return f"{at} ngày {local.day}/{local.month}{year}"


def span(seconds: float | None) -> str:
    """How long, in one unit or two: 4 phút, 2 giờ 10 phút, 3 ngày."""
    if seconds is None or seconds != seconds or seconds < 0:
        return UNKNOWN
    minutes = int(seconds // 60)
    if minutes < 1:
        return "dưới 1 phút"
    if minutes < 60:
        return f"{minutes} phút"
    hours, minutes = divmod(minutes, 60)
    if hours < 24:
        return f"{hours} giờ {minutes} phút" if minutes else f"{hours} giờ"
    days, hours = divmod(hours, 24)
    return f"{days} ngày {hours} giờ" if hours and days < 7 else f"{days} ngày"


def wait(seconds: float) -> str:
    """How long to wait, rounded up: 15 giây, 2 phút."""
    whole_s = max(1, -int(-seconds // 1))
    return f"{whole_s} giây" if whole_s < 60 else f"{-(-whole_s // 60)} phút"


def presence(word: str, since: datetime | None, now: datetime) -> str:
    if word == "online":
        return f"đang nối từ {clock(since, now)}" if since else "đang nối"
    if word == "offline":
        return f"không nối từ {clock(since, now)}"
    return f"không rõ – mất liên lạc từ {clock(since, now)}"


def devices(kinds: object) -> str:
    """The pretended devices a house names, as "camera, nút bấm"; empty when there are none."""
    named = str(kinds).split(",") if isinstance(kinds, str) else []
    return ", ".join(DEVICES[k] for k in named if k in DEVICES)


def fault(code: object) -> str:
    return FAULTS.get(str(code), "báo lỗi") if code else "báo lỗi"


def eta(minutes: object, answered_at: str | None, now: datetime) -> str:
    """When the helper comes, as a time of day once it is known when he said so."""
    if not isinstance(minutes, int):
        return ""
    if answered_at is None:
        return f"khoảng {minutes} phút"
    comes = datetime.fromisoformat(answered_at).astimezone(UTC) + timedelta(minutes=minutes)
    return f"khoảng {clock(comes, now)}"

"""This file says in plain words what the desk has to tell: machines, reasons, what just was."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from appliance.core.box_checks import BOX
from appliance.core.moment import Moment
from appliance.web.notices import link_is_down, room_word
from appliance.web.parts import WebParts
from appliance.web.words.check import name_of, of_check

ETA_MIN = (5, 10, 20)

# Why something could not be done here; the ids are core.voice.NOT_DONE.
NOT_DONE = {
    "papers": _l("Thiếu giấy tờ"),
    "system": _l("Cổng đang lỗi"),
    "in_person": _l("Phải đến trực tiếp nơi giải quyết"),
    "no_network": _l("Đang mất mạng"),
    "account": _l("Tài khoản VNeID chưa dùng được"),
    "other": _l("Lý do khác"),
}

# In the order a volunteer meets them; the ids are core.ticket.CANCEL_REASONS.
REASONS = {
    "left": _l("Bác đã về"),
    "mistake": _l("Lấy nhầm số"),
    "elsewhere": _l("Đã chỉ sang nơi khác"),
    "other": _l("Lý do khác"),
}

UNDO = {
    "called": _l("Vừa mời số %(n)s."),
    "called_again": _l("Vừa gọi lại số %(n)s."),
    "absent": _l("Số %(n)s vắng, đã xếp lại vào hàng."),
    "cancelled": _l("Đã bỏ số %(n)s ra khỏi danh sách."),
    "brought_back": _l("Đã đưa số %(n)s vào lại."),
}

SOURCES = {
    "tablet": _l("từ máy tính bảng"),
    "button": _l("từ nút trên tường"),
    "desk": _l("từ bàn trực"),
}

_SAID = {
    "taken": _l("Đã lấy số %(number)s. Phiếu đang in."),
    "phone_joined": _l("Điện thoại này đã vào. Thêm trang vào màn hình chính để mở cho nhanh."),
    "printing": _l("Đang in lại phiếu số %(number)s."),
    "put_aside": _l("Số %(number)s để sau. Giấy đã chụp được khóa lại, phiếu của bác mở ra được."),
    "nobody_waits": _l("Chưa có ai đợi. Có người lấy số là hiện ra đây."),
    "ticket_moved_on": _l("Bàn khác vừa làm với số này rồi. Danh sách dưới đây là mới nhất."),
    "too_late_to_undo": _l(
        "Quá 10 giây nên không lấy lại được nữa. Số vẫn còn đây, bạn làm tiếp bình thường."
    ),
    "call_ended": _l("Lời gọi giúp này đã xong rồi."),
    "job_moved_on": _l("Phiếu này đã có người trả lời rồi."),
    "too_many_copies": _l("Phiếu này đã in lại nhiều lần. Bạn xem máy in, rồi báo phường giúp."),
    "too_many_tickets": _l("Lấy số nhanh quá. Đợi một phút rồi lấy tiếp, chưa có số nào bị mất."),
    "too_many_waiting": _l("Danh sách đợi đã đầy. Mời bớt người trước đã."),
}

# What stands in the way of something at a visit, by the code of the error.
_VISIT_TROUBLE = {
    "visit_closed": _l("Lượt này đã xong nên không đổi được nữa. Phiếu của bác ở dưới đây."),
    "camera_busy": _l("Máy ảnh còn đang chụp. Đợi vài giây rồi bấm lại, chưa mất trang nào."),
    "too_many_pages": _l("Lượt này đã nhiều trang quá. Bỏ bớt trang thừa rồi chụp tiếp."),
    "too_many_copies": _l("Phiếu này đã in lại nhiều lần. Bạn xem máy in, rồi báo phường giúp."),
    "no_pages": _l("Chưa có trang nào để giao. Bạn chụp giấy trước đã."),
    "pages_locked": _l("Có trang đang khóa. Đặt phiếu của bác dưới máy ảnh để mở lại trước đã."),
    "ticket_moved_on": _l("Số này đã chuyển sang bước khác. Dưới đây là lúc này."),
    "family_full": _l("Một nhà có nhiều nhất tám số. Số này tiếp riêng."),
}

# The ticks at the end, in the order of core.visit.DONE, whose words go on the slip.
DONE = {
    "submitted": _l("Đã nộp hồ sơ trên Cổng Dịch vụ công"),
    "account": _l("Đã mở hoặc kích hoạt tài khoản VNeID"),
    "guided": _l("Đã hướng dẫn từng bước"),
    "advised": _l("Đã hỏi đáp, biết cần giấy tờ gì"),
    "supplemented": _l("Đã bổ sung giấy tờ"),
}


@dataclass(frozen=True)
class Machine:
    """One part of the house on the desk: `mood` good, care or trouble; what to do when not good."""

    name: str
    mood: Literal["good", "care", "trouble"]
    word: str
    remedy: str = ""


def said_words(code: str, number: str) -> str:
    """The sentence for what an action came to; empty for a code that is not ours."""
    if code not in _SAID:
        return ""
    return str(_SAID[code]) % {"number": number if number.isdigit() and len(number) < 6 else ""}


def visit_trouble(code: str) -> str:
    return str(_VISIT_TROUBLE.get(code, _("Chưa làm được. Không có gì bị mất; bạn thử lại.")))


def machines(parts: WebParts, now: Moment) -> list[Machine]:
    """Printer, camera, button, the box where it ails, and the way to the ward, each with the
    remedy in words."""
    silent = room_word(parts, "devices", now) != "ok"
    checks = {} if silent else _checks(parts)
    found = [
        _machine(_("Máy in"), "printer", parts, checks, silent),
        _machine(_("Máy ảnh"), "camera", parts, checks, silent),
        _machine(_("Nút gọi giúp"), "panel", parts, checks, silent),
    ]
    return [*found, *_box(checks), _link(parts, now)]


def _machine(
    name: str, kind: str, parts: WebParts, checks: dict[str, dict[str, str]], silent: bool
) -> Machine:
    url = parts.config[f"devices.{kind}"]
    if url.startswith("none:"):
        return Machine(name, "care", _("chưa nối"), _remedy(kind, {"code": "none"}))
    if silent:
        return Machine(
            name,
            "trouble",
            _("không trả lời"),
            _("Phần máy móc đang khởi động lại. Đợi nửa phút; lấy số vẫn được."),
        )
    check = checks.get(kind, {})
    state, code = check.get("state", "unknown"), check.get("code", "")
    if state == "bad":
        return Machine(name, "trouble", _("cần xem lại"), _remedy(kind, check))
    if state == "ok" and code != "paper_low":
        word = _("máy thử, không phải máy thật") if kind in parts.config.virtual() else _("tốt")
        return Machine(name, "good", word)
    if code == "paper_low":
        return Machine(name, "care", _("sắp hết giấy"), _remedy(kind, check))
    return Machine(name, "care", _("chưa rõ"), _remedy(kind, check))


def _box(checks: dict[str, dict[str, str]]) -> list[Machine]:
    """What is wrong with the box itself; nothing where all is well or not known."""
    return [
        Machine(name_of(name), "trouble", _("cần xem lại"), _remedy(name, checks[name]))
        for name in ("disk", "ram", *BOX)
        if checks.get(name, {}).get("state") == "bad"
    ]


def _remedy(kind: str, check: dict[str, str]) -> str:
    return str(of_check(kind, check.get("state", "unknown"), check.get("code", "")))


def _link(parts: WebParts, now: Moment) -> Machine:
    name = _("Mạng tới phường")
    if parts.config["sync.broker"].startswith("none:"):
        return Machine(name, "care", _("chưa nối"), _("Điểm này chưa nối với phường."))
    if link_is_down(parts, now) and (parts.ram.room("sync") or {}).get("cert_ended"):
        return Machine(
            name,
            "trouble",
            _("giấy phép nối đã hết hạn"),
            _remedy("link", {"state": "bad", "code": "cert_ended"}),
        )
    if link_is_down(parts, now):
        return Machine(
            name,
            "trouble",
            _("đang mất"),
            _("Lấy số, chụp giấy, in phiếu vẫn được. Có mạng lại thì máy tự gửi."),
        )
    said = parts.ram.room("sync") or {}
    if said.get("twice"):
        return Machine(
            name,
            "trouble",
            _("trùng tên"),
            _("Có máy khác dùng cùng tên của nhà này. Báo người trông máy của phường."),
        )
    if said.get("set_aside"):
        return Machine(
            name,
            "care",
            _("có %(n)s mục chưa gửi được", n=said["set_aside"]),
            _("Bạn mở “Việc gửi phường và trả lời của phường” ở dưới. Ở đó gửi lại hoặc bỏ."),
        )
    return Machine(name, "good", _("tốt"))


def _checks(parts: WebParts) -> dict[str, dict[str, str]]:
    """{kind: {state, code}} as the devices room last said."""
    checks = (parts.ram.room("devices") or {}).get("checks")
    if isinstance(checks, dict):
        return {str(name): check for name, check in checks.items() if isinstance(check, dict)}
    if isinstance(checks, list):
        return {str(c.get("name")): c for c in checks if isinstance(c, dict)}
    return {}


def waited(seconds: float) -> str:
    """How long somebody has been waiting, as it is said: "12 phút", "1 giờ 05 phút"."""
    minutes = int(seconds // 60)
    if minutes < 1:
        return str(_("mới đến"))
    if minutes < 60:
        return str(_("%(m)s phút", m=minutes))
    return str(_("%(h)s giờ %(m)s phút", h=minutes // 60, m=f"{minutes % 60:02d}"))

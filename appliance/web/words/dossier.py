"""This file says in plain words where a dossier stands and whose turn it is."""

from __future__ import annotations

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from appliance.core.dossier import turn
from appliance.core.moment import Moment, parse_utc

# For the resident, by the portal's status; 0 is ours.
PLAIN = {
    0: _l("Đã chuẩn bị xong, chờ bác nộp"),
    1: _l("Đã gửi, chờ Trung tâm nhận"),
    2: _l("Trung tâm đã nhận hồ sơ"),
    3: _l("Hồ sơ bị trả lại. Mời bác ra điểm để được giúp"),
    4: _l("Đang giải quyết"),
    5: _l("Cần bổ sung giấy tờ"),
    6: _l("Cần nộp phí, lệ phí"),
    7: _l("Bác đã xin rút hồ sơ"),
    8: _l("Đã dừng giải quyết. Mời bác hỏi lại ở điểm"),
    9: _l("Đã có kết quả, mời bác đến nhận"),
    10: _l("Đã trả kết quả"),
}
TURNS = {
    "resident": _l("Đến lượt bác"),
    "ward": _l("Phường đang làm"),
    "nobody": _l("Đã xong"),
}
# The portal's own names, for volunteers who look at the portal while they tap.
PORTAL = {
    1: _l("Mới đăng ký"), 2: _l("Được tiếp nhận"), 3: _l("Không được tiếp nhận"),
    4: _l("Đang xử lý"), 5: _l("Yêu cầu bổ sung giấy tờ"),
    6: _l("Yêu cầu thực hiện nghĩa vụ tài chính"), 7: _l("Công dân yêu cầu rút hồ sơ"),
    8: _l("Dừng xử lý"), 9: _l("Đã xử lý xong"), 10: _l("Đã trả kết quả"),
}  # fmt: skip
_TROUBLE = {
    "bad_look_up": _l("Mã tra cứu có bốn chữ và số, in ở cuối phiếu. Bác xem lại."),
    "bad_number": _l("Số trên phiếu là số đã gọi hôm đó. Bác xem lại."),
    "not_found": _l("Không thấy hồ sơ nào có số và mã này. Bác xem lại phiếu."),
    "bad_dossier_code": _l("Mã chưa đúng. Mã hồ sơ có dạng H15.50.05.13-261008-0975."),
    "bad_status": _l("Bạn chọn một trạng thái."),
    "dossier_over": _l("Hồ sơ này đã xong, không bổ sung được nữa."),
    "too_short": _l("Bạn ghi nơi nhận và thời gian."),
    "too_long": _l("Nội dung dài quá. Bạn viết ngắn lại."),
    "bad_ending": _l("Bạn chọn một câu trả lời."),
    "place_taken": _l("Giờ này vừa có người hẹn, hoặc điểm nghỉ. Xin chọn giờ khác."),
    "too_many_tickets": _l("Lấy số nhanh quá. Đợi một phút rồi làm lại."),
}


def plain(status: int) -> str:
    return str(PLAIN[status])


def whose(status: int) -> tuple[str, str]:
    """(resident, ward or nobody; in words)."""
    who = turn(status)
    return who, str(TURNS[who])


def trouble(code: str) -> str:
    return str(_TROUBLE.get(code, _("Chưa làm được. Không có gì bị mất; bạn thử lại.")))


def left_words(ends_at: str, now: Moment) -> str:
    """How long a draft can still be read: "còn 11 giờ"."""
    minutes = int((parse_utc(ends_at) - now.at).total_seconds() // 60)
    if minutes <= 0:
        return str(_("đã hết giờ"))
    if minutes < 60:
        return str(_("còn %(n)s phút", n=minutes))
    return str(_("còn %(n)s giờ", n=minutes // 60))

"""This file is every sentence for something that went wrong or stands out, by its code.

Each error says what happened, what is safe and what to do now, in the voice of a kind neighbour.
Machines speak in stable codes; only here do codes become words.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l


@dataclass(frozen=True)
class Words:
    """`title` what happened; `text` what is safe; `now` what to do. All may be lazy."""

    title: Any
    text: Any
    now: Any


_ASK = _l("Bác bấm Gọi giúp, hoặc nói với người trực ạ.")
_AGAIN = _l("Bác về trang đầu rồi làm lại giúp cháu ạ.")

# By HTTP status, for errors without a code of ours.
STATUS: dict[int, Words] = {
    400: Words(
        _l("Cháu chưa hiểu yêu cầu này"),
        _l("Chưa có gì thay đổi. Số và giấy tờ của bác vẫn còn nguyên."),
        _AGAIN,
    ),
    403: Words(
        _l("Chỗ này chưa mở được"),
        _l("Chưa có gì thay đổi. Số và giấy tờ của bác vẫn còn nguyên."),
        _AGAIN,
    ),
    404: Words(
        _l("Không có trang này"),
        _l("Số và giấy tờ của bác vẫn còn nguyên."),
        _l("Bác về trang đầu ạ. Số đã lấy thì người trực vẫn thấy."),
    ),
    405: Words(_l("Chỗ này không mở theo cách đó"), _l("Chưa có gì thay đổi."), _AGAIN),
    413: Words(
        _l("Nội dung gửi lên lớn quá"),
        _l("Chưa có gì được lưu. Số và giấy tờ của bác vẫn còn nguyên."),
        _l("Bác gửi ít hơn, hoặc nhờ người trực chụp lại ạ."),
    ),
    429: Words(
        _l("Có nhiều người bấm cùng lúc quá"),
        _l("Những số đã lấy vẫn còn nguyên."),
        _l("Bác đợi một chút rồi bấm lại ạ."),
    ),
    500: Words(
        _l("Máy vừa vấp một chút"),
        _l("Số và giấy tờ đã có vẫn còn nguyên."),
        _l("Bác làm lại một lần nữa. Nếu vẫn vậy, bác bấm Gọi giúp ạ."),
    ),
    503: Words(
        _l("Máy đang bận"),
        _l("Số và giấy tờ đã có vẫn còn nguyên."),
        _l("Bác đợi một phút rồi làm lại ạ."),
    ),
}

# By the stable code of an error.
ERROR: dict[str, Words] = {
    "foreign_host": Words(
        _l("Địa chỉ này không phải của điểm hỗ trợ"),
        _l("Chưa có gì thay đổi."),
        _l("Bác quét lại mã ở bàn, hoặc gõ địa chỉ ghi trên bảng ạ."),
    ),
    "foreign_origin": Words(
        _l("Yêu cầu này đến từ một trang khác"),
        _l("Máy không làm theo, để giữ an toàn cho bác. Chưa có gì thay đổi."),
        _l("Bác mở trang đầu của điểm hỗ trợ rồi làm lại ạ."),
    ),
    "not_signed_in": Words(
        _l("Phần này dành cho người trực"),
        _l("Chưa có gì thay đổi."),
        _l("Anh chị đăng nhập bằng mã số của mình rồi làm lại ạ."),
    ),
    "no_voice": Words(
        _l("Máy này chưa đọc được"),
        _l("Số và giấy tờ của bác vẫn còn nguyên."),
        _l("Bác bấm Gọi giúp, sẽ có người đọc cho bác."),
    ),
    "voice_busy": Words(
        _l("Máy đang đọc cho màn hình khác"),
        _l("Số và giấy tờ của bác vẫn còn nguyên."),
        _l("Bác đợi một chút rồi bấm Nghe lại ạ."),
    ),
    "too_many_practices": Words(
        _l("Đang có nhiều bạn tập quá"),
        _l("Chưa có gì thay đổi."),
        _l("Bạn đợi vài phút rồi thử lại."),
    ),
    "phone_out": Words(
        _l("Điện thoại này đã được cho ra"),
        _l("Giấy tờ của bà con vẫn an toàn."),
        _l("Muốn dùng lại, bạn quét mã mới ở bàn trực."),
    ),
    "too_many_phones": Words(
        _l("Đã có nhiều điện thoại quá"),
        _l("Chưa có gì thay đổi."),
        _l("Bạn cho ra những điện thoại không dùng nữa, rồi thử lại."),
    ),
    "bad_key": Words(
        _l("Trang này mở đã lâu"),
        _l("Máy chưa ghi gì thêm."),
        _l("Bác về trang đầu rồi chọn lại một lần ạ."),
    ),
    "unknown_service": Words(
        _l("Không có việc này trong danh sách"),
        _l("Máy chưa lấy số nào."),
        _l("Bác về trang đầu và chọn lại. Việc khác thì bác chọn “Hỏi việc khác” ạ."),
    ),
    "too_many_tickets": Words(
        _l("Có nhiều người lấy số cùng lúc quá"),
        _l("Những số đã lấy vẫn còn nguyên."),
        _l("Bác đợi một phút rồi bấm lại ạ."),
    ),
    "too_many_withdrawn": Words(
        _l("Vừa gọi giúp rồi thôi nhiều lần quá"),
        _l("Lời gọi giúp vẫn còn, người trực vẫn được báo."),
        _l("Bác đợi một phút rồi bấm lại ạ."),
    ),
    "too_many_waiting": Words(
        _l("Hôm nay đã có rất nhiều người đợi"),
        _l("Những số đã lấy vẫn còn nguyên."),
        _l("Bác hỏi người trực xem nên đợi hay quay lại lúc khác ạ."),
    ),
    "too_many_copies": Words(
        _l("Phiếu này đã in nhiều lần rồi"),
        _l("Số của bác vẫn còn nguyên."),
        _l("Bác nhớ số trên màn hình là được. Cần phiếu, bác nói với người trực ạ."),
    ),
    "too_many_slips": Words(
        _l("Máy đang in nhiều phiếu quá"),
        _l("Danh sách giấy vẫn còn trên màn hình."),
        _l("Bác đợi một phút rồi bấm in lại ạ."),
    ),
    "open_questions": Words(
        _l("Còn câu hỏi chưa có câu trả lời"),
        _l("Chưa in gì cả."),
        _l("Bác quay lại, chọn câu trả lời rồi xem giấy ạ."),
    ),
    "unknown_procedure": Words(
        _l("Không có việc này trong danh sách"),
        _l("Số và giấy tờ của bác vẫn còn nguyên."),
        _l("Bác về trang đầu và tìm lại, hoặc hỏi người trực ạ."),
    ),
    "unknown_ticket": Words(
        _l("Cháu không tìm thấy số này"),
        _l("Có thể số này của một hôm trước."),
        _l("Bác về trang đầu lấy số mới, hoặc hỏi người trực ạ."),
    ),
    "wrong_pin": Words(
        _l("Mã số chưa đúng"),
        _l("Chưa có gì thay đổi."),
        _l("Anh chị chọn đúng tên mình rồi gõ lại mã số ạ."),
    ),
    "too_many_pins": Words(
        _l("Gõ sai mã số nhiều lần rồi"),
        _l("Để giữ an toàn, máy tạm dừng nhận mã số."),
        _l("Anh chị đợi hết thời gian ghi dưới đây rồi gõ lại ạ."),
    ),
    "disk_full": Words(
        _l("Chưa ghi được. Thẻ nhớ đầy rồi"),
        _l("Những số đã lấy và giấy tờ đã chụp vẫn còn nguyên."),
        _l("Bác nói với người trực ạ. Người trực vẫn tiếp bác theo thứ tự, ghi tay cũng được."),
    ),
    "card_failing": Words(
        _l("Thẻ nhớ đang trục trặc"),
        _l("Chưa có gì thay đổi."),
        _l("Bác nói với người trực ạ. Người trực vẫn tiếp bác theo thứ tự, ghi tay cũng được."),
    ),
    "read_only": Words(
        _l("Chưa ghi được. Thẻ nhớ bị khóa"),
        _l("Những số đã lấy và giấy tờ đã chụp vẫn còn nguyên."),
        _l("Bác nói với người trực ạ. Người trực vẫn tiếp bác theo thứ tự, ghi tay cũng được."),
    ),
    "busy": Words(
        _l("Máy đang bận ghi"),
        _l("Chưa có gì thay đổi."),
        _l("Bác đợi vài giây rồi bấm lại ạ."),
    ),
    "ticket_moved_on": Words(
        _l("Số này đã chuyển sang bước khác"),
        _l("Không có gì bị mất."),
        _l("Anh chị xem lại danh sách rồi làm tiếp ạ."),
    ),
    "ask_at_the_desk": Words(
        _l("Phiếu này đã in, hoặc đang chờ người trực xem"),
        _l("Số của bác vẫn còn nguyên."),
        _l("Cần thêm một phiếu, bác nói với người trực ạ."),
    ),
    "call_ended": Words(
        _l("Lần gọi giúp này đã kết thúc"),
        _l("Không có gì bị mất."),
        _l("Nếu vẫn cần, bác bấm Gọi giúp lần nữa ạ."),
    ),
}
ERROR |= {
    "too_many_guesses": Words(
        _l("Gõ mã tra cứu sai nhiều lần rồi"),
        _l("Để giữ kín hồ sơ, máy tạm dừng tra cứu. Hồ sơ của bác vẫn còn nguyên."),
        _l("Bác đợi hết thời gian ghi dưới đây, hoặc hỏi người trực ạ."),
    ),
    "too_many_votes": Words(
        _l("Vừa có nhiều người chọn quá"),
        _l("Những ý đã ghi vẫn còn nguyên."),
        _l("Bác chọn lại sau một lát ạ."),
    ),
    "unknown_dossier": Words(
        _l("Không thấy hồ sơ này"),
        _l("Không có gì bị mất."),
        _l("Bạn về danh sách hồ sơ rồi mở lại."),
    ),
    "unknown_slip": Words(
        _l("Điểm này không thấy phiếu đó"),
        _l("Không có gì bị mất."),
        _l("Bác gõ số và mã tra cứu ở dưới, hoặc hỏi người trực ạ."),
    ),
    "bad_look": Words(
        _l("Chưa đọc được mã trên phiếu"),
        _l("Không có gì bị mất."),
        _l("Bác quét lại cho cả hình vuông nằm trong khung ạ."),
    ),
    "unknown_appointment": Words(
        _l("Không thấy lịch hẹn này"),
        _l("Không có gì bị mất."),
        _l("Bác hỏi người trực, hoặc hẹn lại ạ."),
    ),
}
# The same sentence serves several codes.
ERROR["too_many_pins_house"] = ERROR["too_many_pins"]
ERROR["store"] = STATUS[503]

# Notices on every screen, by code. `printer_*` and the like: kind and check code.
NOTICE: dict[str, Any] = {
    "draft": _l("Có bản nháp cần người trực xem ngay, sắp hết giờ."),
    "link_down": _l("ĐANG MẤT MẠNG – vẫn lấy số được"),
    "devices_silent": _l("Máy in và máy ảnh đang khởi động lại. Vẫn lấy số được."),
    "printer_paper_out": _l("Máy in hết giấy. Vẫn lấy số được, số hiện trên màn hình."),
    "printer_cover_open": _l("Nắp máy in đang mở. Vẫn lấy số được, số hiện trên màn hình."),
    "printer_off": _l("Máy in đang tắt. Vẫn lấy số được, số hiện trên màn hình."),
    "printer": _l("Máy in chưa in được. Vẫn lấy số được, số hiện trên màn hình."),
    "camera": _l("Máy ảnh chưa chụp được. Vẫn lấy số và hỏi việc được."),
    "panel_button_stuck": _l("Nút bấm gọi giúp đang bị kẹt. Bác bấm Gọi giúp trên màn hình ạ."),
    "panel": _l("Nút bấm gọi giúp chưa dùng được. Bác bấm Gọi giúp trên màn hình ạ."),
}
MACHINE: dict[str, Any] = {
    "printer": _l("máy in"),
    "camera": _l("máy ảnh"),
    "panel": _l("nút bấm"),
    "clock": _l("đồng hồ"),
}

# Why a slip is not printed yet, as part of a sentence, by the printer's check code.
PRINTER: dict[str, Any] = {
    "paper_out": _l("máy in hết giấy"),
    "cover_open": _l("nắp máy in đang mở"),
    "off": _l("máy in đang tắt"),
    "silent": _l("máy in không trả lời"),
    "printer_error": _l("máy in báo lỗi"),
    "lost": _l("máy chưa nối được với máy in"),
    "denied": _l("máy chưa nối được với máy in"),
    "bad": _l("máy in đang bận"),
}


def of_error(code: str, status: int) -> Words:
    """The words for an error: by its code, else by its status, else the general ones."""
    return ERROR.get(code) or STATUS.get(status) or STATUS[500 if status >= 500 else 400]


def of_notice(notice: dict[str, Any]) -> str:
    """One sentence for a notice of notices.py."""
    code = str(notice["code"])
    if code == "virtual":
        kinds = ", ".join(str(MACHINE[kind]) for kind in notice["kinds"])
        return str(_("ĐANG THỬ – %(kinds)s không phải máy thật", kinds=kinds))
    return str(NOTICE.get(code) or NOTICE[code.split("_")[0]])


def of_printer(code: str) -> str:
    """Why the printer does not print, as part of a sentence."""
    return str(PRINTER.get(code) or PRINTER["bad"])


def of_wait(seconds: float) -> str:
    """How long to wait, in words a person can act on."""
    if seconds < 60:
        return str(_("%(n)s giây", n=max(1, round(seconds))))
    return str(_("%(n)s phút", n=-(-round(seconds) // 60)))

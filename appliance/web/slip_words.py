"""This file says in plain words where a slip is: waiting, printing, on paper, or in doubt."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from appliance.store.database import Row

Mood = Literal["busy", "done", "care", "ask"]

# What a person does about it, by the code of the printer.
PRINTER_REMEDY = {
    "paper_out": _l("Máy in hết giấy. Mở nắp, đặt cuộn giấy mới, đóng nắp lại là máy in tiếp."),
    "paper_low": _l("Giấy in sắp hết. Để sẵn một cuộn giấy mới."),
    "cover_open": _l("Nắp máy in đang mở. Đóng nắp lại là máy in tiếp."),
    "off": _l("Máy in đang tắt hoặc chưa cắm dây. Bật máy in lên."),
    "offline": _l("Máy in đang tạm dừng. Bấm nút trên máy in để chạy tiếp."),
    "silent": _l("Máy in không trả lời. Tắt máy in rồi bật lại."),
    "stalled": _l("Máy in đứng giữa chừng. Tắt máy in rồi bật lại."),
    "lost": _l("Mất nối với máy in. Xem lại dây máy in."),
    "printer_error": _l("Máy in báo lỗi. Tắt máy in, xem có kẹt giấy không, rồi bật lại."),
    "none": _l("Điểm này chưa nối máy in. Bạn chép số ra giấy giúp bác."),
    "printer_none": _l("Điểm này chưa nối máy in. Bạn chép số ra giấy giúp bác."),
}


@dataclass(frozen=True)
class SlipWords:
    """`mood` for the mark; `again` says whether printing once more may be offered."""

    mood: Mood
    text: str
    remedy: str
    again: bool


def slip_words(job: Row) -> SlipWords:
    """Where the slip of a print job is, and what to do now."""
    remedy = str(PRINTER_REMEDY.get(job["code"], ""))
    match job["state"]:
        case "queued":
            if job["code"]:
                return SlipWords("care", _("Phiếu đang đợi máy in."), remedy, again=False)
            return SlipWords("busy", _("Phiếu sắp được in."), "", again=False)
        case "sending":
            return SlipWords("busy", _("Đang in phiếu."), "", again=False)
        case "printed":
            return SlipWords("done", _("Phiếu đã in xong."), "", again=True)
        case "sent_unconfirmed" if job["code"] == "seen":
            return SlipWords("done", _("Phiếu đã in xong."), "", again=True)
        case "sent_unconfirmed":
            return SlipWords(
                "done", _("Đã gửi phiếu sang máy in. Bạn nhìn xem phiếu ra chưa."), "", again=True
            )
        case "needs_operator":
            return SlipWords(
                "ask", _("Máy in dừng giữa chừng. Bạn nhìn xem phiếu có ra không."), remedy, False
            )
        case "expired":
            return SlipWords("care", _("Phiếu đợi lâu quá nên chưa in."), remedy, again=True)
        case "cancelled":
            return SlipWords("care", _("Phiếu đã thôi không in."), "", again=True)
        case _:
            return SlipWords("care", _("Phiếu chưa in được."), remedy, again=True)

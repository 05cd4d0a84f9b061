"""This file says in plain words where a slip is: waiting, printing, on paper, or in doubt."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from flask_babel import gettext as _

from appliance.store.database import Row
from appliance.web.words.check import WORDS

Mood = Literal["busy", "done", "care", "ask"]


@dataclass(frozen=True)
class SlipWords:
    """`mood` for the mark; `again` says whether printing once more may be offered."""

    mood: Mood
    text: str
    remedy: str
    again: bool


def slip_words(job: Row) -> SlipWords:
    """Where the slip of a print job is, and what to do now."""
    remedy = str(WORDS["printer"].get(job["code"], ""))
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

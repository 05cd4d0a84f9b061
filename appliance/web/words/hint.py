"""This file says in a few words what to do under the camera, with the picture that shows it.

Codes come from devices.shutter, paper.glance and paper.judge. One that is not listed has the words
of "?": whoever adds a code need not wait for its words.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

from flask_babel import lazy_gettext as _l

Mood = Literal["good", "wait", "do"]


@dataclass(frozen=True)
class HintWords:
    """`picture` names static/do-….svg; `mood` is good (go on), wait, or do (something)."""

    text: Any
    picture: str
    mood: Mood = "do"


HINTS: dict[str, HintWords] = {
    "ready": HintWords(_l("Tốt rồi. Bấm chụp."), "press", "good"),
    "steady": HintWords(_l("Tốt rồi. Giữ yên."), "still", "good"),
    "moving": HintWords(_l("Giữ yên."), "still", "wait"),
    "busy": HintWords(_l("Đang chụp. Giữ yên."), "still", "wait"),
    "taken": HintWords(_l("Tờ này chụp rồi. Đặt tờ tiếp theo."), "next", "wait"),
    "card": HintWords(_l("Đây là thẻ. Thẻ chỉ xem, máy không tự chụp."), "look", "wait"),
    "no_sheet": HintWords(_l("Chưa thấy giấy. Đặt giấy vào giữa."), "lay"),
    "unsure": HintWords(_l("Chưa rõ mép giấy. Chỉ để một tờ, trên nền sẫm."), "one"),
    "several": HintWords(_l("Có nhiều tờ. Chỉ để một tờ."), "one"),
    "cut_off": HintWords(_l("Đẩy giấy vào trong."), "push"),
    "glare": HintWords(_l("Lóa đèn. Xoay đèn đi một chút."), "lamp"),
    "overexposed": HintWords(_l("Sáng quá. Che bớt đèn."), "shade"),
    "dark": HintWords(_l("Tối quá. Bật thêm đèn."), "light"),
    "covered": HintWords(_l("Bỏ tay ra khỏi giấy."), "finger"),
    "folded": HintWords(_l("Vuốt phẳng nếp gấp."), "flat"),
    "curled": HintWords(_l("Vuốt phẳng tờ giấy."), "flat"),
    "blurred": HintWords(_l("Ảnh mờ. Giữ yên giấy."), "still"),
    "?": HintWords(_l("Xem lại tờ giấy rồi bấm chụp."), "look"),
}

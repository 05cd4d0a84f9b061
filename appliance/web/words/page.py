"""This file says in plain words how a page turned out and why a picture was not taken.

The law's words are: rõ nét, đầy đủ, toàn vẹn. This is the one place where a check becomes a
sentence; whoever stands at the table must know from it what to do next.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

Verdict = Literal["good", "look", "bad"]

_GOOD = {"sharp": _l("rõ nét"), "complete": _l("đầy đủ"), "unharmed": _l("toàn vẹn")}
_BAD = {"sharp": _l("chưa rõ nét"), "complete": _l("chưa đầy đủ"), "unharmed": _l("chưa toàn vẹn")}

# What to do about it, by the code of paper.judge, and the drawing that shows it (do-….svg).
_ADVICE = {
    "blurred": _l("Ảnh bị mờ. Để giấy nằm yên, bỏ tay ra rồi chụp lại."),
    "cut_off": _l("Mép giấy nằm ngoài ảnh. Kéo giấy vào giữa bàn rồi chụp lại."),
    "glare": _l("Có chỗ bị lóa đèn. Xoay tờ giấy đi một chút rồi chụp lại."),
    "covered": _l("Có vật che lên giấy. Bỏ tay hoặc vật đó ra rồi chụp lại."),
    "folded": _l("Giấy có nếp gấp qua chữ. Vuốt phẳng rồi chụp lại."),
    "curled": _l("Giấy bị cong. Vuốt phẳng rồi chụp lại."),
    "several": _l("Có nhiều tờ. Chỉ để một tờ, hoặc kéo bốn góc vào tờ cần lấy."),
    "dark": _l("Ảnh tối quá. Bật thêm đèn rồi chụp lại."),
    "overexposed": _l("Ảnh sáng quá. Che bớt đèn hoặc nắng rồi chụp lại."),
    "no_sheet": _l("Chưa thấy rõ mép giấy. Bạn kéo bốn góc vào đúng góc tờ giấy."),
    "little_text": _l("Tờ giấy ít chữ nên máy không đo được. Bạn xem chữ có rõ không."),
}
_PICTURES = {
    "blurred": "still",
    "cut_off": "push",
    "glare": "lamp",
    "covered": "finger",
    "folded": "flat",
    "curled": "flat",
    "several": "one",
    "dark": "light",
    "overexposed": "shade",
    "no_sheet": "corners",
}
# No sheet was cut out: the page is the whole photo until a person has placed the corners.
_BY_HAND = ("no_sheet", "several")
_CHECKS = ("sharp", "complete", "unharmed")

_PICTURE_TROUBLE = {
    "camera_none": _l("Chưa nối máy ảnh. Xem lại dây máy ảnh, rồi thử lại."),
    "camera_stalled": _l("Máy ảnh không trả lời. Đợi vài giây, rồi thử lại."),
    "camera_busy": _l("Máy ảnh đang chụp trang trước. Đợi một chút, rồi thử lại."),
    "camera_bad_photo": _l("Ảnh bị hỏng giữa chừng. Bạn bấm chụp lại."),
    "disk_full": _l("Thẻ nhớ đã đầy nên không giữ thêm trang được. Báo phường giúp."),
    "page_failed": _l("Máy chưa làm được trang này từ ảnh. Bạn bấm chụp lại."),
    "not_written": _l(
        "Thẻ nhớ không ghi được trang này. Bạn bấm chụp lại; nếu vẫn vậy, báo phường giúp."
    ),
    "ram_full": _l("Bộ nhớ tạm đã đầy. Bấm xong những lượt đã tiếp xong, rồi chụp lại."),
    "truncated": _l("Ảnh bị đứt giữa chừng. Bạn bấm chụp lại."),
    "not_an_image": _l("Máy ảnh không gửi ảnh đọc được. Bạn bấm chụp lại."),
    "too_small": _l("Ảnh nhỏ quá, không đọc được. Bạn bấm chụp lại."),
    "too_large": _l("Ảnh lớn quá, máy không xử lý được. Bạn bấm chụp lại."),
    "photo_lost": _l("Ảnh từ điện thoại không còn trong máy. Bạn chụp lại giúp."),
    "empty": _l("Điện thoại chưa gửi ảnh nào. Bạn chụp lại giúp."),
    "sent_damaged": _l("Ảnh gửi lên bị hỏng. Bạn chụp lại giúp."),
    "sent_not_an_image": _l("Điện thoại gửi kiểu tệp khác. Bạn chụp bằng nút này giúp."),
    "never_captured": _l("Giấy này chỉ xem, không chụp."),
    "page_locked": _l("Trang này đang khóa. Mở bằng phiếu trước đã."),
    "unknown_page": _l("Trang này vừa được bỏ ra khỏi lượt."),
    "bad_corners": _l("Bốn góc chưa thành hình tờ giấy. Xin đặt lại."),
    "no_card_code": _l("Không thấy mã trên thẻ. Đặt thẻ phẳng, mã quay lên, sát giữa bàn."),
    "not_a_card": _l("Mã này không phải của thẻ căn cước. Xem lại thẻ, rồi thử lại."),
    "interrupted": _l("Máy vừa khởi động lại khi đang chụp. Bạn bấm chụp lại."),
    "too_late": _l("Máy ảnh bận lâu quá nên lần chụp đó đã bỏ. Bạn bấm chụp lại."),
    "not_a_key": _l("Không thấy mã trên phiếu. Đặt phiếu phẳng, mã quay lên, rồi thử lại."),
    "no_key": _l("Không thấy mã trên phiếu. Đặt phiếu phẳng, mã quay lên, rồi thử lại."),
    "no_key_in_photo": _l("Không thấy mã trên phiếu. Đặt phiếu phẳng, mã quay lên, rồi thử lại."),
    "wrong_key": _l("Phiếu này là của số khác. Xin đúng phiếu của lượt này."),
    "pages_gone": _l("Các trang đã hết hạn giữ nên đã xóa. Xin chụp lại giấy tờ."),
    "damaged": _l("Có trang đã hỏng trên thẻ nhớ. Xin chụp lại giấy tờ."),
    "visit_closed": _l("Lượt này đã xong trước khi chụp kịp."),
}


@dataclass(frozen=True)
class PageWords:
    """`verdict` for the mark, `summary` one line, `advice` what to do (empty when good).

    `drawings`: for each piece of advice the name of the drawing that shows it. `by_hand`: no sheet
    was cut out, and a person has to place the corners.
    """

    verdict: Verdict
    summary: str
    advice: list[str]
    drawings: list[str] = field(default_factory=list)
    by_hand: bool = False


def judged(checks: Mapping[str, Any]) -> PageWords:
    """The words for a page's checks, {"sharp": {"state": "ok" | "bad" | "unknown", "code": …}, …}.

    A check that is not there was not made: the person is asked to look.
    """
    found = {name: _state_and_code(checks.get(name)) for name in _CHECKS}
    states = [state for state, _code in found.values()]
    verdict: Verdict = "bad" if "bad" in states else "look" if "unknown" in states else "good"
    words = {"ok": _GOOD, "bad": _BAD}
    said = [str(words[state][name]) for name, (state, _code) in found.items() if state != "unknown"]
    if verdict == "look" or not said:
        said.append(_("bạn xem lại giúp"))
    several = found["complete"][1] == "several"
    advice: dict[str, str] = {}
    for state, code in sorted(found.values()):  # bad before unknown: what must be done comes first
        sentence = str(_ADVICE[code]) if state != "ok" and code in _ADVICE else ""
        if several and code == "no_sheet":
            continue
        if sentence and not (verdict == "bad" and state == "unknown"):
            advice.setdefault(sentence, _PICTURES.get(code, "look"))
    if verdict == "bad" and not advice:
        advice[_("Bạn xem lại tờ giấy, rồi bấm chụp lại.")] = "look"
    by_hand = found["complete"][1] in _BY_HAND
    return PageWords(verdict, ", ".join(said), [*advice], [*advice.values()], by_hand)


def why_no_picture(code: str) -> str:
    """What happened to a picture that was not taken, and what to do now."""
    return str(_PICTURE_TROUBLE.get(code, _("Chưa chụp được. Bạn thử lại một lần nữa.")))


def opened_count(code: str) -> int:
    """How many pages a slip under the camera opened, from the capture's code ("opened_3")."""
    tail = code.removeprefix("opened_")
    return int(tail) if tail.isdigit() else 0


def _state_and_code(check: Any) -> tuple[str, str]:
    if isinstance(check, str):
        check = {"state": check}
    if not isinstance(check, Mapping) or check.get("state") not in ("ok", "bad"):
        return "unknown", str(check.get("code", "")) if isinstance(check, Mapping) else ""
    return str(check["state"]), str(check.get("code", ""))

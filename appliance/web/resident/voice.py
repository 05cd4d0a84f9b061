"""This file asks residents: three faces, remarks by topic, wishes. Nobody is named."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, make_response, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from werkzeug.wrappers import Response

from appliance.core import voice as rules
from appliance.errors import BadInput, HienError
from appliance.service import voice as service
from appliance.web import forms
from appliance.web.current import now, parts, store, wants_json
from appliance.web.door.access import open_to_all
from appliance.web.same_page import done_or_told

voice = Blueprint("voice", __name__)

FACE_QUESTIONS = {
    "manner": _l("Người hướng dẫn có ân cần không?"),
    "clear": _l("Hướng dẫn có dễ hiểu không?"),
    "finished": _l("Việc của bác có xong không?"),
}
TOPICS = {
    "environment": _l("Vệ sinh môi trường"),
    "security": _l("An ninh trật tự"),
    "traffic": _l("An toàn giao thông"),
    "housing": _l("Nhà đất, xây dựng"),
    "other": _l("Việc khác"),
}
HOURS_WISHES = {
    "morning": _l("Buổi sáng"),
    "afternoon": _l("Buổi chiều"),
    "evening": _l("Buổi tối"),
    "saturday": _l("Thứ Bảy"),
    "sunday": _l("Chủ nhật"),
}
_TROUBLE = {
    "unknown_topic": _l("Bác chọn một chuyện ở trên giúp ạ."),
    "too_long": _l("Bác viết ngắn lại, nhiều nhất 300 chữ cái ạ."),
    "too_short": _l("Bác viết thêm một chút để phường hiểu ạ."),
    "names_somebody": _l("Có dãy số hoặc thư điện tử. Bác bỏ ra để không lộ ai ạ."),
    "bad_text": _l("Có ký tự máy không hiện được. Bác viết lại ạ."),
    "too_many_remarks": _l("Vừa có nhiều góp ý quá. Bác gửi lại sau một lát ạ."),
}


def face_questions() -> dict[str, str]:
    return {key: str(words) for key, words in FACE_QUESTIONS.items()}


@voice.post("/tickets/<ticket_id>/faces")
@open_to_all
def rate(ticket_id: str) -> Response:
    """Fields manner, clear, finished: 3, 2, 1 or left out. Nothing chosen is no error."""
    forms.small_form()
    faces = {
        q: forms.whole(q, least=1, most=3) if request.form.get(q) else None for q in rules.QUESTIONS
    }
    try:
        service.rate(store(), now(), ticket_id, faces)
    except BadInput as e:
        if wants_json() or e.code != "no_face":
            raise
    return redirect(url_for("tickets.page", ticket_id=ticket_id) + "#faces", code=303)


@voice.get("/voice")
@open_to_all
def page() -> Response:
    return shown()


@voice.post("/voice/remark")
@open_to_all
def remark() -> Response:
    """Fields topic, text, key. The text goes to the ward and is shown nowhere in the house."""
    forms.small_form()
    key = forms.key()
    return done_or_told(
        lambda: service.remark(
            store(), now(), key=key, topic=forms.text("topic", most=20),
            text=request.form.get("text", ""),
        ),
        lambda: url_for("voice.thanks", key=key),
        shown,
    )  # fmt: skip


@voice.get("/voice/thanks/<key>")
@open_to_all
def thanks(key: str) -> str:
    """Has the ward got it? The page says so as soon as it has."""
    return render_template("voice_thanks.html", arrived=service.has_arrived(store(), key))


@voice.post("/voice/vote")
@open_to_all
def vote() -> Response:
    """Field hours or service holds the choice; one tap."""
    forms.small_form()
    kind = "hours" if request.form.get("hours") else "service"
    choice = forms.text(kind, most=60)
    service.vote(
        store(), now(), key=forms.key(), kind=kind, choice=choice, catalogue=parts().catalogue
    )
    return redirect(url_for("voice.thanks", key="vote"), code=303)


def shown(error: HienError | None = None, status: int = 200) -> Response:
    typed: dict[str, Any] = {}
    if error:
        typed = {n: request.form.get(n, "")[: 2 * rules.TEXT_MOST] for n in ("topic", "text")}
    trouble = str(_TROUBLE.get(error.code, _("Chưa gửi được. Bác thử lại ạ."))) if error else ""
    page = render_template(
        "voice.html", topics=TOPICS, wishes=HOURS_WISHES, services=parts().catalogue.services,
        typed=typed, trouble=trouble, text_most=rules.TEXT_MOST,
    )  # fmt: skip
    return make_response(page, status)

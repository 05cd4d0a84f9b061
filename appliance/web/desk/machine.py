"""This file is the page of the machine itself: address, Wi-Fi, releases, a restart, the end.

The room can do none of this. It asks root's helper, which does four things and no more; on a
machine without one (a developer's, the demo) the page says so.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from flask import Blueprint, current_app, make_response, render_template, request, url_for
from flask_babel import lazy_gettext as _l
from werkzeug.wrappers import Response

from appliance import __version__, ask_root
from appliance.errors import HienError, NotAllowed
from appliance.service import box_slips, volunteers
from appliance.store import quiet, release_files
from appliance.web import forms
from appliance.web.current import now, parts, store, volunteer
from appliance.web.door.access import volunteers_only
from appliance.web.same_page import done_or_told

machine = Blueprint("machine", __name__)

# What stands in the way, by code; what is safe is said with it.
TROUBLE = {
    "no_helper": _l("Máy này không đổi được từ đây. Chưa có gì thay đổi."),
    "not_allowed": _l("Máy không cho làm việc này. Chưa có gì thay đổi."),
    "too_soon": _l("Máy vừa khởi động. Bạn đợi hai phút rồi thử lại."),
    "busy": _l("Đang có người được giúp. Bạn đợi xong rồi làm."),
    "bad_name": _l("Tên Wi-Fi chưa đúng. Bạn gõ lại như trên cục phát."),
    "bad_password": _l("Mật khẩu Wi-Fi có từ 8 đến 63 ký tự, không dấu."),
    "wrong_house": _l("Mã điểm chưa đúng. Chưa xoá gì cả."),
    "no_file": _l("Không còn bản mới nào đợi. Chưa có gì thay đổi."),
    "wrong_pin": _l("Mã số chưa đúng. Chưa có gì thay đổi."),
    "too_many_pins": _l("Gõ sai nhiều lần. Bạn đợi một lát rồi thử lại."),
}
ELSE = _l("Chưa làm được. Chưa có gì thay đổi. Bạn thử lại, hoặc gọi phường.")

DONE = {
    "printed": _l("Phiếu địa chỉ đang in."),
    "wifi": _l("Đã ghi Wi-Fi. Máy nối lại trong một phút, địa chỉ có thể đổi."),
    "restart": _l("Máy đang khởi động lại. Khoảng hai phút nữa dùng được."),
    "update": _l("Máy đang chuẩn bị bản mới. Khoảng mười phút nữa máy tự mở lại."),
    "forgotten": _l("Máy đang xoá sạch và khởi động lại."),
}


@machine.get("/desk/machine")
@volunteers_only
def page() -> Response:
    return _shown()


@machine.post("/desk/machine/address")
@volunteers_only
def print_address() -> Response:
    """The slip that says where the pages are, once more."""
    forms.small_form()
    house = parts().house
    return _do(
        lambda: box_slips.address(store(), now(), [house.address], key=forms.key()), "printed"
    )


@machine.post("/desk/machine/wifi")
@volunteers_only
def set_wifi() -> Response:
    """Fields name, password (empty: an open network) and pin. Neither is kept or logged here."""
    forms.small_form()

    def act() -> None:
        _is_you()
        ask_root.ask(
            "set-wifi",
            name=forms.text("name", most=32),
            password=request.form.get("password", "")[:64],
        )

    return _do(act, "wifi")


@machine.post("/desk/machine/update")
@volunteers_only
def update() -> Response:
    """Try the release that waits, now: for a house whose box is dark at night."""
    forms.small_form()

    def act() -> None:
        _nobody_is_served()
        version = _waiting()
        if version is None:
            raise ask_root.RootRefused("no release is waiting", code="no_file")
        ask_root.ask("apply-update", file=f"{version}.hien")

    return _do(act, "update")


@machine.post("/desk/machine/restart")
@volunteers_only
def restart() -> Response:
    forms.small_form()

    def act() -> None:
        _nobody_is_served()
        ask_root.ask("reboot")

    return _do(act, "restart")


@machine.post("/desk/machine/forget")
@volunteers_only
def forget() -> Response:
    """Fields house (its id, typed) and pin: everything of this house goes, and cannot come back."""
    forms.small_form()

    def act() -> None:
        _nobody_is_served()
        typed = forms.text("house", most=40).lower()
        if typed != parts().house.id:
            raise ask_root.RootRefused("another house was typed", code="wrong_house")
        _is_you()
        ask_root.ask("factory-reset", house=typed)

    return _do(act, "forgotten")


def _nobody_is_served() -> None:
    if quiet.is_busy(store(), now()):
        raise ask_root.RootRefused("somebody is being served", code="busy")


def _waiting() -> str | None:
    return release_files.waiting(Path(parts().config["data.dir"]), __version__)


def _is_you() -> None:
    """The PIN once more: a desk left open for a moment changes no network."""
    volunteers.check_pin(store(), now(), volunteer()["id"], request.form.get("pin", "")[:20])


def _do(act: Callable[[], object], done: str) -> Response:
    def to() -> str:
        return url_for("machine.page", done=done)

    return done_or_told(act, to, _shown, also={ask_root.RootRefused: 409, NotAllowed: 400})


def _shown(error: HienError | None = None, status: int = 200) -> Response:
    if error:
        current_app.logger.info("the machine: %s", error.code)
    return make_response(
        render_template(
            "machine.html",
            trouble=TROUBLE.get(error.code, ELSE) if error else "",
            done=DONE.get(request.args.get("done", ""), ""),
            can=ask_root.is_there(),
            version=__version__,
            waiting=_waiting(),
            own_wifi=parts().house.own_wifi,
        ),
        status,
    )

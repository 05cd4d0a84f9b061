"""This file builds the ward's console: one page for people, three addresses for programs."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from flask import Flask, Response, jsonify, render_template, request
from werkzeug.exceptions import HTTPException

from ward.board import Board
from ward.listener import Listener
from ward.store.database import Store
from ward.web import (
    access,
    api,
    dossiers,
    exports,
    house,
    notices,
    pages,
    security,
    sign_in,
    watch,
    wishes,
)

ERRORS = {
    401: ("Phiên làm việc đã hết.", "Đăng nhập lại rồi làm tiếp. Việc vừa bấm chưa được gửi."),
    400: ("Địa chỉ này không đúng.", "Mở lại trang từ địa chỉ đã được cấp."),
    403: (
        "Yêu cầu này không được nhận.",
        "Tài khoản này chưa được giao việc đó, hoặc yêu cầu không đến từ trang này."
        " Tải lại trang rồi bấm lại; nếu vẫn không được, hỏi người trông máy chủ.",
    ),
    404: ("Không có trang này.", "Về bảng các nhà."),
    405: ("Không làm được việc này ở địa chỉ này.", "Về bảng các nhà."),
    409: ("Việc này đã có người làm hoặc đã hết.", "Về bảng các nhà để xem những gì còn đang chờ."),
    413: ("Nội dung gửi lên quá dài.", "Viết ngắn lại rồi gửi."),
    422: ("Chưa rõ ai đến hoặc bao lâu nữa đến.", "Ghi tên người đến và số phút rồi gửi lại."),
    503: ("Chưa ghi được vào máy chủ.", "Việc này chưa được gửi. Báo người trông máy chủ."),
}
OTHER = (
    "Máy chủ gặp lỗi.",
    "Chưa có gì bị mất. Tải lại trang; nếu vẫn lỗi, báo người trông máy chủ.",
)


@dataclass(frozen=True)
class Ward:
    """What the pages work with."""

    store: Store
    board: Board
    listener: Listener
    now: Callable[[], datetime] = lambda: datetime.now(UTC)
    open_to_all: bool = False  # no sign-in: for trying it out on loopback, never else
    programs_open: bool = False  # /metrics and /api/* answer without a token
    folder: Path | None = None  # where the intake lays dossiers
    identity_file: Path | None = None  # opens them; read anew for each, kept nowhere
    public_url: str = ""  # what people type, where a TLS proxy stands before the console


def create_app(ward: Ward, names: Callable[[], list[str]] | list[str]) -> Flask:
    """The console over these parts. `names`: the Host values it answers to, or who knows them."""
    app = Flask(__name__)
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True
    app.json.ensure_ascii = False  # type: ignore[attr-defined]
    security.protect(app, names, ward.public_url)
    access.guard(app, ward)
    for part in (sign_in, pages, house, dossiers, notices, watch, wishes, exports, api):
        app.register_blueprint(part.blueprint(ward))

    @app.errorhandler(Exception)
    def _say(error: Exception) -> tuple[Response | str, int]:
        code = error.code or 500 if isinstance(error, HTTPException) else 500
        if code == 500:
            app.logger.exception("a page failed")
        what, next_step = ERRORS.get(code, OTHER)
        if request.path.startswith("/api/") or request.accept_mimetypes.best == "application/json":
            return jsonify(error=what, next=next_step), code
        return render_template("error.html", what=what, next_step=next_step), code

    return app

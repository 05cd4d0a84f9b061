"""This file names the fields of an identity card as the portal's forms do."""

from __future__ import annotations

from typing import Any

from flask_babel import lazy_gettext as _l

NAMES: dict[str, Any] = {
    "number": _l("Số căn cước"),
    "old_number": _l("Số chứng minh cũ"),
    "name": _l("Họ, chữ đệm và tên"),
    "born_on": _l("Ngày sinh"),
    "sex": _l("Giới tính"),
    "residence": _l("Nơi thường trú"),
    "issued_on": _l("Ngày cấp"),
}

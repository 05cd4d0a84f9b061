"""This file takes what a form sent apart: lengths, NFC, whole numbers; nothing raw goes further."""

from __future__ import annotations

import re

from flask import request

from appliance.core.texts import one_line
from appliance.errors import BadInput
from appliance.service.take_ticket import KEY

SMALL_FORM_BYTES = 8 * 1024
_SHEET = re.compile(r"[0-9a-f]{8}-[0-9]{1,6}")
_OWN_PATH = re.compile(r"/(?!/)[A-Za-z0-9/_.-]{0,200}(\?[A-Za-z0-9=&_%.+-]{0,500})?")


def small_form(most_bytes: int = SMALL_FORM_BYTES) -> None:
    """Call first in a view whose form is a few fields: a longer body ends in 413."""
    request.max_content_length = most_bytes
    request.max_form_memory_size = most_bytes
    request.max_form_parts = 100
    # Chunked bodies have no Content-Length; waitress has counted them and set one.


def text(name: str, *, most: int, least: int = 0) -> str:
    """A one-line text field, NFC. Raises BadInput (too_long, too_short, bad_text)."""
    return one_line(request.form.get(name, ""), most=most, least=least, what=name)


def key() -> str:
    """The idempotency key every changing form carries. Raises BadInput (bad_key)."""
    value = request.form.get("key", "")
    if not KEY.fullmatch(value):
        raise BadInput(
            "the field key is missing or malformed: 1 to 64 of A-Z a-z 0-9 _ - . :; "
            "the same key again is the same request",
            code="bad_key",
        )
    return value


def sheet() -> str:
    """The sheet for which the shutter went off by itself; "" for a tap. Raises BadInput."""
    value = request.form.get("sheet", "")
    if value and not _SHEET.fullmatch(value):
        raise BadInput("this is no name of a sheet", code="bad_sheet")
    return value


def whole(name: str, *, least: int, most: int) -> int:
    """A whole number field. Raises BadInput (bad_number)."""
    value = request.form.get(name, "").strip()
    if not re.fullmatch(r"[0-9]{1,9}", value, re.ASCII) or not least <= int(value) <= most:
        raise BadInput(f"{name}: a whole number from {least} to {most}", code="bad_number")
    return int(value)


def ticked(name: str, *, most: int = 20, each: int = 60) -> list[str]:
    """Every value of a group of tick boxes. Raises BadInput."""
    values = request.form.getlist(name)
    if len(values) > most:
        raise BadInput(f"{name}: at most {most}", code="too_many_values")
    return [one_line(value, most=each, what=name) for value in values]


def own_path(value: str | None, default: str = "/") -> str:
    """A way back that stays in the house: a path of ours, never another site's address."""
    return value if value and _OWN_PATH.fullmatch(value) else default


def one_of_numbers(value: str | None, legal: tuple[int, ...], default: int) -> int:
    """A number of an address that may only be one of a few; anything else is `default`."""
    return int(value) if value and value.isdecimal() and int(value[:6]) in legal else default

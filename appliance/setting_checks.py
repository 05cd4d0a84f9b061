"""This file is how a setting's value is checked: each check returns it, or says what is wanted."""

from __future__ import annotations

import re
from collections.abc import Callable
from difflib import get_close_matches
from typing import Any
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

Check = Callable[[Any], Any]


def text(most: int, least: int = 0) -> Check:
    def check(value: Any) -> str:
        if not isinstance(value, str) or not least <= len(value) <= most:
            raise ValueError(f"a text of {least} to {most} characters")
        return value

    return check


def whole(least: int, most: int) -> Check:
    def check(value: Any) -> int:
        if isinstance(value, bool) or not isinstance(value, int) or not least <= value <= most:
            raise ValueError(f"a whole number from {least} to {most}")
        return value

    return check


def one_of(*words: Any) -> Check:
    def check(value: Any) -> Any:
        if value not in words:
            raise ValueError("one of " + ", ".join(str(w) for w in words))
        return value

    return check


ears = one_of("headphones", "loudspeaker", "off")
voice = one_of("vi", "vi-vn-x-south")


def texts(most: int) -> Check:
    def check(value: Any) -> list[str]:
        if (
            not isinstance(value, list)
            or len(value) > most
            or not all(isinstance(v, str) and 0 < len(v) <= 253 for v in value)
        ):
            raise ValueError(f"a list of at most {most} texts")
        return value

    return check


def house_id(value: Any) -> str:
    if not isinstance(value, str) or not re.fullmatch(r"[a-z0-9-]{4,32}", value):
        raise ValueError("4 to 32 of a-z, 0-9 and -")
    return value


def hours(value: Any) -> str:
    clock = r"([01]\d|2[0-3]):[0-5]\d"
    if not isinstance(value, str) or (value and not re.fullmatch(f"{clock}-{clock}", value)):
        raise ValueError('hours such as "21:00-06:00", or empty')
    return value


def url(*schemes: str) -> Check:
    """A URL whose scheme is known. The adapters check the rest when they are opened."""

    def check(value: Any) -> str:
        scheme = urlsplit(value).scheme if isinstance(value, str) else ""
        if scheme not in schemes:
            near = get_close_matches(scheme, schemes, n=1)
            hint = f' (did you mean "{near[0]}:"?)' if near else ""
            raise ValueError("a URL beginning with " + ", ".join(f"{s}:" for s in schemes) + hint)
        return str(value)

    return check


def https_or_none(value: Any) -> str:
    parts = urlsplit(value) if isinstance(value, str) else urlsplit("")
    if value and (parts.scheme != "https" or not parts.hostname or parts.query or parts.fragment):
        raise ValueError("https://HOST[:PORT], or empty")
    return str(value).rstrip("/")


def zone(value: Any) -> str:
    try:
        ZoneInfo(value)
    except Exception as e:
        raise ValueError('a time zone such as "Asia/Ho_Chi_Minh"') from e
    return str(value)


def recipients(most: int) -> Check:
    def check(value: Any) -> list[str]:
        given = value if isinstance(value, list) else None
        if given is None or len(given) > most or not all(v and recipient(v) for v in given):
            raise ValueError(f"a list of at most {most} age public keys (age1…)")
        return given

    return check


def recipient(value: Any) -> str:
    from appliance import seal

    if value and (not isinstance(value, str) or not seal.is_recipient(value)):
        raise ValueError("an age public key (age1…), or empty")
    return str(value)

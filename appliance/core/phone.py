"""This file names a volunteer's telephone as coarsely as will do to know it again in a list."""

from __future__ import annotations

from typing import Literal

PhoneKind = Literal["android", "iphone", "other"]
MOST_PHONES = 60


def kind_of(user_agent: str) -> PhoneKind:
    """What a browser says of itself, down to one of three words; nothing else of it is kept."""
    text = user_agent[:500].casefold()
    if "iphone" in text or "ipad" in text:
        return "iphone"
    return "android" if "android" in text else "other"

"""This file takes a text from outside apart: NFC, one line, no control characters, a length."""

from __future__ import annotations

import unicodedata

from appliance.errors import BadInput


def one_line(text: str, *, most: int, least: int = 0, what: str = "text") -> str:
    """`text` as we keep it: NFC, spaces folded. Lengths are counted after that, in characters.

    Raises BadInput (too_long, too_short, bad_text) for what cannot be kept.
    """
    if len(text) > 8 * most + 64:  # do not normalise a novel
        raise BadInput(f"{what}: at most {most} characters", code="too_long")
    clean = " ".join(unicodedata.normalize("NFC", text).split())
    if any(unicodedata.category(c) in ("Cc", "Cs", "Co", "Cn") for c in clean):
        raise BadInput(f"{what}: there is a character that cannot be shown", code="bad_text")
    if len(clean) > most:
        raise BadInput(f"{what}: at most {most} characters", code="too_long")
    if len(clean) < least:
        raise BadInput(f"{what}: at least {least} characters", code="too_short")
    return clean

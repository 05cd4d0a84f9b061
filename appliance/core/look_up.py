"""This file is the look-up code: four characters that nobody mixes up, read back as typed."""

from __future__ import annotations

import hashlib
import re
import unicodedata

from appliance.errors import BadInput

# No 0 and O, 1 and I and L, 2 and Z, 5 and S, 8 and B: 25 signs, 390,625 codes.
SIGNS = "34679ACDEFGHJKMNPQRTUVWXY"
LENGTH = 4
_CODE = re.compile(f"[{SIGNS}]{{{LENGTH}}}")
# A number on the slip belongs with it: the code alone opens nothing, nor does the number.
VALID_DAYS = 180
FREE_TRIES, TRIES_WITHIN_S = 5, 600
HOUSE_TRIES, HOUSE_WITHIN_S = 20, 3600


def read_code(typed: str) -> str:
    """The code as printed. Raises BadInput (bad_look_up)."""
    code = "".join(unicodedata.normalize("NFKC", typed[:40]).split()).upper()
    if not _CODE.fullmatch(code):
        raise BadInput("the code has four letters and digits", code="bad_look_up")
    return code


_LOOK = re.compile(r"[0-9a-f]{32}")


def look_of(secret: str) -> str:
    """What a slip's secret is known by here: 32 hex digits that lead back to nothing.

    The telephone that scanned the slip computes the same (static/key.js), so the secret itself
    never leaves it.
    """
    return hashlib.sha256(b"hien-look:" + secret.strip().upper().encode()).hexdigest()[:32]


def read_look(sent: str) -> str:
    """Raises BadInput (bad_look)."""
    if not _LOOK.fullmatch(sent):
        raise BadInput("32 hex digits, made by the page of the slip", code="bad_look")
    return sent

"""This file reads what the QR code of an identity card says: seven fields, or more on newer cards.

number | old number | name | birth ddmmyyyy | sex | residence | issued ddmmyyyy

Cards since 2024 carry up to eleven fields. What the eighth to the eleventh mean is not confirmed
anywhere, so they are not read. Nothing of this is ever kept: see store.ram.Ram.put_card.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import asdict, dataclass
from datetime import date

from appliance.errors import BadInput

LEAST_FIELDS, MOST_FIELDS = 7, 40
MOST_TEXT = 2000
MOST_NAME, MOST_RESIDENCE = 120, 300
FIRST_YEAR = 1900
SEXES = ("Nam", "Nữ")
_NUMBER = re.compile(r"[0-9]{12}")
_OLD_NUMBER = re.compile(r"[0-9]{9}|[0-9]{12}")
_DATE = re.compile(r"([0-9]{2})([0-9]{2})([0-9]{4})")


@dataclass(frozen=True, repr=False)
class IdentityCode:
    """A card's seven fields as text to copy; dates are dd/mm/yyyy. No `repr`: never in a log.

    `old_number` may be empty; so may dates of people whose day of birth is not known exactly.
    `agrees`: the number says the same sex and year of birth as the fields do.
    """

    number: str
    old_number: str
    name: str
    born_on: str
    sex: str
    residence: str
    issued_on: str
    agrees: bool

    def as_dict(self) -> dict[str, str | bool]:
        return asdict(self)


FIELDS = ("number", "old_number", "name", "born_on", "sex", "residence", "issued_on")


def read_identity_code(text: str) -> IdentityCode:
    """The fields of a code. Raises BadInput (not_a_card); its message holds nothing of the text.

    A code that only looks like a card's, with an impossible number, date or sex, is refused as a
    whole: a wrong field copied into an application is worse than none. Where the number does not
    agree with sex and birth, a person is asked to compare.
    """
    if len(text) > MOST_TEXT:
        raise _refused()
    parts = [" ".join(part.split()) for part in unicodedata.normalize("NFC", text).split("|")]
    if not LEAST_FIELDS <= len(parts) <= MOST_FIELDS:
        raise _refused()
    number, old, name, born, sex, residence, issued = parts[:LEAST_FIELDS]
    sex = sex.capitalize()
    born_on, issued_on = _date(born), _date(issued)
    if not (
        _NUMBER.fullmatch(number)
        and (not old or _OLD_NUMBER.fullmatch(old))
        and 2 <= len(name) <= MOST_NAME
        and _is_name(name)
        and sex in SEXES
        and 0 < len(residence) <= MOST_RESIDENCE
        and _is_plain(residence)
    ):
        raise _refused()
    agrees = _agrees(number, born, sex)
    return IdentityCode(number, old, name, born_on, sex, residence, issued_on, agrees)


def find_identity_code(texts: list[str]) -> IdentityCode | None:
    """The first of several codes in a photo that is a card's; None without one."""
    for text in texts:
        try:
            return read_identity_code(text)
        except BadInput:
            continue
    return None


def _date(text: str) -> str:
    """dd/mm/yyyy of ddmmyyyy; a day or month of 00 is not known, and left out."""
    if not text:
        return ""
    found = _DATE.fullmatch(text)
    if found is None:
        raise _refused()
    day, month, year = found.groups()
    try:
        date(int(year), int(month) or 1, int(day) or 1)
    except ValueError:
        raise _refused() from None
    if int(year) < FIRST_YEAR or (month == "00" and day != "00"):
        raise _refused()
    return "/".join(part for part in (day, month, year) if part != "00")


def _agrees(number: str, born: str, sex: str) -> bool:
    """The fourth digit says the century of birth and the sex, the next two the year."""
    century_and_sex = int(number[3])
    if not born:
        return century_and_sex % 2 == SEXES.index(sex)
    year = int(born[4:])
    return (
        century_and_sex == 2 * (year // 100 - 19) + SEXES.index(sex)
        and int(number[4:6]) == year % 100
    )


def _is_name(name: str) -> bool:
    return all(c.isalpha() or c in " '’-." or unicodedata.category(c) == "Mn" for c in name)


def _is_plain(text: str) -> bool:
    return all(unicodedata.category(c)[0] != "C" for c in text)


def _refused() -> BadInput:
    return BadInput("this is not the code of an identity card", code="not_a_card")

"""This file takes a dossier's code from its boxes, one for each group, and has it read back."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from flask import request

from appliance.core.visit import code_groups, dossier_code
from appliance.web.words.day import day_said

SHOWN_MOST = 60
GROUPS = ("dossier_code", "code_day", "code_number")


@dataclass(frozen=True)
class Boxes:
    """What each box holds: unit, day, number. The whole code may be pasted into the first."""

    unit: str = ""
    day: str = ""
    number: str = ""

    @property
    def text(self) -> str:
        """The code as one text, to be checked by core.visit.dossier_code."""
        return "-".join(part for part in (self.unit, self.day, self.number) if part)


def boxes_of(code: str) -> Boxes:
    """A code in its boxes; what is no code stands in the first, to be put right there."""
    parts = code_groups(code)
    return Boxes(*parts) if len(parts) == len(GROUPS) else Boxes(code)


def sent_boxes() -> Boxes:
    """As sent, each kept as far as a code could be long."""
    return Boxes(*(_kept(request.form.get(name, "")) for name in GROUPS))


def to_read_back(text: str) -> str:
    """The code that has not been read back yet, or "". Raises BadInput (bad_dossier_code).

    Our page sends `code_read`: the code it has shown group by group. A program that sends none
    is not asked.
    """
    code = dossier_code(text)
    if code is None or "code_read" not in request.form:
        return ""
    return "" if request.form["code_read"].strip() == code else code


def day_of_code(code: str) -> str:
    """The day within a code in words, to be compared with the portal; "" where it is none."""
    parts = code_groups(code)
    try:
        return day_said(datetime.strptime(parts[1], "%y%m%d").date())  # noqa: DTZ007 -- a date
    except (IndexError, ValueError):
        return ""


def _kept(typed: str) -> str:
    return " ".join(typed[: 4 * SHOWN_MOST].split())[:SHOWN_MOST]

"""This file is the watch over a draft: one day to read it, and silence means agreement.

The officer sends the draft of a certificate back; the applicant has at most one day (163/QĐ-BTP).
So the house watches, and speaks up louder when half and when four fifths of the time are gone.
"""

from __future__ import annotations

from typing import Literal

WATCH_S = 24 * 3600
LEVELS_PCT = (50, 80, 100)
State = Literal["open", "confirmed", "wrong", "lapsed", "withdrawn"]
ENDINGS: tuple[State, ...] = ("confirmed", "wrong", "withdrawn")


def level_pct(passed_s: float, span_s: float = WATCH_S) -> int:
    """0, 50, 80 or 100: the highest mark that has been passed."""
    passed = [pct for pct in LEVELS_PCT if passed_s * 100 >= span_s * pct]
    return passed[-1] if passed else 0

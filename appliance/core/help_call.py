"""This file is the call for help: when a press is a new call, and who may end it."""

from __future__ import annotations

from typing import Literal

State = Literal["open", "answered", "closed", "withdrawn"]
STILL_ON: tuple[State, ...] = ("open", "answered")

# A second press within this time is the same person pressing twice.
SAME_CALL_WITHIN_S = 5
# Nobody answered for this long: the screen gives the telephone number instead.
UNANSWERED_S = 180
ETA_MIN_MOST = 180
WHO_MOST = 40

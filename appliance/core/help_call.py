"""This file is the call for help: when a press is a new call, and who may end it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal

from appliance.core.age import age_s
from appliance.core.moment import Moment, parse_utc

State = Literal["open", "answered", "closed", "withdrawn"]
STILL_ON: tuple[State, ...] = ("open", "answered")

# A second press within this time is the same person pressing twice.
SAME_CALL_WITHIN_S = 5
# Nobody answered for this long: the screen gives the telephone number instead.
UNANSWERED_S = 180
# Somebody who is this late may still be awaited; after that a long press is a new cry for help.
AWAITED_PAST_ETA_S = 30 * 60
# An answered call that nobody closed: the helper has long been here and gone.
OVER_PAST_ETA_S = 3 * 3600
# A screen anybody can reach may take back so many new calls in a minute. Calling is never limited:
# what cannot be taken back stays on, and a call that is on makes no other.
WITHDRAWN_A_MINUTE = 4
ETA_MIN_MOST = 180
WHO_MOST = 40


def past_eta_s(call: Mapping[str, Any], now: Moment) -> float:
    """How long ago the helper of an answered call (a row of the table) was to be here; less than 0
    while there is time."""
    answered = {"epoch": call["answered_epoch"], "mono_ms": call["answered_mono_ms"]}
    answered["answered_at"] = call["answered_at"]
    # Both written by the same clock, in the same moment: their difference is right on any clock.
    eta_s = (parse_utc(call["eta_at"]) - parse_utc(call["answered_at"])).total_seconds()
    return age_s(answered, now, "answered_at") - eta_s


def is_awaited(call: Mapping[str, Any], now: Moment) -> bool:
    """Whether somebody may still wait for help of this call, which is on: then it can be withdrawn
    by holding the button."""
    return call["state"] == "open" or past_eta_s(call, now) <= AWAITED_PAST_ETA_S

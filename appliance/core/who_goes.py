"""This file says for each step of a case where the resident must appear, if anywhere but here."""

from __future__ import annotations

from appliance.core.guide import Agency, Procedure, Way

_GOES: dict[Way, str] = {
    "submit": "nộp ngay tại đây",
    "submit_then_appear": "nộp tại đây, rồi bác đến {where} để ký",
    "guide_and_book": "bác phải đến {where}",
}
_WHERE: dict[Agency, str] = {
    "ward": "phường",
    "police": "công an phường",
    "insurance": "bảo hiểm xã hội",
}


def who_goes(procedure: Procedure) -> str:
    """As on a slip, in Vietnamese, without a full stop: "bác phải đến công an phường"."""
    return _GOES[procedure.way].format(where=_WHERE[procedure.agency])

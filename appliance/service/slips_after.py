"""This file turns the jobs of the days after a visit into slips: appointments and results."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import TYPE_CHECKING, Any

from appliance.core import slip_after
from appliance.core.day_words import date_words
from appliance.core.slip import Slip

if TYPE_CHECKING:
    from appliance.service.slip_content import House

KINDS = ("appointment", "result")


def slip_of(kind: str, payload: Mapping[str, Any], house: House, copy_no: int) -> Slip:
    """The slip of a job of one of KINDS."""
    if kind == "appointment":
        return slip_after.appointment_slip(
            what=payload["what"],
            when_text=when_text(payload["day_on"], payload["from_min"]),
            code=payload["code"],
            bring=payload["bring"],
            both=payload["both"],
            house_name=house.name,
            phone=house.phone,
            qr=f"{house.address}/appointments/{payload['appointment']}",
            copy_no=copy_no,
        )
    return slip_after.result_slip(
        number=payload["number"],
        what=payload["what"],
        bring=payload["bring"],
        where=payload["where"],
        when_text=payload["when"],
        dossier_code=payload["dossier_code"],
        house_name=house.name,
        phone=house.phone,
        qr=f"{house.address}/t/{payload['ticket']}",
        copy_no=copy_no,
        ward_state=payload.get("ward_state", ""),
        ward_note=payload.get("ward_note", ""),
    )


def when_text(day_on: str, minute: int) -> str:
    """ "8 giờ 30, thứ Năm, ngày 26 tháng 11" """
    clock = f"{minute // 60} giờ" + (f" {minute % 60:02d}" if minute % 60 else "")
    return f"{clock}, {date_words(date.fromisoformat(day_on))}"

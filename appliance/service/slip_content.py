"""This file turns a print job into the slip a person reads, the same on paper and on screen."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import date

from appliance.core import calibration_slips, slip_texts
from appliance.core.day_words import date_words, moment_words
from appliance.core.moment import parse_utc
from appliance.core.slip import MAX_BLOCKS, Banner, Slip
from appliance.service import box_slips, checklists, lessons, slips_after
from appliance.store.database import Row

PRACTICE_MARK = "TẬP DÙNG – không có giá trị"


@dataclass(frozen=True)
class House:
    """What every slip and screen says about the house. `address` as http://host:port."""

    id: str
    name: str
    ward: str
    phone: str
    address: str
    zone: str
    own_wifi: tuple[str, str] | None = None
    """(name, key) of the Wi-Fi the box makes when it knows no other; on slips of the box only."""
    practice: bool = False


def slip_of(job: Row, house: House, secret: str | None) -> Slip:
    """The slip of a job. `secret` (see slips.key_for) goes into the QR and nowhere else."""
    slip = _slip_of(job, house, secret)
    if not house.practice:
        return slip
    mark = Banner(PRACTICE_MARK)
    return Slip(slip.kind, (mark, *slip.blocks[: MAX_BLOCKS - 2], mark))


def _slip_of(job: Row, house: House, secret: str | None) -> Slip:
    payload = json.loads(job["payload"])
    if job["kind"] == "ticket":
        return slip_texts.ticket_slip(
            number=payload["number"],
            service=payload["service"],
            bring=payload["bring"],
            waiting_ahead=payload["waiting_ahead"],
            house_name=house.name,
            phone=house.phone,
            taken_at_text=_at_words(payload["taken_at"], house.zone),
            qr=key_address(house, secret) if secret else None,
            copy_no=job["copy_no"],
        )
    if job["kind"] == "visit":
        due_on = payload["due_on"]
        return slip_texts.visit_slip(
            number=payload["number"],
            done=payload["done"],
            missing=payload["missing"],
            bring=payload["bring"],
            due_text=date_words(date.fromisoformat(due_on)) if due_on else None,
            dossier_code=payload["dossier_code"],
            house_name=house.name,
            phone=house.phone,
            qr=f"{house.address}/t/{job['ticket_id']}",
            copy_no=job["copy_no"],
            qr_caption=slip_texts.LINK_CAPTION,
            look_up=payload.get("look_up", ""),
            not_done=payload.get("not_done", ""),
        )
    if job["kind"] in slips_after.KINDS:
        return slips_after.slip_of(job["kind"], payload, house, job["copy_no"])
    if job["kind"] == checklists.KIND:
        return checklists.slip_of(payload, house, job["copy_no"])
    if job["kind"] == box_slips.KIND:
        return box_slips.slip_of(payload, house)
    if job["kind"] == lessons.KIND:
        return lessons.slip_of(payload, house, job["copy_no"])
    if payload.get("page") == "width":
        return calibration_slips.width_slip(house.name)
    if payload.get("page") == "page":
        return calibration_slips.calibration_slip(house.name, house.address, payload["width"])
    return slip_texts.test_slip(
        house.name,
        house.address,
        phone=house.phone,
        printed_at_text=_at_words(job["asked_at"], house.zone),
    )


def key_address(house: House, secret: str) -> str:
    """The QR of a number slip. The secret stands after "#": a browser never sends it anywhere."""
    return f"{house.address}/t#{secret}"


def _at_words(at_text: str, zone: str) -> str:
    from zoneinfo import ZoneInfo

    return moment_words(parse_utc(at_text).astimezone(ZoneInfo(zone)))

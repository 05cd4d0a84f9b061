"""This file asks for the slips of the box itself: ready, or which step of joining did not work."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from appliance.core import slip_box
from appliance.core.moment import Moment
from appliance.core.slip import Slip
from appliance.service.slips import queue_slip
from appliance.store.database import Store

if TYPE_CHECKING:
    from appliance.service.slip_content import House

KIND = "box"


def ready(store: Store, now: Moment, addresses: Sequence[str]) -> int:
    """Once for each way in: a box whose address changed may say so again. The print job's id."""
    payload = {"ready": True, "addresses": list(addresses)}
    return queue_slip(store, now, key=_key("ready", *addresses), kind=KIND, payload=payload)


def address(store: Store, now: Moment, addresses: Sequence[str], key: str) -> int:
    """The same slip, asked for by a person."""
    payload = {"ready": True, "addresses": list(addresses)}
    return queue_slip(store, now, key=f"address:{key}", kind=KIND, payload=payload)


def trouble(store: Store, now: Moment, what: str) -> int:
    """Once for each trouble and start of the machine, however often it is tried meanwhile."""
    payload = {"ready": False, "what": what}
    return queue_slip(store, now, key=_key(now.epoch, what), kind=KIND, payload=payload)


def slip_of(payload: Mapping[str, Any], house: House) -> Slip:
    if payload["ready"]:
        return slip_box.ready_slip(
            house_name=house.name,
            house_id=house.id,
            addresses=payload["addresses"],
            ward=house.ward,
        )
    return slip_box.trouble_slip(
        house_name=house.name, what=payload["what"], own_wifi=house.own_wifi
    )


def _key(*parts: str) -> str:
    return f"box:{hashlib.sha256(repr(parts).encode()).hexdigest()[:24]}"

"""This file makes the room's two lines from the settings: MQTT to the broker, HTTPS to the door."""

from __future__ import annotations

import contextlib
import http.client
import logging
from collections.abc import Callable
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import Any, Protocol

from appliance.core.moment import Moment, parse_utc
from appliance.service.clock_set import newest_known_at
from appliance.store.database import Store
from appliance.sync import protocol
from appliance.sync.door import Door
from appliance.sync.identity import Identity
from appliance.sync.lan_carrier import LanCarrier
from appliance.sync.link import Link, NoLink
from appliance.sync.link.address import Address
from appliance.sync.link.mqtt import MqttLink
from appliance.sync.porter import Porter
from appliance.sync.release_carrier import ReleaseCarrier

log = logging.getLogger("hien.sync")


class Clock(Protocol):
    def now(self) -> Moment: ...


class Settings(Protocol):
    def __getitem__(self, name: str) -> Any: ...


class LineParts(Protocol):
    @property
    def config(self) -> Settings: ...
    @property
    def clock(self) -> Clock: ...
    def store(self) -> Store: ...


def link_of(parts: LineParts, identity: Identity) -> Link:
    config = parts.config
    if config["sync.broker"].startswith("none:"):
        return NoLink()
    house = config["house.id"]
    address = Address(
        config["sync.broker"],
        house,
        config["sync.ca_file"],
        config["sync.cert_file"],
        config["sync.key_file"],
        config["sync.password"],
    )
    since_boot_s = parts.clock.now().mono_ms / 1000
    will = protocol.state_topic(house, "status")
    floor = partial(time_floor_of, parts)
    return MqttLink(address, will, b"offline", since_boot_s, floor, identity.files)


def identity_of(config: Settings) -> Identity:
    """Who we are towards the ward: as enrolled, or as renewed since."""
    files = (config[f"sync.{name}_file"] for name in ("ca", "cert", "key"))
    return Identity(Path(config["data.dir"]) / "sync", *files)


def door_of(parts: LineParts, identity: Identity | None = None) -> Door | None:
    """The way to the ward's HTTPS door; None where the ward has none."""
    config = parts.config
    if not config["sync.intake"]:
        return None
    who = identity or identity_of(config)
    floor = partial(time_floor_of, parts)
    return Door(config["sync.intake"], config["house.id"], who.files, floor)


def porter_of(
    parts: LineParts, identity: Identity, renewed: Callable[[], None] = lambda: None
) -> Porter | None:
    """Who carries dossiers, brings releases, renews the certificate; None without an intake.

    `renewed` is called, on the porter's thread, once there is a new certificate."""
    config = parts.config
    door = door_of(parts, identity)
    if door is None:
        return None
    floor = partial(time_floor_of, parts)

    def renew() -> None:
        try:
            if identity.renew_if_due(door, floor()):
                renewed()
        except (OSError, http.client.HTTPException) as e:
            log.warning("our certificate could not be renewed yet: %s", e)

    data_dir = Path(config["data.dir"])
    keep_days = config["sync.keep_dossier_days"]
    lan, releases = LanCarrier(door, data_dir), ReleaseCarrier(door, data_dir)

    def each_turn() -> None:
        lan.turn()
        releases.turn()

    return Porter(door, parts.store, parts.clock.now, data_dir, keep_days, renew, each_turn)


def time_floor_of(parts: LineParts) -> datetime | None:
    """It is at least as late as our own newest report whose clock was set. On the line's thread."""
    with contextlib.closing(parts.store()) as store:
        at = newest_known_at(store)
    return parse_utc(at) if at is not None else None

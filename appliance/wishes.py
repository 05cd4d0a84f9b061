"""This file lays what the ward wants over the settings file, when the parts are built.

The ward may set a few things that concern it, never where data lies, who may come in or which
machines are used. What it set is in the table; a table that cannot be read changes nothing here.
"""

from __future__ import annotations

import contextlib
import json
import logging
import sqlite3
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from appliance.config import BY_NAME, Config
from appliance.core import catalogue as catalogues
from appliance.core.catalogue import Catalogue
from appliance.errors import BadInput
from appliance.store.database import NAME

log = logging.getLogger("hien")

MAY_SET = (
    "house.name",
    "house.ward",
    "house.phone",
    "data.keep_sealed_h",
    "sync.health_s",
    "web.tickets_per_minute",
)


@dataclass(frozen=True)
class Wishes:
    """What the ward wants of this house's settings and catalogue, checked."""

    settings: Mapping[str, Any] = field(default_factory=dict)
    catalogue: Catalogue | None = None
    in_effect: Mapping[str, int] = field(default_factory=dict)

    def over(self, config: Config) -> Config:
        return replace(config, values={**config.values, **self.settings})


def check_settings(given: Mapping[str, Any]) -> dict[str, Any]:
    """The checked values. Raises BadInput (may_not_set, bad_setting)."""
    checked = {}
    for name, value in given.items():
        if name not in MAY_SET:
            raise BadInput(f"a ward may not set {name[:60]!r}", code="may_not_set")
        try:
            checked[name] = BY_NAME[name].check(value)
        except ValueError as e:
            raise BadInput(f"{name}: wants {e}", code="bad_setting") from e
    return checked


def read(data_dir: Path) -> Wishes:
    """What is in the table below `data_dir`; nothing when there is none, or it cannot be read."""
    path = data_dir / NAME
    if not path.exists():
        return Wishes()
    try:
        with contextlib.closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True)) as db:
            rows = db.execute("SELECT name, ver, body FROM wanted WHERE ver > 0").fetchall()
    except sqlite3.Error as e:
        log.info("the ward's wishes cannot be read yet: %s", e)
        return Wishes()
    found = {name: (ver, json.loads(body)) for name, ver, body in rows}
    in_effect: dict[str, int] = {"config": 0, "catalogue": 0}
    settings: dict[str, Any] = {}
    catalogue = None
    try:
        if "config" in found:
            settings = check_settings(found["config"][1])
            in_effect["config"] = found["config"][0]
        if "catalogue" in found:
            body = found["catalogue"][1]
            if "services" in body:  # else it only changes the guide, which is read from the table
                catalogue = catalogues.parse(body)
            in_effect["catalogue"] = found["catalogue"][0]
    except BadInput as e:  # checked when it was applied; a later release may see it otherwise
        log.error("what the ward wants cannot be used by this release: %s", e)
    return Wishes(settings, catalogue, in_effect)

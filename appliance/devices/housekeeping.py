"""This file lets sealed pages and slips' secrets go in time; looking costs no write."""

from __future__ import annotations

import logging
import time

from appliance.devices.parts import Parts
from appliance.service import retention, slips_gone

log = logging.getLogger("hien.devices")

LOOK_S = 60.0


class Housekeeping:
    def __init__(self, parts: Parts) -> None:
        self._parts = parts
        self._store = parts.store()

    def turn(self) -> float:
        self._parts.ram.drop_old_cards(time.time())
        slips_gone.drop_secrets(self._store, self._parts.ram, self._parts.clock.now())
        gone = retention.delete_sealed(
            self._store,
            self._parts.clock.now(),
            self._parts.sealed_dir,
            self._parts.config["data.keep_sealed_h"],
        )
        if gone:
            log.info("%d sealed pages deleted", gone)
        return LOOK_S

"""This file carries the web room's request for an HTTPS certificate to the ward, and back.

The key never leaves the web room. What could not be had is tried again after a quarter of an hour;
a request the ward refuses stays until the web room writes another.
"""

from __future__ import annotations

import http.client
import logging
import time
from pathlib import Path

from appliance import durable
from appliance.store.lan_files import AUTHORITY, CERTIFICATE, REQUEST, folder_of
from appliance.sync.door import Door

log = logging.getLogger("hien.sync.lan")

AGAIN_S = 900.0
_END = b"-----END CERTIFICATE-----\n"


class LanCarrier:
    """`turn` costs one look at a name while there is nothing to carry."""

    def __init__(self, door: Door, data_dir: Path) -> None:
        self._door, self._folder = door, folder_of(data_dir)
        self._not_before_s = float("-inf")

    def turn(self) -> None:
        """Carry the request, if one lies there. Raises nothing: HTTP goes on without."""
        request = self._folder / REQUEST
        if time.monotonic() < self._not_before_s:
            return
        try:
            if not request.exists():
                return
            asked = request.read_bytes()
            certificate, end, authority = self._door.for_lan(asked).partition(_END)
            if not end or _END not in authority:
                raise OSError("the ward's answer is no pair of certificates")
            durable.write(self._folder / AUTHORITY, authority, 0o640)
            durable.write(self._folder / CERTIFICATE, certificate + end, 0o640)
            if request.read_bytes() == asked:
                request.unlink()
            log.info("a certificate for our own network came")
        except (OSError, http.client.HTTPException) as error:
            self._not_before_s = time.monotonic() + AGAIN_S
            log.info("no certificate for our own network yet: %s", error)

"""This file opens HTTPS beside HTTP once the ward gave a certificate; nothing waits for it."""

from __future__ import annotations

import logging
from pathlib import Path

from appliance.web.door.lan_certificate import LanCertificate
from appliance.web.door.server import tls_socket
from appliance.web.door.tls_door import TlsDoor
from appliance.web.parts import WebParts

log = logging.getLogger("hien.web")

ASK_EVERY = 12  # turns


class Https:
    """`turn` asks for a certificate, opens the door with it, and takes the next one in."""

    def __init__(self, parts: WebParts) -> None:
        self._parts = parts
        self._on = bool(parts.config["web.https_port"])
        self._files = LanCertificate(Path(parts.config["data.dir"]), parts.house.id)
        self._seen = 0
        self._turns = 0
        self.door: TlsDoor | None = None

    def turn(self) -> None:
        """Raises nothing: the house works without."""
        if not self._on:
            return
        try:
            if self._turns % ASK_EVERY == 0:
                self._files.look()
            self._turns += 1
            self._open()
        except (OSError, ValueError) as error:
            log.warning("https: %s", error)

    def _open(self) -> None:
        pair = self._files.pair()
        changed = pair[0].stat().st_mtime_ns if pair else 0
        if pair is None or changed == self._seen:
            return
        self._seen = changed
        if self.door is not None:
            self.door.renew(*pair)
            return
        config = self._parts.config
        host, port = config["web.host"], config["web.https_port"]
        self.door = TlsDoor(host, port, tls_socket(self._parts), *pair)
        self.door.start()
        log.info("https on port %s", self.door.port)

    def stop(self) -> None:
        if self.door is not None:
            self.door.stop()

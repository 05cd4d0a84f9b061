"""This file is where the broker is and how it knows us."""

from __future__ import annotations

import ssl
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import urlsplit

from appliance.errors import ConfigError
from appliance.sync.link import time_floor


@dataclass(frozen=True)
class Address:
    """Where the broker is and how it knows us. Empty file names: not used."""

    url: str
    house: str
    ca_file: str = ""
    cert_file: str = ""
    key_file: str = ""
    password: str = ""

    def host_port(self) -> tuple[str, int]:
        parts = urlsplit(self.url)
        try:
            port = parts.port
        except ValueError as e:
            raise ConfigError(f"sync.broker: the port in {self.url} is not a number") from e
        if not parts.hostname:
            raise ConfigError(f"sync.broker: wants mqtt://HOST[:PORT] or mqtts://…, not {self.url}")
        return parts.hostname, port or (8883 if parts.scheme == "mqtts" else 1883)

    def tls(self, floor: datetime | None = None) -> ssl.SSLContext | None:
        """The context for one connection; `floor`: it is at least this late."""
        if urlsplit(self.url).scheme != "mqtts":
            return None
        try:
            return time_floor.context(self.ca_file, self.cert_file, self.key_file, floor)
        except OSError as e:
            raise ConfigError(
                f"the certificate files of sync.* cannot be used: {e}. Check sync.ca_file, "
                "sync.cert_file and sync.key_file."
            ) from e

"""This file says where the broker is, from one URL, and what a message from it is."""

from __future__ import annotations

import ssl
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Protocol
from urllib.parse import parse_qs, urlsplit

MQTT, NATS = ("mqtt", "mqtts"), ("nats", "tls")
WANTED = (
    "a broker is mqtt://HOST[:PORT] or mqtts://…, or a NATS cluster:"
    " nats://HOST[:PORT][,HOST…][?mqtt=PORT[,PORT…]] or tls://…"
)


class BadBroker(ValueError):
    """The broker's URL or certificates cannot be used; the message says what is wanted."""


@dataclass(frozen=True)
class Arrived:
    """One message as it came, before anybody looked into it. `client`: whom to acknowledge to."""

    topic: str
    payload: bytes
    qos: int
    mid: int
    retained: bool
    client: object = field(repr=False)


class Line(Protocol):
    """A way to the houses."""

    @property
    def up(self) -> bool: ...
    def start(self) -> None: ...
    def stop(self) -> None: ...

    def publish(self, topic: str, payload: bytes, *, retain: bool = False) -> bool:
        """Hand over at QoS 1. False: not connected, or too much is waiting."""

    def ack(self, messages: Iterable[Arrived]) -> None:
        """These are in the database now."""


@dataclass(frozen=True)
class Broker:
    """Where the broker is, and the certificate files to show it. TLS by mqtts:// or tls://."""

    url: str
    ca_file: str = ""
    cert_file: str = ""
    key_file: str = ""

    @property
    def is_nats(self) -> bool:
        return urlsplit(self.url).scheme in NATS

    @property
    def address(self) -> tuple[str, int]:
        """The first of `addresses`."""
        return self.addresses[0]

    @property
    def addresses(self) -> list[tuple[str, int]]:
        """Host and port of the broker; of a NATS cluster, of the MQTT gateway of each member."""
        parts = urlsplit(self.url)
        hosts = self._hosts(4222 if self.is_nats else 8883 if parts.scheme == "mqtts" else 1883)
        if not self.is_nats:
            return hosts
        given = parse_qs(parts.query).get("mqtt", ["8883" if parts.scheme == "tls" else "1883"])
        try:
            ports = [_port(text) for text in given[0].split(",")]
        except ValueError as error:
            raise BadBroker(f"mqtt= in {self.shown} wants ports: {WANTED}") from error
        if len(ports) not in (1, len(hosts)):
            raise BadBroker(f"mqtt= in {self.shown} wants one port, or one for each host")
        ports = ports * len(hosts) if len(ports) == 1 else ports
        return [(host, port) for (host, _), port in zip(hosts, ports, strict=True)]

    @property
    def servers(self) -> list[str]:
        """A NATS cluster's members, as its client wants them."""
        parts = urlsplit(self.url)
        who = f"{parts.netloc.rpartition('@')[0]}@" if "@" in parts.netloc else ""
        return [f"{parts.scheme}://{who}{host}:{port}" for host, port in self._hosts(4222)]

    @property
    def shown(self) -> str:
        """The URL without anybody's password."""
        parts = urlsplit(self.url)
        return f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}"

    def tls(self) -> ssl.SSLContext | None:
        if urlsplit(self.url).scheme not in ("mqtts", "tls"):
            return None
        try:
            context = ssl.create_default_context(cafile=self.ca_file or None)
            context.minimum_version = ssl.TLSVersion.TLSv1_2
            if self.cert_file:
                context.load_cert_chain(self.cert_file, self.key_file or None)
        except (OSError, ssl.SSLError) as error:
            raise BadBroker(f"the certificate files cannot be used: {error}") from error
        return context

    def _hosts(self, usual_port: int) -> list[tuple[str, int]]:
        parts = urlsplit(self.url)
        names = parts.netloc.rpartition("@")[2].split(",")
        if parts.scheme not in MQTT + NATS or not all(names):
            raise BadBroker(f"{WANTED}; not {self.shown!r}")
        found = []
        for name in names:
            one = urlsplit(f"//{name}")
            try:
                port = one.port or usual_port
            except ValueError as error:
                raise BadBroker(f"the port in {name!r} is not a number up to 65535") from error
            if not one.hostname:
                raise BadBroker(f"{WANTED}; not {self.shown!r}")
            found.append((one.hostname, port))
        return found


def _port(text: str) -> int:
    number = int(text)
    if not 0 < number < 65536:
        raise ValueError(text)
    return number

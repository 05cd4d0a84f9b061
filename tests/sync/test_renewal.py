"""This file proves that the MQTT line uses a renewed certificate; an ended one says what to do."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from appliance import bootstrap, config
from appliance.sync.room import Room
from tests.mqtt_broker import eventually
from tests.ward.test_enrol import NOW, Site, site
from ward.intake import run

__all__ = ["site"]
HOUSE = "nha-0017"


class AtWork:
    """The room of a house with a certificate for so many days, over TLS, with an intake."""

    def __init__(self, site: Site, folder: Path, days: int, intake_port: int) -> None:
        pair = site.authority.for_client(HOUSE, NOW, timedelta(days=days))
        self.cert, self.key = site.keep(HOUSE, *pair)
        given = {
            "house.id": HOUSE,
            "data.dir": str(folder / "data"),
            "data.ram_dir": str(folder / "ram"),
            "sync.broker": f"mqtts://localhost:{site.broker.port}",
            "sync.intake": f"https://localhost:{intake_port}",
            "sync.ca_file": str(site.tls / "ca.crt"),
            "sync.cert_file": self.cert,
            "sync.key_file": self.key,
        }
        self.parts = bootstrap.build(config.load(None, given), "sync")
        self._over, self._made = threading.Event(), threading.Event()
        self._thread = threading.Thread(target=self._work)
        self._thread.start()
        assert self._made.wait(30)

    def _work(self) -> None:
        self.room = Room(self.parts)  # its table belongs to this thread
        self._made.set()
        self.room.work(self._over)

    def stop(self) -> None:
        self._over.set()
        self._thread.join(15)


@pytest.fixture
def intake_port(site: Site) -> Iterator[int]:
    server = run.start(site.folder, "127.0.0.1", 0)
    yield server.server_port
    server.shutdown()
    server.server_close()


def test_the_line_begins_anew_with_the_renewed_certificate(
    site: Site, tmp_path: Path, intake_port: int
) -> None:
    """The enrolled key is taken away and the broker restarted: the house still gets in."""
    house = AtWork(site, tmp_path / "house", 30, intake_port)
    try:
        eventually((tmp_path / "house/data/sync/house.pem").exists, 60)
        eventually(lambda: house.room.link.up and house.room.link.generation > 0, 60)
        Path(house.key).unlink()
        generation = house.room.link.generation
        site.broker.kill()
        site.broker.start()
        eventually(lambda: house.room.link.up and house.room.link.generation > generation, 60)
        assert house.room._cert_days() > 300
        eventually(lambda: (house.parts.ram.room("sync") or {})["status"] == "đang nối với phường")
    finally:
        house.stop()


def test_an_ended_certificate_says_what_to_do(site: Site, tmp_path: Path, intake_port: int) -> None:
    house = AtWork(site, tmp_path / "house", -1, intake_port)
    try:
        eventually(lambda: "hết hạn" in str((house.parts.ram.room("sync") or {}).get("status")), 60)
        assert f"hien ward enrol {HOUSE}" in str((house.parts.ram.room("sync") or {})["status"])
        assert not (tmp_path / "house/data/sync/house.pem").exists()
        assert (house.parts.ram.room("sync") or {})["cert_ended"] is True
    finally:
        house.stop()

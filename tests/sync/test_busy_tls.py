"""This file proves that a busy line over TLS holds: writing and reading at once break no record."""

from __future__ import annotations

import logging
import threading
from pathlib import Path

import pytest

from appliance import bootstrap, config
from tests.mqtt_broker import eventually
from tests.sync.real_parts import House, effects, stored
from tests.ward.test_enrol import NOW, Site, site
from ward import app
from ward.link import Broker

__all__ = ["site"]

ROWS, NOISE = 1500, 4000


def enrolled(site: Site, folder: Path, name: str) -> House:
    """A house with a certificate of its own, over TLS."""
    cert, key = site.keep(name, *site.authority.for_client(name, NOW))
    made = House.__new__(House)
    made.id = name
    made.parts = bootstrap.build(
        config.load(
            None,
            {
                "house.id": name,
                "data.dir": str(folder / "data"),
                "data.ram_dir": str(folder / "ram"),
                "sync.broker": f"mqtts://localhost:{site.broker.port}",
                "sync.ca_file": str(site.tls / "ca.crt"),
                "sync.cert_file": cert,
                "sync.key_file": key,
            },
        ),
        "sync",
    )
    made.store, made._over, made._thread = made.parts.store(), threading.Event(), None
    return made


def test_a_busy_line_never_breaks(
    site: Site, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """Reports up, receipts and commands down, all at once: each side connects exactly once."""
    caplog.set_level(logging.INFO)
    console = site.authority.for_client("ward.console", NOW)
    cert, key = site.keep("console", *console)
    broker = Broker(f"mqtts://localhost:{site.broker.port}", str(site.tls / "ca.crt"), cert, key)
    running = app.start(broker, tmp_path / "ward", "127.0.0.1", 0)
    house = enrolled(site, tmp_path / "house", "nha-0001")
    logging.getLogger().addHandler(caplog.handler)  # a house's parts set up a log of their own
    try:
        eventually(lambda: running.ward.board.link_up)
        house.start()
        eventually(lambda: house.link() == "up", 40)
        noise = threading.Thread(target=_noise, args=(running,))
        noise.start()
        with house.store.write():
            for n in range(ROWS):
                house.tell("queue", n=n)
        eventually(lambda: house.pending() == 0, 60)
        noise.join()
        assert len([1 for s, _ in stored(running, "nha-0001") if s == "queue"]) == ROWS
        assert effects(running, "nha-0001") == len(stored(running, "nha-0001"))
        lost = [r.getMessage() for r in caplog.records if "is gone" in r.getMessage()
                or "is down" in r.getMessage() or "SSL" in r.getMessage()]  # fmt: skip
        assert lost == []
    finally:
        house.stop()
        running.stop()


def _noise(running: app.Running) -> None:
    """What else a ward says meanwhile, from another thread than the one that reads."""
    for n in range(NOISE):
        running.link.publish(f"houses/v1/nha-{n % 7:04d}/down/receipt", b"x" * 200)

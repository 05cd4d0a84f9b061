"""This file gives web tests a house of their own: parts, app, client, and a clock they can move."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from appliance import bootstrap, clock, config
from appliance.core.moment import Moment
from appliance.service import volunteers
from appliance.web.app import create_app
from appliance.web.live import Hub

ORIGIN = {"Origin": "http://localhost"}


class MovedClock(clock.Clock):
    """A real clock that a test can move on."""

    ahead_s = 0.0

    def now(self) -> Moment:
        now = super().now()
        return replace(
            now,
            at=now.at + timedelta(seconds=self.ahead_s),
            mono_ms=now.mono_ms + int(self.ahead_s * 1000),
        )


class House:
    """A house under test. `settings` by name override the defaults."""

    def __init__(self, root: Path, ram: Path, **settings: Any) -> None:
        given = {
            "data.dir": str(root / "data"),
            "data.ram_dir": str(ram),
            "house.phone": "0236 3555 123",
            "house.name": "Nhà văn hóa thôn Phú Đa",
            "house.address": "http://localhost",
            **settings,
        }
        built = bootstrap.build(config.load(None, given), "web")
        self.clock = MovedClock()
        self.parts = replace(built, clock=self.clock)
        self.store = self.parts.store()
        self.hub = Hub(self.parts)
        self.app: Flask = create_app(self.parts, self.hub)
        self.client: FlaskClient = self.app.test_client()

    def post(self, path: str, **form: Any) -> Any:
        """A form sent as our own page sends it."""
        return self.client.post(path, data=form, headers=ORIGIN)

    def take(self, service: str = "co-em-be", key: str | None = None) -> dict[str, Any]:
        """Take a number the way a program does; {"id", "number"}."""
        answer = self.client.post(
            "/tickets",
            data={"service": service, "key": key or self.new_key()},
            headers=ORIGIN | {"Accept": "application/json"},
        )
        assert answer.status_code == 201, answer.text
        got: dict[str, Any] = answer.get_json()
        return got

    def new_key(self) -> str:
        from appliance.service.take_ticket import new_key

        return new_key()

    def volunteer(self, name: str = "Lan", pin: str = "2468", **more: Any) -> Any:
        """Add a volunteer; the Row the services take."""
        from appliance.store import volunteers as kept

        added = volunteers.add_volunteer(self.store, self.clock.now(), name=name, pin=pin, **more)
        return kept.get(self.store, added)

    def room_says(self, room: str, **more: Any) -> None:
        now = self.clock.now()
        self.parts.ram.put_room(
            room, {"room": room, "pid": 1, "at_mono_ms": now.mono_ms, "status": "", **more}
        )


@pytest.fixture
def ram_dir() -> Iterator[Path]:
    """A folder in RAM, as in life."""
    base = "/dev/shm" if Path("/dev/shm").is_dir() else None
    folder = Path(tempfile.mkdtemp(prefix="hien-test-", dir=base))
    yield folder
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture
def make_house(tmp_path: Path, ram_dir: Path) -> Iterator[Callable[..., House]]:
    """Make a house with settings of one's own: make_house(**{"web.streams": 2})."""
    made: list[House] = []

    def make(**settings: Any) -> House:
        made.append(House(tmp_path, ram_dir, **settings))
        return made[-1]

    yield make
    for house in made:
        house.hub.stop()
        house.store.close()


@pytest.fixture
def house(make_house: Callable[..., House]) -> House:
    return make_house()

"""This file lays a table for the services' tests: a house with a volunteer, and a clock to turn."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from appliance.bootstrap import read_catalogue
from appliance.core.moment import Moment
from appliance.service import take_ticket as service
from appliance.service import volunteers
from appliance.store.database import Row, Store
from appliance.store.opening import open_store
from appliance.store.ram import Ram

ZONE = "Asia/Ho_Chi_Minh"
# Monday 23 November 2026, 08:00 in Viet Nam.
OPENING = datetime(2026, 11, 23, 1, 0, tzinfo=UTC)


class TurnedClock:
    """A clock the test turns. `passes` moves real time, `is_set_to` only the wall clock."""

    def __init__(self) -> None:
        self.moment = Moment(OPENING, "boot-1", 1_000_000, "run-1", "ntp")

    def now(self) -> Moment:
        return self.moment

    def passes(self, **span: float) -> Moment:
        delta = timedelta(**span)
        self.moment = replace(
            self.moment,
            at=self.moment.at + delta,
            mono_ms=self.moment.mono_ms + int(delta.total_seconds() * 1000),
        )
        return self.moment

    def is_set_to(self, at: datetime, sync: str | None = None) -> Moment:
        self.moment = replace(self.moment, at=at, sync=sync or self.moment.sync)
        return self.moment

    def boots(self, epoch: str = "boot-2", at: datetime | None = None) -> Moment:
        self.moment = replace(
            self.moment, epoch=epoch, run=f"run-of-{epoch}", mono_ms=5_000,
            at=at or self.moment.at,
        )  # fmt: skip
        return self.moment


@dataclass
class House:
    store: Store
    ram: Ram
    clock: TurnedClock
    data_dir: Path

    catalogue = read_catalogue("")

    def take(
        self, key: str = "", service_id: str = "co-em-be", per_minute: int = 1000
    ) -> service.Taken:
        return service.take_ticket(
            self.store,
            self.ram,
            self.clock.now(),
            key=key or service.new_key(),
            service_id=service_id,
            channel="tablet",
            catalogue=self.catalogue,
            zone=ZONE,
            per_minute=per_minute,
        )

    def volunteer(self, name: str = "Chị Lan", desk: int = 1) -> Row:
        number = volunteers.add_volunteer(
            self.store, self.clock.now(), name=name, pin="2468", desk=desk, shows_name=True
        )
        row = self.store.one("SELECT * FROM volunteers WHERE id = ?", number)
        assert row is not None
        return row

    def told(self, stream: str) -> list[dict[str, object]]:
        """What the outbox holds for one stream, in order."""
        import json

        return [
            json.loads(row["body"])
            for row in self.store.all(
                "SELECT body FROM outbox WHERE stream = ? ORDER BY ord", stream
            )
        ]


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    ram = Ram(tmp_path / "ram")
    ram.make_folders()
    data_dir = tmp_path / "data"
    store = open_store(data_dir)
    yield House(store, ram, TurnedClock(), data_dir)
    store.close()

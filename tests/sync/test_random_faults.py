"""This file proves exactly-once under random trouble: fixed seeds, real processes, kill -9.

Two houses commit reports all the time, while their sync rooms, the ward and the broker (with its
default persistence) are killed at random and the wire goes silent, breaks, or eats
acknowledgements. In the end the set at the ward is the set at the houses, each with one effect.
"""

from __future__ import annotations

import random
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from appliance import bootstrap, config
from appliance.service.report import tell
from appliance.store.database import Store
from tests.mqtt_broker import Process, Wire, eventually

HOUSES = ("nha-0001", "nha-0002")


class Program:
    """One of our own programs, to be killed and started again."""

    def __init__(self, *argv: str, log: Path) -> None:
        self._argv, self._log = [sys.executable, "-m", "appliance", *argv], log
        self.kills = 0
        self.start()

    def start(self) -> None:
        with self._log.open("a") as out:
            self._process = subprocess.Popen(self._argv, stdout=out, stderr=out)

    def kill(self) -> None:
        self._process.kill()
        self._process.wait()
        self.kills += 1


class House:
    def __init__(self, folder: Path, name: str, wire: Wire) -> None:
        folder.mkdir()
        self.name = name
        settings = folder / "house.toml"
        settings.write_text(
            f'[house]\nid = "{name}"\n[data]\ndir = "{folder}/data"\nram_dir = "{folder}/ram"\n'
            f'[sync]\nbroker = "{wire.url}"\n'
        )
        self.parts = bootstrap.build(config.load(settings), "test")
        self.store: Store = self.parts.store()
        self.sync = Program("sync", "--config", str(settings), log=folder / "log")
        self.told = 0

    def tell(self, rng: random.Random) -> None:
        with self.store.write():
            stream = rng.choice(("help", "queue", "ops", "health"))
            tell(self.store, self.parts.clock.now(), stream, {"n": self.told})  # type: ignore[arg-type]
        self.told += 1

    def pending(self) -> int:
        return int(self.store.value("SELECT count(*) FROM outbox WHERE receipted_at IS NULL"))


@pytest.fixture
def ward_program(tmp_path: Path, mosquitto: Process) -> Iterator[Program]:
    argv = ("ward", "serve", "--broker", mosquitto.url, "--dir", str(tmp_path / "ward"))
    program = Program(*argv, "--port", "0", log=tmp_path / "ward.log")
    yield program
    program.kill()


@pytest.mark.parametrize(
    ("seed", "lasts_s"),
    [(11, 5), *[pytest.param(s, 20, marks=pytest.mark.slow) for s in (12, 13, 14, 15)]],
)
@pytest.mark.timeout(300)
def test_the_set_committed_is_the_set_stored(
    tmp_path: Path, mosquitto: Process, wire: Wire, ward_program: Program, seed: int, lasts_s: float
) -> None:
    rng = random.Random(seed)
    houses = [House(tmp_path / name, name, wire) for name in HOUSES]
    try:
        _trouble(rng, houses, mosquitto, wire, ward_program, lasts_s)
        eventually(lambda: sum(h.pending() for h in houses) == 0, 120)
    finally:
        for h in houses:
            h.sync.kill()
    db = sqlite3.connect(tmp_path / "ward" / "ward.db")
    for h in houses:
        here = h.store.all("SELECT epoch, stream, seq, body FROM outbox")
        there = db.execute(
            "SELECT epoch, stream, seq, d FROM events WHERE house = ?", (h.name,)
        ).fetchall()
        assert {tuple(r.values()) for r in here} == set(there)
        assert len(here) == len(there) == h.told
        effects = db.execute("SELECT sum(n) FROM totals WHERE house = ?", (h.name,)).fetchone()[0]
        assert effects == h.told
    assert db.execute("SELECT count(*) FROM conflicts").fetchone()[0] == 0
    assert sum(p.kills for p in (ward_program, *(h.sync for h in houses))) > 0


def _trouble(
    rng: random.Random,
    houses: list[House],
    broker: Process,
    wire: Wire,
    ward: Program,
    lasts_s: float,
) -> None:
    """Reports all the while; every half second or so something breaks or heals."""
    end = time.monotonic() + lasts_s
    next_fault = time.monotonic() + 1.0
    while time.monotonic() < end:
        rng.choice(houses).tell(rng)
        time.sleep(0.01)
        if time.monotonic() < next_fault:
            continue
        next_fault = time.monotonic() + rng.uniform(0.2, 1.2)
        fault = rng.choice(("sync", "ward", "broker", "cut", "eat", "silent", "heal", "heal"))
        wire.eat_pubacks, wire.silent = fault == "eat", fault == "silent"
        if fault == "sync":
            victim = rng.choice(houses).sync
            victim.kill()
            victim.start()
        elif fault == "ward":
            ward.kill()
            ward.start()
        elif fault == "broker":
            broker.kill()
            broker.start()
        elif fault == "cut":
            wire.cut()
    wire.eat_pubacks = wire.silent = False

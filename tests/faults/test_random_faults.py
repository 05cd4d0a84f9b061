"""This file proves exactly-once under random trouble: fixed seeds, real processes, kill -9.

Two houses commit reports all the time, while their sync rooms, the ward and the broker (with its
default persistence, or with none left) are killed at random, and the wire is slow, goes silent,
refuses, breaks inside packets, or eats acknowledgements. In the end the set at the ward is the set
at the houses, each with one effect.
"""

from __future__ import annotations

import random
import sqlite3
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from appliance import bootstrap, config
from appliance.service.report import tell
from appliance.store.database import Store
from tests.faults.fault_table import Row
from tests.mqtt_broker import Process, Wire, eventually, mosquitto, wire

__all__ = ["mosquitto", "wire"]

HOUSES = ("nha-0001", "nha-0002")
KILLS = ("sync", "ward", "broker", "broker forgets all")
ON_THE_WIRE = (
    "cut", "reset", "cut inside a packet", "cut inside an answer", "eat PUBACK", "black hole",
    "refuse", "latency",
)  # fmt: skip
HEAL = ("heal",) * 3
MOST_BYTES = 900  # a cut comes within so many bytes: a report is some 300


class Program:
    """One of our own programs, to be killed and started again."""

    def __init__(self, *argv: str, log: Path) -> None:
        self._argv, self._log = [sys.executable, "-m", "appliance", *argv], log
        self.start()

    def start(self) -> None:
        with self._log.open("a") as out:
            self._process = subprocess.Popen(self._argv, stdout=out, stderr=out)

    def kill(self) -> None:
        self._process.kill()
        self._process.wait()


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

    def tell(self) -> None:
        with self.store.write():
            stream = random.choice(("help", "queue", "ops", "health"))
            tell(self.store, self.parts.clock.now(), stream, {"n": self.told})  # type: ignore[arg-type]
        self.told += 1

    def pending(self) -> int:
        return int(self.store.value("SELECT count(*) FROM outbox WHERE receipted_at IS NULL"))

    def kept(self) -> set[tuple[str, str, int, str]]:
        rows = self.store.all("SELECT epoch, stream, seq, body FROM outbox")
        return {(r["epoch"], r["stream"], r["seq"], r["body"]) for r in rows}


@pytest.fixture
def ward_program(tmp_path: Path, mosquitto: Process) -> Iterator[Program]:
    argv = ("ward", "serve", "--broker", mosquitto.url, "--dir", str(tmp_path / "ward"))
    program = Program(*argv, "--port", "0", log=tmp_path / "ward.log")
    yield program
    program.kill()


@pytest.mark.parametrize(
    ("seed", "count"),
    [(11, 8), *[pytest.param(s, 22, marks=pytest.mark.slow) for s in (12, 13, 14, 15)]],
)
@pytest.mark.timeout(300)
def test_the_set_committed_is_the_set_stored(
    tmp_path: Path, mosquitto: Process, wire: Wire, ward_program: Program, fault_row: Row,
    seed: int, count: int,
) -> None:  # fmt: skip
    plan, began_s = faults_of(seed, count), time.monotonic()
    did = Counter(plan)
    houses = [House(tmp_path / name, name, wire) for name in HOUSES]
    try:
        _trouble(random.Random(seed), plan, houses, mosquitto, wire, ward_program)
        eventually(lambda: sum(h.pending() for h in houses) == 0, 120)
    finally:
        for h in houses:
            h.sync.kill()
    db = sqlite3.connect(tmp_path / "ward" / "ward.db")
    stored = {
        h.name: db.execute(
            "SELECT epoch, stream, seq, d FROM events WHERE house = ?", (h.name,)
        ).fetchall()
        for h in houses
    }
    effects = dict(db.execute("SELECT house, sum(n) FROM totals GROUP BY house").fetchall())
    fault_row(
        scenario="random kills and a bad line",
        seed=seed,
        kills=sum(did[k] for k in KILLS),
        wire_faults=sum(did[k] for k in ON_THE_WIRE),
        committed=sum(h.told for h in houses),
        stored=sum(map(len, stored.values())),
        effects=sum(effects.values()),
        sent=wire.sent,
        seconds=round(time.monotonic() - began_s),
    )
    for h in houses:
        assert h.kept() == set(stored[h.name])
        assert len(h.kept()) == len(stored[h.name]) == h.told == effects[h.name]
    assert db.execute("SELECT count(*) FROM conflicts").fetchone()[0] == 0
    assert sum(did[k] for k in KILLS) > 0
    assert sum(did[k] for k in ON_THE_WIRE) > 0


def faults_of(seed: int, count: int) -> list[str]:
    """What breaks, in this order: all kinds once, in an order of this seed, then all again."""
    rng, found = random.Random(seed), list[str]()
    while len(found) < count:
        deck = [*KILLS, *ON_THE_WIRE, *HEAL]
        rng.shuffle(deck)
        found += deck
    return found[:count]


def _trouble(
    rng: random.Random,
    plan: list[str],
    houses: list[House],
    broker: Process,
    wire: Wire,
    ward: Program,
) -> None:
    """Reports all the while; every half second or so something breaks or heals."""
    for fault in plan:
        until_s = time.monotonic() + rng.uniform(0.2, 1.2)
        while time.monotonic() < until_s:
            random.choice(houses).tell()
            time.sleep(0.01)
        wire.heal()
        _break(fault, rng, houses, broker, wire, ward)
    wire.heal()


def _break(
    fault: str, rng: random.Random, houses: list[House], broker: Process, wire: Wire, ward: Program
) -> None:
    wire.eat_pubacks, wire.silent = fault == "eat PUBACK", fault == "black hole"
    wire.refusing = fault == "refuse"
    if fault == "sync":
        victim = rng.choice(houses).sync
        victim.kill()
        victim.start()
    elif fault == "ward":
        ward.kill()
        ward.start()
    elif fault.startswith("broker"):
        broker.kill()
        if fault == "broker forgets all":
            broker.forget()
        broker.start()
    elif fault == "latency":
        wire.latency_s = rng.uniform(0.05, 0.4)
    elif fault == "reset":
        wire.reset()
    elif fault in ("cut", "refuse"):
        wire.cut()
    elif fault.startswith("cut inside"):
        wire.cut_after(rng.randrange(MOST_BYTES), back=fault.endswith("answer"))

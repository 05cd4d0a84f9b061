"""This file proves the whole console on a NATS cluster and PostgreSQL: all of it as in life.

Programs of their own, from outside: houses by their pages, the ward by its console.
"""

from __future__ import annotations

import contextlib
import json
import secrets
import subprocess
import sys
import urllib.parse
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from appliance.demo.printer import VirtualPrinter
from tests.faults.conftest import RealHouse
from tests.mqtt_broker import eventually, free_port
from tests.nats_cluster import NATS, Balancer, NatsCluster
from tests.pg_server import PgServer, binaries

NAMES = ("nha-0001", "nha-0002")


@contextlib.contextmanager
def house(folder: Path, name: str, broker: str, printer: VirtualPrinter) -> Iterator[RealHouse]:
    """`hien all`, three rooms, whose line leads to the cluster."""
    base = folder / name
    base.mkdir()
    port = free_port()
    (base / "hien.toml").write_text(
        f'[house]\nid = "{name}"\nname = "Nhà {name}"\n'
        f'[data]\ndir = "{base}/data"\nram_dir = "{base}/ram"\n'
        f'[web]\nhost = "127.0.0.1"\nport = {port}\n[sync]\nbroker = "{broker}"\nhealth_s = 15\n'
        f'[devices]\nprinter = "tcp://127.0.0.1:{printer.port}"\ncamera = "virtual:"\n'
    )
    made = RealHouse(base, port, printer)
    made.start()
    try:
        yield made
    finally:
        made.stop()


class Console:
    """`hien ward serve`, asked over HTTP."""

    def __init__(self, broker: str, folder: Path, store: str) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-m", "appliance", "ward", "serve", "--broker", broker, "--dir",
             str(folder), "--store", store, "--port", "0", "--open"],
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
        )  # fmt: skip
        assert self.process.stdout is not None
        self.url = self.process.stdout.readline().split()[-1]

    def get(self, path: str) -> str:
        with urllib.request.urlopen(self.url + path, timeout=10) as answer:
            return str(answer.read().decode())

    def house(self, name: str) -> dict[str, Any]:
        found = {h["house"]: h for h in json.loads(self.get("/api/houses"))}
        return dict(found.get(name, {}))

    def events(self, name: str) -> list[dict[str, Any]]:
        return list(json.loads(self.get(f"/api/events?house={name}")))

    def told(self, name: str, kind: str) -> list[dict[str, Any]]:
        """What this house told of this type, without what its queue's `called` means."""
        stream = "help" if kind in ("called", "answered") else "queue"
        return [
            e["d"] for e in self.events(name) if e["stream"] == stream and e["d"]["type"] == kind
        ]

    def answer(self, name: str, call: str, who: str) -> None:
        form = {"house": name, "call": call, "who": who, "eta_min": "10"}
        data, headers = urllib.parse.urlencode(form).encode(), {"Origin": self.url}
        urllib.request.urlopen(urllib.request.Request(f"{self.url}/answer", data, headers))

    def stop(self) -> None:
        self.process.terminate()
        self.process.wait(20)


def served(console: Console, name: str, one: RealHouse, who: str) -> None:
    """A number is taken and a call for help goes up; the answer from the console comes down."""
    taken, calls = console.told(name, "taken"), console.told(name, "called")
    one.take_ticket()
    status, body = one.insist("POST", "/help", {"key": secrets.token_hex(8)}, json_answer=True)
    assert status == 200, body
    eventually(lambda: console.house(name).get("online"), 60)
    eventually(lambda: len(console.told(name, "taken")) == len(taken) + 1, 60)
    eventually(lambda: console.house(name)["queue"].get("waiting") == len(taken) + 1, 30)
    eventually(lambda: len(console.told(name, "called")) == len(calls) + 1, 60)
    call = console.told(name, "called")[-1]["call"]
    eventually(lambda: f'value="{call}"' in console.get("/live"), 30)
    console.answer(name, call, who)
    eventually(lambda: who in _wall(one), 60)
    eventually(lambda: len(console.told(name, "answered")) == len(calls) + 1, 30)
    one.insist("POST", "/help/withdraw", {"key": secrets.token_hex(8)})
    eventually(lambda: f'value="{call}"' not in console.get("/live"), 30)


def each_once(console: Console, name: str, one: RealHouse) -> None:
    """All that the house committed is at the ward, under its key, once."""
    told = {_key(r) for r in one.store().all("SELECT epoch, stream, seq FROM outbox")}
    eventually(lambda: told <= {_key(e) for e in console.events(name)}, 60)
    keys = [_key(e) for e in console.events(name)]
    assert len(keys) == len(set(keys))


def _key(row: Any) -> tuple[str, str, int]:
    return row["epoch"], row["stream"], row["seq"]


def _names(console: Console) -> list[str]:
    return [console.house(name).get("hello", {}).get("name", "") for name in NAMES]


def _wall(one: RealHouse) -> str:
    with contextlib.suppress(OSError):
        return one.request("GET", "/wall")[1].decode()
    return ""


@pytest.mark.slow
@pytest.mark.timeout(600)
def test_the_whole_console_on_a_cluster(tmp_path: Path) -> None:
    """Hello, numbers, a call and its answer; again after a server of the cluster was killed, and
    again after the console was: each event is there once, and nothing in doubt."""
    pytest.importorskip("nats")
    if NATS is None or binaries() is None:
        pytest.skip("needs apt-get install nats-server postgresql")
    server, cluster = PgServer(safe=True), NatsCluster(tmp_path)
    before = Balancer(cluster.mqtt)
    with contextlib.ExitStack() as ends:
        for end in (server.stop, cluster.stop, before.close):
            ends.callback(end)
        store = server.url()
        console = Console(cluster.url, tmp_path / "ward", store)
        ends.callback(lambda: console.stop())
        printer = ends.enter_context(VirtualPrinter("127.0.0.1", 0, speed_mm_s=1500))
        houses = {
            name: ends.enter_context(house(tmp_path, name, before.url, printer)) for name in NAMES
        }
        eventually(lambda: _names(console) == [f"Nhà {name}" for name in NAMES], 60)
        for name, one in houses.items():
            served(console, name, one, "Cô Hạnh")
        cluster.kill(1)
        for name, one in houses.items():
            served(console, name, one, "Anh Minh")
        console.stop()
        console = Console(cluster.url, tmp_path / "ward", store)
        for name, one in houses.items():
            served(console, name, one, "Chị Lan")
        for name, one in houses.items():
            each_once(console, name, one)

"""This file proves that several consumers at one database store each event once, also under kills.

The houses are real: their own table, outbox, courier and line.
"""

from __future__ import annotations

import contextlib
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.mqtt_broker import Process, eventually
from tests.nats_cluster import NATS, Balancer, NatsCluster
from tests.pg_server import PgServer, binaries
from tests.sync.real_parts import House
from ward import consume
from ward.broker import BadBroker, Broker
from ward.line import line_of
from ward.store.database import Store

STREAMS = ("queue", "ops", "help")


class Program:
    """`hien ward consume` as a process of its own, to be killed the hard way."""

    def __init__(self, broker: str, folder: Path, store: str) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-m", "appliance", "ward", "consume", "--broker", broker, "--dir",
             str(folder), "--store", store],
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
        )  # fmt: skip
        assert self._process.stdout is not None
        assert self._process.stdout.readline() == b"ready: consumer\n"

    def kill(self) -> None:
        self._process.kill()
        self._process.wait()


def tell(houses: list[House], n: int) -> None:
    for i in range(n):
        for house in houses:
            house.tell(STREAMS[i % len(STREAMS)], type="counted", number=i)


def expected(houses: list[House]) -> dict[str, set[tuple[str, int]]]:
    return {house.id: house.told() for house in houses}


def check_each_once(store: Store, houses: list[House]) -> None:
    """What the houses committed = what the ward stored; each had its effect once; none in doubt."""
    for name, told in expected(houses).items():
        rows = store.all("SELECT stream, seq FROM events WHERE house = ?", name)
        assert {(r["stream"], r["seq"]) for r in rows} == told and len(rows) == len(told)
        n = store.value("SELECT sum(n) FROM totals WHERE house = ?", name)
        assert n == len(told), f"{name}: {n} effects of {len(told)} events"
    assert store.value("SELECT count(*) FROM conflicts") == 0


@contextlib.contextmanager
def at_work(houses: list[House]) -> Iterator[None]:
    for house in houses:
        house.start()
    try:
        yield
    finally:
        for house in houses:
            house.stop()


def counted(store: Store) -> int:
    return int(store.value("SELECT count(*) FROM events"))


def test_one_of_two_consumers_is_killed(
    mosquitto: Process, postgres: PgServer, tmp_path: Path
) -> None:
    """Mosquitto shares, PostgreSQL keeps: one consumer dies amid it, the other has the rest."""
    url = postgres.url()
    store = Store(tmp_path / "look", url)
    (tmp_path / "look" / "store-url").write_text(url)
    victim = Program(mosquitto.url, tmp_path / "w", url)
    other = consume.start(Broker(mosquitto.url), tmp_path / "look")
    eventually(lambda: other.line.up)
    houses = [House(tmp_path / f"h{n}", mosquitto.url, f"nha-{n:04d}") for n in range(2)]
    tell(houses, 60)
    with at_work(houses):
        eventually(lambda: counted(store) > 40, 60)
        victim.kill()
        tell(houses, 30)
        eventually(lambda: all(h.pending() == 0 for h in houses), 60)
        check_each_once(store, houses)
    assert 0 < other.listener.counts["stored"] < counted(store)
    other.stop()
    store.close()


@pytest.mark.slow
@pytest.mark.timeout(600)
def test_a_node_and_a_consumer_are_killed_under_load(tmp_path: Path) -> None:
    """Three NATS servers, PostgreSQL that syncs, six houses: a server and a consumer are killed,
    come back, and the next server is killed. Nothing is lost, nothing is done twice."""
    pytest.importorskip("nats")
    if NATS is None or binaries() is None:
        pytest.skip("needs apt-get install nats-server postgresql")
    server, cluster = PgServer(safe=True), NatsCluster(tmp_path)
    before = Balancer(cluster.mqtt)
    with contextlib.ExitStack() as ends:
        for end in (server.stop, cluster.stop, before.close):
            ends.callback(end)
        url, folder = server.url(), tmp_path / "w"
        store = Store(folder, url)
        folder.joinpath("store-url").write_text(url)
        houses = [House(tmp_path / f"h{n}", before.url, f"nha-{n:04d}") for n in range(6)]
        with at_work(houses):
            victim = Program(cluster.url, folder, url)
            other = consume.start(Broker(cluster.url), folder)
            ends.callback(other.stop)
            tell(houses, 200)
            eventually(lambda: counted(store) > 200, 120)
            cluster.kill(1)
            tell(houses, 100)
            victim.kill()
            tell(houses, 100)
            eventually(lambda: other.line.up, 60)
            eventually(lambda: counted(store) > 1600, 180)
            cluster.start(1)
            victim = Program(cluster.url, folder, url)
            ends.callback(victim.kill)
            cluster.kill(0)
            tell(houses, 100)
            eventually(lambda: all(h.pending() == 0 for h in houses), 240)
            check_each_once(store, houses)
            assert 0 < other.listener.counts["stored"] < counted(store)
        store.close()


@pytest.mark.parametrize(
    ("url", "hosts"),
    [("mqtt://a", [("a", 1883)]), ("mqtts://a:9", [("a", 9)]),
     ("nats://a,b:5000", [("a", 1883), ("b", 1883)]),
     ("tls://u:p@a,b?mqtt=1,2", [("a", 1), ("b", 2)])],
)  # fmt: skip
def test_brokers_by_url(url: str, hosts: list[tuple[str, int]]) -> None:
    assert Broker(url).addresses == hosts
    assert "p@" not in Broker(url).shown


@pytest.mark.parametrize("url", ["nats://", "nats://a,,b", "nats://a?mqtt=x", "nats://a,b,c?mqtt=1,2",
                                 "nats://a:99999", "nats://a?mqtt=0"])  # fmt: skip
def test_a_cluster_that_makes_no_sense_is_refused(url: str) -> None:
    with pytest.raises(BadBroker):
        line_of(Broker(url), "w", lambda _: None, lambda _: None)


@pytest.mark.parametrize("share", ["a/b", "+", "#", "nhà", "x" * 33, " "])
def test_a_share_is_one_plain_word(share: str) -> None:
    silent: Callable[[object], None] = lambda _: None  # noqa: E731
    with pytest.raises(BadBroker):
        line_of(Broker("mqtt://a"), "w", silent, silent, share=share)

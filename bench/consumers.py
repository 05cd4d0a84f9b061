"""This file measures the ward beyond one machine: consumers on SQLite, PostgreSQL and NATS.

The same packets to each, until the last is receipted, against a mosquitto_sub at the same kind of
broker, which merely receives them. PostgreSQL syncs each commit, as in life.
"""

from __future__ import annotations

import contextlib
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import paho.mqtt.client as mqtt
from paho.mqtt.enums import CallbackAPIVersion

from appliance.sync import protocol as p
from bench import ward as base
from tests.nats_cluster import NATS, NatsCluster
from tests.pg_server import PgServer, binaries

EVENTS = 10_000


def main(argv: list[str]) -> None:
    events = int(argv[0]) if argv else EVENTS
    if base._which("mosquitto") is None or base._which("mosquitto_sub") is None:
        print("skipped: no mosquitto and mosquitto_sub on this machine")
        return
    with tempfile.TemporaryDirectory(prefix="hien-bench-", dir="/var/tmp") as name:
        folder = Path(name)
        folder.chmod(0o755)
        received = _on_mosquitto(events, folder, None)
        _say("mosquitto_sub merely receiving", received, received)
        sqlite = f"sqlite://{folder}/one.db"
        _say("1 consumer on SQLite", _on_mosquitto(events, folder, sqlite), received)
        if binaries() is None:
            print("no PostgreSQL on this machine (apt-get install postgresql)")
            return
        server = PgServer(safe=True)
        try:
            for n in (1, 2):
                rate = _on_mosquitto(events, folder, server.url(), n)
                _say(f"{n} consumer(s) on PostgreSQL", rate, received)
            if NATS is None:
                print("no nats-server on this machine (apt-get install nats-server)")
                return
            _cluster(events // 4, folder, server)
        finally:
            server.stop()


def _cluster(events: int, folder: Path, server: PgServer) -> None:
    cluster = NatsCluster(folder)
    try:
        port = cluster.mqtt[0]
        received = _rate(events, port, _subscriber(port, folder, events))
        _say("NATS x 3: mosquitto_sub merely receiving", received, received)
        for n in (1, 2):
            consumers = _consumers(cluster.url, folder, server.url(), n)
            _say(
                f"NATS x 3: {n} consumer(s) on PostgreSQL", _rate(events, port, consumers), received
            )
    finally:
        cluster.stop()


def _on_mosquitto(events: int, folder: Path, store: str | None, n: int = 1) -> float:
    with base._broker(folder) as port:
        if store is None:
            return _rate(events, port, _subscriber(port, folder, events))
        return _rate(events, port, _consumers(f"mqtt://127.0.0.1:{port}", folder, store, n))


def _rate(events: int, port: int, receiver: contextlib.AbstractContextManager[object]) -> float:
    """Events a second, from the first packet until `receiver` has the last."""
    done, upto = threading.Event(), dict[str, int]()

    def receipt(_c: mqtt.Client, _u: object, m: mqtt.MQTTMessage) -> None:
        upto[m.topic] = max(upto.get(m.topic, 0), p.decode_receipt(bytes(m.payload)).upto)
        if sum(upto.values()) >= events:
            done.set()

    client = mqtt.Client(CallbackAPIVersion.VERSION2, protocol=mqtt.MQTTv311)
    client.on_message = receipt
    client.connect("127.0.0.1", port)
    client.subscribe(f"{p.PREFIX}/+/down/receipt", 0)
    client.loop_start()
    try:
        with receiver as wait:
            packets = base._packets(events)
            start_s = time.perf_counter()
            base._publish(port, packets, events)
            if callable(wait):
                wait()
            else:
                base._in_time(done)
            return events / (time.perf_counter() - start_s)
    finally:
        client.disconnect()
        client.loop_stop()


@contextlib.contextmanager
def _subscriber(port: int, folder: Path, events: int) -> Iterator[Callable[[], None]]:
    argv = [base._which("mosquitto_sub") or "", "-p", str(port), "-q", "1", "-t", p.UP_FILTER]
    argv += ["-V", "mqttv311", "-C", str(events)]
    with (folder / "out").open("wb") as out, base._process(argv, out) as process:
        time.sleep(1.0)  # it does not say when it has subscribed
        yield lambda: base._gone(process)


@contextlib.contextmanager
def _consumers(broker: str, folder: Path, store: str, n: int) -> Iterator[None]:
    argv = [sys.executable, "-m", "appliance", "ward", "consume", "--broker", broker]
    argv += ["--dir", str(folder / "ward"), "--store", store]
    with contextlib.ExitStack() as ends:
        for _ in range(n):
            program = ends.enter_context(base._process(argv, subprocess.PIPE))
            assert program.stdout is not None
            assert program.stdout.readline() == b"ready: consumer\n"
        time.sleep(1.0)
        yield None


def _say(what: str, rate: float, received: float) -> None:
    print(f"{what:44} {rate:9.0f} events/s  x {rate / received:.2f}")

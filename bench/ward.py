"""This file measures the ward: events stored and receipted a second, against mosquitto_sub.

The same packets through the same kind of broker, turn and turn about: once to mosquitto_sub, which
merely receives them, once to `hien ward serve`, until the last one is receipted, and once to a
ward that commits each event by itself.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import socket
import statistics
import struct
import subprocess
import sys
import tempfile
import threading
import time
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path

import paho.mqtt.client as mqtt
from paho.mqtt.enums import CallbackAPIVersion

from appliance.sync import protocol as p
from ward.board import Board
from ward.listener import Listener
from ward.store.database import Store
from ward.web import Ward, create_app

EVENTS, ROUNDS, HOUSES = 20_000, 3, 50
UNBATCHED_EVENTS = 2_000
FLEET, PAGES = 2_531, 9
LIMIT_S = 180.0
START_LIMIT_S = 120.0  # also on a machine that has much else to do
ONE_BY_ONE = (
    "import ward.listener as l; l.BATCH_MOST = 1; from appliance.__main__ import main; main()"
)
AS_IT_IS = "from appliance.__main__ import main; main()"


def main(argv: list[str]) -> None:
    events = int(argv[0]) if argv else EVENTS
    missing = [name for name in ("mosquitto", "mosquitto_sub") if _which(name) is None]
    if missing:
        print(f"skipped: no {' and no '.join(missing)} on this machine")
        return
    received, stored, single = [], [], []
    for _ in range(ROUNDS):
        received.append(events / _time(events, _mosquitto_sub))
        stored.append(events / _time(events, _ward(AS_IT_IS)))
        single.append(UNBATCHED_EVENTS / _time(UNBATCHED_EVENTS, _ward(ONE_BY_ONE)))
    base, batched, one = (statistics.median(x) for x in (received, stored, single))
    print(f"mosquitto_sub merely receiving        {base:9.0f} events/s")
    print(f"ward, stored and receipted            {batched:9.0f} events/s  x {batched / base:.2f}")
    print(f"ward, each event its own commit       {one:9.0f} events/s  x {one / base:.2f}")
    print(f"batching is worth                       x {batched / one:.1f}")
    few, many = _page_s(1), _page_s(FLEET)
    print(f"live page, 1 house                    {few * 1000:9.1f} ms")
    print(f"live page, {FLEET} houses             {many * 1000:9.1f} ms        x {many / few:.1f}")


def _page_s(houses: int) -> float:
    """Seconds for the part of the console's page that every screen asks for each 2 s (median)."""
    with tempfile.TemporaryDirectory(prefix="hien-bench-", dir="/var/tmp") as name:
        store, board = Store(Path(name)), Board()
        board.link(True)
        for n in range(houses):
            board.status(f"nha-{n:04d}", "offline" if n % 9 == 3 else "online")
            board.state(f"nha-{n:04d}", "queue", {"waiting": n % 7}, retained=False)
            health = {"printer_ok": int(n % 9 != 2), "camera_ok": 1, "soc_temp_c": 50.0}
            board.state(f"nha-{n:04d}", "health", health, retained=False)
        ward = Ward(store, board, Listener(store, board), open_to_all=True)
        app = create_app(ward, ["localhost"])
        client, took = app.test_client(), []
        for _ in range(PAGES):
            start_s = time.perf_counter()
            assert client.get("/live").status_code == 200
            took.append(time.perf_counter() - start_s)
        store.close()
        return statistics.median(took)


def _time(events: int, consumer: Callable[[int, Path, int], contextlib.AbstractContextManager[
    Callable[[], None]]]) -> float:  # fmt: skip
    """Seconds from the first packet until the consumer has had the last."""
    with tempfile.TemporaryDirectory(prefix="hien-bench-", dir="/var/tmp") as name:
        folder = Path(name)
        with _broker(folder) as port, consumer(port, folder, events) as wait:
            packets = _packets(events)
            start_s = time.perf_counter()
            _publish(port, packets, events)
            wait()
            return time.perf_counter() - start_s


@contextlib.contextmanager
def _broker(folder: Path) -> Iterator[int]:
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        port = s.getsockname()[1]
    conf = folder / "mosquitto.conf"
    # Without a limit on the queue, or the broker drops for a slow consumer and nothing is measured.
    conf.write_text(
        f"listener {port} 127.0.0.1\nallow_anonymous true\nmax_queued_messages 0\n"
        "log_dest none\nset_tcp_nodelay true\n" + ("user root\n" if os.geteuid() == 0 else "")
    )
    with _process([_which("mosquitto") or "", "-c", str(conf)]):
        _until(lambda: socket.socket().connect_ex(("127.0.0.1", port)) == 0)
        yield port


@contextlib.contextmanager
def _mosquitto_sub(port: int, folder: Path, events: int) -> Iterator[Callable[[], None]]:
    argv = [_which("mosquitto_sub") or "", "-p", str(port), "-q", "1", "-t", p.UP_FILTER]
    with (folder / "out").open("wb") as out, _process([*argv, "-C", str(events)], out) as process:
        time.sleep(0.5)  # it does not say when it has subscribed
        yield lambda: _gone(process)


def _ward(code: str) -> Callable[
    [int, Path, int], contextlib.AbstractContextManager[Callable[[], None]]
]:  # fmt: skip
    @contextlib.contextmanager
    def run(port: int, folder: Path, events: int) -> Iterator[Callable[[], None]]:
        upto: dict[str, int] = {}
        done = threading.Event()

        def receipt(_c: mqtt.Client, _u: object, m: mqtt.MQTTMessage) -> None:
            upto[m.topic] = p.decode_receipt(bytes(m.payload)).upto
            if sum(upto.values()) >= events:
                done.set()

        argv = [sys.executable, "-c", code, "ward", "serve", "--broker", f"mqtt://127.0.0.1:{port}"]
        with _process([*argv, "--dir", str(folder / "ward"), "--port", "0"], subprocess.PIPE) as w:
            assert w.stdout is not None
            url = w.stdout.readline().decode().split()[-1]
            _until(lambda: _well(url))
            client = mqtt.Client(CallbackAPIVersion.VERSION2)
            client.on_message = receipt
            client.connect("127.0.0.1", port)
            client.subscribe(f"{p.PREFIX}/+/down/receipt", 1)
            client.loop_start()
            yield lambda: _in_time(done)
            client.loop_stop()

    return run


def _packets(events: int) -> bytes:
    """PUBLISH packets, MQTT 3.1.1, QoS 1: the houses in turn, each counting from 1."""
    out = bytearray()
    for n in range(events):
        house = f"nha-{n % HOUSES:04d}"
        envelope = p.Envelope(
            house, "queue", "0b7c2a4e-5d0e-4c3f-9a51-3f0f6f1f2c77", n // HOUSES + 1, 1000 * n,
            "2026-11-22T05:00:00.000Z", "ntp", {"type": "taken", "number": n, "waiting": n % 7},
        )  # fmt: skip
        topic, payload = p.up_topic(house, "queue").encode(), p.encode_envelope(envelope)
        body = struct.pack("!H", len(topic)) + topic + struct.pack("!H", n % 65535 + 1) + payload
        size, length = len(body), b""
        while True:
            size, low = size >> 7, size & 0x7F
            length += bytes([low | (0x80 if size else 0)])
            if not size:
                break
        out += b"\x32" + length + body
    return bytes(out)


def _publish(port: int, packets: bytes, events: int) -> None:
    """Send them all on one plain socket; back when each has its PUBACK (4 bytes)."""
    with socket.create_connection(("127.0.0.1", port)) as s:
        s.sendall(b"\x10\x0f\x00\x04MQTT\x04\x02\x00\x00\x00\x03gen")
        assert s.recv(4) == b"\x20\x02\x00\x00"
        sender = threading.Thread(target=s.sendall, args=(packets,))
        sender.start()
        left = 4 * events
        while left > 0:
            left -= len(s.recv(65536))
        sender.join()


@contextlib.contextmanager
def _process(
    argv: list[str], out: object = subprocess.DEVNULL, env: dict[str, str] | None = None
) -> Iterator[subprocess.Popen[bytes]]:
    process = subprocess.Popen(argv, stdout=out, stderr=subprocess.DEVNULL, env=env)  # type: ignore[call-overload]
    try:
        yield process
    finally:
        process.terminate()
        process.wait(10)


def _which(name: str) -> str | None:
    return shutil.which(name) or shutil.which(name, path="/usr/sbin:/usr/local/sbin")


def _well(url: str) -> bool:
    try:
        with urllib.request.urlopen(f"{url}/healthz", timeout=2) as answer:
            return bool(answer.status == 200)
    except OSError:
        return False


def _gone(process: subprocess.Popen[bytes]) -> None:
    process.wait(LIMIT_S)


def _in_time(done: threading.Event) -> None:
    if not done.wait(LIMIT_S):
        raise SystemExit(f"not all events were receipted within {LIMIT_S:.0f} s")


def _until(true: Callable[[], bool]) -> None:
    end_s = time.monotonic() + START_LIMIT_S
    while not true():
        if time.monotonic() > end_s:
            raise SystemExit(f"a program of the benchmark did not start in {START_LIMIT_S:.0f} s")
        time.sleep(0.05)

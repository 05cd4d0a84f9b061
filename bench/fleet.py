"""This file measures the console with every house of a city: 2,531 with TLS, all reporting.

How long until all are online again after the broker was killed; how long a help call takes until
the console has it and its page shows it; what the console needs; how long its pages take.
"""

from __future__ import annotations

import contextlib
import json
import resource
import sqlite3
import statistics
import subprocess
import sys
import tempfile
import threading
import time
import urllib.request
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import psutil

from appliance.sync.protocol import utc_text
from bench import ward as base

HOUSES, CALLS, CALLS_S = 2_531, 200, 60.0
LIMIT_S, PAGES = 300.0, 9
ASK_EVERY_S = 2.0  # as ward.js does


def main(argv: list[str]) -> None:
    houses = int(argv[0]) if argv else HOUSES
    if base._which("mosquitto") is None:
        print("skipped: no mosquitto on this machine")
        return
    most = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(most, 65_536), most))
    with tempfile.TemporaryDirectory(prefix="hien-bench-", dir="/var/tmp") as name:
        folder = Path(name)
        port = base_port()
        _trust(folder, houses, port)
        with (
            _broker(folder, port) as broker,
            _console(folder, port) as (url, console),
            _town(folder, port, houses) as town,
        ):
            first_s = _until_online(url, houses)
            print(f"{houses} houses, TLS, switched on within 20 s: all online in {first_s:.1f} s")
            _help_calls(folder, url, town)
            rss = console.memory_info().rss / 1e6
            print(f"resident set of the console: {rss:.0f} MB with {houses} houses")
            _pages(url, houses, console)
            broker.restart()
            again_s = _until_online(url, houses, utc_text(datetime.now(UTC)))
            print(f"broker killed and started again: all online after {again_s:.1f} s")


def base_port() -> int:
    import socket

    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return int(s.getsockname()[1])


def _trust(folder: Path, houses: int, port: int) -> None:
    """The ward's authority as `hien ward init` makes it, and a certificate for each house."""
    from click.testing import CliRunner

    from appliance.commands.ward import ward
    from ward.enrol.authority import Authority

    said = CliRunner().invoke(
        ward, ["init", "--dir", str(folder), "--host", "localhost", "--port", str(port)]
    )
    assert said.exit_code == 0, said.output
    authority, now = Authority(folder / "tls"), datetime.now(UTC)
    for n in range(houses):
        certificate, key = authority.for_client(f"nha-{n:04d}", now)
        (folder / "tls" / f"nha-{n:04d}.pem").write_bytes(certificate + key)


class Broker:
    def __init__(self, conf: Path, port: int) -> None:
        self._argv, self._port = [base._which("mosquitto") or "", "-c", str(conf)], port
        self.start()

    def start(self) -> None:
        self.process = subprocess.Popen(
            self._argv, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )
        import socket

        base._until(lambda: socket.socket().connect_ex(("127.0.0.1", self._port)) == 0)

    def restart(self) -> None:
        self.process.kill()
        self.process.wait()
        self.start()


@contextlib.contextmanager
def _broker(folder: Path, port: int) -> Iterator[Broker]:
    conf = folder / "tls" / "mosquitto.conf"
    more = f"\npersistence_location {folder}/\nlog_dest none\nuser root\n"
    conf.write_text(conf.read_text() + more)
    broker = Broker(conf, port)
    try:
        yield broker
    finally:
        broker.process.kill()
        broker.process.wait()


@contextlib.contextmanager
def _console(
    folder: Path, port: int, env: dict[str, str] | None = None
) -> Iterator[tuple[str, psutil.Process]]:
    argv = [sys.executable, "-m", "appliance", "ward", "serve", "--open", "--port", "0"]
    argv += ["--broker", f"mqtts://localhost:{port}", "--dir", str(folder)]
    with base._process(argv, subprocess.PIPE, env) as process:
        assert process.stdout is not None
        url = process.stdout.readline().decode().split()[-1]
        base._until(lambda: base._well(url))
        yield url, psutil.Process(process.pid)


@contextlib.contextmanager
def _town(folder: Path, port: int, houses: int) -> Iterator[subprocess.Popen[str]]:
    town = subprocess.Popen(
        [sys.executable, "-m", "bench.fleet_houses", str(port), str(folder / "tls"), str(houses)],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
    )  # fmt: skip
    try:
        yield town
    finally:
        town.kill()
        town.wait()


def _until_online(url: str, houses: int, since: str = "") -> float:
    """Seconds until the console says that all are connected, and has heard each after `since`."""
    start_s = time.perf_counter()
    while time.perf_counter() - start_s < LIMIT_S:
        with contextlib.suppress(OSError), urllib.request.urlopen(f"{url}/metrics") as answer:
            known = answer.read().decode().count("hien_house_online{")
            if known >= houses and _online(url, since) >= houses:
                return time.perf_counter() - start_s
        time.sleep(0.25)
    raise SystemExit(f"only {_online(url)} of {houses} houses were online after {LIMIT_S:.0f} s")


def _online(url: str, since: str = "") -> int:
    with urllib.request.urlopen(f"{url}/api/houses") as answer:
        return sum(1 for h in json.load(answer) if h["online"] and (h["heard_at"] or "") >= since)


def _help_calls(folder: Path, url: str, town: subprocess.Popen[str]) -> None:
    """From the button to the ward's table, and to the page that asks every 2 s."""
    assert town.stdin is not None and town.stdout is not None
    left: dict[str, float] = {}
    stored: dict[str, float] = {}
    shown_at: list[tuple[float, int]] = []
    over = threading.Event()
    looker = threading.Thread(target=_look, args=(folder, stored, over))
    pager = threading.Thread(target=_ask, args=(url, shown_at, over))
    looker.start()
    pager.start()
    town.stdin.write(f"help {CALLS} {CALLS_S}\n")
    town.stdin.flush()
    for line in town.stdout:
        said: dict[str, Any] = json.loads(line)
        if "done" in said:
            break
        left[said["call"]] = said["at"]
    end_s = time.monotonic() + 30
    while len(stored) < len(left) and time.monotonic() < end_s:
        time.sleep(0.05)
    time.sleep(2 * ASK_EVERY_S)
    over.set()
    looker.join()
    pager.join()
    took = sorted(stored[call] - at for call, at in left.items() if call in stored)
    print(f"help call -> in the console's table: median {_ms(statistics.median(took))},"
          f" p99 {_ms(took[int(0.99 * (len(took) - 1))])}, {len(took)} of {len(left)}")  # fmt: skip
    order = sorted(left.values())
    seen = [
        next((at for at, n in shown_at if n > i), float("inf")) - order[i]
        for i in range(min(len(order), 100))
    ]  # the page shows at most 100 cards
    seen.sort()
    p99 = seen[int(0.99 * (len(seen) - 1))]
    print(f"help call -> on a page that asks every {ASK_EVERY_S:.0f} s: median"
          f" {_ms(statistics.median(seen))}, p99 {_ms(p99)}")  # fmt: skip


def _look(folder: Path, stored: dict[str, float], over: threading.Event) -> None:
    db = sqlite3.connect(f"file:{folder / 'ward.db'}?mode=ro", uri=True)
    while not over.wait(0.01):
        now = time.time()
        for (call,) in db.execute("SELECT call FROM calls"):
            stored.setdefault(call, now)


def _ask(url: str, shown_at: list[tuple[float, int]], over: threading.Event) -> None:
    """(when, how many calls the page had) each time the page has its answer."""
    while not over.wait(ASK_EVERY_S):
        with contextlib.suppress(OSError), urllib.request.urlopen(f"{url}/live") as answer:
            body = answer.read().decode()
            shown_at.append((time.time(), body.count('class="call open"')))


def _pages(url: str, houses: int, console: psutil.Process) -> None:
    """Seconds of a page, and the processor's time in it: the one that a busy machine leaves true
    (it includes what the console does for the reports meanwhile)."""
    for name, path in (("fleet page", "/"), ("its live part", "/live"),
                       ("searched", f"/live?q={_sought(houses)}"),
                       ("filtered", "/live?show=printer"),
                       ("house page", "/house/nha-0007")):  # fmt: skip
        took, busy_s = [], _busy_s(console)
        for _ in range(PAGES):
            start_s = time.perf_counter()
            with urllib.request.urlopen(url + path) as answer:
                answer.read()
            took.append(time.perf_counter() - start_s)
        cpu = _ms((_busy_s(console) - busy_s) / PAGES)
        print(
            f"{name}, {houses} houses: median {_ms(statistics.median(took))},"
            f" most {_ms(max(took))}, processor {cpu}"
        )
    _in_browser(url, _sought(houses))


def _busy_s(process: psutil.Process) -> float:
    times = process.cpu_times()
    return float(times.user + times.system)


def _sought(houses: int) -> str:
    return f"nha-{houses // 2:04d}"


def _in_browser(url: str, sought: str) -> None:
    """What a person waits for in Chromium: the page, and the answer to a search."""
    chromium = Path("/usr/bin/chromium")
    try:
        from playwright.sync_api import sync_playwright
    except ImportError:
        return
    if not chromium.exists():
        return
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=str(chromium))
        page = browser.new_page(viewport={"width": 1280, "height": 800})
        loads, finds = [], []
        for _ in range(PAGES):
            start_s = time.perf_counter()
            page.goto(url)
            page.wait_for_selector("tbody tr")
            loads.append(time.perf_counter() - start_s)
            start_s = time.perf_counter()
            page.fill("input[name=q]", sought)
            page.press("input[name=q]", "Enter")
            page.wait_for_selector(f"tr[data-key=house-{sought}]")
            finds.append(time.perf_counter() - start_s)
        browser.close()
    print(f"in Chromium: page drawn median {_ms(statistics.median(loads))},"
          f" a house found median {_ms(statistics.median(finds))}")  # fmt: skip


def _ms(seconds: float) -> str:
    return f"{seconds * 1000:.0f} ms"

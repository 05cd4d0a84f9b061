"""This file proves the demo as a whole, as its user meets it: by its command line and its pages.

The first demo runs with the embedded broker, so that the stand-in is proved where Mosquitto is
installed too. What is asserted of the house itself is little: its own tests do that.
"""

from __future__ import annotations

import http.client
import http.cookiejar
import json
import os
import re
import secrets
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlencode, urlsplit

import pytest

ZEROS = [f"--{name}port=0" for name in ("", "ward-", "broker-", "printer-", "room-")]
READY = re.compile(r"ready: house (http://\S+) ward (http://\S+) broker (mqtt://\S+)")


class Demo:
    """A demo running as a process of its own."""

    def __init__(self, folder: Path, *options: str) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-m", "appliance", "demo", "--dir", str(folder), *ZEROS, *options],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        assert self.process.stdout is not None
        self.lines: list[str] = []
        for line in self.process.stdout:
            self.lines.append(line.strip())
            if match := READY.fullmatch(self.lines[-1]):
                self.house, self.ward, self.broker = match.groups()
                break
        else:
            pytest.fail(f"no ready line: {self.lines} {self.process.communicate()[1]}")
        told = next(line for line in self.lines if line.startswith("virtual room: "))
        self.room = told.removeprefix("virtual room: ").rstrip("/")

    def end(self, number: int = signal.SIGTERM) -> tuple[int, str]:
        """Stop it; exit code and what it still printed. Five seconds are what is promised."""
        self.process.send_signal(number)
        rest, _ = self.process.communicate(timeout=30)
        return self.process.returncode, rest


def ask(url: str, method: str = "GET", form: dict[str, str] | None = None) -> Any:
    """The JSON at `url`, as a program of the same origin gets it; None for an empty answer."""
    parts = urlsplit(url)
    line = http.client.HTTPConnection(parts.hostname or "", parts.port, timeout=20)
    headers = {"Accept": "application/json", "Origin": f"{parts.scheme}://{parts.netloc}"}
    if form is not None:
        headers["Content-Type"] = "application/x-www-form-urlencoded"
    line.request(method, parts.path, urlencode(form or {}) if form is not None else None, headers)
    answer = line.getresponse()
    body = answer.read()
    line.close()
    assert answer.status < 300, (url, answer.status, body[:300])
    return json.loads(body) if body else None


class Person:
    """Somebody at a screen: pages are read, buttons tapped, and a session is kept."""

    def __init__(self, url: str) -> None:
        self._url = url
        cookies = urllib.request.HTTPCookieProcessor(http.cookiejar.CookieJar())
        self._opener = urllib.request.build_opener(cookies)

    def read(self, path: str) -> str:
        with self._opener.open(self._url + path, timeout=20) as answer:
            return str(answer.read().decode())

    def tap(self, path: str, **form: str) -> str:
        """Where it led to."""
        data = urlencode({"key": secrets.token_hex(8), **form}).encode()
        asked = urllib.request.Request(self._url + path, data, {"Origin": self._url})
        with self._opener.open(asked, timeout=20) as answer:
            return str(answer.url)


def eventually(look: Callable[[], Any]) -> Any:
    """What `look` gives once it is true; a fault does not hang the run."""
    end = time.monotonic() + 40
    while True:
        try:
            if found := look():
                return found
        except (OSError, http.client.HTTPException):
            pass
        assert time.monotonic() < end, "it did not happen"
        time.sleep(0.1)


def take_ticket(demo: Demo, key: str) -> int:
    service = ask(f"{demo.house}/api/services")[0]["id"]
    return int(ask(f"{demo.house}/tickets", "POST", {"service": service, "key": key})["number"])


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("bản dùng thử")


@pytest.fixture(scope="module")
def demo(folder: Path) -> Iterator[Demo]:
    """One demo for this file, on the embedded broker; killed should a test leave it running."""
    demo = Demo(folder, "--broker=amqtt")
    yield demo
    if demo.process.poll() is None:
        demo.process.kill()
        demo.process.communicate()


def test_it_says_what_it_uses_and_is_ready_on_one_line(demo: Demo) -> None:
    """Broker, PIN and virtual room are told before; the ready line is the last and the only one."""
    assert demo.lines[0].startswith("broker: amqtt, embedded")
    assert any("2468" in line for line in demo.lines)
    assert sum(line.startswith("ready:") for line in demo.lines) == 1
    assert ask(f"{demo.house}/healthz")["virtual"] == ["camera", "panel"]
    assert [house["house"] for house in ask(f"{demo.ward}/api/houses")] == ["hien-demo"]


def test_a_ticket_comes_out_as_paper_and_reaches_the_ward(demo: Demo) -> None:
    """Web, devices, printer, sync, switch, broker and ward are all one working line."""
    take_ticket(demo, "proof-of-the-whole-line")
    eventually(lambda: ask(f"{demo.room}/state.json")["slips"])
    eventually(lambda: ask(f"{demo.ward}/api/houses")[0]["queue"]["waiting"] == 1)


def test_without_paper_the_ticket_is_not_printed_and_a_roll_mends_it(demo: Demo) -> None:
    """The roll is out: the ticket is there and not printed. The roll back in: it is printed."""

    def printed(number: int) -> bool:
        tickets = ask(f"{demo.house}/api/tickets/today")
        return bool(next(t["printed"] for t in tickets if t["number"] == number))

    ask(f"{demo.room}/paper/out", "POST", {})
    number = take_ticket(demo, "taken-without-paper")
    assert not printed(number)
    ask(f"{demo.room}/paper/in", "POST", {})
    eventually(lambda: printed(number))


def test_the_button_calls_and_the_lamp_answers(demo: Demo) -> None:
    """Press: the lamp blinks and the ward has a call. Hold: both are off again."""
    ask(f"{demo.room}/button/press", "POST", {})
    eventually(lambda: ask(f"{demo.room}/state.json")["lamp"] == "blink")
    eventually(lambda: ask(f"{demo.ward}/api/houses")[0]["help"]["open"] == 1)
    ask(f"{demo.room}/button/hold", "POST", {})
    eventually(lambda: ask(f"{demo.room}/state.json")["lamp"] == "off")
    eventually(lambda: ask(f"{demo.ward}/api/houses")[0]["help"]["open"] == 0)


def test_a_cut_network_is_seen_and_what_happened_meanwhile_arrives(demo: Demo) -> None:
    """Cut: the ward sees the house offline, a ticket is taken all the same; later it is told."""
    ask(f"{demo.room}/network/cut", "POST", {})
    eventually(lambda: not ask(f"{demo.ward}/api/houses")[0]["online"])
    take_ticket(demo, "taken-without-network")
    assert ask(f"{demo.house}/healthz")["outbox"]["rows"] > 0
    ask(f"{demo.room}/network/restore", "POST", {})
    eventually(lambda: ask(f"{demo.ward}/api/houses")[0]["online"])
    eventually(lambda: ask(f"{demo.house}/healthz")["outbox"]["rows"] == 0)


def test_papers_reach_the_ward_and_its_word_comes_back(demo: Demo) -> None:
    """A visit ends: its papers are in the console's list, sealed. An officer opens them and says
    what is missing, and the desk reads it."""
    desk, officer = Person(demo.house), Person(demo.ward)
    form = {"service": ask(f"{demo.house}/api/services")[0]["id"], "key": "papers-for-the-ward"}
    ticket = ask(f"{demo.house}/tickets", "POST", form)["id"]
    desk.tap("/desk/sign-in", volunteer="1", pin="2468")
    desk.tap(f"/desk/tickets/{ticket}/call")
    visit = urlsplit(desk.tap(f"/desk/tickets/{ticket}/open")).path
    ask(f"{demo.room}/scene/sample/birth-certificate", "POST", {})
    desk.tap(f"{visit}/papers/giay-chung-sinh/photo")
    eventually(lambda: f"{visit}/pages/" in desk.read(visit))
    desk.tap(f"{visit}/finish", done="submitted")
    found = re.compile(r'href="(/dossiers/hien-demo/[0-9a-f]+)"')
    path = eventually(lambda: found.search(officer.read("/dossiers")))[1]
    assert "Hồ sơ đang mở" in officer.read(urlsplit(officer.tap(f"{path}/open")).path)
    officer.tap(f"{path}/mark", state="supplement", choice="Giấy tờ hết hạn: xin cấp lại rồi nộp.")
    eventually(lambda: "xin cấp lại rồi nộp" in desk.read("/desk/ward"))


def test_a_killed_room_comes_back_and_the_others_never_notice(demo: Demo) -> None:
    """kill -9 of the web room: it answers again, and the two others are the processes they were."""

    def rooms() -> dict[str, int]:
        found = {}
        for entry in Path("/proc").glob("[0-9]*"):
            try:
                words = (entry / "cmdline").read_bytes().split(b"\0")
                parent = int((entry / "stat").read_text().rsplit(")", 1)[1].split()[1])
            except (OSError, IndexError):
                continue
            if parent == demo.process.pid and len(words) > 3 and words[2] == b"appliance":
                found[words[3].decode()] = int(entry.name)
        return found

    before = rooms()
    os.kill(before["web"], signal.SIGKILL)
    eventually(lambda: rooms().get("web", before["web"]) != before["web"])
    eventually(lambda: ask(f"{demo.house}/healthz")["ok"])
    after = rooms()
    assert {n: p for n, p in after.items() if n != "web"} == {
        n: p for n, p in before.items() if n != "web"
    }


def test_a_second_demo_in_the_same_folder_is_refused(demo: Demo, folder: Path) -> None:
    """Exit code 2 and a sentence; the first one goes on."""
    said = subprocess.run(
        [sys.executable, "-m", "appliance", "demo", "--dir", folder, *ZEROS],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert said.returncode == 2 and "--dir" in said.stderr and not said.stdout
    assert ask(f"{demo.house}/healthz")


def test_a_taken_port_is_named(tmp_path: Path) -> None:
    """Exit code 2, the number and the option; nothing was started."""
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        said = subprocess.run(
            [sys.executable, "-m", "appliance", "demo", "--dir", tmp_path, *ZEROS,
             f"--ward-port={port}"],
            capture_output=True, text=True, check=False,
        )  # fmt: skip
    assert said.returncode == 2 and f"{port} (--ward-port)" in said.stderr
    assert not (tmp_path / "house").exists()


def test_it_ends_in_order_and_a_new_one_has_the_same_tickets(demo: Demo, folder: Path) -> None:
    """SIGTERM: exit 0, nobody left, RAM wiped. Started again with another broker: all is there."""
    tickets = ask(f"{demo.house}/api/tickets/today")
    assert len(tickets) == 4
    code, rest = demo.end()
    assert (code, rest) == (0, "")
    for url in (demo.house, demo.ward, demo.room, demo.broker):
        with socket.socket() as probe:
            assert probe.connect_ex(("127.0.0.1", urlsplit(url).port or 0)) != 0, url
    settings = (folder / "house.toml").read_text("utf-8")
    ram = re.search(r'ram_dir = "(.*)"', settings)
    assert ram and not Path(ram[1]).exists()
    again = Demo(folder)
    try:
        assert ask(f"{again.house}/api/tickets/today") == tickets
    finally:
        assert again.end(signal.SIGINT)[0] == 0

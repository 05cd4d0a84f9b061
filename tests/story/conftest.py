"""This file starts the whole demo on real Mosquitto, and real Chromium for those who use it."""

from __future__ import annotations

import json
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parents[2]
SCREENSHOTS = ROOT / "screenshots"
SIZES = {"tablet": (1280, 800), "phone": (360, 800), "wall": (1920, 1080)}
READY = re.compile(r"ready: house (?P<house>\S+) ward (?P<ward>\S+) broker (?P<broker>\S+)")
ROOM = re.compile(r"virtual room: (?P<room>\S+?)/?$", re.MULTILINE)


def wait_until(what: str, condition: Callable[[], Any], timeout_s: float = 30.0) -> Any:
    """What `condition` gives as soon as it is true of it."""
    end = time.monotonic() + timeout_s
    while not (found := condition()):
        if time.monotonic() > end:
            raise AssertionError(f"waited {timeout_s:.0f} s in vain until {what}")
        time.sleep(0.1)
    return found


@dataclass
class Demo:
    """A demo that runs: its four addresses, its folder, and what it has said."""

    folder: Path
    process: subprocess.Popen[str]
    house: str = ""
    ward: str = ""
    broker: str = ""
    room: str = ""
    said: list[str] = field(default_factory=list)

    def get_json(self, base: str, path: str) -> Any:
        with urllib.request.urlopen(f"{base}{path}", timeout=10) as answer:
            return json.loads(answer.read())

    def get(self, base: str, path: str) -> bytes:
        with urllib.request.urlopen(f"{base}{path}", timeout=10) as answer:
            return bytes(answer.read())

    def do(self, path: str) -> None:
        """Something a hand does in the virtual room, such as /paper/out."""
        ask = urllib.request.Request(f"{self.room}{path}", method="POST", data=b"")
        ask.add_header("Origin", self.room)
        urllib.request.urlopen(ask, timeout=15).close()

    def events(self) -> list[dict[str, Any]]:
        return list(self.get_json(self.ward, "/api/events?house=hien-demo"))


@pytest.fixture(scope="module")
def demo() -> Iterator[Demo]:
    yield from started()


def started(*more: str) -> Iterator[Demo]:
    """A demo on free ports, with `more` on its command line; ended in good order afterwards."""
    if not (shutil.which("mosquitto") or Path("/usr/sbin/mosquitto").exists()):
        pytest.skip("Mosquitto is not installed: ./hien test says how")
    with tempfile.TemporaryDirectory(prefix="hien-story-") as folder:
        process = subprocess.Popen(
            [sys.executable, "-m", "appliance", "demo", "--dir", folder, "--broker", "mosquitto",
             "--port", "0", "--ward-port", "0", "--broker-port", "0", "--printer-port", "0",
             "--room-port", "0", *more],
            stdout=subprocess.PIPE, text=True, cwd=ROOT,
            env={**os.environ, "PYTHONUNBUFFERED": "1"},
        )  # fmt: skip
        running = Demo(Path(folder), process)
        try:
            assert process.stdout is not None
            for line in process.stdout:
                running.said.append(line)
                if found := READY.search(line):
                    running.house, running.ward, running.broker = found.group(
                        "house", "ward", "broker"
                    )
                    break
            room = ROOM.search("".join(running.said))
            assert room and running.house, f"the demo did not become ready: {running.said}"
            running.room = room.group("room")
            yield running
        finally:
            process.send_signal(signal.SIGTERM)
            try:
                assert process.wait(10) == 0
            finally:
                process.kill()


@dataclass
class Person:
    """Somebody with a browser of their own, who leaves pictures of what they saw."""

    context: Any
    page: Any
    size: str

    def sees(self, name: str, sizes: tuple[str, ...] = ("tablet", "phone", "wall")) -> None:
        """Keep a picture of the screen at each size (the window is put back afterwards)."""
        SCREENSHOTS.mkdir(exist_ok=True)
        for size in sizes:
            width, height = SIZES[size]
            self.page.set_viewport_size({"width": width, "height": height})
            self.page.wait_for_timeout(150)
            self.page.screenshot(path=str(SCREENSHOTS / f"{name}-{size}.png"))
        width, height = SIZES[self.size]
        self.page.set_viewport_size({"width": width, "height": height})

    def taps(self, words: str) -> None:
        self.page.get_by_role("button", name=words).first.click()


@pytest.fixture(scope="module")
def person(browser: Any) -> Iterator[Callable[[str], Person]]:
    """person("tablet") gives somebody a browser of that size."""
    contexts = []

    def somebody(size: str) -> Person:
        width, height = SIZES[size]
        context = browser.new_context(viewport={"width": width, "height": height})
        context.set_default_timeout(20_000)
        contexts.append(context)
        return Person(context, context.new_page(), size)

    yield somebody
    for context in contexts:
        context.close()

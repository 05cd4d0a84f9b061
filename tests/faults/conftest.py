"""This file starts a real house for the fault tests: three rooms, supervised, and a printer."""

from __future__ import annotations

import contextlib
import http.client
import json
import os
import secrets
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pytest

from appliance.clock import Clock
from appliance.demo.paper_roll import Paper
from appliance.demo.printer import VirtualPrinter
from appliance.service.volunteers import add_volunteer
from appliance.store.database import Store
from appliance.store.opening import open_store
from appliance.store.ram import Ram
from tests.faults.fault_table import fault_row, print_table

__all__ = ["fault_row"]

PIN = "2468"


def wait_until(what: str, condition: Callable[[], bool], timeout_s: float = 30.0) -> None:
    end = time.monotonic() + timeout_s
    while not condition():
        if time.monotonic() > end:
            raise AssertionError(f"waited {timeout_s:.0f} s in vain until {what}")
        time.sleep(0.05)


def pytest_terminal_summary(terminalreporter: Any) -> None:
    stats = terminalreporter.stats
    print_table(terminalreporter, [*stats.get("passed", []), *stats.get("failed", [])])


@dataclass
class RealHouse:
    """`hien all` with its own folders. `get` and `post` try again while the web room restarts."""

    folder: Path
    port: int
    printer: VirtualPrinter
    process: subprocess.Popen[bytes] | None = None
    cookie: str = ""
    acknowledged: dict[str, int] = field(default_factory=dict)
    slips: list[Paper] = field(default_factory=list)  # every paper that was cut, oldest first

    @property
    def ram(self) -> Ram:
        return Ram(self.folder / "ram")

    def store(self) -> Store:
        return open_store(self.folder / "data")

    def start(self) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-m", "appliance", "all", "--config", str(self.folder / "hien.toml")],
            stdout=subprocess.DEVNULL,
            stderr=(self.folder / "all.log").open("ab"),
        )
        wait_until("every room is well", self.is_well, 60)

    def stop(self) -> None:
        if self.process:
            self.process.send_signal(signal.SIGTERM)
            self.process.wait(15)
            self.process = None

    def is_well(self) -> bool:
        with contextlib.suppress(OSError, ValueError):
            status, body = self.request("GET", "/healthz")
            return status == 200 and set(json.loads(body)["rooms"].values()) == {"ok"}
        return False

    def request(
        self, method: str, path: str, form: dict[str, str] | None = None, json_answer: bool = False
    ) -> tuple[int, bytes]:
        """One request, one answer; OSError when the room dies meanwhile."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=10)
        headers = {"Origin": f"http://127.0.0.1:{self.port}"}
        if json_answer:
            headers["Accept"] = "application/json"
        if self.cookie:
            headers["Cookie"] = self.cookie
        if form is not None:
            headers["Content-Type"] = "application/x-www-form-urlencoded"
        try:
            connection.request(method, path, urlencode(form) if form is not None else None, headers)
            answer = connection.getresponse()
            body = answer.read()
            for name, value in answer.getheaders():
                if name.lower() == "set-cookie" and "session" in value.lower():
                    self.cookie = value.split(";")[0]
            return answer.status, body
        except http.client.HTTPException as e:
            raise OSError(f"cut off: {e!r}") from e
        finally:
            connection.close()

    def insist(
        self, method: str, path: str, form: dict[str, str], **more: Any
    ) -> tuple[int, bytes]:
        """What a person does when the page does not come: tap again. The form's key is the same."""
        end = time.monotonic() + 30
        while True:
            try:
                return self.request(method, path, form, **more)
            except OSError:
                if time.monotonic() > end:
                    raise
                time.sleep(0.1)

    def take_ticket(self) -> tuple[str, int]:
        form = {"service": "co-em-be", "key": secrets.token_urlsafe(12)}
        status, body = self.insist("POST", "/tickets", form, json_answer=True)
        assert status == 201, (status, body)
        ticket = json.loads(body)
        self.acknowledged[ticket["id"]] = ticket["number"]
        return ticket["id"], ticket["number"]

    def kill(self, room: str) -> None:
        """kill -9, if the room is up at this moment."""
        state = self.ram.room(room)
        if state:
            with contextlib.suppress(ProcessLookupError):
                os.kill(int(state["pid"]), signal.SIGKILL)


@pytest.fixture
def real_house(tmp_path: Path) -> Iterator[RealHouse]:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = int(probe.getsockname()[1])
    # Unix sockets and locks want a short path.
    with (
        tempfile.TemporaryDirectory(prefix="hien-") as folder,
        VirtualPrinter("127.0.0.1", 0, speed_mm_s=1500) as printer,
    ):
        base = Path(folder)
        store = open_store(base / "data")
        add_volunteer(store, Clock().now(), name="Chị Lan", pin=PIN, shows_name=True)
        store.close()
        (base / "hien.toml").write_text(
            f'[data]\ndir = "{base}/data"\nram_dir = "{base}/ram"\n'
            f'[web]\nhost = "127.0.0.1"\nport = {port}\n'
            f'[devices]\nprinter = "tcp://127.0.0.1:{printer.port}"\ncamera = "virtual:"\n',
            encoding="utf-8",
        )
        house = RealHouse(base, port, printer)
        printer.on_paper = house.slips.append
        house.start()
        try:
            yield house
        finally:
            house.stop()

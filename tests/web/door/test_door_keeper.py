"""This file proves that one guest cannot keep the others out: drips, many lines, many screens."""

from __future__ import annotations

import contextlib
import socket
from collections.abc import Iterator
from pathlib import Path

import pytest

from appliance.errors import TooMany
from appliance.web import live
from appliance.web.door import door_keeper
from appliance.web.door.door_keeper import DoorKeeper, counted
from tests.web.conftest import House
from tests.web.served import Served


class Coming:
    """As waitress's parser tells of a request."""

    def __init__(self, *, headers: bool, body: int = 0) -> None:
        self.headers_finished, self.body_bytes_received = headers, body


def test_a_header_that_drips_is_cut_off() -> None:
    """However often a letter comes: the first one counts. A whole request begins anew."""
    keeper, coming = DoorKeeper(), Coming(headers=False)
    for second in (0, 5, 10, 15, 20):
        keeper.heard(coming, second)
        assert not keeper.is_too_slow(coming, second)
    assert keeper.is_too_slow(coming, 20.1)
    keeper.heard(None, 20.1)
    assert not keeper.is_too_slow(None, 500)
    keeper.heard(coming, 500)
    assert not keeper.is_too_slow(coming, 501)


def test_a_photograph_may_take_its_time() -> None:
    """5 MB over a poor Wi-Fi take minutes; a body that drips does not get them."""
    keeper, photo = DoorKeeper(), Coming(headers=True, body=5_000_000)
    keeper.heard(photo, 0)
    assert not keeper.is_too_slow(photo, 600)
    assert keeper.is_too_slow(Coming(headers=True, body=60), 61)


def test_this_machine_is_not_counted() -> None:
    assert [counted(a) for a in ("127.0.0.1", "::1", "10.0.0.9", "x")] == ["", "", "10.0.0.9", "x"]


def test_one_address_takes_a_few_streams_only(house: House) -> None:
    """A guest's machine opens stream after stream: the wall of the house still gets one."""
    mine = [house.hub.open("10.0.0.9") for _ in range(live.OF_ONE_ADDRESS)]
    with pytest.raises(TooMany):
        house.hub.open("10.0.0.9")
    others = [house.hub.open("10.0.0.10"), house.hub.open()]
    house.hub.close(mine[0])
    mine[0] = house.hub.open("10.0.0.9")
    for stream in (*mine, *others):
        house.hub.close(stream)


@pytest.fixture
def guest_sees(tmp_path: Path, ram_dir: Path) -> Iterator[tuple[Served, str]]:
    """(a house that serves every address, one of this machine that is not loopback)."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            probe.connect(("192.0.2.1", 9))  # nothing is sent
        except OSError:
            pytest.skip("this machine has no address besides its loopback")
        address = probe.getsockname()[0]
    house = Served(tmp_path, ram_dir, **{"web.host": "0.0.0.0"})
    yield house, address
    house.close()


def test_hundreds_of_lines_of_one_machine_leave_room(guest_sees: tuple[Served, str]) -> None:
    """Slow lines beyond the number are closed at once, and the house answers another address."""
    house, address = guest_sees
    lines = []
    for _ in range(220):
        line = socket.create_connection((address, house.port), timeout=5)
        with contextlib.suppress(OSError):
            line.sendall(b"GET / HTTP/1.1\r\nHost: x\r\nX-Slow: ")
        lines.append(line)
    with house.get("/healthz") as answer:  # 127.0.0.1: somebody else
        assert answer.status == 200
    shut = 0
    for line in lines:
        line.settimeout(0.01)
        with contextlib.suppress(TimeoutError):
            try:
                shut += line.recv(1) == b""
            except ConnectionError:
                shut += 1
        line.close()
    assert shut >= 220 - door_keeper.LINES_OF_ONE_ADDRESS - 1

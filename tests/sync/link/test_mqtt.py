"""This file proves that the line's own thread outlives whatever happens between connections."""

from __future__ import annotations

import socket
import threading
from datetime import datetime

import pytest

from appliance.errors import StoreError
from appliance.sync.link import mqtt
from appliance.sync.link.address import Address
from appliance.sync.link.mqtt import MqttLink


@pytest.fixture
def nobody() -> str:
    """The address of a broker that is not there."""
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return f"mqtt://127.0.0.1:{s.getsockname()[1]}"


@pytest.mark.parametrize("fault", [StoreError("the card is failing"), OSError(5, "EIO")])
def test_a_look_at_the_table_that_fails_costs_one_try(
    nobody: str, monkeypatch: pytest.MonkeyPatch, fault: Exception
) -> None:
    """Before each connection the line asks the table how late it is at least. When that cannot be
    read once, the line tries again; it was dead until somebody started the room anew."""
    monkeypatch.setattr(mqtt, "wait", lambda stop, _s: stop.wait(0.01))
    looks, again = iter((fault, None)), threading.Event()

    def floor() -> datetime | None:
        try:
            if (found := next(looks)) is not None:
                raise found
        except StopIteration:
            again.set()
        return None

    link = MqttLink(Address(nobody, "hien-thu"), "t", b"offline", 1e6, floor)
    link.start()
    assert again.wait(20) and not link.dead
    link.stop("t", b"offline")
    assert not link.dead  # it was asked to end


def test_a_thread_that_ends_unasked_is_dead(nobody: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever may kill it: the room can tell, before the first start as well."""
    monkeypatch.setattr(MqttLink, "_run", lambda self: None)
    link = MqttLink(Address(nobody, "hien-thu"), "t", b"offline", 1e6)
    assert not link.dead
    link.start()
    link._thread.join()
    assert link.dead

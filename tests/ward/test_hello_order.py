"""This file proves that a hello and an event of one batch count in the order they were said."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from appliance.sync import protocol as p
from ward.board import Board
from ward.broker import Arrived
from ward.listener import Listener
from ward.store import wanted
from ward.store.database import Store

HOUSE = "nha-17"
AT = "2026-11-22T05:00:00.000Z"


class Silent:
    """A line nobody listens to."""

    @property
    def up(self) -> bool:
        return True

    def start(self) -> None:
        return

    def stop(self) -> None:
        return

    def ack(self, messages: Iterable[Arrived]) -> None:
        return

    def publish(self, topic: str, payload: bytes, *, retain: bool = False) -> bool:
        return True


def hello(ver: int) -> Arrived:
    payload = p.encode_state({"epoch": "boot-1", "roster_ver": ver})
    return Arrived(p.state_topic(HOUSE, "hello"), payload, 1, 1, False, None)


def applied(ver: int) -> Arrived:
    d: dict[str, Any] = {"type": "wanted", "name": "roster", "ver": ver, "state": "applied"}
    e = p.Envelope(HOUSE, "ops", "boot-1", 1, 1, AT, "ntp", d)
    return Arrived(f"{p.PREFIX}/{HOUSE}/up/ops", p.encode_envelope(e), 1, 2, False, None)


@pytest.mark.parametrize(
    ("batch", "in_the_end"),
    [([hello(0), applied(2)], 2), ([applied(2), hello(2)], 2), ([applied(2), hello(0)], 0)],
)
def test_what_was_said_last_holds(tmp_path: Path, batch: list[Arrived], in_the_end: int) -> None:
    """The hello of a house that comes back is older than what it tells a moment later; one whose
    card went back says less than it told before."""
    store = Store(tmp_path)
    listener = Listener(store, Board())
    listener._link, listener._leads = Silent(), True
    with store.write() as db:
        for _ in range(2):
            wanted.put(db, HOUSE, "roster", {"volunteers": []}, "officer", datetime.now(UTC))
    listener._take(batch)
    (standing,) = wanted.of(store.connection, HOUSE)
    assert standing.applied_ver == in_the_end
    store.close()

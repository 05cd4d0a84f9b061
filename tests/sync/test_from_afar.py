"""This file proves the ward's commands about the box over a real broker: asked once, answered."""

from __future__ import annotations

import json
import logging
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from appliance import ask_root
from appliance.sync import protocol as p
from tests.mqtt_broker import Process, eventually
from tests.sync.real_parts import House, MakeHouse
from tests.sync.test_what_the_ward_says import speaking

Say = Callable[..., None]


@pytest.fixture
def say(mosquitto: Process) -> Iterator[Say]:
    yield from speaking(mosquitto)


@pytest.fixture
def at_work(mosquitto: Process, house: MakeHouse) -> House:
    h = house(mosquitto.url)
    eventually(lambda: h.link() == "up")
    return h


def cmd(op: str, **args: Any) -> bytes:
    return p.encode_cmd(p.Cmd(op, args, datetime.now(UTC) + timedelta(minutes=5)))


def outcomes(h: House) -> list[dict[str, Any]]:
    rows = h.store.all("SELECT body FROM outbox WHERE stream = 'ops' ORDER BY seq")
    return [d for d in (json.loads(r["body"]) for r in rows) if d["type"] == "command"]


def test_the_log_comes_back_without_what_is_of_somebody(at_work: House, say: Say) -> None:
    logging.getLogger("hien.web").warning("a call to %s was not answered", "0905123456")
    say(p.cmd_topic(at_work.id, "log-1"), cmd("logs", lines=50))
    eventually(lambda: outcomes(at_work))
    (told,) = outcomes(at_work)
    assert (told["state"], told["code"]) == ("done", "")
    (line,) = [x for x in told["answer"]["lines"] if "hien.web" in x]
    assert line.endswith("a call to ••• was not answered")


def test_the_wall_comes_back_as_numbers(at_work: House, say: Say) -> None:
    say(p.cmd_topic(at_work.id, "wall-1"), cmd("wall"))
    eventually(lambda: outcomes(at_work))
    assert outcomes(at_work)[0]["answer"]["waiting"] == 0


def test_a_restart_is_asked_for_once_however_often_it_is_sent(
    at_work: House, say: Say, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where there is no helper, the command is refused. A copy of the command that comes after the
    start must not start the box again: nobody would get out of that."""
    say(p.cmd_topic(at_work.id, "boot-1"), cmd("reboot"))
    eventually(lambda: outcomes(at_work))
    assert outcomes(at_work)[0]["code"] == "cannot_restart"
    asked: list[str] = []
    monkeypatch.setattr(ask_root, "is_there", lambda: True)
    monkeypatch.setattr(ask_root, "ask", asked.append)
    say(p.cmd_topic(at_work.id, "boot-2"), cmd("reboot"))
    eventually(lambda: asked == ["reboot"])
    say(p.cmd_topic(at_work.id, "boot-2"), cmd("reboot"))
    say(p.cmd_topic(at_work.id, "wall-1"), cmd("wall"))
    eventually(lambda: len(outcomes(at_work)) == 3)
    assert asked == ["reboot"]

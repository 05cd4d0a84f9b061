"""This file proves that a room starts anew for what the ward has set, while all is quiet."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from appliance import bootstrap, config
from appliance.commands import anew
from appliance.service import take_ticket
from appliance.service.volunteers import add_volunteer
from appliance.service.wanted import apply


def parts_of(folder: Path) -> bootstrap.Parts:
    given = {"data.dir": str(folder / "data"), "data.ram_dir": str(folder / "ram")}
    return bootstrap.build(config.load(None, given), "test")


def want(parts: bootstrap.Parts, name: str, ver: int, body: dict[str, object]) -> str:
    return apply(
        parts.store(), parts.clock.now(), name=name, ver=ver, body=body,
        check_settings=parts.check_settings, guide=lambda: parts.guide,
    )  # fmt: skip


def test_settings_and_catalogue_make_it_due_a_roster_does_not(tmp_path: Path) -> None:
    parts = parts_of(tmp_path)
    store = parts.store()
    assert not anew.is_due(parts, store)
    assert want(parts, "roster", 1, {"volunteers": []}) == "applied"
    assert not anew.is_due(parts, store)
    assert want(parts, "config", 1, {"house.name": "Nhà mới"}) == "applied"
    assert anew.is_due(parts, store)
    again = parts_of(tmp_path)  # the room as it starts anew
    assert again.config["house.name"] == "Nhà mới"
    assert not anew.is_due(again, store)
    assert want(again, "config", 2, {"data.dir": "/tmp"}) == "refused"
    assert not anew.is_due(again, store)  # what was refused changes nothing


def test_it_waits_while_somebody_is_served(tmp_path: Path) -> None:
    from appliance.service.call_next import call_next

    parts = parts_of(tmp_path)
    store, now = parts.store(), parts.clock.now()
    number = add_volunteer(store, now, name="Chị Lan", pin="2468", desk=1, shows_name=True)
    volunteer = store.one("SELECT * FROM volunteers WHERE id = ?", number)
    assert volunteer is not None
    take_ticket.take_ticket(
        store, parts.ram, now, key=take_ticket.new_key(), service_id="co-em-be", channel="desk",
        catalogue=parts.catalogue, zone="Asia/Ho_Chi_Minh", per_minute=10,
    )  # fmt: skip
    with store.write():
        store.run("UPDATE print_jobs SET state = 'cancelled'")
    want(parts, "config", 1, {"house.name": "Nhà mới"})
    assert anew.is_due(parts, store)
    call_next(store, now, key="call-1", volunteer=volunteer)
    assert not anew.is_due(parts, store)


def test_what_came_while_the_room_was_starting_is_seen(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Between reading the settings and the watcher's first look: no later change brings it up."""
    parts = parts_of(tmp_path)
    want(parts, "config", 1, {"house.name": "Nhà mới"})
    ended: list[int] = []
    monkeypatch.setattr(anew, "LOOK_S", 0.01)
    monkeypatch.setattr(anew.os, "kill", lambda _pid, number: ended.append(number))
    anew._watch(parts)
    assert ended == [signal.SIGTERM]


@pytest.mark.timeout(60)
def test_a_room_that_somebody_starts_again_ends_itself(tmp_path: Path) -> None:
    """A real process that systemd would watch: it ends by SIGTERM once a setting has come."""
    parts = parts_of(tmp_path)
    code = (
        "import sys, time; from pathlib import Path; from tests.commands.test_anew import parts_of;"
        "from appliance.commands import anew; anew.LOOK_S = 0.05;"
        "anew.watched(parts_of(Path(sys.argv[1]))); print('up', flush=True); time.sleep(50)"
    )
    env = {**os.environ, "NOTIFY_SOCKET": str(tmp_path / "nobody")}
    room = subprocess.Popen(
        [sys.executable, "-c", code, str(tmp_path)], stdout=subprocess.PIPE, env=env
    )
    assert room.stdout is not None and room.stdout.readline() == b"up\n"
    want(parts, "config", 1, {"house.name": "Nhà mới"})
    assert room.wait(40) == -signal.SIGTERM

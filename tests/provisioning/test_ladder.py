"""This file proves the ladder: each rung does its one thing, a reboot is never one too many.

The real scripts run; `systemctl` and `hien` are stand-ins on PATH that write down what was asked.
"""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]


class Box:
    """A machine of three folders: what is in RAM, what is on the card, and the stand-ins."""

    def __init__(self, folder: Path) -> None:
        self.ram, self.card, self.bin = folder / "ram", folder / "card", folder / "bin"
        self.asked = folder / "asked"
        self.settings = folder / "hien.toml"
        self.settings.write_text("[web]\nport = 8181\n")
        for made in (self.ram, self.card, self.bin):
            made.mkdir()
        self.state, self.up_s = "failed", 90_000
        self.program("hien", "exit 0")
        self.asked.touch()

    def program(self, name: str, text: str) -> None:
        path = self.bin / name
        path.write_text(f"#!/bin/sh\n{text}\n")
        path.chmod(0o755)

    def run(self, script: str, *args: str, well_s: str = "0") -> list[str]:
        """What systemctl was asked to do."""
        self.asked.write_text("")
        (self.bin / "uptime").write_text(f"{self.up_s}.25 1.00\n")
        answer = f'case "$*" in *ActiveState*) echo {self.state} ;; show*) echo 0 ;;'
        self.program("systemctl", f'{answer} *) echo "$@" >>"$ASKED" ;; esac')
        subprocess.run(
            [ROOT / "provisioning" / script, *args],
            check=True,
            env={
                "PATH": f"{self.bin}:{os.environ['PATH']}",
                "ASKED": str(self.asked),
                "HIEN_LADDER_RAM": str(self.ram),
                "HIEN_LADDER_CARD": str(self.card),
                "HIEN_LADDER_PAUSE": "0",
                "HIEN_LADDER_HIEN": str(self.bin / "hien"),
                "HIEN_CONFIG": str(self.settings),
                "HIEN_LADDER_UPTIME": str(self.bin / "uptime"),
                "HIEN_WELL_S": well_s,
            },
        )
        return self.asked.read_text().splitlines()

    def reboot(self) -> None:
        for path in self.ram.iterdir():
            path.unlink()


@pytest.fixture
def box(tmp_path: Path) -> Box:
    return Box(tmp_path)


def test_each_rung_does_more_than_the_one_before(box: Box) -> None:
    """Once more; all rooms; reboot; after two reboots only trying, for ever."""
    assert box.run("ladder", "hien-devices")[-1] == "--no-block start hien-devices.service"
    assert "hien-web.service" in box.run("ladder", "hien-devices")[-1]
    assert box.run("ladder", "hien-devices")[-1] == "reboot"
    for _ in range(2):
        box.reboot()
        last = [box.run("ladder", "hien-devices")[-1] for _ in range(3)][-1]
    assert last == "--no-block start hien-devices.service"
    assert (box.card / "reboots").read_text() == "2\n"
    assert box.run("ladder", "hien-devices")[-1] == "--no-block start hien-devices.service"


def test_a_card_that_takes_no_writes_is_started_anew_not_for_ever(box: Box) -> None:
    """ext4 went read-only: the count cannot be kept, and the check at a start is the cure. Where
    that does not help, the room is tried on and on; a new start comes once an hour at most."""
    (box.card / "reboots").symlink_to(box.card / "none/none")  # no write, whoever asks
    lasts = [box.run("ladder", "hien-web")[-1] for _ in range(3)]
    assert lasts[-1] == "reboot" and "reboot" not in lasts[:-1]
    box.reboot()
    box.up_s = 300
    again = "--no-block start hien-web.service"
    assert [box.run("ladder", "hien-web")[-1] for _ in range(6)][2:] == [again] * 4
    box.up_s = 3700
    assert box.run("ladder", "hien-web")[-1] == "reboot"
    box.program("hien", "exit 1")
    assert box.run("ladder", "hien-web")[-1] == again


def test_a_full_card_is_no_reason_to_reboot(box: Box) -> None:
    """What cannot be counted is not done; and the empty file that is left counts as nothing."""
    box.program("sync", "exit 1")
    assert "reboot" not in [box.run("ladder", "hien-web")[-1] for _ in range(5)]
    (box.bin / "sync").unlink()
    (box.card / "reboots").write_text("")
    box.reboot()
    assert [box.run("ladder", "hien-web")[-1] for _ in range(3)][-1] == "reboot"
    assert (box.card / "reboots").read_text() == "1\n"


def test_a_safe_page_stands_in_for_the_web_room_alone(box: Box) -> None:
    """People see a page when `web` falls; when `devices` falls, the web room says so itself."""
    assert "--no-block start hien-safe-page.service" in box.run("ladder", "hien-web")
    assert "--no-block start hien-safe-page.service" not in box.run("ladder", "hien-devices")
    assert (box.ram / "port").read_text() == "8181\n"


def test_settings_with_a_fault_are_no_reason_to_reboot(box: Box) -> None:
    """A reboot mends no typing error: the page names it instead."""
    box.program("hien", 'echo "web.port: wants a number" >&2; exit 1')
    asked = [line for _ in range(5) for line in box.run("ladder", "hien-web")]
    assert "reboot" not in asked
    assert (box.ram / "reason").read_text() == "web.port: wants a number\n"


def test_a_house_that_was_well_starts_at_the_first_rung(box: Box) -> None:
    """Ten good minutes forget what was counted; less than that does not."""
    for _ in range(3):
        box.run("ladder", "hien-sync")
    box.run("well", well_s="99999999")
    assert (box.ram / "rung-sync").exists() and (box.card / "reboots").exists()
    box.run("well")
    assert not (box.ram / "rung-sync").exists() and not (box.card / "reboots").exists()
    assert box.run("ladder", "hien-sync")[-1] == "--no-block start hien-sync.service"


def test_a_single_death_is_systemds_to_mend(box: Box) -> None:
    """Newer systemd calls the ladder at each death: it does nothing until the limit is reached."""
    box.state = "activating"
    assert box.run("ladder", "hien-web") == [] and not list(box.ram.iterdir())


def test_only_rooms_climb(box: Box) -> None:
    """The name comes from systemd, and is checked all the same."""
    with pytest.raises(subprocess.CalledProcessError):
        box.run("ladder", "../../etc")

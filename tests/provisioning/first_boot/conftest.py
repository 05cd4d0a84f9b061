"""This file gives the tests of a first boot a ward that lets boxes in, and a card of its making."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from click.testing import CliRunner

from appliance.commands.ward import ward as ward_command
from ward.enrol.welcome import WelcomeDoor

HOUSE = "khu-pho-3"
WIFI = ("Nhà văn hóa 5G", "12345678abc")


@dataclass
class Site:
    """`boot` is the card's boot partition, as ward IT leaves it."""

    folder: Path
    door: WelcomeDoor
    boot: Path

    def make_card(self, *more: str, house: str = HOUSE, port: int | None = None) -> str:
        self.boot.mkdir(exist_ok=True)
        release = self.folder / "0.1.0.hien"
        release.write_bytes(b"a release")
        (self.folder / "update.pem").write_bytes(b"a public key")
        done = CliRunner().invoke(
            ward_command,
            [
                "enrol", house, "--dir", str(self.folder), "--name", "Nhà văn hóa Khu phố 3",
                "--card", str(self.boot), "--wifi", WIFI[0], "--release", str(release),
                "--welcome", f"https://127.0.0.1:{port or self.door.server_port}",
                "--update-key", str(self.folder / "update.pem"), *more,
            ],
            env={"HIEN_WIFI_PASSWORD": WIFI[1]},
        )  # fmt: skip
        assert done.exit_code == 0, done.output
        return done.output


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Site]:
    folder = tmp_path / "ward"
    done = CliRunner().invoke(
        ward_command, ["init", "--dir", str(folder), "--host", "127.0.0.1", "--port", "18883"]
    )
    assert done.exit_code == 0, done.output
    door = WelcomeDoor("127.0.0.1", 0, folder / "tls")
    threading.Thread(target=door.serve_forever, daemon=True).start()
    yield Site(folder, door, tmp_path / "boot")
    door.shutdown()
    door.server_close()

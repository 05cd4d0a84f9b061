"""This file gives the tests of the ward's door a ward that serves it, and houses' certificates."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner

from appliance.commands.ward import ward as ward_command
from appliance.sync.door import Door
from ward.enrol.authority import Authority
from ward.intake import run
from ward.intake.server import Intake

NOW = datetime.now(UTC)
HOUSE = "nha-0017"


class Ward:
    def __init__(self, folder: Path) -> None:
        self.folder = folder
        argv = ["init", "--dir", str(folder), "--host", "localhost", "--host", "127.0.0.1"]
        assert CliRunner().invoke(ward_command, argv).exit_code == 0
        self.server: Intake = run.start(folder, "127.0.0.1", 0)
        self.authority = Authority(folder / "tls")

    def files(self, name: str, days: float = 365) -> tuple[str, str, str]:
        pair = self.authority.for_client(name, NOW, timedelta(days=days))
        for suffix, data in zip(("crt", "key"), pair, strict=True):
            (self.folder / f"{name}.{suffix}").write_bytes(data)
        at = self.folder / name
        return str(self.folder / "tls" / "ca.crt"), f"{at}.crt", f"{at}.key"

    def door(self, name: str = HOUSE, port: int = 0, house: str = "", days: float = 365) -> Door:
        files = self.files(name, days)
        url = f"https://localhost:{port or self.server.server_port}"
        return Door(url, house or name, lambda: files)


@pytest.fixture
def ward(tmp_path: Path) -> Iterator[Ward]:
    made = Ward(tmp_path / "ward")
    yield made
    made.server.shutdown()
    made.server.server_close()

"""This file proves `hien all`: three rooms, told to systemd as one, and gone when it is."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import pytest

TOML = """
[data]
dir = "{base}/data"
ram_dir = "{base}/ram"
[web]
host = "127.0.0.1"
port = {port}
"""


@pytest.fixture
def settings(tmp_path: Path) -> Path:
    """A house without any device or ward, on a port of its own."""
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port = probe.getsockname()[1]
    path = tmp_path / "house.toml"
    path.write_text(TOML.format(base=tmp_path, port=port), "utf-8")
    return path


def rooms_of(pid: int) -> dict[int, str]:
    """Process id -> room, of the children of `pid`."""
    found = {}
    for entry in Path("/proc").glob("[0-9]*"):
        try:
            parent = int((entry / "stat").read_text().rsplit(")", 1)[1].split()[1])
            words = (entry / "cmdline").read_bytes().split(b"\0")
        except (OSError, IndexError):
            continue
        if parent == pid and len(words) > 3:
            found[int(entry.name)] = words[3].decode()
    return found


def test_the_rooms_are_one_unit_to_systemd_and_end_with_it(settings: Path, tmp_path: Path) -> None:
    """READY=1 comes once all three are ready; SIGTERM ends them all and it exits with 0."""
    address = str(tmp_path / "notify")
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as ear:
        ear.bind(address)
        ear.settimeout(90)
        process = subprocess.Popen(
            [sys.executable, "-m", "appliance", "all", "--config", str(settings)],
            env={**os.environ, "NOTIFY_SOCKET": address},
        )
        said = ""
        while "READY=1" not in said:
            said = ear.recv(4096).decode()
        for room in ("web: ", "devices: ", "sync: "):
            assert room in said
        rooms = rooms_of(process.pid)
        assert set(rooms.values()) == {"web", "devices", "sync"}
        process.send_signal(signal.SIGTERM)
        assert process.wait(30) == 0
    end = time.monotonic() + 10
    while any(Path(f"/proc/{pid}").exists() for pid in rooms) and time.monotonic() < end:
        time.sleep(0.02)
    assert not [pid for pid in rooms if Path(f"/proc/{pid}").exists()]


def test_bad_settings_are_told_once_and_nothing_starts(tmp_path: Path) -> None:
    """One sentence with a guess, exit code 1; not three rooms that each complain for ever."""
    path = tmp_path / "house.toml"
    path.write_text('[web]\nprot = 8080\n[devices]\ncamera = "picamera:"\n', "utf-8")
    said = subprocess.run(
        [sys.executable, "-m", "appliance", "all", "--config", path],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert said.returncode == 1
    assert 'did you mean "web.port"?' in said.stderr and '"picamera2:"?' in said.stderr

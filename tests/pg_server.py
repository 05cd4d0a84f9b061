"""This file runs a private PostgreSQL on loopback for tests, from Debian's binaries."""

from __future__ import annotations

import os
import secrets
import shutil
import signal
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.mqtt_broker import eventually, free_port

USER = "nobody"  # PostgreSQL refuses to run as root


def binaries() -> Path | None:
    """The newest PostgreSQL's folder of programs, or None."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"))
    return found[-1].parent if found else None


class PgServer:
    """A cluster in a folder of its own, which can be killed the hard way and started again.

    `safe`: commits reach the disk, as in life; without it, it is quicker.
    """

    def __init__(self, safe: bool = False) -> None:
        bin_dir = binaries()
        assert bin_dir is not None
        self._bin, self._safe, self.port = bin_dir, safe, free_port()
        self.folder = Path(tempfile.mkdtemp(prefix="hien-pg-", dir="/var/tmp"))
        self._as = {"user": USER, "group": "nogroup"} if os.geteuid() == 0 else {}
        if self._as:
            shutil.chown(self.folder, USER)
        self._run("initdb", "-D", "data", "-A", "trust", "-U", "hien", "-E", "UTF8", "--no-sync")
        self.start()

    def start(self) -> None:
        options = {
            "listen_addresses": "127.0.0.1", "port": self.port, "shared_buffers": "32MB",
            "unix_socket_directories": "", "fsync": "on" if self._safe else "off",
            "max_connections": 100,
        }  # fmt: skip
        argv = [str(self._bin / "postgres"), "-D", str(self.folder / "data")]
        self.process = subprocess.Popen(
            argv + [f"-c{name}={value}" for name, value in options.items()],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            cwd=self.folder,
            **self._as,  # type: ignore[arg-type]
        )
        eventually(self._answers, 60)

    def url(self, schema: str = "") -> str:
        """The URL of a new, empty schema (or of the one named)."""
        name = schema or f"t{secrets.token_hex(4)}"
        self.execute(f"CREATE SCHEMA IF NOT EXISTS {name}")
        return f"postgresql://hien@127.0.0.1:{self.port}/postgres?options=-csearch_path%3D{name}"

    def execute(self, sql: str) -> None:
        import psycopg

        target = f"postgresql://hien@127.0.0.1:{self.port}/postgres"
        with psycopg.connect(target, autocommit=True) as db:
            db.execute(sql.encode())

    def kill(self) -> None:
        """As a power cut would: nobody says goodbye."""
        self.process.send_signal(signal.SIGQUIT)  # its children with it, at once, no shutdown
        self.process.wait(30)

    def stop(self) -> None:
        if self.process.poll() is None:
            self.kill()
        shutil.rmtree(self.folder, ignore_errors=True)

    def _run(self, program: str, *argv: str) -> None:
        done = subprocess.run(
            [str(self._bin / program), *argv],
            cwd=self.folder,
            capture_output=True,
            text=True,
            env={**os.environ, "LC_ALL": "C", "HOME": str(self.folder)},
            **self._as,  # type: ignore[call-overload]
        )
        assert done.returncode == 0, done.stderr

    def _answers(self) -> bool:
        assert self.process.poll() is None, "PostgreSQL ended by itself"
        done = subprocess.run(
            [str(self._bin / "pg_isready"), "-h", "127.0.0.1", "-p", str(self.port), "-q"]
        )
        return done.returncode == 0


@pytest.fixture(scope="session")
def postgres() -> Iterator[PgServer]:
    """One server for all tests of a run; each takes a schema of its own."""
    pytest.importorskip("psycopg")
    if binaries() is None:
        pytest.skip("no PostgreSQL on this machine: apt-get install postgresql")
    server = PgServer()
    yield server
    server.stop()

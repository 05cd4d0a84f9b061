"""This file runs the real web room as a process of its own, for tests that need its server."""

from __future__ import annotations

import json
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from tests.web.conftest import House


class Served(House):
    """A house whose room runs; `url` is its address. The test writes to the same table."""

    def __init__(self, root: Path, ram: Path, **settings: Any) -> None:
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port: int = probe.getsockname()[1]
        given = {"web.port": self.port, "web.host": "127.0.0.1", **settings}
        super().__init__(root, ram, **given)
        self.url = f"http://127.0.0.1:{self.port}"
        self.log_path = root / "web.log"
        file = root / "hien.toml"
        names = ("data.dir", "data.ram_dir", "house.phone", "house.name", "house.address", *given)
        file.write_text(
            "\n".join(
                f'"{name}" = {json.dumps(self.parts.config[name], ensure_ascii=False)}'.replace(
                    '"', "", 2
                )
                for name in dict.fromkeys(names)
            ),
            "utf-8",
        )
        with self.log_path.open("w") as log:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "appliance", "web", "--config", str(file)],
                stdout=log,
                stderr=subprocess.STDOUT,
            )
        self._wait()

    def _wait(self) -> None:
        for _ in range(600):
            if self.process.poll() is not None:
                break
            try:
                self.get("/healthz")
                return
            except OSError:
                time.sleep(0.05)  # nothing to wait on until the port is open
        raise AssertionError(f"the room did not open: {self.log_path.read_text()}")

    def get(self, path: str, **headers: str) -> Any:
        request = urllib.request.Request(self.url + path, headers=headers)
        return urllib.request.urlopen(request, timeout=20)

    def stop(self) -> int:
        """SIGTERM, and the exit code."""
        self.process.terminate()
        return self.process.wait(timeout=20)

    def close(self) -> None:
        if self.process.poll() is None:
            self.process.kill()
            self.process.wait(timeout=20)
        self.hub.stop()
        self.store.close()


class Events:
    """One open stream of server-sent events, read one after the other."""

    def __init__(self, house: Served) -> None:
        self.answer = house.get("/live")

    def next(self, kind: str = "state") -> Any:
        """The data of the next event of `kind`; raises when the stream ends first."""
        found = ""
        for raw in self.answer:
            line = raw.decode().rstrip("\n")
            if line.startswith("event: "):
                found = line[7:]
            elif line.startswith("data: ") and found == kind:
                return json.loads(line[6:])
        raise EOFError("the stream has ended")

    def close(self) -> None:
        self.answer.close()


@contextmanager
def served_house(**settings: Any) -> Iterator[Served]:
    """A house for as many tests as like; at the end its log may hold no traceback."""
    with (
        TemporaryDirectory(prefix="hien-test-") as root,
        TemporaryDirectory(prefix="hien-test-", dir="/dev/shm") as ram,
    ):
        served = Served(Path(root), Path(ram), **settings)
        try:
            yield served
        finally:
            served.close()
        assert "Traceback" not in served.log_path.read_text()

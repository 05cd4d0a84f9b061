"""This file is what scenarios ask of the machine they run on: units, pages, waiting."""

from __future__ import annotations

import json
import subprocess
import time
import urllib.error
import urllib.request
from collections.abc import Callable
from pathlib import Path
from typing import Any

ROOMS = ("web", "devices", "sync")
SETTINGS = Path("/etc/hien/hien.toml")


def run(*args: str | Path, timeout_s: float = 300) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [str(a) for a in args], capture_output=True, text=True, timeout=timeout_s, check=False
    )


def must(*args: str | Path, timeout_s: float = 300) -> str:
    """Its output; an AssertionError with all it said when it fails."""
    done = run(*args, timeout_s=timeout_s)
    assert done.returncode == 0, f"{args}: {done.returncode}: {done.stdout} {done.stderr}"
    return done.stdout


def get(path: str, port: int = 8080) -> tuple[int, str]:
    """(status, body); (0, reason) when nobody answers."""
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}{path}", timeout=5) as answer:
            return answer.status, answer.read().decode()
    except urllib.error.HTTPError as error:
        return error.code, error.read().decode()
    except OSError as error:
        return 0, str(error)


def health() -> dict[str, Any]:
    status, body = get("/healthz")
    return json.loads(body) if status == 200 else {}


def until(true: Callable[[], Any], most_s: float, what: str) -> float:
    """Wait for `true()`; the seconds it took."""
    began_s = time.monotonic()
    while time.monotonic() - began_s < most_s:
        if true():
            return time.monotonic() - began_s
        time.sleep(0.2)
    log = run("journalctl", "-b", "--no-pager", "-n", "40", "-o", "cat").stdout
    raise AssertionError(f"not within {most_s} s: {what}\n{log}")


def well(most_s: float = 60) -> float:
    return until(lambda: health().get("ok"), most_s, f"the house is well: {health()}")


def show(unit: str, key: str) -> str:
    return must("systemctl", "show", "--value", "-p", key, unit).strip()


def pid(room: str) -> int:
    return int(show(f"hien-{room}", "MainPID"))


def drop_in(unit: str, text: str) -> Path:
    """A setting of this test's own, until the next start of the machine."""
    path = Path(f"/run/systemd/system/{unit}.d/test.conf")
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    must("systemctl", "daemon-reload")
    return path

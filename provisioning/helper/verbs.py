"""This file is the four things a room may have done as root, each with what it must not do."""

from __future__ import annotations

import contextlib
import os
import re
import shutil
import subprocess
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from appliance import durable

# A machine that just started is not started anew: a room that asks at once would do so for ever.
LEAST_UP_S = 120.0
CONNECTION = "hien-wifi"
_RELEASE = re.compile(r"[A-Za-z0-9][A-Za-z0-9.+_-]{0,80}\.hien")


class Refused(Exception):
    """The request makes no sense, or not now. `code` is stable and without anything of it."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


def _run(command: Sequence[str]) -> None:
    try:
        done = subprocess.run(command, capture_output=True, timeout=90, check=False)
    except subprocess.TimeoutExpired as error:
        raise Refused("failed") from error
    if done.returncode != 0:
        raise Refused("failed")


@dataclass(frozen=True)
class Machine:
    """Where things are and how a command is run; the tests give others."""

    root: Path = Path("/")
    run: Any = field(default=staticmethod(_run))

    def up_s(self) -> float:
        return float((self.root / "proc/uptime").read_text().split()[0])


def reboot(asked: Mapping[str, Any], machine: Machine) -> None:
    """Raises Refused (too_soon)."""
    if machine.up_s() < LEAST_UP_S:
        raise Refused("too_soon")
    # A moment for whoever asked to be told, and to say so on a screen or to the ward.
    machine.run(["systemd-run", "--quiet", "--collect", "--on-active=3s", "systemctl", "reboot"])


def set_wifi(asked: Mapping[str, Any], machine: Machine) -> None:
    """Join a network, now and after every start. What was set before is replaced.

    The key goes into a file of root's (0600) and never onto a command line, which any process
    could read. Raises Refused (bad_name, bad_password, failed).
    """
    name, password = asked.get("name"), asked.get("password", "")
    # Oddness first: half of a pair of surrogates is legal JSON, and no bytes at all.
    if not isinstance(name, str) or _odd(name) or not 1 <= len(name.encode()) <= 32:
        raise Refused("bad_name")
    if not isinstance(password, str) or (password and not re.fullmatch(r"[ -~]{8,63}", password)):
        raise Refused("bad_password")
    lines = [
        "[connection]",
        f"id={CONNECTION}",
        "type=wifi",
        "autoconnect-priority=20",
        "",
        "[wifi]",
        "mode=infrastructure",
        # A list of bytes: no sign in a network's name can mean anything to the file's reader.
        "ssid=" + "".join(f"{byte};" for byte in name.encode()),
        "",
    ]
    if password:
        escaped = password.replace("\\", "\\\\")
        escaped = "\\s" + escaped[1:] if escaped.startswith(" ") else escaped
        lines += ["[wifi-security]", "key-mgmt=wpa-psk", f"psk={escaped}", ""]
    lines += ["[ipv4]", "method=auto", "", "[ipv6]", "method=auto", ""]
    folder = machine.root / "etc/NetworkManager/system-connections"
    path = folder / f"{CONNECTION}.nmconnection"
    durable.write(path, "\n".join(lines).encode(), 0o600)
    machine.run(["nmcli", "connection", "reload"])
    machine.run(["nmcli", "--wait", "0", "connection", "up", CONNECTION])


def apply_update(asked: Mapping[str, Any], machine: Machine) -> None:
    """Try a release that lies in the inbox; the updater looks at its signature and everything else.

    Raises Refused (bad_file, no_file). It goes on in a unit of its own, which outlives the rooms.
    """
    name = asked.get("file")
    if not isinstance(name, str) or not _RELEASE.fullmatch(name):
        raise Refused("bad_file")
    path = machine.root / "var/lib/hien/inbox" / name
    if path.is_symlink() or not path.is_file():
        raise Refused("no_file")
    machine.run(
        ["systemd-run", "--quiet", "--collect", "--no-block", "--unit=hien-update-now", "--",
         "/usr/local/bin/hien", "update", "install", str(path)]
    )  # fmt: skip


def factory_reset(asked: Mapping[str, Any], machine: Machine) -> None:
    """Forget everything of this house: papers, table, keys, settings, network. Then start anew.

    Raises Refused (wrong_house) unless it names this house: no slip of a finger resets one.
    """
    settings = machine.root / "etc/hien/hien.toml"
    try:
        house = tomllib.loads(settings.read_text("utf-8-sig"))["house"]["id"]
    except (OSError, ValueError, KeyError, TypeError):
        house = None
    if house is not None and asked.get("house") != house:
        raise Refused("wrong_house")
    # Whatever comes between, the rooms do not stay stopped: this needs nobody.
    machine.run(["systemd-run", "--quiet", "--collect", "--on-active=10min", "systemctl", "reboot"])
    try:
        machine.run(["systemctl", "stop", "hien-web", "hien-devices", "hien-sync"])
        stay = [path for path in _of_the_house(machine.root) if not _remove(path)]
        os.sync()
        # New settings and folders, as on the first day, by the release that runs now.
        machine.run(["/opt/hien/current/provisioning/install", "--no-start"])
    finally:
        machine.run(["systemctl", "--no-block", "reboot"])
    if stay:
        raise Refused("failed")


def _of_the_house(root: Path) -> list[Path]:
    return [
        *(path for folder in ("var/lib/hien", "run/hien", "etc/hien/sync")
          for path in (root / folder).glob("*")),
        root / "etc/hien/hien.toml",
        root / "etc/NetworkManager/system-connections" / f"{CONNECTION}.nmconnection",
        # All of it: the first day's release would come back, and old data not be asked for again.
        root / "var/lib/hien-box/first-boot",
    ]  # fmt: skip


def _remove(path: Path) -> bool:
    """Whether it is gone. One that stays keeps none of the others."""
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path, ignore_errors=True)
    else:
        with contextlib.suppress(OSError):
            path.unlink()
    return not os.path.lexists(path)


def _odd(text: str) -> bool:
    return any(not c.isprintable() for c in text)

"""This file answers one request of a room as root: one line of JSON in, one line out.

systemd starts it for each connection (hien-helper.socket, Accept=yes), with the connection as
standard input. Who asks is told by the kernel (SO_PEERCRED), not by the request. The system's
Python and its standard library only: it must work when a release does not.

    {"verb": "reboot"}                                          hien-web, hien-sync
    {"verb": "set-wifi", "name": "…", "password": "…"}          hien-web
    {"verb": "apply-update", "file": "0.2.0.hien"}              hien-web, hien-sync
    {"verb": "factory-reset", "house": "<this house's id>"}     hien-web

Answer: {"ok": true} or {"ok": false, "code": "…"}. Only a request's verb is ever logged.
"""

from __future__ import annotations

import json
import pwd
import re
import socket
import struct
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from provisioning.helper import verbs

MOST_BYTES = 4096
TIMEOUT_S = 5.0
_VERB = re.compile(r"[a-z-]{1,20}")
Verb = Callable[[Mapping[str, Any], verbs.Machine], None]

ALLOWED: dict[str, tuple[frozenset[str], Verb]] = {
    "reboot": (frozenset({"hien-web", "hien-sync"}), verbs.reboot),
    "set-wifi": (frozenset({"hien-web"}), verbs.set_wifi),
    "apply-update": (frozenset({"hien-web", "hien-sync"}), verbs.apply_update),
    "factory-reset": (frozenset({"hien-web"}), verbs.factory_reset),
}


def answer(line: bytes, who: str, machine: verbs.Machine) -> dict[str, Any]:
    """Do what `who` (a user's name) asks, if that is for `who` to ask."""
    try:
        asked = json.loads(line)
        verb = asked["verb"]
        if not isinstance(verb, str) or not _VERB.fullmatch(verb):
            raise ValueError
    except (ValueError, KeyError, TypeError, RecursionError):
        return {"ok": False, "code": "bad_request"}
    users, do = ALLOWED.get(verb, (frozenset(), None))
    # The same answer for what does not exist and what is not for this user.
    if do is None or who not in users | {"root"}:
        _log(f"{who} may not {verb}")
        return {"ok": False, "code": "not_allowed"}
    try:
        do(asked, machine)
    except verbs.Refused as refused:
        _log(f"{verb} for {who}: {refused.code}")
        return {"ok": False, "code": refused.code}
    except OSError as error:
        _log(f"{verb} for {who}: {error}")
        return {"ok": False, "code": "failed"}
    _log(f"{verb} for {who}: done")
    return {"ok": True}


def read_line(connection: socket.socket) -> bytes:
    """Up to the first line break; b"" when it is too long or too late."""
    connection.settimeout(TIMEOUT_S)
    got = b""
    try:
        while b"\n" not in got:
            piece = connection.recv(MOST_BYTES)
            got += piece
            if not piece or len(got) > MOST_BYTES:
                return b""
    except OSError:
        return b""
    return got.split(b"\n", 1)[0]


def peer(connection: socket.socket) -> str:
    """The user at the other end, as the kernel knows it; "" for a number without a name."""
    credentials = connection.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, 12)
    _, uid, _ = struct.unpack("3i", credentials)
    try:
        return pwd.getpwuid(uid).pw_name
    except KeyError:
        return ""


def main() -> None:
    connection = socket.socket(fileno=sys.stdin.fileno())
    said = answer(read_line(connection), peer(connection), verbs.Machine())
    try:
        connection.sendall(json.dumps(said).encode() + b"\n")
    except OSError:
        _log("who asked is gone")


def _log(text: str) -> None:
    sys.stderr.write(text + "\n")


if __name__ == "__main__":
    main()

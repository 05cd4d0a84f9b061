"""This file asks root's helper for one of its four verbs; who may ask is decided there."""

from __future__ import annotations

import contextlib
import json
import os
import socket
from pathlib import Path
from typing import ClassVar

from appliance.errors import DeviceError

PATH = "/run/hien-helper/ask"
TIMEOUT_S = 120.0


class RootRefused(DeviceError):
    """Codes: no_helper (not on this machine), not_allowed, too_soon, failed, or the verb's own."""

    default_code: ClassVar[str] = "no_helper"


def path() -> str:
    """Where the helper listens; HIEN_HELPER names another place, for tests."""
    return os.environ.get("HIEN_HELPER", PATH)


def is_there() -> bool:
    """Whether this machine has a helper: a development machine has none."""
    return Path(path()).exists()


def ask(verb: str, **more: str) -> None:
    """Have it done. Raises RootRefused; then nothing was done."""
    line = json.dumps({"verb": verb, **more}).encode() + b"\n"
    with contextlib.closing(socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)) as connection:
        connection.settimeout(TIMEOUT_S)
        try:
            connection.connect(path())
            connection.sendall(line)
            with connection.makefile("rb") as answer:
                said = json.loads(answer.readline(65536))
        except OSError as error:
            raise RootRefused(f"the helper cannot be reached: {error.strerror}") from error
        except ValueError as error:
            raise RootRefused("the helper's answer cannot be read", code="failed") from error
    if not said.get("ok"):
        raise RootRefused(f"{verb} was refused", code=str(said.get("code", "failed")))

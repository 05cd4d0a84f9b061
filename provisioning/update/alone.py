"""This file lets one update at a time near the slots, and tells others that one is under way.

The standard library alone: the night of a shut root asks here when a release may be broken.
"""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from appliance.errors import Conflict

# `provisioning/boot` knows it too. The kernel lets go of it with the process, whatever ends that.
LOCK = "update.lock"


@contextmanager
def alone(state: Path) -> Iterator[None]:
    """Be the only one, for as long as it lasts. Raises Conflict (code update_under_way)."""
    # Without truncating: where it is there already, nothing is written.
    held = os.open(state / LOCK, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError as error:
        os.close(held)
        raise Conflict(
            "another update is under way. Nothing was changed; ask again when it has ended.",
            code="update_under_way",
        ) from error
    try:
        yield
    finally:
        os.close(held)


def under_way(state: Path) -> bool:
    """Whether somebody holds it now. Changes nothing."""
    try:
        asked = os.open(state / LOCK, os.O_RDONLY | os.O_CLOEXEC)
    except FileNotFoundError:
        return False
    try:
        fcntl.flock(asked, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    finally:
        os.close(asked)
    return False

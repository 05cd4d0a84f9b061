"""This file carries one sealed backup to the ward's door; a line that breaks is taken up again."""

from __future__ import annotations

import hashlib
import http.client
import time
from pathlib import Path

from appliance.sync.door import Door, Unreadable

TRIES = 5


def carry(door: Door, file: Path, name: str, wait_s: float = 20.0) -> str:
    """Empty when the ward has it on its disk; else why not (no_way, ward_full, status_N)."""
    with file.open("rb") as f:
        sha256 = hashlib.file_digest(f, "sha256").hexdigest()
    total, code = file.stat().st_size, "no_way"
    for again in range(TRIES):
        if again:
            time.sleep(wait_s)
        try:
            status, offset = door.had_bytes(name, sha256, "backup")
            if status == 404:
                status = door.put(name, file, sha256, total, min(offset, total), "backup")
        except (OSError, http.client.HTTPException, Unreadable):
            code = "no_way"
            continue
        if status in (200, 201):
            return ""
        code = "ward_full" if status == 507 else f"status_{status}"
        if status in (400, 403, 413):
            return code
    return code

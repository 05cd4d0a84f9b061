"""This file is how long somebody who typed a wrong PIN has to wait."""

from __future__ import annotations

import re

PIN = re.compile(r"[0-9]{4,8}")
FREE_TRIES = 5
HOUSE_FREE_TRIES = 20  # all volunteers together: an attacker who rotates names
LONGEST_WAIT_S = 15 * 60


def wait_s(failures: int, free: int = FREE_TRIES) -> int:
    """Seconds to wait after `failures` wrong PINs in a row: 0 … then 30, 60, 120 … 900."""
    if failures < free:
        return 0
    return int(min(LONGEST_WAIT_S, 30 * 2 ** min(10, failures - free)))

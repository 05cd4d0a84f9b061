"""This file reads the most memory this process ever held."""

from __future__ import annotations

import re
from pathlib import Path


def peak_mb() -> float:
    """The most memory this process ever held; ru_maxrss would count the one it came from."""
    told = re.search(r"VmHWM:\s+(\d+)", Path("/proc/self/status").read_text())
    assert told is not None
    return int(told[1]) / 1024

"""This file prints how many inputs each parser was given, and leaves that for the long run."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

from tests.fuzz.runner import counts


def pytest_terminal_summary(terminalreporter: Any) -> None:
    if not counts:
        return
    terminalreporter.section(f"fuzz: {sum(counts.values())} inputs")
    for name, number in sorted(counts.items()):
        terminalreporter.write_line(f"{number:8d}  {name}")
    if left := os.environ.get("HIEN_FUZZ_COUNTS"):
        Path(left).write_text(json.dumps(counts), "utf-8")

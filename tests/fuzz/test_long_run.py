"""This file is the long run: every fuzz test again, with 200,000 inputs and more in all."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]


@pytest.mark.slow
@pytest.mark.timeout(7200)
def test_two_hundred_thousand_inputs(tmp_path: Path) -> None:
    """Each parser gets its share; how many each had is printed."""
    counts = tmp_path / "counts.json"
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:xdist", "-m", "not slow", "tests/fuzz",
         "--timeout", "7000"],
        cwd=ROOT,
        env={"HIEN_FUZZ": "125000", **os.environ, "HIEN_FUZZ_COUNTS": str(counts)},
        capture_output=True,
        text=True,
    )  # fmt: skip
    print(done.stdout[-6000:])
    assert done.returncode == 0, done.stdout[-6000:]
    given = json.loads(counts.read_text("utf-8"))
    given.pop("planted", None)
    assert sum(given.values()) >= 200_000, given

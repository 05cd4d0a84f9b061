"""This file lets programs live faster than the world: a simulated day in minutes.

All programs with one `Fast` share one time. What they wait for on the network still takes as long
as it takes, so it looks `rate` times slower to them.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import time
from dataclasses import dataclass
from pathlib import Path

SOURCE = Path(__file__).with_suffix(".c")
CLOCKS = (time.CLOCK_MONOTONIC, time.CLOCK_REALTIME, time.CLOCK_BOOTTIME)


@dataclass(frozen=True)
class Fast:
    """A time that passes `rate` times as fast since it was made."""

    rate: int
    library: Path
    began_ns: tuple[int, ...]

    @property
    def env(self) -> dict[str, str]:
        """The environment of a program that is to live in this time."""
        word = " ".join(map(str, (self.rate, *self.began_ns)))
        return {**os.environ, "FAST_CLOCK": word, "LD_PRELOAD": str(self.library)}

    def passed_s(self) -> float:
        """Simulated seconds since this time began."""
        return (time.clock_gettime_ns(CLOCKS[0]) - self.began_ns[0]) * self.rate / 1e9


def compiler() -> str | None:
    return shutil.which("cc") or shutil.which("gcc")


def begin(rate: int, folder: Path) -> Fast:
    """Compile what makes time pass faster into `folder`, and begin. Needs a C compiler."""
    made, cc = folder / "fast_clock.so", compiler()
    assert cc is not None
    subprocess.run(
        [cc, "-O2", "-shared", "-fPIC", "-o", str(made), str(SOURCE), "-ldl"], check=True
    )
    return Fast(rate, made, tuple(time.clock_gettime_ns(clock) for clock in CLOCKS))

"""This file feeds a parser: only our own errors may come, each input ends soon, all are counted."""

from __future__ import annotations

import os
import signal
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from appliance.errors import HienError
from appliance.sync import protocol

TOTAL = int(os.environ.get("HIEN_FUZZ", "5000"))
SEED = int(os.environ.get("HIEN_FUZZ_SEED", "20261122"))
OURS: tuple[type[Exception], ...] = (HienError, protocol.ProtocolError)
# Of the processor, not of the clock: a busy machine is no fault of a parser's.
HANGS_AFTER_S = 5.0

counts: Counter[str] = Counter()
"""Inputs each parser was given in this run."""


class Hung(Exception):
    """A parser that did not come back."""


def how_many(share: float) -> int:
    return max(20, int(TOTAL * share))


def run(
    name: str,
    parse: Callable[[Any], Any],
    inputs: Iterable[Any],
    ours: tuple[type[Exception], ...] = OURS,
) -> None:
    """Fails with the input when another error than `ours` comes, or no end."""
    with _watched():
        for data in inputs:
            counts[name] += 1
            signal.setitimer(signal.ITIMER_VIRTUAL, HANGS_AFTER_S)
            try:
                parse(data)
            except ours:
                continue
            except Exception as error:  # noqa: BLE001 -- what we look for
                pytest.fail(f"seed {SEED}, {name}: {error!r} for {repr(data)[:400]}")


@contextmanager
def _watched() -> Iterator[None]:
    def stop(*_: object) -> None:
        raise Hung(f"no end after {HANGS_AFTER_S} s")

    before = signal.signal(signal.SIGVTALRM, stop)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_VIRTUAL, 0)
        signal.signal(signal.SIGVTALRM, before)

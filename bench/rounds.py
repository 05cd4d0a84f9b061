"""This file runs many independent rounds of a benchmark, on one processor or on several.

HIEN_BENCH_JOBS says in how many processes; HIEN_BENCH_SEED moves all seeds, for fresh scenes.
Only figures that are counts or shares are spread; whatever is timed runs alone.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable
from concurrent.futures import ProcessPoolExecutor
from typing import TypeVar

import cv2

Task = TypeVar("Task")
Result = TypeVar("Result")


def fresh(seed: int) -> int:
    """Return the seed to use in place of `seed`: the same one, or that of fresh scenes."""
    return seed + int(os.environ.get("HIEN_BENCH_SEED", "0"))


def spread(work: Callable[[Task], Result], tasks: Iterable[Task]) -> list[Result]:
    """Return work(task) for each task, in order."""
    jobs = int(os.environ.get("HIEN_BENCH_JOBS", "1"))
    if jobs < 2:
        return [work(task) for task in tasks]
    with ProcessPoolExecutor(jobs, initializer=_one_thread) as pool:
        return list(pool.map(work, tasks, chunksize=4))


def _one_thread() -> None:
    cv2.setNumThreads(1)

"""This file runs many independent rounds of a benchmark, on one processor or on several.

HIEN_BENCH_JOBS says in how many processes; HIEN_BENCH_SEED moves all seeds, for fresh scenes;
HIEN_BENCH_KEEP names a folder (made, if it is not there) in which each round is kept as it comes,
so that a run that was cut off goes on where it was. Rounds of other code are never taken over.
Only figures that are counts or shares are spread; whatever is timed runs alone.
"""

from __future__ import annotations

import ast
import hashlib
import inspect
import os
import pickle
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path
from typing import BinaryIO, TypeVar

import cv2

Task = TypeVar("Task")
Result = TypeVar("Result")
ROOT = Path(__file__).resolve().parents[1]
OURS = ("appliance", "bench")


def fresh(seed: int) -> int:
    """Return the seed to use in place of `seed`: the same one, or that of fresh scenes."""
    return seed + int(os.environ.get("HIEN_BENCH_SEED", "0"))


def spread(work: Callable[[Task], Result], tasks: Iterable[Task]) -> list[Result]:
    """Return work(task) for each task, in order. Tasks are known again by their repr."""
    wanted = list(tasks)
    folder = os.environ.get("HIEN_BENCH_KEEP")
    if not folder:
        return list(_run(work, wanted))
    with _kept(work, Path(folder)) as file:
        done: dict[str, Result] = dict(_read(file))
        missing = [task for task in wanted if repr(task) not in done]
        for task, result in zip(missing, _run(work, missing), strict=True):
            done[repr(task)] = result
            pickle.dump((repr(task), result), file)
            file.flush()
    return [done[repr(task)] for task in wanted]


def _run(work: Callable[[Task], Result], tasks: list[Task]) -> Iterator[Result]:
    jobs = int(os.environ.get("HIEN_BENCH_JOBS", "1"))
    if jobs < 2:
        yield from map(work, tasks)
        return
    with ProcessPoolExecutor(jobs, initializer=_one_thread) as pool:
        yield from pool.map(work, tasks, chunksize=4)


def _one_thread() -> None:
    cv2.setNumThreads(1)


def _kept(work: Callable[[Task], Result], folder: Path) -> BinaryIO:
    """Return the file of rounds of this work, seed and code, to be read and then added to."""
    folder.mkdir(parents=True, exist_ok=True)
    code = code_from(Path(inspect.getfile(work)))
    name = f"{work.__module__}.{work.__name__}-{fresh(0)}-{code}.rounds"
    return (folder / name).open("a+b")


def _read(file: BinaryIO) -> Iterator[tuple[str, Result]]:
    """Yield what an earlier run kept; a last round that was cut off is cut from the file."""
    file.seek(0)
    while True:
        whole = file.tell()
        try:
            yield pickle.load(file)
        except (EOFError, pickle.UnpicklingError):
            file.truncate(whole)
            return


def code_from(start: Path) -> str:
    """Return a hash over one source file and all that it imports from this project."""
    todo, seen = [start], dict[Path, bytes]()
    while todo:
        path = todo.pop()
        if path not in seen:
            seen[path] = path.read_bytes()
            todo += _imports(seen[path])
    whole = hashlib.sha256()
    for path in sorted(seen):
        whole.update(seen[path])
    return whole.hexdigest()[:12]


def _imports(source: bytes) -> Iterator[Path]:
    names: set[str] = set()
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.ImportFrom) and node.module:
            names |= {node.module, *(f"{node.module}.{alias.name}" for alias in node.names)}
        elif isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
    for name in names:
        path = ROOT.joinpath(*name.split(".")).with_suffix(".py")
        if name.split(".")[0] in OURS and path.is_file():
            yield path

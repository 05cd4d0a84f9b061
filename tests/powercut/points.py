"""This file counts the moments at which a card is touched, and cuts the power at one of them."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from appliance.store import opening
from tests.powercut.card import cut

_TOUCHING = ("os.rename", "os.remove", "os.mkdir", "os.rmdir", "os.symlink", "os.link")
_WRITING = {"BEGIN", "COMMIT", "INSERT", "UPDATE", "DELETE"}
DIED = 9


class Points:
    """Every change of a file below `root`, every fsync and every SQL statement is one point.

    Python's audit events tell of the first, two wrapped functions and SQLite's trace of the
    others. At number `at` the card is cut and the process is gone, before the thing is done.
    """

    def __init__(self, root: Path, at: int | None, way: int) -> None:
        self.count = 0
        self._root, self._at, self._way = str(root), at, way

    def watch(self) -> None:
        """From now on, and for good: a process that watches is there to die."""
        sys.addaudithook(self._heard)
        for name in ("fsync", "fdatasync", "sync"):
            setattr(os, name, self._before(getattr(os, name)))
        self._watch_sql()

    def point(self) -> None:
        if self.count == self._at:
            cut(Path(self._root), self._way)
            os._exit(DIED)
        self.count += 1

    def statement(self, sql: str) -> None:
        if sql.split(None, 1)[0].upper() in _WRITING:
            self.point()

    def _heard(self, event: str, args: tuple[Any, ...]) -> None:
        if event == "open":
            path, _, flags = args
            if not flags & (os.O_WRONLY | os.O_RDWR | os.O_CREAT):
                return
        elif event in _TOUCHING:
            path = args[0]
        else:
            return
        if isinstance(path, str | bytes | os.PathLike) and os.fsdecode(path).startswith(self._root):
            self.point()

    def _before(self, real: Callable[..., Any]) -> Callable[..., Any]:
        def counted(*args: Any) -> Any:
            self.point()
            return real(*args)

        return counted

    def _watch_sql(self) -> None:
        statement = self.statement

        class Watched(opening.Store):
            def __init__(self, path: Path) -> None:
                super().__init__(path)
                self.connection.set_trace_callback(statement)

        opening.Store = Watched  # type: ignore[misc]


def without_fsync() -> None:
    """The negative control: nothing waits for the card. A check with teeth catches it."""
    for name in ("fsync", "fdatasync", "sync"):
        setattr(os, name, lambda *_: None)

    class Careless(opening.Store):
        def __init__(self, path: Path) -> None:
            super().__init__(path)
            self.connection.execute("PRAGMA synchronous=OFF")

    opening.Store = Careless  # type: ignore[misc]

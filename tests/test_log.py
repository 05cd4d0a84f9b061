"""This file proves where the last lines of a log are kept, and where root keeps none."""

from __future__ import annotations

import logging
import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from appliance import log


@pytest.fixture(autouse=True)
def quiet() -> Iterator[None]:
    """The handlers as they were, afterwards."""
    root = logging.getLogger()
    before, level = root.handlers[:], root.level
    yield
    for handler in root.handlers:
        if handler not in before:
            handler.close()
    root.handlers[:] = before
    root.setLevel(level)


def test_a_room_s_last_lines_are_kept_for_whoever_asks(tmp_path: Path) -> None:
    log.set_up("web")
    log.keep_in(tmp_path / "logs", "web")
    logging.getLogger("hien").warning("the paper is out")
    assert "the paper is out" in log.tail(tmp_path / "logs", 5)[0]


@pytest.mark.skipif(os.geteuid() != 0, reason="it is about root")
@pytest.mark.parametrize("what", ["file", "folder"])
def test_root_s_lines_go_along_no_link_of_a_room(tmp_path: Path, what: str) -> None:
    """`join` runs each minute of a first boot while rooms run: `join.log` may be a link of theirs
    to any file, or the folder one to any folder."""
    outside, shared = tmp_path / "etc", tmp_path / "run"
    for folder in (outside, shared):
        folder.mkdir()
    (outside / "join.log").write_text("as it was")
    shared.chmod(0o2770)
    if what == "folder":
        (shared / "logs").symlink_to(outside)
    else:
        (shared / "logs").mkdir()
        (shared / "logs/join.log").symlink_to(outside / "join.log")
    log.set_up("join")
    log.keep_in(shared / "logs", "join")
    logging.getLogger("hien").warning("a line of root's")
    assert (outside / "join.log").read_text() == "as it was"

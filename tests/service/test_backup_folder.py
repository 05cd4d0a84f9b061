"""This file proves which backups stay on a stick: this house's newest, and never another's less."""

from __future__ import annotations

from pathlib import Path

import pytest

from appliance.service import backup_folder
from appliance.service.backup_folder import KEPT

HOUSE = "nha-0017"
NOW = "2026-11-22T043000000Z"


@pytest.fixture
def made(tmp_path: Path) -> Path:
    """Tonight's, sealed."""
    path = tmp_path / "sealed"
    path.write_bytes(b"tonight's")
    return path


@pytest.fixture
def stick(tmp_path: Path) -> Path:
    folder = tmp_path / "stick"
    folder.mkdir()
    return folder


def lay(stick: Path, *names: str) -> None:
    for name in names:
        (stick / f"{name}.backup.age").write_bytes(name.encode())


def names(stick: Path) -> list[str]:
    return sorted(p.name.removesuffix(".backup.age") for p in stick.iterdir())


def test_what_was_just_written_stays_whatever_clock_the_others_had(stick: Path, made: Path) -> None:
    """Seven of a year that has not come are on the stick: made earlier, so they go first, and each
    night of the week after is still there."""
    lay(stick, *(f"{HOUSE}-2038-01-0{day}T030000000Z" for day in range(1, 8)))
    for night in range(22, 30):
        at = f"2026-11-{night}T043000000Z"
        target = backup_folder.keep(stick, HOUSE, at, made)
        assert target.read_bytes() == b"tonight's"
        assert len(names(stick)) == KEPT
    assert names(stick) == [f"{HOUSE}-2026-11-{night}T043000000Z" for night in range(23, 30)]


def test_another_house_whose_name_begins_alike_keeps_all(stick: Path, made: Path) -> None:
    """Nor does anything go that only looks like a backup of this house."""
    others = [f"{HOUSE}-2-2026-01-0{day}T030000000Z" for day in range(1, 9)]
    others += [f"{HOUSE}-copy-of-{day}" for day in range(9)]
    ours = [f"{HOUSE}-2026-01-0{day}T030000000Z" for day in range(1, 9)]
    lay(stick, *others, *ours)
    backup_folder.keep(stick, HOUSE, NOW, made)
    assert names(stick) == sorted([*others, *ours[2:], f"{HOUSE}-{NOW}"])


def test_what_a_cut_left_half_written_is_gone_the_next_night(stick: Path, made: Path) -> None:
    """Else each cut would cost the stick a backup's room for ever. Another house's stays."""
    other = f".{HOUSE}-2-2026-01-01T030000000Z.backup.age.part"
    for name in (f".{HOUSE}-2026-01-01T030000000Z.backup.age.part", other):
        (stick / name).write_bytes(b"half")
    backup_folder.keep(stick, HOUSE, NOW, made)
    assert names(stick) == [other, f"{HOUSE}-{NOW}"]


def test_a_folder_that_is_not_there_is_made(tmp_path: Path, made: Path) -> None:
    assert backup_folder.keep(tmp_path / "a/b", HOUSE, NOW, made).parent == tmp_path / "a/b"

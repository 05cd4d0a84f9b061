"""This file proves that a durable file is whole or the one before. Real cuts: tests/powercut."""

from __future__ import annotations

import errno
import os
import stat
from pathlib import Path

import pytest

from appliance import durable


def test_a_file_and_its_new_folders_are_there(tmp_path: Path) -> None:
    """With the rights asked for, whatever the umask, and nothing beside it."""
    target = tmp_path / "a" / "b" / "page.age"
    before = os.umask(0o077)
    try:
        durable.write(target, b"one")
    finally:
        os.umask(before)
    durable.write(target, b"two")
    assert target.read_bytes() == b"two" and [p.name for p in target.parent.iterdir()] == [
        "page.age"
    ]
    assert stat.S_IMODE(target.stat().st_mode) == 0o640


def test_a_full_card_keeps_the_file_before(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The card fills up at the sync: the old bytes stay, and no half file does."""
    target = tmp_path / "page.age"
    durable.write(target, b"old")

    def full(handle: int) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OSError, match="No space"):
        durable.write(target, b"new")
    assert target.read_bytes() == b"old" and len(list(tmp_path.iterdir())) == 1


def test_a_part_left_by_a_power_cut_is_no_hindrance(tmp_path: Path) -> None:
    (tmp_path / ".page.age.part").write_bytes(b"half")
    durable.write(tmp_path / "page.age", b"whole")
    assert [p.name for p in tmp_path.iterdir()] == ["page.age"]


def test_a_new_name_is_whole_or_gone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing is renamed: one that is there stays as it is, and a full card leaves no half one."""
    target = tmp_path / "new" / "page.age"
    durable.create(target, b"one")
    assert target.read_bytes() == b"one" and stat.S_IMODE(target.stat().st_mode) == 0o640
    with pytest.raises(FileExistsError):
        durable.create(target, b"two")
    assert target.read_bytes() == b"one"

    def full(handle: int) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OSError, match="No space"):
        durable.create(tmp_path / "other.age", b"x")
    assert [p.name for p in tmp_path.iterdir()] == ["new"]


@pytest.mark.skipif(os.geteuid() != 0, reason="root gives files away")
def test_a_file_is_its_owners_before_it_has_its_name(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A power cut between the two would leave settings that no room can read."""
    given: list[tuple[int, int]] = []
    replace = Path.replace

    def seen(self: Path, target: Path) -> Path:
        given.append((self.stat().st_uid, self.stat().st_gid))
        return replace(self, target)

    monkeypatch.setattr(Path, "replace", seen)
    durable.write(tmp_path / "hien.toml", b"x", owner=(1, 4321))
    assert given == [(1, 4321)]

"""This file proves that root follows no link which a room has put into the rooms' folders."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from appliance import no_links

as_root = pytest.mark.skipif(os.geteuid() != 0, reason="only root owns root's files")


@pytest.fixture
def outside(tmp_path: Path) -> Path:
    """A file of root's that is nobody else's to read or write, with a folder around it."""
    path = tmp_path / "etc/hien.toml"
    path.parent.mkdir(mode=0o755)
    path.write_text("[house]\n")
    path.chmod(0o640)
    return path


@pytest.fixture
def rooms(tmp_path: Path) -> Path:
    """A folder as tmpfiles.d makes it: for the group, names for anybody in it."""
    folder = tmp_path / "rooms"
    folder.mkdir()
    folder.chmod(0o2770)
    return folder


def test_neither_kind_of_link_nor_a_pipe_is_opened(rooms: Path, outside: Path) -> None:
    """A pipe without an end would hold root up for ever, too."""
    (rooms / "soft").symlink_to(outside)
    (rooms / "hard").hardlink_to(outside)
    (rooms / "dangling").symlink_to(outside.with_name("new"))
    os.mkfifo(rooms / "pipe")
    for name in ("soft", "hard", "dangling", "pipe"):
        with pytest.raises(OSError, match=name):
            no_links.open_file(rooms / name, os.O_RDONLY | os.O_CREAT)
    assert not outside.with_name("new").exists()
    (rooms / "folder").symlink_to(outside.parent)
    with pytest.raises(OSError, match="folder"):
        no_links.open_folder(rooms / "folder")
    os.close(no_links.open_file(rooms / "plain", os.O_RDWR | os.O_CREAT))
    assert (rooms / "plain").is_file()


@as_root
def test_what_root_laid_is_handed_over_and_nothing_beside_it(rooms: Path, outside: Path) -> None:
    """Files and folders below become the rooms'; what links lead to keeps owner and mode."""
    (rooms / "sealed/v").mkdir(parents=True)
    (rooms / "sealed/v/page.age").write_bytes(b"x")
    (rooms / "hers").write_bytes(b"x")
    os.chown(rooms / "hers", 4321, 4321)
    (rooms / "soft").symlink_to(outside)
    (rooms / "hard").hardlink_to(outside)
    (rooms / "folder").symlink_to(outside.parent)
    os.mkfifo(rooms / "pipe")
    no_links.hand_over(rooms, 1234, 1235)
    page, folder = (rooms / "sealed/v/page.age").stat(), (rooms / "sealed/v").stat()
    assert (page.st_uid, page.st_gid, page.st_mode & 0o7777) == (1234, 1235, 0o660)
    assert (folder.st_uid, folder.st_gid, folder.st_mode & 0o7777) == (1234, 1235, 0o2770)
    assert (rooms / "hers").stat().st_uid == 4321
    for path, mode in ((outside, 0o640), (outside.parent, 0o755)):
        assert (path.stat().st_uid, path.stat().st_mode & 0o7777) == (0, mode)


@as_root
def test_a_link_put_there_after_the_look_is_not_followed(
    rooms: Path, outside: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The race: the file is root's when it is looked at, and a link when it is handed over."""
    (rooms / "file").write_bytes(b"x")
    real = os.fchown

    def swap_and_chown(handle: int, user: int, group: int) -> None:
        (rooms / "file").unlink()
        (rooms / "file").symlink_to(outside)
        real(handle, user, group)

    monkeypatch.setattr(os, "fchown", swap_and_chown)
    no_links.hand_over(rooms, 1234, 1235)
    assert (rooms / "file").is_symlink()
    assert (outside.stat().st_uid, outside.stat().st_mode & 0o7777) == (0, 0o640)

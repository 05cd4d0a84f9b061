"""This file works where others may write too, as root must in the rooms' folders: along no link.

A room that was taken over can put a link in the place of any file below `/run/hien` and
`/var/lib/hien`, also between a look and an act. So what is changed here is held open first, and
then changed by its handle.
"""

from __future__ import annotations

import errno
import os
import stat
from contextlib import suppress
from pathlib import Path

_NO_LINK = os.O_NOFOLLOW | os.O_CLOEXEC | os.O_NONBLOCK  # nor wait for the other end of a pipe


def is_shared(folder: Path) -> bool:
    """Whether others than its owner may put names into `folder`. OSError: there is none."""
    return bool(folder.stat().st_mode & (stat.S_IWGRP | stat.S_IWOTH))


def open_file(path: Path, flags: int, mode: int = 0o660) -> int:
    """A handle of the plain file `path`, made where `flags` (os.O_…) say so.

    OSError (ELOOP) where a link lies there, of either kind, or no file.
    """
    handle = os.open(path, flags | _NO_LINK, mode)
    found = os.fstat(handle)
    if not stat.S_ISREG(found.st_mode) or found.st_nlink > 1:
        os.close(handle)
        raise OSError(errno.ELOOP, "a link, or no file", str(path))
    return handle


def open_folder(path: Path) -> int:
    """A handle of the folder `path`. OSError where a link to one lies there."""
    return os.open(path, os.O_RDONLY | os.O_DIRECTORY | _NO_LINK)


def hand_over(folder: Path, user: int, group: int) -> None:
    """Whatever is root's below `folder` becomes `user`'s and `group`'s, writable by both. Links
    stay what they are, and what they lead to as well."""
    for _, folders, files, here in os.fwalk(folder, follow_symlinks=False):
        for name in [*folders, *files]:
            with suppress(OSError):  # a link, or gone meanwhile
                handle = os.open(name, os.O_RDONLY | _NO_LINK, dir_fd=here)
                try:
                    _give(handle, user, group)
                finally:
                    os.close(handle)


def _give(handle: int, user: int, group: int) -> None:
    at = os.fstat(handle)
    if at.st_uid != 0:
        return
    if stat.S_ISDIR(at.st_mode):
        os.fchown(handle, user, group)
        os.fchmod(handle, 0o2770)
    elif stat.S_ISREG(at.st_mode) and at.st_nlink == 1:
        os.fchown(handle, user, group)
        os.fchmod(handle, 0o660)

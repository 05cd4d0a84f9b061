"""This file keeps a house's newest backups in a folder, such as a stick's, and no other's less."""

from __future__ import annotations

import errno
import mmap
import re
from contextlib import suppress
from pathlib import Path

from appliance import durable
from appliance.errors import BadInput

KEPT = 7


def keep(folder: Path, house: str, made_at: str, sealed: Path) -> Path:
    """Where the backup `sealed` lies now. `made_at`: "2026-11-22T043000000Z", part of its name.

    Raises BadInput when the folder does not take it; what was there before is there still.
    """
    target = folder / f"{house}-{made_at}.backup.age"
    _forget_halves(folder, house)
    while True:
        before = _oldest_first(folder, house, target)
        try:
            _lay(sealed, target)
            break
        except OSError as error:
            # A stick that filled up: this house's oldest make room, its newest never does.
            if error.errno != errno.ENOSPC or len(before) < 2:
                why = "it is full" if error.errno == errno.ENOSPC else str(error.strerror)
                raise BadInput(
                    f"{folder} did not take the backup: {why}. Backups on it from before are as "
                    "they were. Put another stick in.",
                    code="stick_refused",
                ) from error
            before[0].unlink()
    for old in before[: -(KEPT - 1)]:
        with suppress(OSError):  # tonight's is there, which is what counts
            old.unlink()
    return target


def _lay(sealed: Path, target: Path) -> None:
    """Mapped rather than read: however large it is, no second copy of it is made in memory."""
    with (
        sealed.open("rb") as file,
        mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as mapped,
        memoryview(mapped) as data,
    ):
        durable.write(target, data, mode=None)


def _oldest_first(folder: Path, house: str, target: Path) -> list[Path]:
    """Without `target`. Whatever is there was made before it: a later date is a wrong clock's, and
    goes first."""
    found = [p for p in folder.glob("*.backup.age") if _is_of(p.name, house) and p != target]
    return sorted(found, key=lambda p: (p.name < target.name, p.name))


def _forget_halves(folder: Path, house: str) -> None:
    """What a cut left: its name is never written to again."""
    for part in folder.glob(".*.backup.age.part"):
        if _is_of(part.name[1:].removesuffix(".part"), house):
            with suppress(OSError):
                part.unlink()


def _is_of(name: str, house: str) -> bool:
    """Whole: a house's name may be the beginning of another's."""
    stamp = r"\d{4}-\d\d-\d\dT\d{6,9}Z"
    return re.fullmatch(rf"{re.escape(house)}-{stamp}\.backup\.age", name, re.ASCII) is not None

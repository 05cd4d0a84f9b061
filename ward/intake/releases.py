"""This file offers houses one release, which each of them takes down piece by piece.

The ward's word is not what a house believes: its updater looks at the signature, and at everything
else. So all that is kept here is the file, its sum, and which houses it is for.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ward.intake.shelf import sync_folder

OFFER = "offer.json"
MOST_PIECE_BYTES = 8 << 20
_BLOCK = 1 << 18
_RANGE = re.compile("bytes=([0-9]{1,12})-([0-9]{1,12})")


@dataclass(frozen=True)
class Offer:
    """`houses`: only these; empty means all."""

    version: str
    sha256: str
    size_bytes: int
    houses: tuple[str, ...] = ()

    @property
    def name(self) -> str:
        return f"{self.version}.hien"

    def is_for(self, house: str) -> bool:
        return not self.houses or house in self.houses


class Releases:
    """The ward's folder `releases`."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def now(self) -> Offer | None:
        """What is offered, None for nothing. Raises OSError, ValueError (the list is spoiled)."""
        try:
            found: dict[str, Any] = json.loads((self.folder / OFFER).read_text("utf-8"))
        except FileNotFoundError:
            return None
        houses = tuple(map(str, found["houses"]))
        return Offer(str(found["version"]), str(found["sha256"]), int(found["size"]), houses)

    def offer(self, file: Path, version: str, houses: tuple[str, ...] = ()) -> Offer:
        """Copy `file` in, and only then name it: a cut leaves what was offered before. The release
        before goes. Raises OSError."""
        self.folder.mkdir(parents=True, exist_ok=True)
        digest, size = hashlib.sha256(), 0
        part = self.folder / ".part"
        with file.open("rb") as source, part.open("wb") as target:
            while block := source.read(_BLOCK):
                digest.update(block)
                size += target.write(block)
            target.flush()
            os.fsync(target.fileno())
        made = Offer(version, digest.hexdigest(), size, houses)
        part.replace(self.path(made))
        self._say({"version": version, "sha256": made.sha256, "size": size, "houses": houses})
        for old in self.folder.glob("*.hien"):
            if old != self.path(made):
                old.unlink(missing_ok=True)
        return made

    def withdraw(self) -> None:
        (self.folder / OFFER).unlink(missing_ok=True)
        for file in self.folder.glob("*.hien"):
            file.unlink(missing_ok=True)

    def path(self, offer: Offer) -> Path:
        return self.folder / f"{offer.sha256}.hien"

    def piece(self, offer: Offer, first: int, length: int) -> Iterator[bytes]:
        """Raises OSError."""
        with self.path(offer).open("rb") as f:
            f.seek(first)
            while length > 0 and (block := f.read(min(length, _BLOCK))):
                length -= len(block)
                yield block

    def _say(self, offer: dict[str, Any]) -> None:
        new = self.folder / f".{OFFER}"
        with new.open("w", encoding="utf-8") as f:
            json.dump(offer, f)
            f.flush()
            os.fsync(f.fileno())
        new.replace(self.folder / OFFER)
        sync_folder(self.folder)


def asked(given: str | None, offer: Offer) -> tuple[int, int] | None:
    """(first byte, how many) for a `Range` header, a piece at the most; None when out of range."""
    match = _RANGE.fullmatch(given or f"bytes=0-{MOST_PIECE_BYTES - 1}")
    if match is None:
        return None
    first, last = int(match[1]), min(int(match[2]), offer.size_bytes - 1)
    if not 0 <= first <= last:
        return None
    return first, min(last - first + 1, MOST_PIECE_BYTES)

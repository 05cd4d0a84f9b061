"""This file keeps the nightly backups of houses, sealed: the newest of each, and no more."""

from __future__ import annotations

from ward.intake.shelf import Shelf

KEPT = 7


class Backups(Shelf):
    """A shelf like that of the dossiers, without a list: what a house has put there is there."""

    def had(self, house: str, name: str, sha256: str) -> tuple[int, int]:
        """(HTTP status, bytes here): 200 all of it, 404 not yet whole."""
        if len(sha256) != 64:
            return 404, 0
        if self.has(house, name, sha256):
            return 200, self.path(house, name).stat().st_size
        return 404, self.had_bytes(house, name, sha256)

    def keep_newest(self, house: str, arrived: str) -> None:
        """Names begin with the day. All were there before `arrived`, the name of the one that has
        just come: a later day is a wrong clock's, and goes first. What never became whole of an
        older one goes too."""
        here = self.path(house, arrived)
        others = [path for path in (self.folder / house).glob("*.age") if path != here]
        others.sort(key=lambda path: (path.name < here.name, path.name))
        for old in others[: -(KEPT - 1)]:
            old.unlink(missing_ok=True)
        for part in (self.folder / house).glob("*.part"):
            if part.name < here.name:
                part.unlink(missing_ok=True)

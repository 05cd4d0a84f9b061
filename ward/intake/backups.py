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

    def keep_newest(self, house: str) -> None:
        """Names begin with the day, so the last by name are the newest. What never became whole
        of an older one goes too."""
        whole = sorted((self.folder / house).glob("*.age"))
        for old in whole[:-KEPT]:
            old.unlink(missing_ok=True)
        for part in (self.folder / house).glob("*.part"):
            if whole and part.name < whole[-1].name:
                part.unlink(missing_ok=True)

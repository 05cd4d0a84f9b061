"""This file is the slots: each release in a folder of its own, one link says which is current."""

from __future__ import annotations

import json
import os
import shutil
from dataclasses import dataclass
from pathlib import Path

from appliance import durable
from appliance.errors import ConfigError
from provisioning.update.manifest import numbers

WHOLE = ".whole"
KEPT = 2


@dataclass(frozen=True)
class Slots:
    """`home` is /opt/hien; `state` is /var/lib/hien-box, where the trial under way is noted."""

    home: Path
    state: Path

    @property
    def releases(self) -> Path:
        return self.home / "releases"

    def current(self) -> str:
        """The name of the slot that runs, `<version>+<sum>`."""
        try:
            return (self.home / "current").readlink().name
        except OSError as error:
            raise ConfigError(
                f"{self.home}/current points nowhere. Run provisioning/install."
            ) from error

    def switch(self, name: str) -> None:
        """One rename, on the card when this returns: there is no moment without a release."""
        new = self.home / "current.new"
        new.unlink(missing_ok=True)
        new.symlink_to(f"releases/{name}")
        new.replace(self.home / "current")
        durable.sync_folder(self.home)

    def is_whole(self, name: str) -> bool:
        return (self.releases / name / WHOLE).exists()

    def seal(self, name: str) -> None:
        """Everything in the slot is on the card, and only then it is called whole."""
        os.sync()
        mark = self.releases / name / WHOLE
        mark.touch()
        durable.sync_folder(mark.parent)

    def discard(self, name: str) -> None:
        slot = self.releases / name
        (slot / WHOLE).unlink(missing_ok=True)  # first: half a slot must not look whole
        shutil.rmtree(slot, ignore_errors=True)

    def tidy(self, *keep: str) -> list[str]:
        """Remove what never became whole, and the oldest beyond two; the names that went."""
        keeping = {self.current(), *keep}
        gone = []
        names = sorted(
            (p.name for p in self.releases.iterdir()), key=lambda n: _age_order(self.releases / n)
        )
        whole = [n for n in names if self.is_whole(n)]
        for name in names:
            extra = name in whole and len(whole) > KEPT
            if name not in keeping and (extra or name not in whole):
                self.discard(name)
                gone.append(name)
                if name in whole:
                    whole.remove(name)
        return gone

    # The trial under way: written before the switch, gone when the house was seen to be well.

    def pending(self) -> tuple[str, str] | None:
        """(from, to) of a trial that has not ended, or None."""
        try:
            found = json.loads((self.state / "pending.json").read_text())
            return str(found["from"]), str(found["to"])
        except FileNotFoundError:
            return None
        except (ValueError, KeyError, TypeError) as error:
            # Written in one rename, so this is a failing card: the slot that runs stays.
            (self.state / "pending.json").unlink()
            raise ConfigError("the note of the last update cannot be read") from error

    def begin(self, before: str, after: str) -> None:
        durable.write(
            self.state / "pending.json", json.dumps({"from": before, "to": after}).encode()
        )

    def end(self) -> None:
        (self.state / "pending.json").unlink(missing_ok=True)
        durable.sync_folder(self.state)

    def refused(self) -> set[str]:
        """Slots that were tried and failed: not tried again."""
        return self._names("refused")

    def refuse(self, name: str) -> None:
        self._note("refused", name)

    def cut_off(self, name: str) -> None:
        """The power went in its trial. Once says nothing of it; twice, and it may be the cause."""
        if name in self._names("cut-off"):
            self.refuse(name)
        self._note("cut-off", name)

    def _names(self, file: str) -> set[str]:
        try:
            return set((self.state / file).read_text().split())
        except FileNotFoundError:
            return set()

    def _note(self, file: str, name: str) -> None:
        names = "\n".join(sorted({*self._names(file), name}))
        durable.write(self.state / file, f"{names}\n".encode())


def version_of(slot: str) -> str:
    return slot.split("+", 1)[0]


def newer(slot: str, than: str) -> bool:
    return numbers(version_of(slot)) > numbers(version_of(than))


def _age_order(path: Path) -> int:
    return path.lstat().st_mtime_ns

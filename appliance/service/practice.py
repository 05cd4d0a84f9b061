"""This file makes a house to practise in: its own table in RAM, which nobody can ever report from.

Two locks: the ward's room opens the house's table and no other; and in this table a row that is put
into the outbox is gone before it is there (a trigger), so that no path and no mistake leads out.
"""

from __future__ import annotations

import secrets
import shutil
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Protocol

from appliance.core.catalogue import Catalogue
from appliance.core.moment import Moment
from appliance.service import help as help_calls
from appliance.service.slip_content import House
from appliance.service.take_ticket import new_key, take_ticket
from appliance.service.volunteers import add_volunteer
from appliance.store.database import NAME, Row, Store
from appliance.store.opening import open_store
from appliance.store.ram import Ram

LASTS_S = 20 * 60
MOST_AT_ONCE = 3
PEOPLE = ("co-em-be", "cho-o", "ban-sao")
"""What the invented people have come for, where the house offers it; else its first services."""
_SAFE_ID_BYTES = 8
_NOT_HERE: Mapping[str, Any] = {
    "sync.broker": "none:",
    "sync.intake": "",
    "sync.ward_recipient": "",
}

_NOTHING_LEAVES = """
CREATE TRIGGER IF NOT EXISTS nothing_leaves BEFORE INSERT ON outbox
BEGIN SELECT RAISE(IGNORE); END
"""


class Settings(Protocol):
    def __getitem__(self, name: str) -> Any: ...


class Parts(Protocol):
    """The real house, as far as a practice house is made after it."""

    @property
    def config(self) -> Any: ...
    @property
    def clock(self) -> Any: ...
    @property
    def ram(self) -> Ram: ...
    @property
    def house(self) -> House: ...


class _PracticeConfig:
    """The house's settings, without any way to the ward."""

    def __init__(self, real: Any) -> None:
        self._real = real

    def __getitem__(self, name: str) -> Any:
        return _NOT_HERE[name] if name in _NOT_HERE else self._real[name]

    def virtual(self) -> list[str]:
        return list(self._real.virtual())


class PracticeParts:
    """A house's parts with everything it writes below one folder in RAM.

    Catalogue, guide, clock and devices are the house's own; the name says what this is.
    """

    def __init__(self, real: Parts, folder: Path) -> None:
        self._real: Any = real
        self.folder = folder
        self.config = _PracticeConfig(real.config)
        self.ram = Ram(folder)
        self.sealed_dir = folder / "data" / "sealed"
        self.house = replace(real.house, practice=True)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._real, name)

    def store(self) -> Store:
        return open_store(self.folder / "data")


@dataclass(frozen=True)
class Begun:
    """A practice house: its parts, and who practises ({id, name, desk, shows_name})."""

    parts: PracticeParts
    volunteer: Row


def root(ram: Ram) -> Path:
    return ram.root / "practice"


def folders(ram: Ram) -> list[Path]:
    """The practice houses there are; one that is being made or unmade is not."""
    try:
        return sorted(p for p in root(ram).iterdir() if (p / "open").exists())
    except FileNotFoundError:
        return []


def begin(real: Parts, now: Moment, catalogue: Catalogue, who: Row) -> Begun:
    """A house with three people waiting and a call for help, all invented."""
    folder = root(real.ram) / secrets.token_hex(_SAFE_ID_BYTES)
    parts = PracticeParts(real, folder)
    folder.mkdir(parents=True, mode=0o770)
    parts.ram.make_folders()
    # SQLite makes a new file for its owner alone; the machines' room writes here too.
    (folder / "data").mkdir()
    (folder / "data" / NAME).touch(mode=0o660)
    store = parts.store()
    try:
        with store.write():
            store.run(_NOTHING_LEAVES)
        name = str(who["name"]) if who["shows_name"] else "Bạn tập"
        volunteer_id = add_volunteer(
            store, now, name=name, pin=f"{secrets.randbelow(10**8):08d}", desk=who["desk"],
            shows_name=True,
        )  # fmt: skip
        with store.write():
            store.insert("duty", {"volunteer_id": volunteer_id, "began_at": now.at_text})
        _people_come(store, parts, now, catalogue)
        help_calls.call_help(store, now, key=new_key(), source="button")
    finally:
        store.close()
    (folder / "open").touch()
    volunteer = {"id": volunteer_id, "name": name, "desk": who["desk"], "shows_name": 1}
    return Begun(parts, volunteer)


def end(parts: PracticeParts) -> None:
    """All of it is gone. Twice is once."""
    (parts.folder / "open").unlink(missing_ok=True)
    shutil.rmtree(parts.folder, ignore_errors=True)


def end_all(ram: Ram) -> None:
    """What a room that died has left behind."""
    shutil.rmtree(root(ram), ignore_errors=True)


def tasks(store: Store) -> list[tuple[str, bool]]:
    """(what to practise, done?) in the order of a visit."""
    asked = {
        "call": "SELECT 1 FROM desk_actions WHERE kind = 'called'",
        "open": "SELECT 1 FROM visits",
        "photo": "SELECT 1 FROM pages",
        "finish": "SELECT 1 FROM visits WHERE state = 'closed'",
        "help": "SELECT 1 FROM help_calls WHERE state IN ('answered', 'closed')",
    }
    return [(name, store.value(sql + " LIMIT 1") is not None) for name, sql in asked.items()]


def _people_come(store: Store, parts: PracticeParts, now: Moment, catalogue: Catalogue) -> None:
    offered = [service.id for service in catalogue.services]
    wanted = [one for one in PEOPLE if one in offered] or offered
    for n in range(len(PEOPLE)):
        take_ticket(
            store, parts.ram, now, key=new_key(), service_id=wanted[n % len(wanted)],
            channel="tablet", catalogue=catalogue, zone=parts.house.zone, per_minute=300,
        )  # fmt: skip
    with store.write():  # they hold their slips already: no paper is used up by beginning
        store.run("UPDATE print_jobs SET state = 'printed'")

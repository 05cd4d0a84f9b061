"""This file is a ward with a clock in hand and people on call who write down what they hear."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from appliance.sync import protocol as p
from ward.alarms import settings
from ward.alarms.keeper import Keeper
from ward.alarms.mouth import Mouth
from ward.alarms.words import Message
from ward.board import Board
from ward.store import inbox
from ward.store.database import Store

OPEN = datetime(2026, 11, 24, 2, tzinfo=UTC)  # Tuesday, 9:00 in Vietnam
HOUSE = "nha-17"
PEOPLE = ["Chị Hạnh", "Anh Minh", "Bác Tư"]
TABLE: dict[str, Any] = {
    "ward": [{"on_call": [{"name": n, "to": [f"json://{i}"]} for i, n in enumerate(PEOPLE)]}]
}


class Power(RuntimeError):
    """The power goes."""


class Ear:
    """Stands in for Apprise: who heard what. `deaf` are not reached; `cut` dies in the act."""

    def __init__(self) -> None:
        self.heard: list[tuple[str, Message]] = []
        self.deaf: set[str] = set()
        self.cut = False

    def say(self, to: Sequence[str], message: Message) -> bool:
        person = PEOPLE[int(to[0].rpartition("/")[2])]
        if self.cut:
            raise Power
        if person in self.deaf:
            return False
        self.heard.append((person, message))
        return True

    def take(self) -> list[tuple[str, Message]]:
        heard, self.heard = self.heard, []
        return heard

    def who(self) -> list[str]:
        return [person for person, _ in self.take()]


class Bench:
    def __init__(self, folder: Path, table: dict[str, Any] | None = None) -> None:
        self.now = OPEN
        self.store, self.board, self.ear = Store(folder), Board(lambda: self.now), Ear()
        self.settings = settings.parse(TABLE if table is None else table)
        self.mouth: Mouth = self.ear
        self.seq = 0
        self.restart()
        self.board.link(True)
        self.house()

    def restart(self) -> None:
        """The console's process is new; the table is what it was."""
        self.keeper = Keeper(
            self.store, self.board, self.settings, self.mouth, now=lambda: self.now
        )

    def house(self, house: str = HOUSE, **health: Any) -> None:
        """This house is heard now, and says this of its health."""
        self.board.status(house, "online")
        self.board.state(house, "health", {"printer_ok": 1, **health}, retained=False)

    def pass_s(self, seconds: float, every_s: float = 10, *, heard: Sequence[str] = ()) -> None:
        """Time goes by, the keeper turning; houses in `heard` are heard all the while."""
        end = self.now + timedelta(seconds=seconds)
        while self.now < end:
            self.now = min(end, self.now + timedelta(seconds=every_s))
            for house in heard:
                self.board.heard(house)
            self.keeper.turn()

    def tell(self, kind: str, call: str = "c1", house: str = HOUSE, **more: Any) -> None:
        """A help event of the house arrives."""
        self.seq += 1
        event = p.Envelope(
            house, "help", "b", self.seq, 1, p.utc_text(self.now), "ntp",
            {"type": kind, "call": call, "source": "button", **more},
        )  # fmt: skip
        with self.store.write() as db:
            inbox.take(db, [event], p.utc_text(self.now))

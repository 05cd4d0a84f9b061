"""This file puts a backup back while the power may go: all of then, or all of now."""

from __future__ import annotations

import hashlib
import sqlite3
from contextlib import closing
from pathlib import Path

from appliance import seal
from appliance.core.moment import Moment
from appliance.service import backup
from tests.powercut.day import Day, House
from tests.powercut.scene import Facts, Say


class Restore:
    """The card holds a day of one visit; the backup, one of two."""

    def prepare(self, card: Path) -> None:
        secret, public = seal.new_identity()
        (card / "then").mkdir()
        for folder, visits in ((card / "then", 2), (card, 1)):
            day = Day(visits)
            day.prepare(folder)
            day.act(folder, lambda *_: None)
        with closing(House(card / "then", "day")) as then:
            sealed = backup.make_backup(
                then.store,
                then.parts.clock.now(),
                data_dir=card / "then/data",
                settings="",
                house="phu-da-01",
                to=[public],
            )
        (card / "backup.age").write_bytes(sealed)
        (card / "key").write_text(secret)

    def act(self, card: Path, say: Say) -> None:
        found = backup.open_backup((card / "backup.age").read_bytes(), (card / "key").read_text())
        backup.restore(found, _now(card), card / "data")
        say("restored", "2")

    def check(self, card: Path, facts: Facts) -> list[str]:
        wrong = _table(card, facts)
        if not wrong and ("restored", "2") not in facts:
            # It was cut off: the person does it once more, at the next start.
            self.act(card, lambda *_: None)
            wrong = _table(card, [("restored", "2")])
        return wrong


def _now(card: Path) -> Moment:
    """A start in which nothing has been counted yet."""
    with closing(House(card, "later")) as house:
        return house.parts.clock.now()


def _table(card: Path, facts: Facts) -> list[str]:
    with closing(sqlite3.connect(card / "data/hien.db")) as db:
        if (said := db.execute("PRAGMA integrity_check").fetchone()[0]) != "ok":
            return [f"integrity: {said}"]
        tickets = db.execute("SELECT count(*) FROM tickets").fetchone()[0]
        pages = db.execute(
            "SELECT visit_id, sealed_name, sealed_sha256 FROM pages WHERE state = 'kept'"
        ).fetchall()
    if tickets not in (1, 2) or (("restored", "2") in facts and tickets != 2):
        return [f"{tickets} tickets"]
    if len(pages) != 2 * tickets:
        return [f"{len(pages)} pages of {tickets} tickets"]
    wrong = []
    for visit_id, name, sha256 in pages:
        path = card / "data/sealed" / visit_id / name
        body = path.read_bytes() if path.exists() else b""
        if hashlib.sha256(body).hexdigest() != sha256:
            wrong.append(f"page {name}: {len(body)} bytes that are not its own")
    return wrong

"""This file proves that a ward moves to PostgreSQL and back with all it keeps, or not at all."""

from __future__ import annotations

import stat
from pathlib import Path

import pytest
from click.testing import CliRunner

from appliance.commands.ward import ward
from appliance.sync.protocol import Envelope
from tests.pg_server import PgServer
from tests.ward.web.conftest import HOUSE, Desk
from ward.store import aside, audit, inbox
from ward.store.database import URL_FILE, Store
from ward.store.move import TABLES


def filled(folder: Path) -> Desk:
    desk, at = Desk(folder), "2026-11-22T05:00:00Z"
    with desk.store.write() as db:
        some = [Envelope(HOUSE, "queue", "b", n, n, at, "ntp", {"n": n}) for n in range(1, 1201)]
        inbox.take(db, some, at)
    desk.event("help", type="called", call="c1", source="button")
    desk.as_("it")
    with desk.store.write() as db:
        aside.keep(db, [aside.refuse("t", "bad_json", b"\0\xff")], at)
        audit.note(db, desk.now, "it", "export")
    return desk


def counts(store: Store) -> dict[str, int]:
    return {t: int(store.value(f"SELECT count(*) FROM {t}")) for t in TABLES}


def move(folder: Path, url: str) -> str:
    return CliRunner().invoke(ward, ["move", "--dir", str(folder), "--to", url]).output


def test_there_and_back(postgres: PgServer, tmp_path: Path) -> None:
    """Every table, row for row; numbers go on after the last; the folder says where to."""
    desk = filled(tmp_path)
    before = counts(desk.store)
    desk.store.close()
    url = postgres.url()
    assert "moved" in move(tmp_path, url)
    file = tmp_path / URL_FILE
    assert file.read_text().strip() == url and stat.S_IMODE(file.stat().st_mode) == 0o600
    store = Store(tmp_path)
    assert "postgresql" in store.where and counts(store) == before
    assert store.value("SELECT sample FROM refused") == b"\0\xff"
    with store.write() as db:
        audit.note(db, desk.now, "it", "export")
    assert store.value("SELECT max(id) FROM audit") == before["audit"] + 1
    store.close()
    assert "moved" in move(tmp_path, f"sqlite://{tmp_path}/back.db")
    store = Store(tmp_path)
    assert counts(store) == {**before, "audit": before["audit"] + 1}
    assert store.value("SELECT count(*) FROM events WHERE house = ?", HOUSE) == 1201
    store.close()


@pytest.mark.parametrize("where", ["full", "here", "nowhere", "nonsense"])
def test_what_cannot_be_is_refused_and_nothing_changes(
    postgres: PgServer, tmp_path: Path, where: str
) -> None:
    folder = tmp_path / "w"
    filled(folder).store.close()
    url = {"full": postgres.url(), "here": f"sqlite://{folder}/ward.db", "nonsense": "mysql://h/x",
           "nowhere": "postgresql://127.0.0.1:1/none"}[where]  # fmt: skip
    if where == "full":
        Desk(tmp_path / "other").store.close()
        (tmp_path / "full").mkdir()
        (tmp_path / "full" / URL_FILE).write_text(url)
        filled(tmp_path / "full").store.close()
    said = move(folder, url)
    assert said.startswith("Error: ") and "moved" not in said
    assert not (folder / URL_FILE).exists()
    store = Store(folder)
    assert store.value("SELECT count(*) FROM events") == 1201
    store.close()

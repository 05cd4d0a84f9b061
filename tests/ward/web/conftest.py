"""This file gives the page tests a ward without a broker, open to all."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from flask.testing import FlaskClient

from appliance.sync import protocol as p
from ward.accounts.roles import Role
from ward.board import Board
from ward.listener import Listener
from ward.store import accounts, inbox
from ward.store.database import Store
from ward.web import Ward, create_app

NOW = datetime(2026, 11, 24, 2, tzinfo=UTC)
OWN = {"Origin": "http://localhost"}
HOUSE = "nha-17"
NASTY = "<script>alert(1)</script>\u202e\"'&"


class Desk:
    """A ward at nine on a Tuesday in Vietnam, with one house that is heard."""

    def __init__(self, folder: Path) -> None:
        self.now = NOW
        self.store, self.board = Store(folder), Board(lambda: self.now)
        self.board.link(True)
        self.ward = Ward(
            self.store, self.board, Listener(self.store, self.board), lambda: self.now,
            open_to_all=True,
        )  # fmt: skip
        self.client = create_app(self.ward, ["localhost"]).test_client()
        self.seq: Counter[tuple[str, str]] = Counter()  # of each lane
        self.says("hello", name="Tổ 17", sw="0.1.0")

    def says(self, state: str, house: str = HOUSE, **values: Any) -> None:
        self.board.status(house, "online")
        self.board.state(house, state, values, retained=False)

    def event(self, stream: Any, house: str = HOUSE, *, sync: Any = "ntp", **d: Any) -> None:
        self.seq[house, stream] += 1
        at = p.utc_text(self.now)
        with self.store.write() as db:
            seq = self.seq[house, stream]
            envelope = p.Envelope(house, stream, "b", seq, 1, at, sync, d)
            inbox.take(db, [envelope], at)

    def as_(self, role: Role) -> FlaskClient:
        """Somebody signed in with this role, at a console that asks."""
        asking = Ward(self.store, self.board, self.ward.listener, lambda: self.now)
        client = create_app(asking, ["localhost"]).test_client()
        with self.store.write() as db:
            if accounts.password_of(self.store, role) is None:
                accounts.add(db, role, role, "none", self.now)
            client.set_cookie("hien_ward", accounts.begin_session(db, role, self.now))
        return client


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    return Desk(tmp_path)

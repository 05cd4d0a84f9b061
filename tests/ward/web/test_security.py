"""This file proves that a new address of the machine counts without a restart."""

from __future__ import annotations

from pathlib import Path

import pytest

from ward.board import Board
from ward.listener import Listener
from ward.store.database import Store
from ward.web import Ward, create_app, security


def test_a_new_address_is_taken_within_seconds(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    store, board = Store(tmp_path), Board()
    names = ["localhost"]
    app = create_app(Ward(store, board, Listener(store, board)), lambda: list(names))
    client = app.test_client()
    monkeypatch.setattr(security, "NAMES_FRESH_S", 0.0)
    assert client.get("/sign-in", headers={"Host": "10.0.0.9:8090"}).status_code == 400
    names.append("10.0.0.9")
    assert client.get("/sign-in", headers={"Host": "10.0.0.9:8090"}).status_code == 200
    names.remove("10.0.0.9")
    assert client.get("/sign-in", headers={"Host": "10.0.0.9:8090"}).status_code == 400


def test_every_address_of_the_machine_is_its_name() -> None:
    assert {"127.0.0.1", "localhost"} <= set(security.own_names("0.0.0.0"))
    assert "ward.example" in security.own_names("127.0.0.1", ["ward.example"])


@pytest.mark.parametrize(("host", "alone"), [("127.0.0.1", True), ("::1", True), ("0.0.0.0", False),
                                             ("10.0.0.9", False), ("", False)])  # fmt: skip
def test_what_only_this_machine_reaches(host: str, alone: bool) -> None:
    assert security.is_loopback(host) is alone

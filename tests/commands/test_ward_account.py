"""This file proves the commands that give and take accounts, and who may serve without any."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from appliance.commands.ward import ward
from ward.accounts import passwords
from ward.store import accounts
from ward.store.database import Store

PASSWORD = "cổng làng có cây đa"


@pytest.fixture(autouse=True)
def cheap(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(passwords, "N", 2**8)


def run(folder: Path, *argv: str, says: str = f"{PASSWORD}\n") -> Result:
    return CliRunner().invoke(ward, [*argv, "--dir", str(folder)], input=says)


def add(folder: Path, *more: str) -> Result:
    return run(folder, "account", "add", "Hanh.Pham", "--role", "officer", *more)


def test_an_account_is_added_listed_and_removed(tmp_path: Path) -> None:
    assert add(tmp_path, "--password-stdin").output == "hanh.pham: officer\n"
    listed = run(tmp_path, "account", "list").output
    assert "hanh.pham" in listed and "officer" in listed and "scrypt" not in listed
    kept = accounts.password_of(Store(tmp_path), "hanh.pham")
    assert passwords.matches(PASSWORD, kept)
    assert run(tmp_path, "account", "remove", "hanh.pham").exit_code == 0
    assert run(tmp_path, "account", "list").output == ""
    notes = [r["what"] for r in Store(tmp_path).all("SELECT what FROM audit ORDER BY id")]
    assert notes == ["account_add", "account_remove"]


def test_the_password_is_asked_for_twice(tmp_path: Path) -> None:
    said = run(tmp_path, "account", "add", "hanh", "--role", "it", says=f"{PASSWORD}\n{PASSWORD}\n")
    assert said.exit_code == 0 and PASSWORD not in said.output


@pytest.mark.parametrize("says", ["ngắn\n", "\n", "", "aaaaaaaaaaaaaa\n"])
def test_a_weak_password_makes_no_account(tmp_path: Path, says: str) -> None:
    said = run(tmp_path, "account", "add", "hanh", "--role", "it", "--password-stdin", says=says)
    assert said.exit_code == 1 and "password" in said.output
    assert run(tmp_path, "account", "list").output == ""


def test_twice_the_same_name_is_refused(tmp_path: Path) -> None:
    assert add(tmp_path, "--password-stdin").exit_code == 0
    said = add(tmp_path, "--password-stdin")
    assert said.exit_code == 1 and "already" in said.output


@pytest.mark.parametrize("argv", [("account", "remove", "ai-do"), ("token", "remove", "ai-do"),
                                  ("account", "password", "ai-do", "--password-stdin"),
                                  ("token", "add", "a b")])  # fmt: skip
def test_what_is_not_there_is_said(tmp_path: Path, argv: tuple[str, ...]) -> None:
    assert run(tmp_path, *argv).exit_code == 1


def test_a_new_password_ends_the_sessions(tmp_path: Path) -> None:
    from datetime import UTC, datetime

    add(tmp_path, "--password-stdin")
    store, now = Store(tmp_path), datetime.now(UTC)
    with store.write() as db:
        cookie = accounts.begin_session(db, "hanh.pham", now)
    assert accounts.of_session(store, cookie, now)
    changed = run(tmp_path, "account", "password", "hanh.pham", "--password-stdin",
                  says="cây đa đầu làng cũ\n")  # fmt: skip
    assert changed.exit_code == 0
    assert accounts.of_session(store, cookie, now) is None


def test_a_token_is_told_once(tmp_path: Path) -> None:
    token = run(tmp_path, "token", "add", "prometheus").output.strip()
    store = Store(tmp_path)
    assert accounts.is_token(store, token)
    assert store.value("SELECT count(*) FROM tokens WHERE digest = ?", token) == 0


def test_open_is_refused_where_others_reach_it(tmp_path: Path) -> None:
    said = run(tmp_path, "serve", "--broker", "mqtt://127.0.0.1:1", "--host", "0.0.0.0", "--port",
               "0", "--open")  # fmt: skip
    assert said.exit_code == 1 and "--open" in said.output and "account add" in said.output

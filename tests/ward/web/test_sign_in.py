"""This file proves that nobody unknown sees or does anything, and that each role does its own."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from flask.testing import FlaskClient

from appliance.sync import protocol as p
from ward.accounts import passwords
from ward.accounts.roles import RIGHTS, ROLES
from ward.board import Board
from ward.listener import Listener
from ward.store import accounts, inbox
from ward.store.database import Store
from ward.web import Ward, create_app

OWN = {"Origin": "http://localhost"}
PASSWORD = "cổng làng có cây đa"
START = datetime(2026, 11, 24, 1, tzinfo=UTC)
EnterAs = Callable[[str], FlaskClient]


class Time:
    now = START

    def __call__(self) -> datetime:
        return self.now


@pytest.fixture
def time() -> Time:
    return Time()


@pytest.fixture
def ward(tmp_path: Path, time: Time, monkeypatch: pytest.MonkeyPatch) -> Ward:
    monkeypatch.setattr(passwords, "N", 2**8)  # what it costs is another test's matter
    store, board = Store(tmp_path), Board()
    board.link(True)
    with store.write() as db:
        for role in ROLES:
            accounts.add(db, role, role, passwords.make(PASSWORD), START)
        event = p.Envelope("nha-17", "help", "b", 1, 1, p.utc_text(START), "ntp",
                           {"type": "called", "call": "c1"})  # fmt: skip
        inbox.take(db, [event], p.utc_text(START))
    return Ward(store, board, Listener(store, board), time)


@pytest.fixture
def stranger(ward: Ward) -> FlaskClient:
    return create_app(ward, ["localhost"]).test_client()


@pytest.fixture
def enter_as(ward: Ward) -> EnterAs:
    def enter(name: str) -> FlaskClient:
        client = create_app(ward, ["localhost"]).test_client()
        answer = client.post(
            "/sign-in", data={"name": name, "password": PASSWORD, "next": "/?q=a"}, headers=OWN
        )
        assert (answer.status_code, answer.location) == (303, "/?q=a")
        return client

    return enter


def test_a_stranger_gets_the_door_and_nothing_else(ward: Ward, stranger: FlaskClient) -> None:
    """Every address that is not meant to be public is refused; this test finds them by itself."""
    app = create_app(ward, ["localhost"])
    public = {"/sign-in", "/healthz", "/static/<path:filename>", "/font/<weight>.ttf"}
    seen = 0
    for rule in app.url_map.iter_rules():
        if rule.rule in public:
            continue
        path = rule.rule
        for part in ("house", "op", "name", "dossier", "job"):
            path = path.replace(f"<{part}>", "nha-17")
        assert "<" not in path, "teach this test the new address"
        for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}:
            answer = stranger.open(path, method=method, headers=OWN)
            refused = answer.status_code == 401 or (
                answer.status_code == 303 and (answer.location or "").startswith("/sign-in?next=")
            )
            assert refused, (method, path, answer.status_code)
            assert "nha-17" not in answer.text.replace(path, "")
            seen += 1
    assert seen >= 6
    assert ward.store.value("SELECT count(*) FROM jobs") == 0


def test_health_and_the_look_are_public(stranger: FlaskClient) -> None:
    for path in ("/healthz", "/static/ward.css", "/sign-in"):
        assert stranger.get(path).status_code == 200
    assert stranger.get("/nowhere").status_code == 404


@pytest.mark.parametrize("role", ROLES)
def test_each_role_answers_calls_or_not(ward: Ward, enter_as: EnterAs, role: str) -> None:
    """Who may not is told so, and nothing is sent; who may is named in the audit."""
    form = {"house": "nha-17", "call": "c1", "who": "Cô Hạnh", "eta_min": "10"}
    answer = enter_as(role).post("/answer", data=form, headers=OWN)
    may = role in RIGHTS["answer"]
    assert answer.status_code == (303 if may else 403)
    assert ward.store.value("SELECT count(*) FROM jobs WHERE by = ?", role) == may
    kept = "SELECT count(*) FROM audit WHERE what = 'answer_help' AND who = ? AND house = 'nha-17'"
    assert ward.store.value(kept, role) == may


def test_a_read_only_page_shows_no_form_to_answer(enter_as: EnterAs) -> None:
    assert 'action="/answer"' in enter_as("officer").get("/").text
    assert 'action="/answer"' not in enter_as("read-only").get("/").text


def test_the_cookie_is_for_this_server_alone(ward: Ward, stranger: FlaskClient) -> None:
    """No script reads it, no other site sends it with a form, and the table does not know it."""
    answer = stranger.post("/sign-in", data={"name": "it", "password": PASSWORD}, headers=OWN)
    cookie = answer.headers["Set-Cookie"]
    assert "HttpOnly" in cookie and "SameSite=Lax" in cookie and "Path=/" in cookie
    value = cookie.split("=", 1)[1].split(";")[0]
    assert ward.store.value("SELECT count(*) FROM sessions WHERE digest = ?", value) == 0


def test_over_tls_the_cookie_stays_there(stranger: FlaskClient) -> None:
    answer = stranger.post(
        "/sign-in", data={"name": "it", "password": PASSWORD}, base_url="https://localhost",
        headers={"Origin": "https://localhost"},
    )  # fmt: skip
    assert "Secure" in answer.headers["Set-Cookie"]


def test_sessions_end(ward: Ward, enter_as: EnterAs, time: Time) -> None:
    """After two idle hours; after twelve whatever happens; when signed out; when removed."""
    idle, busy, left, gone = (enter_as("it") for _ in range(4))
    assert left.post("/sign-out", headers=OWN).status_code == 303
    assert left.get("/").status_code == 303
    for _ in range(11):
        time.now += timedelta(hours=1)
        assert busy.get("/live").status_code == 200
    assert idle.get("/live").status_code == 401
    time.now += timedelta(hours=2)
    assert busy.get("/live").status_code == 401
    gone = enter_as("it")
    with ward.store.write() as db:
        accounts.remove(db, "it")
    assert gone.get("/live").status_code == 401


@pytest.mark.parametrize("cookie", ["", "x", "x" * 43, "x" * 5000, "../", "é" * 30])
def test_a_forged_session_is_none(stranger: FlaskClient, cookie: str) -> None:
    stranger.set_cookie("hien_ward", cookie)
    assert stranger.get("/live").status_code == 401


def test_guessing_gets_slow_and_stays_slow_after_a_restart(
    ward: Ward, stranger: FlaskClient, time: Time, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Twenty wrong tries: few are even looked at; the right one must wait too, then works."""
    looked_at: list[str] = []
    real = passwords.matches

    def counted(password: str, kept: str | None) -> bool:
        looked_at.append(password)
        return real(password, kept)

    monkeypatch.setattr(passwords, "matches", counted)
    codes = [
        stranger.post(
            "/sign-in", data={"name": "IT", "password": f"no{n}"}, headers=OWN
        ).status_code
        for n in range(20)
    ]
    assert codes[:5] == [403] * 5 and set(codes[5:]) == {429}
    assert len(looked_at) == 5
    again = create_app(ward, ["localhost"]).test_client()
    right = {"name": "it", "password": PASSWORD}
    answer = again.post("/sign-in", data=right, headers=OWN)
    assert answer.status_code == 429 and int(answer.headers["Retry-After"]) > 0
    assert "Chờ" in answer.text
    time.now += timedelta(minutes=16)
    assert again.post("/sign-in", data=right, headers=OWN).status_code == 303


def test_many_names_from_one_address_get_slow_too(stranger: FlaskClient) -> None:
    for n in range(20):
        stranger.post("/sign-in", data={"name": f"a{n}", "password": "x"}, headers=OWN)
    answer = stranger.post("/sign-in", data={"name": "other", "password": "x"}, headers=OWN)
    assert answer.status_code == 429


@pytest.mark.parametrize(
    "next_", ["//evil.example", "https://evil.example/", "/\\evil.example", "\\\\evil.example",
              "javascript:alert(1)", "/sign-in", "/x\r\nSet-Cookie: a=b", ""],
)  # fmt: skip
def test_after_signing_in_one_is_still_here(stranger: FlaskClient, next_: str) -> None:
    form = {"name": "it", "password": PASSWORD, "next": next_}
    assert stranger.post("/sign-in", data=form, headers=OWN).location == "/"


def test_signing_in_from_another_site_is_refused(ward: Ward, stranger: FlaskClient) -> None:
    form = {"name": "it", "password": PASSWORD}
    for headers in ({}, {"Origin": "null"}, {"Origin": "http://evil.example"}):
        assert stranger.post("/sign-in", data=form, headers=headers).status_code == 403
    assert ward.store.value("SELECT count(*) FROM sessions") == 0


def test_programs_show_a_token(ward: Ward, stranger: FlaskClient) -> None:
    """With it they read what is theirs, and no page; taken back it is worth nothing."""
    with ward.store.write() as db:
        token = accounts.add_token(db, "prometheus", START)
    shown = {"Authorization": f"Bearer {token}"}
    assert stranger.get("/metrics").status_code == 401
    for path in ("/metrics", "/api/houses", "/api/events?house=nha-17"):
        assert stranger.get(path, headers=shown).status_code == 200
        assert stranger.get(path, headers={"Authorization": f"Bearer {token}x"}).status_code == 401
    assert stranger.get("/live", headers=shown).status_code == 401
    with ward.store.write() as db:
        accounts.remove_token(db, "prometheus")
    assert stranger.get("/metrics", headers=shown).status_code == 401


def test_without_any_account_the_door_says_how_to_make_one(tmp_path: Path) -> None:
    store, board = Store(tmp_path), Board()
    client = create_app(Ward(store, board, Listener(store, board)), ["localhost"]).test_client()
    assert "hien ward account add" in client.get("/sign-in").text

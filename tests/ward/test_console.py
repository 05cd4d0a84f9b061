"""This file proves that the console answers people, keeps strangers out, and never looks fresher
than it is."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
from flask.testing import FlaskClient

from appliance.sync import protocol as p
from tests.in_browser import chromium
from tests.mqtt_broker import eventually
from tests.ward.conftest import Say
from ward import app
from ward.board import Board
from ward.listener import Listener
from ward.store import inbox
from ward.store.database import Store
from ward.web import Ward, create_app

AT = "2026-11-22T05:00:00Z"
NASTY = "<script>alert(1)</script>\u202e\"'&"


def helped(*steps: dict[str, Any], house: str = "nha-17") -> list[p.Envelope]:
    return [p.Envelope(house, "help", "b", n, 1, AT, "ntp", d) for n, d in enumerate(steps, 1)]


@pytest.fixture
def parts(tmp_path: Path) -> Ward:
    store, board = Store(tmp_path), Board()
    board.link(True)
    return Ward(store, board, Listener(store, board), open_to_all=True)


@pytest.fixture
def client(parts: Ward) -> FlaskClient:
    return create_app(parts, ["localhost", "127.0.0.1"]).test_client()


def store_events(parts: Ward, *events: p.Envelope) -> None:
    with parts.store.write() as db:
        inbox.take(db, events, AT)


ANSWER = {"house": "nha-17", "call": "c1", "who": "Cô Hạnh", "eta_min": "10"}
OWN = {"Origin": "http://localhost"}


@pytest.mark.parametrize(
    ("headers", "status"),
    [({}, 403), ({"Origin": "null"}, 403), ({"Origin": "http://evil.example"}, 403),
     ({"Origin": "http://localhost:81"}, 403), ({"Origin": "https://localhost"}, 403), (OWN, 303)],
)  # fmt: skip
def test_only_our_own_page_may_answer(
    parts: Ward, client: FlaskClient, headers: dict[str, str], status: int
) -> None:
    store_events(parts, *helped({"type": "called", "call": "c1"}))
    assert client.post("/answer", data=ANSWER, headers=headers).status_code == status
    assert parts.store.value("SELECT count(*) FROM jobs") == (status == 303)


@pytest.mark.parametrize("path", ["/", "/live", "/api/houses", "/static/ward.css", "/nowhere"])
def test_a_foreign_host_gets_nothing(client: FlaskClient, path: str) -> None:
    """DNS rebinding ends here, on every address."""
    answer = client.get(path, headers={"Host": "evil.example"})
    assert answer.status_code == 400
    assert "Các nhà" not in answer.text


@pytest.mark.parametrize(
    ("change", "status"),
    [({"who": ""}, 422), ({"who": "x" * 41}, 422), ({"who": " \u200b"}, 422),
     ({"eta_min": "-1"}, 422), ({"eta_min": "181"}, 422), ({"eta_min": "９"}, 422),
     ({"eta_min": "1" * 5000}, 422), ({"call": "c2"}, 409), ({"house": "nha-18"}, 409),
     ({"who": "x" * 20_000}, 413), ({"who": "Cô Ha\u0323nh"}, 303)],
)  # fmt: skip
def test_answers_are_checked(
    parts: Ward, client: FlaskClient, change: dict[str, str], status: int
) -> None:
    """What is refused says in Vietnamese what to do, and is sent nowhere."""
    store_events(parts, *helped({"type": "called", "call": "c1"}))
    answer = client.post("/answer", data=ANSWER | change, headers=OWN)
    assert answer.status_code == status
    if status == 303:
        assert "Cô Hạnh" in parts.store.value("SELECT args FROM jobs")
    else:
        assert 'lang="vi"' in answer.text and "<h1>" in answer.text
        assert parts.store.value("SELECT count(*) FROM jobs") == 0


def test_what_houses_say_is_only_ever_text(parts: Ward, client: FlaskClient) -> None:
    """Names, versions, codes and helpers full of markup are shown as letters, on every page."""
    parts.board.status("nha-17", "online")
    parts.board.state("nha-17", "hello", {"name": NASTY, "sw": NASTY}, retained=False)
    odd = {"printer_ok": 0, "printer_code": NASTY, "soc_temp_c": 1e300, "uptime_s": -5}
    parts.board.state("nha-17", "health", odd, retained=False)
    store_events(
        parts,
        *helped(
            {"type": "called", "call": NASTY, "source": NASTY},
            {"type": "answered", "call": NASTY, "who": NASTY, "eta_min": 3},
        ),
    )
    for path in ("/", "/live", f"/?q={NASTY}&show={NASTY}&order={NASTY}"):
        page = client.get(path)
        assert page.status_code == 200
        assert "<script>alert" not in page.text
    assert "&lt;script&gt;" in client.get("/").text


def test_pages_forbid_what_they_do_not_need(client: FlaskClient) -> None:
    page = client.get("/")
    policy = page.headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy and "unsafe" not in policy
    assert not re.search(r"<(script|style)>|\sstyle=|\son\w+=", page.text)
    assert page.headers["X-Content-Type-Options"] == "nosniff"


def test_nothing_yet_normal_and_too_much(parts: Ward, client: FlaskClient) -> None:
    """Empty says what will come; with more than a page the rest is counted, trouble on top."""
    assert "Chưa có nhà nào báo về" in client.get("/").text
    for n in range(150):
        parts.board.status(f"nha-{n:03d}", "online")
    parts.board.status("nha-149", "offline")
    page = client.get("/").text
    assert "Còn 50 nhà nữa" in page
    assert page.index("nha-149") < page.index("nha-000")
    assert "nha-001" not in client.get("/?q=nha-14").text
    assert client.get("/?show=silent").text.count('data-key="house-') == 1


def test_search_needs_no_accents(parts: Ward, client: FlaskClient) -> None:
    parts.board.state("nha-17", "hello", {"name": "Tổ Đình Hòa Cường"}, retained=False)
    assert "nha-17" in client.get("/?q=dinh hoa cuong").text
    assert "Không có nhà nào như vậy" in client.get("/?q=khac").text


def test_unchanged_costs_nothing(parts: Ward, client: FlaskClient) -> None:
    first = client.get("/live")
    again = client.get("/live", headers={"If-None-Match": first.headers["ETag"]})
    assert (again.status_code, again.data) == (304, b"")
    parts.board.status("nha-17", "online")
    third = client.get("/live", headers={"If-None-Match": first.headers["ETag"]})
    assert third.status_code == 200


def test_a_call_its_house_no_longer_knows_goes_away(parts: Ward, client: FlaskClient) -> None:
    """A changed card never says that the old card's call ended; its state does."""
    store_events(parts, *helped({"type": "called", "call": "c1"}))
    assert "Gọi giúp:" in client.get("/").text
    parts.board.status("nha-17", "online")
    parts.board.state("nha-17", "help", {"open": 0, "answered": 1}, retained=False)
    assert "Gọi giúp:" in client.get("/").text  # somebody is on the way: the call is still on
    parts.board.state("nha-17", "help", {"open": 0}, retained=False)
    assert "Gọi giúp:" not in client.get("/").text


@pytest.mark.parametrize("path", ["/api/events", "/api/events?house=NO", "/api/events?house=a/b/c",
                                  "/api/events?house=nha-17&after=x"])  # fmt: skip
def test_events_of_no_house(client: FlaskClient, path: str) -> None:
    answer = client.get(path)
    assert answer.status_code == 400
    assert answer.json and answer.json["error"]


def test_in_a_real_browser(ward: app.Running, say: Say) -> None:
    """A call appears by itself, is answered in one form, and typing is not disturbed; when the
    server is gone the page says so and looks it. Nothing breaks the content policy."""
    with chromium() as browser:
        page = browser.new_page(viewport={"width": 360, "height": 800})
        complaints: list[str] = []
        page.on("console", lambda m: complaints.append(m.text))
        page.goto(ward.url)
        page.get_by_text("Chưa có nhà nào báo về").wait_for()
        say("houses/v1/nha-17/state/status", b"online", retain=True)
        (event,) = helped({"type": "called", "call": "c1", "source": "button"})
        say("houses/v1/nha-17/up/help", p.encode_envelope(event))
        page.get_by_label("Ai đến").wait_for()
        page.get_by_label("Ai đến").fill("Cô Hạnh")
        say("houses/v1/nha-18/state/status", b"online", retain=True)
        page.get_by_text("nha-18").wait_for()
        assert page.get_by_label("Ai đến").input_value() == "Cô Hạnh"
        assert page.title().startswith("(1)")
        page.get_by_role("button", name="Trả lời").click()
        page.get_by_text("Đã gửi lời đáp").wait_for()
        eventually(lambda: ward.ward.store.value("SELECT state FROM jobs") == "sent")
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
        page.get_by_role("button", name="Bật chuông gọi giúp").click()
        page.get_by_role("button", name="Chuông đang bật", pressed=True).wait_for()
        assert complaints == []
        ward.server.close()
        ward.server.task_dispatcher.shutdown()
        page.get_by_text("Trang này mất liên lạc với máy chủ").wait_for(timeout=20_000)
        assert page.evaluate("document.body.classList.contains('stale')")

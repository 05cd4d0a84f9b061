"""This file proves the page for programs: how the house is."""

from __future__ import annotations

from collections.abc import Callable

from appliance import __version__
from appliance.web import current
from tests.web.conftest import House


def test_healthz(make_house: Callable[..., House]) -> None:
    """Each room ok, stale or missing; `ok` only when all are; what waits and what is unsent."""
    house = make_house(**{"devices.camera": "virtual:"})
    assert house.client.get("/healthz").get_json() == {
        "ok": False,
        "version": __version__,
        "rooms": {"web": "missing", "devices": "missing", "sync": "missing"},
        "queue": {"waiting": 0},
        "outbox": {"rows": 0},
        "virtual": ["camera"],
    }
    for room in ("web", "devices", "sync"):
        house.room_says(room)
    house.take()
    health = house.client.get("/healthz").get_json()
    assert health["ok"] is True
    assert health["queue"] == {"waiting": 1}
    assert health["outbox"] == {"rows": 1}
    house.clock.ahead_s = 11
    health = house.client.get("/healthz").get_json()
    assert (health["ok"], health["rooms"]["sync"]) == (False, "stale")


def test_a_table_that_cannot_be_read(house: House) -> None:
    """healthz says so instead of failing, and the other pages still say what to do."""
    for room in ("web", "devices", "sync"):
        house.room_says(room)
    with house.app.test_request_context():
        current.store().connection.execute("DROP INDEX tickets_open")
        current.store().connection.execute("ALTER TABLE tickets RENAME TO gone")
    health = house.client.get("/healthz")
    assert health.status_code == 200
    assert health.get_json()["ok"] is False
    assert health.get_json()["queue"] == {"waiting": None}
    page = house.client.get("/api/tickets/today", headers={"Accept": "text/html"})
    assert page.status_code == 503
    assert "vẫn còn nguyên" in page.text
    assert "Gọi giúp" in page.text


def test_a_screen_nobody_touches_comes_back_by_itself(house: House) -> None:
    """The wall and the board ask again after the time that is told; a person's page stays."""
    with house.app.test_request_context():
        current.store().connection.execute("DROP INDEX tickets_open")
        current.store().connection.execute("ALTER TABLE tickets RENAME TO gone")
        current.store().connection.execute("ALTER TABLE postings RENAME TO gone_too")
    for path in ("/wall", "/board"):
        answer = house.client.get(path, headers={"Accept": "text/html"})
        assert (answer.status_code, answer.headers.get("Refresh")) == (503, "30"), path
        assert "vẫn còn nguyên" in answer.text
    page = house.client.get("/api/tickets/today", headers={"Accept": "text/html"})
    assert page.status_code == 503 and "Refresh" not in page.headers


def test_an_unexpected_error_is_kind_and_silent_about_the_inside(house: House) -> None:
    """A fault of ours: 500, the page says what is safe, nothing of the inside is shown."""
    from appliance.web.door.access import open_to_all

    def broken() -> str:
        raise RuntimeError("AGE-SECRET-KEY-1 in a message")

    house.app.add_url_rule("/broken", "broken", open_to_all(broken))
    answer = house.client.get("/broken")
    assert answer.status_code == 500
    assert "RuntimeError" not in answer.text
    assert "AGE-SECRET" not in answer.text
    assert "Máy vừa vấp" in answer.text
    asked = house.client.get("/broken", headers={"Accept": "application/json"}).get_json()
    assert asked["error"] == "internal_server_error"

"""This file proves the help button on the screens: one call, its answer, the way back."""

from __future__ import annotations

from collections.abc import Callable

from appliance.core.help_call import WITHDRAWN_A_MINUTE
from appliance.service import help as service
from appliance.store import help_calls
from tests.web.conftest import ORIGIN, House

SCREENS = ("/", "/t", "/help", "/nope", "/desk/sign-in")


def test_every_screen_has_the_button(house: House) -> None:
    """The same form at the end of every page a resident meets, errors included."""
    ticket = house.take()
    for path in (*SCREENS, f"/tickets/{ticket['id']}"):
        page = house.client.get(path).text
        assert '<form method="post" action="/help"' in page, path
        assert "Gọi giúp" in page
        assert 'name="key"' in page.split('action="/help"')[1]


def test_called_answered_taken_back(house: House) -> None:
    """open -> who comes and when -> no longer needed; every screen says the same."""
    answer = house.post("/help", key="help-key-1", back="/tickets/0123456789abcdef")
    assert answer.status_code == 303
    assert "Đã gọi, đang chờ người nhận" in house.client.get(answer.location).text
    assert "/tickets/0123456789abcdef" in house.client.get(answer.location).text
    assert "Đã gọi giúp lúc" in house.client.get("/").text
    call = help_calls.newest(house.store)
    assert call is not None
    service.answer(
        house.store, house.clock.now(), call["id"], who="Chị Lan", eta_min=10, by_ward=False
    )
    for path in ("/help", "/", "/wall"):
        assert "Chị Lan đang đến" in house.client.get(path).text, path
    assert house.post("/help/withdraw").status_code == 303
    assert "Chưa gọi ai" in house.client.get("/help").text


def test_two_presses_are_one_call(house: House) -> None:
    """The same key, and another key while nobody has answered: one row."""
    for key in ("help-key-1", "help-key-1", "help-key-2"):
        assert house.post("/help", key=key).status_code == 303
    assert house.store.value("SELECT count(*) FROM help_calls") == 1
    assert house.post("/help", key="").status_code == 400
    assert house.post("/help").status_code == 400


def test_nobody_answers(make_house: Callable[..., House]) -> None:
    """After three minutes the screens give the telephone number; without one, a neighbour."""
    house = make_house()
    house.post("/help", key="help-key-1")
    house.clock.ahead_s = 170
    assert "đang chờ" in house.client.get("/").text
    house.clock.ahead_s = 190
    for path in ("/", "/help", "/wall"):
        page = house.client.get(path).text
        assert "Chưa ai nhận" in page, path
        assert "0236 3555 123" in page, path
    quiet = make_house(**{"house.phone": ""})
    quiet.clock.ahead_s = 190
    assert "nhờ người bên cạnh" in quiet.client.get("/help").text


def test_a_name_from_outside_is_text(house: House) -> None:
    """Who answers may be typed at the ward: it is never markup, also not in the live data."""
    house.post("/help", key="help-key-1")
    call = help_calls.newest(house.store)
    assert call is not None
    service.answer(
        house.store, house.clock.now(), call["id"], who="<b>Lan</b>", eta_min=5, by_ward=True
    )
    for path in ("/help", "/", "/wall"):
        assert "<b>Lan" not in house.client.get(path).text
        assert "&lt;b&gt;Lan" in house.client.get(path).text


def test_as_json(house: House) -> None:
    """A program sees state, who, since, eta, and no id."""
    json = {"Accept": "application/json"}
    answer = house.client.post("/help", data={"key": "help-key-1"}, headers=ORIGIN | json)
    assert answer.get_json()["state"] == "open"
    assert set(answer.get_json()) == {"state", "who", "since", "eta"}
    assert house.client.get("/help", headers=json).get_json()["state"] == "open"


def test_play_with_the_button_ends_in_a_call_that_stays_on(house: House) -> None:
    """Calling and taking back in turns wears the card and wakes the ward. No call is ever refused:
    it is the taking back that has to wait, and the button in the room does not."""
    for n in range(WITHDRAWN_A_MINUTE):
        assert house.post("/help", key=f"help-key-{n}").status_code == 303
        assert house.post("/help/withdraw").status_code == 303
    for n in range(50):
        assert house.post("/help", key=f"later-key-{n}").status_code == 303
        answer = house.post("/help/withdraw")
        assert answer.status_code == 429 and answer.headers["Retry-After"] == "60"
        assert "Lời gọi giúp vẫn còn" in answer.text
    assert [row["state"] for row in help_calls.still_on(house.store)] == ["open"]
    count = house.store.value("SELECT count(*) FROM outbox WHERE stream = 'help'")
    assert count == 2 * WITHDRAWN_A_MINUTE + 1
    assert service.withdraw(house.store, house.clock.now()) == 1
    house.post("/help", key="help-key-9")
    house.clock.ahead_s += 61
    assert house.post("/help/withdraw").status_code == 303
    assert not help_calls.still_on(house.store)

"""This file proves the wall and the banners: what everybody may know, and no more."""

from __future__ import annotations

import json
from collections.abc import Callable

import pytest

from appliance.service import call_next
from appliance.web.notices import notices
from appliance.web.snapshot import snapshot
from tests.web.conftest import House

BROKER = {"sync.broker": "mqtt://127.0.0.1:1"}
PRINTER = {"devices.printer": "tcp://127.0.0.1:9"}
SCREENS = ("/", "/wall", "/help", "/desk/sign-in", "/t")


def codes(house: House) -> list[str]:
    return [n["code"] for n in notices(house.parts, house.clock.now())]


def test_the_wall_shows_the_call(house: House) -> None:
    """The newest number large, with its desk; the last four before it; how many wait."""
    lan, minh = house.volunteer(), house.volunteer("Minh", desk=2)
    assert "Mời bác lấy số" in house.client.get("/wall").text
    for _ in range(8):
        house.take()
    assert "Sắp gọi số 1" in house.client.get("/wall").text
    for n, who in enumerate((lan, minh, lan, minh, lan, minh)):
        house.clock.ahead_s += 60
        call_next.call_next(house.store, house.clock.now(), key=f"call-{n:04d}", volunteer=who)
    page = house.client.get("/wall").text
    assert '<p class="number" data-number>6</p>' in page
    assert "bàn 2" in page
    last = page.split('class="last"')[1].split("</ul>")[0]
    assert [int(part.split("<")[0]) for part in last.split('class="no">')[1:]] == [5, 4, 3, 2]
    assert '<span class="count">2</span>' in page


def test_calling_again_is_a_new_call(house: House) -> None:
    """The wall chimes when `call` changes: at each call and at each repeat, not otherwise."""
    lan = house.volunteer()
    ticket = house.take()
    seen = [snapshot(house.parts, house.store, house.clock.now())["call"]]
    call_next.call_next(house.store, house.clock.now(), key="call-0001", volunteer=lan)
    seen.append(snapshot(house.parts, house.store, house.clock.now())["call"])
    call_next.call_again(
        house.store, house.clock.now(), key="call-0002", volunteer=lan, ticket_id=ticket["id"]
    )
    seen.append(snapshot(house.parts, house.store, house.clock.now())["call"])
    house.take()
    seen.append(snapshot(house.parts, house.store, house.clock.now())["call"])
    assert seen[0] == ""
    assert len(set(seen)) == 3
    assert seen[3] == seen[2]


def test_live_data_is_public(house: House) -> None:
    """No id, no key, no hidden name, no age key in what every screen in the room can read."""
    hidden = house.volunteer("Nguyễn Thị Kín")
    house.post("/desk/sign-in", volunteer=hidden["id"], pin="2468")
    ticket = house.take()
    house.post("/help", key="help-key-1")
    call_next.call_next(house.store, house.clock.now(), key="call-0001", volunteer=hidden)
    house.hub.look()
    answer = house.client.get("/live.json")
    row = house.store.one("SELECT t.*, h.id AS call_id FROM tickets t, help_calls h")
    assert row is not None
    secret = house.parts.ram.secret(ticket["id"])
    for private in (ticket["id"], row["key"], row["recipient"], row["call_id"], secret, "Kín"):
        assert str(private) not in answer.text
    assert json.loads(answer.text)["current"] == {"number": 1, "desk": 1, "state": "called"}


def test_no_network(make_house: Callable[..., House]) -> None:
    """The loud banner on every screen: link down, or the room that keeps the link is silent."""
    house = make_house(**BROKER)
    house.room_says("sync", link="up")
    assert codes(house) == []
    house.room_says("sync", link="down")
    assert codes(house) == ["link_down"]
    for path in SCREENS:
        assert "ĐANG MẤT MẠNG – vẫn lấy số được" in house.client.get(path).text, path
    house.room_says("sync", link="up")
    house.clock.ahead_s = 9.5
    assert codes(house) == ["link_down"]
    assert house.take()["number"] == 1


def test_a_house_without_a_ward_misses_no_network(house: House) -> None:
    """sync.broker none: nobody is waiting for this house, so nothing is said to be lost."""
    assert codes(house) == []


@pytest.mark.parametrize(
    ("check", "code", "words"),
    [({"name": "printer", "state": "bad", "code": "paper_out"}, "printer_paper_out", "hết giấy"),
     ({"name": "printer", "state": "bad", "code": "cover_open"}, "printer_cover_open", "Nắp máy"),
     ({"name": "printer", "state": "bad", "code": "never_heard"}, "printer_never_heard", "Máy in"),
     ({"name": "camera", "state": "bad", "code": "stalled"}, "camera_stalled", "Máy ảnh")],
)  # fmt: skip
def test_a_machine_in_trouble(
    make_house: Callable[..., House], check: dict[str, str], code: str, words: str
) -> None:
    """Told on every screen, each in words that say what still works."""
    house = make_house(**PRINTER, **{"devices.camera": "v4l2:/dev/video0"})
    house.room_says("devices", checks=[check])
    assert codes(house) == [code]
    for path in SCREENS:
        assert words in house.client.get(path).text, path
    house.room_says("devices", checks=[check | {"state": "ok"}])
    assert codes(house) == []
    house.clock.ahead_s = 11
    assert codes(house) == ["devices_silent"]


def test_virtual_devices_are_never_hidden(make_house: Callable[..., House]) -> None:
    """A trial is told on every screen, errors and the wall included."""
    house = make_house(**{"devices.camera": "virtual:", "devices.panel": "virtual:"})
    house.room_says("devices", checks=[])
    for path in (*SCREENS, "/nope"):
        assert "ĐANG THỬ – máy ảnh, nút bấm không phải máy thật" in house.client.get(path).text


def test_strange_words_from_other_rooms(make_house: Callable[..., House]) -> None:
    """A heartbeat that is not what it should be counts as silence, and breaks no screen."""
    house = make_house(**PRINTER, **BROKER)
    rooms = house.parts.ram.root / "rooms"
    for text in ("", "{", "[]", '"x"', '{"at_mono_ms": "soon"}', '{"checks": 3, "at_mono_ms": {}}'):
        for room in ("sync", "devices"):
            (rooms / f"{room}.json").write_text(text)
        assert codes(house) == ["link_down", "devices_silent"], text
        assert house.client.get("/wall").status_code == 200
    house.room_says("devices", checks=[3, None, {"name": "printer"}, {"state": "bad"}])
    house.room_says("sync", link=["up"])
    assert codes(house) == []

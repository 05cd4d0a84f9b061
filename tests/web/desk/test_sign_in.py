"""This file proves signing in: the PIN, the waits, the cookie, the way out."""

from __future__ import annotations

from appliance.service import volunteers
from tests.web.conftest import House


def test_signing_in_and_out(house: House) -> None:
    """The right PIN gives a cookie scripts cannot read, and duty; signing out ends both."""
    lan = house.volunteer(shows_name=True)
    answer = house.post("/desk/sign-in", volunteer=lan["id"], pin="2468", next="/wall")
    assert (answer.status_code, answer.location) == (303, "/wall")
    cookie = answer.headers["Set-Cookie"]
    for part in ("HttpOnly", "SameSite=Strict", "Path=/"):
        assert part in cookie
    assert "Lan" in house.client.get("/wall").text
    assert house.client.get("/desk/sign-in").status_code == 303
    token = house.client.get_cookie("hien_session")
    assert token is not None
    assert house.post("/desk/sign-out").status_code == 303
    house.client.set_cookie("hien_session", token.value)
    assert house.client.get("/desk/sign-in").status_code == 200
    assert "Lan" not in house.client.get("/wall").text


def test_names_only_with_consent(house: House) -> None:
    """Who did not agree to be named is a number on the sign-in page and "Tình nguyện viên" on the
    wall."""
    hidden = house.volunteer("Nguyễn Thị Kín")
    house.volunteer("Chị Hồng", shows_name=True)
    page = house.client.get("/desk/sign-in").text
    assert "Kín" not in page
    assert "Chị Hồng" in page
    assert f"Tình nguyện viên {hidden['id']}" in page
    house.post("/desk/sign-in", volunteer=hidden["id"], pin="2468")
    wall = house.client.get("/wall").text
    assert "Kín" not in wall
    assert "Tình nguyện viên" in wall


def test_twenty_wrong_pins(house: House) -> None:
    """After five wrong PINs there is a wait, told in words and in Retry-After; the right PIN does
    not get through either, until the wait is over."""
    lan = house.volunteer()
    seen = [house.post("/desk/sign-in", volunteer=lan["id"], pin=f"{n:04d}") for n in range(20)]
    assert [a.status_code for a in seen[:5]] == [403] * 5
    assert {a.status_code for a in seen[5:]} == {429}
    assert int(seen[-1].headers["Retry-After"]) > 0
    assert "Đợi" in seen[-1].text
    assert house.post("/desk/sign-in", volunteer=lan["id"], pin="2468").status_code == 429
    house.clock.ahead_s = 3600
    assert house.post("/desk/sign-in", volunteer=lan["id"], pin="2468").status_code == 303


def test_a_guest_s_wrong_pins_do_not_keep_a_volunteer_out(house: House) -> None:
    """Who joined with a telephone signs in with it, whatever strangers typed; another's telephone,
    and this one for another volunteer, wait like any other."""
    lan, hong = house.volunteer(), house.volunteer("Hồng")
    now = house.clock.now()
    token = "t" * 30
    with house.store.write():
        house.store.insert(
            "phones",
            {"id": "ph1", "volunteer_id": lan["id"], "kind": "android", "joined_at": now.at_text,
             "token_hash": volunteers.token_hash(token)},
        )  # fmt: skip
    for n in range(6):
        for who in (lan, hong):
            house.post("/desk/sign-in", volunteer=who["id"], pin=f"{n:04d}")
    assert house.post("/desk/sign-in", volunteer=lan["id"], pin="2468").status_code == 429
    house.client.set_cookie("hien_phone", token)
    assert house.post("/desk/sign-in", volunteer=hong["id"], pin="2468").status_code == 429
    assert house.post("/desk/sign-in", volunteer=lan["id"], pin="2468").status_code == 303
    house.post("/desk/sign-out")
    seen = [house.post("/desk/sign-in", volunteer=lan["id"], pin="0000").status_code
            for _ in range(7)]  # fmt: skip
    assert seen[:5] == [403] * 5 and 429 in seen[5:], "a stolen telephone waits as well"


STRANGE = (
    ("", ""), ("1", ""), ("abc", "2468"), ("-1", "2468"), ("１", "2468"), ("9" * 400, "2468"),
    ("1", "２４６８"), ("1", "2468 "), ("1", "9" * 500), ("0", "2468"), ("1\x00", "2468"),
)  # fmt: skip


def test_strange_fields_are_a_wrong_pin(house: House) -> None:
    """Whatever is typed, the answer is "not right", never an error and never a way in."""
    house.volunteer()
    for volunteer, pin in STRANGE:
        house.clock.ahead_s += 3600
        answer = house.post("/desk/sign-in", volunteer=volunteer, pin=pin)
        assert answer.status_code == 403, (volunteer[:9], pin[:9])
        assert "Set-Cookie" not in answer.headers


def test_the_way_back_stays_in_the_house(house: House) -> None:
    """`next` never leads to another site."""
    lan = house.volunteer()
    for back in ("//evil.example/", "https://evil.example/", "/\\evil", "javascript:1", "/a\r\nb"):
        answer = house.post("/desk/sign-in", volunteer=lan["id"], pin="2468", next=back)
        assert answer.location == "/desk", back


def test_a_session_ends_by_time_and_by_being_taken_off(house: House) -> None:
    """A lost telephone: the session ends at once; otherwise after web.session_h."""
    lan, hong = house.volunteer(), house.volunteer("Hồng")
    house.post("/desk/sign-in", volunteer=lan["id"], pin="2468")
    house.clock.ahead_s = 11 * 3600
    assert house.client.get("/desk/sign-in").status_code == 200
    house.post("/desk/sign-in", volunteer=hong["id"], pin="2468")
    assert house.client.get("/desk/sign-in").status_code == 303
    volunteers.take_off(house.store, house.clock.now(), hong["id"])
    assert house.client.get("/desk/sign-in").status_code == 200

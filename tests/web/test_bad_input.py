"""This file fills in every form of the house wrongly: each field, each kind of wrong.

The forms are found by going through the screens; a POST route that no screen shows must be named
here with a form of its own. Whatever is sent, the answer is a page that says so, never a stumble;
nothing is half done, and no text reaches the table that is not composed.
"""

from __future__ import annotations

import io
import itertools
import re
import unicodedata
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest

from tests.web.at_desk import Volunteer
from tests.web.conftest import ORIGIN, House
from tests.web.form_crawl import Form, endpoint_of, forms_of
from tests.web.lived_in import LivedIn, live_in

WRONG: dict[str, str] = {
    "empty": "",
    "blank": "   ",
    "long": "ă" * 3000,
    "nfd": unicodedata.normalize("NFD", "Nguyễn Thị Ấm đến lúc bảy giờ"),
    "control": "a\x00b\x1b[31m",
    "markup": "<script>alert(1)</script>",
    "emoji": "👵🏽 bà ngoại 🎉",
    "no such day": "2026-02-30",
    "day of old": "1900-01-01",
    "day far off": "9999-12-31",
    "day with words": "ngày mai",
    "minus": "-1",
    "huge": "9" * 40,
    "other digits": "１２",
    "other numbers": "1e3",
    "path": "../../etc/passwd",
    "quote": "' OR 1=1 --",
}
SIGNING = {"sign_in.enter", "sign_in.leave", "phones.join"}
SAID = {200, 303, 400, 404, 409, 413, 429}
# Only on a telephone, or in a state that ends at once. Each has tests of its own.
OTHERS = {
    "desk.undo": "for ten seconds after a tap: test_desk.py",
    "identity.erase": "while a card's fields are on the screen: test_identity.py",
    "identity.more": "while a card's fields are on the screen: test_identity.py",
    "machine.forget": "on a machine with root's helper: test_machine.py",
    "machine.restart": "on a machine with root's helper: test_machine.py",
    "machine.update": "on a machine with root's helper: test_machine.py",
    "machine.set_wifi": "on a machine with root's helper: test_machine.py",
    "phone_camera.of_page": "on a telephone that has joined: test_phone_camera.py",
    "phone_camera.of_paper": "on a telephone that has joined: test_phone_camera.py",
    "printer_setup.forget": "once a printer is tuned: test_printer_setup.py",
    "practice.end": "while practising: test_practice.py",
}


@pytest.fixture
def lived_in(make_house: Any) -> Iterator[LivedIn]:
    yield live_in(
        make_house(
            **{"devices.printer": "virtual:", "devices.panel": "virtual:",
               "web.tickets_per_minute": 1000}
        )
    )  # fmt: skip


# Offered where the helper that acts for root listens: test_machine.py.
NOT_HERE = "machine."


def every_form(lived_in: LivedIn) -> dict[str, Form]:
    """One form for each POST endpoint, taken from the screens."""
    found: dict[str, Form] = {}
    for endpoint, _n, path in lived_in.listed():
        outside = endpoint in lived_in.of_residents
        client = lived_in.house.client if outside else lived_in.lan.client
        for form in forms_of(path, client.get(path).text):
            name = endpoint_of(lived_in.house.app.url_map, form.action)
            if name not in found or len(form.kinds) > len(found[name].kinds):
                found[name] = form
    return found


def test_no_form_is_forgotten(lived_in: LivedIn) -> None:
    """Every POST route is met on a screen, or named above."""
    rules = lived_in.house.app.url_map.iter_rules()
    posts = {rule.endpoint for rule in rules if "POST" in (rule.methods or ())}
    forgotten = posts - set(every_form(lived_in)) - set(OTHERS)
    forgotten = {name for name in forgotten if not name.startswith(NOT_HERE)}
    assert not forgotten, sorted(forgotten)
    assert set(OTHERS) - posts == set()


def send(lived_in: LivedIn, form: Form, changed: dict[str, Any]) -> Any:
    data: dict[str, Any] = {**form.fields, **changed}
    if "key" in data and "key" not in changed:
        data["key"] = lived_in.house.new_key()
    return lived_in.lan.client.post(form.action, data=data, headers=ORIGIN)


@pytest.mark.timeout(600)
@pytest.mark.parametrize("each", [3, pytest.param(len(WRONG), marks=pytest.mark.slow)])
def test_every_field_filled_in_wrongly(lived_in: LivedIn, each: int) -> None:
    """Each field of each form with wrong things (all of them when there is time, else three in
    turn), left out, and sent twice over."""
    house, count = lived_in.house, 0
    turn = itertools.cycle(WRONG.items())
    for endpoint, form in sorted(every_form(lived_in).items()):
        if endpoint in SIGNING:
            continue  # below: signing out would end the walk
        for name, kind in form.kinds.items():
            if kind == "file":
                continue
            changes: list[tuple[str, Any]] = [
                (w, {name: value}) for w, value in itertools.islice(turn, each)
            ]
            changes += [("left out", {name: []}), ("twice", {name: ["x", "x"]})]
            for what, changed in changes:
                answer = send(lived_in, form, changed)
                where = (endpoint, form.page, name, what)
                assert answer.status_code in SAID, (*where, answer.status_code)
                assert "<script>alert" not in answer.text, where
                if answer.status_code >= 400:
                    assert 'href="/' in answer.text, (*where, "no way on")
                count += 1
    assert count > 60 * each
    assert composed(house) == []
    assert house.client.get("/").status_code == 200


def composed(house: House) -> list[tuple[str, Any]]:
    """What stands in the table in letters that fall apart, or cannot be shown."""
    bad = []
    tables = house.store.all("SELECT name FROM sqlite_master WHERE type = 'table'")
    for table in (row["name"] for row in tables):
        for row in house.store.all(f"SELECT * FROM {table}"):
            for column, value in row.items():
                if isinstance(value, str) and (
                    value != unicodedata.normalize("NFC", value) or "\x00" in value
                ):
                    bad.append((f"{table}.{column}", value[:60]))
    return bad


def test_signing_in_with_anything(lived_in: LivedIn) -> None:
    """Who and which PIN: nothing opens, nothing stumbles."""
    house = lived_in.house
    for what, value in WRONG.items():
        client = house.app.test_client()
        for form in ({"volunteer": value, "pin": "2468"}, {"volunteer": "1", "pin": value}):
            for path in ("/desk/sign-in", lived_in.screens["phones.offer"][0]):
                answer = client.post(path, data=form, headers=ORIGIN)
                assert answer.status_code in (SAID | {403}) - {303}, (path, what)
        assert client.get("/desk").status_code == 303, what


BROKEN_ROSTERS = {
    "quotes left open": '{day},7:30,9:30,Chị Lan\n{day},9:30,11:30,"Chị Lan\n',
    "a name nobody has": "{day},7:30,9:30,Chị Lan\n{day},9:30,11:30,Bà Không Có\n",
    "a day there is not": "{day},7:30,9:30,Chị Lan\n2026-02-30,9:30,11:30,Chị Lan\n",
    "the same shift twice": "{day},7:30,9:30,Chị Lan\n{day},7:30,9:30,Chị Lan\n",
    "cut off": "{day},7:30,9:30,Chị Lan\n{day},9:3",
}


@pytest.mark.parametrize("name", BROKEN_ROSTERS)
def test_a_roster_broken_half_way(house: House, name: str) -> None:
    """All or nothing, and the line is named."""
    lan = Volunteer(house, "Chị Lan")
    day = (house.clock.now().local("Asia/Ho_Chi_Minh").date() + timedelta(days=9)).isoformat()
    file = (
        io.BytesIO(("ngày,từ,đến,tên\n" + BROKEN_ROSTERS[name].format(day=day)).encode()),
        "lich.csv",
    )
    answer = lan.client.post("/desk/rota/file", data={"file": file}, headers=ORIGIN)
    assert answer.status_code in (400, 409)
    said = re.search(r'role="alert">([^<]*)', answer.text)
    assert said is not None
    # Which line, that nothing was kept, and what is the matter with it.
    assert "Dòng 3 trong tệp chưa đúng. Chưa ghi ca nào cả." in said[1]
    assert len(said[1].strip()) > 60, said[1]
    assert house.store.value("SELECT count(*) FROM shifts") == 0

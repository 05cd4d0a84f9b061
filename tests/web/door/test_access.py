"""This file holds the door: every route says who may open it, and only they can."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from appliance.web.door.access import open_to_all, volunteers_only, who_may_open
from tests.web.conftest import ORIGIN, House

FORGED = [
    "",
    "x",
    "../../etc/passwd",
    "0" * 43,
    "%C3%A9" * 10,
    "A" * 5000,
    "' OR 1=1 --" + "x" * 30,
]


def test_every_route_says_who_may_open_it(house: House) -> None:
    """A forgotten decorator is found here, before it is met as a 403 in a house."""
    rules = list(house.app.url_map.iter_rules())
    silent = [r.rule for r in rules if who_may_open(house.app.view_functions[r.endpoint]) is None]
    assert silent == []
    assert len(rules) > 12


def test_an_unannotated_route_stays_shut(make_house: Callable[..., House]) -> None:
    """Default deny: a view that says nothing answers 403, also to somebody who is signed in."""
    house = make_house()
    house.app.add_url_rule("/secret", "secret", lambda: "everything", methods=["GET", "POST"])
    assert house.client.get("/secret").status_code == 403
    assert house.client.post("/secret", headers=ORIGIN).status_code == 403
    lan = house.volunteer()
    house.post("/desk/sign-in", volunteer=lan["id"], pin="2468")
    assert house.client.get("/secret").status_code == 403


@pytest.fixture
def guarded(house: House) -> House:
    """A house with one page for volunteers."""
    view = volunteers_only(lambda: "for volunteers")
    house.app.add_url_rule("/guarded", "guarded", view, methods=["GET", "POST"])
    return house


def test_volunteers_pages_send_others_to_sign_in(guarded: House) -> None:
    """A page leads to the PIN and back; a form or a program is refused in its own way."""
    page = guarded.client.get("/guarded?x=1")
    assert page.status_code == 303
    assert page.location.startswith("/desk/sign-in?next=/guarded")
    assert guarded.client.post("/guarded", headers=ORIGIN).status_code == 403
    program = guarded.client.get("/guarded", headers={"Accept": "application/json"})
    assert program.status_code == 403
    assert program.get_json()["error"] == "not_signed_in"


def test_a_forged_session_opens_nothing(guarded: House) -> None:
    """Whatever stands in the cookie, it leads to the sign-in page and to no error."""
    guarded.volunteer()
    for token in FORGED:
        answer = guarded.client.get("/guarded", headers={"Cookie": f"hien_session={token}"})
        assert answer.status_code == 303, token
        assert "/desk/sign-in" in answer.location


def test_marks_are_exact() -> None:
    """Only the two words of access.py open anything."""

    def view() -> str:
        return ""

    assert who_may_open(view) is None
    setattr(view, "hien_who_may_open", True)  # noqa: B010
    assert who_may_open(view) is None
    assert who_may_open(open_to_all(view)) == "all"
    assert who_may_open(volunteers_only(view)) == "volunteers"

"""This file walks every route as a guest, with the ids of somebody else's visit in hand."""

from __future__ import annotations

import re
from typing import Any

from appliance.web.door.access import who_may_open
from tests.web.at_desk import Volunteer, photograph
from tests.web.conftest import ORIGIN, House

STREAMS = {"stream.events"}  # never ends; it says what stream.state says


def test_a_guest_opens_nothing_of_the_desk_and_learns_no_id(house: House) -> None:
    """Each rule and method of the url map, filled with real ids: what is for volunteers leads to
    signing in or is refused, and no open page names a visit, a page or a ticket it was not asked
    for."""
    lan = Volunteer(house)
    visit = lan.open_visit()
    page = photograph(house, visit)
    ticket = house.store.value("SELECT ticket_id FROM visits WHERE id = ?", visit)
    ids = {"visit_id": visit, "page_id": page, "ticket_id": ticket}
    guest = house.app.test_client()
    house.hub.look()
    shut = 0
    for rule in house.app.url_map.iter_rules():
        if rule.endpoint in STREAMS:
            continue
        path = re.sub(r"<int:[^>]*>", "1", rule.rule)
        path = re.sub(r"<(?:[a-z]+:)?([a-z_]+)>", lambda m: str(ids.get(m[1], "x1")), path)
        for method in (rule.methods or set()) - {"OPTIONS", "HEAD"}:
            answer: Any = guest.open(path, method=method, headers=ORIGIN, data={"key": "k-guest-1"})
            where = (method, rule.rule, answer.status_code)
            assert answer.status_code < 500, where
            if who_may_open(house.app.view_functions[rule.endpoint]) == "volunteers":
                to_sign_in = answer.status_code == 303 and "/desk/sign-in" in answer.location
                assert answer.status_code == 403 or to_sign_in, where
                shut += 1
            elif "<" not in rule.rule and answer.mimetype in ("text/html", "application/json"):
                for name, value in ids.items():
                    assert str(value) not in answer.text, (*where, name)
            answer.close()
    assert shut > 60

"""This file proves kill -9 at random points of whole visits, from the call to the slip."""

from __future__ import annotations

import os
import random
import secrets
import threading

import pytest

from appliance.service.unseal import open_pages
from appliance.store import tickets, visits
from appliance.store.database import Store

from .conftest import PIN, RealHouse, wait_until

VISITS = int(os.environ.get("HIEN_KILL_VISITS", "3"))
BACK = 303
STILL_BUSY = "SELECT count(*) FROM captures WHERE state IN ('queued', 'working')"


@pytest.mark.slow  # a minute; kills between the rooms are always tried: test_killed_rooms.py
@pytest.mark.timeout(120 + VISITS * 90)
def test_kill_minus_nine_at_random_points_of_a_visit(real_house: RealHouse) -> None:
    """What a person was told is done is done; every photograph ends; every page opens again."""
    house, chance, store = real_house, random.Random(7), real_house.store()
    assert _tap(house, "/desk/sign-in", volunteer="1", pin=PIN) == BACK
    keys: dict[str, str] = {}
    for _ in range(VISITS):
        ticket_id, _ = house.take_ticket()
        keys[ticket_id] = str(house.ram.secret(ticket_id) or "")
        killer = _killer(house, chance)
        assert _tap(house, f"/desk/tickets/{ticket_id}/call") == BACK
        assert _tap(house, f"/desk/tickets/{ticket_id}/open") == BACK
        visit = visits.of_ticket(store, ticket_id)
        assert visit is not None, "the visit was acknowledged and is not there"
        for _ in range(2):
            assert _tap(house, f"/visits/{visit['id']}/papers/giay-chung-sinh/photo") == BACK
            wait_until("the photograph has ended", lambda: not store.value(STILL_BUSY), 90)
        killer.join()
        killer = _killer(house, chance)
        assert _tap(house, f"/visits/{visit['id']}/finish", done="submitted") == BACK
        row = visits.get(store, visit["id"])
        assert row and row["state"] == "closed", "the end was acknowledged and is not there"
        killer.join()
    wait_until("every room is well again", house.is_well, 60)
    wait_until(
        "every slip is settled",
        lambda: not store.all("SELECT 1 FROM print_jobs WHERE state IN ('queued', 'sending')"),
        90,
    )
    assert store.value("SELECT count(*) FROM captures") == 2 * VISITS
    _pages_open_with_their_slips(house, store, keys)
    assert store.value("SELECT count(*) FROM print_jobs WHERE kind = 'visit'") == VISITS
    assert not [slip for slip in house.slips if slip.text], "rubbish came out as letters"
    assert not list((house.folder / "ram" / "pages").glob("*/*")), "a clear page stayed in RAM"


def _pages_open_with_their_slips(house: RealHouse, store: Store, keys: dict[str, str]) -> None:
    sealed_dir = house.folder / "data" / "sealed"
    made = 0
    for row in store.all("SELECT * FROM visits"):
        pages = visits.pages(store, row["id"])
        secret = keys[row["ticket_id"]]
        ticket = tickets.get(store, row["ticket_id"])
        if not pages or not secret or ticket is None:
            continue
        # (A secret lost before its slip was printed makes a new pair: RAM is gone on purpose.)
        opened = open_pages(store, sealed_dir, row["id"], secret)
        assert all(jpeg.startswith(b"\xff\xd8") for _, jpeg in opened)
        made += len(opened)
    files = list(sealed_dir.rglob("*.age"))
    assert made == store.value("SELECT count(*) FROM pages WHERE state = 'kept'") >= 1
    assert len(files) >= made
    for path in files:
        assert path.read_bytes().startswith(b"age-encryption.org/v1"), path


def _killer(house: RealHouse, chance: random.Random) -> threading.Timer:
    """kill -9 of a room somewhere in the next few seconds."""
    room = chance.choice(["web", "devices", "devices"])
    timer = threading.Timer(chance.uniform(0.1, 3.0), house.kill, [room])
    timer.start()
    return timer


def _tap(house: RealHouse, path: str, **form: str) -> int:
    """One button: the same key however often it has to be pressed."""
    status, _ = house.insist("POST", path, {"key": secrets.token_urlsafe(12), **form})
    return status

"""This file proves kill -9 at random points: nothing acknowledged is lost or printed twice."""

from __future__ import annotations

import os
import random
import threading

import pytest
import zxingcpp

from appliance import seal
from appliance.store import print_jobs, tickets

from .conftest import RealHouse, wait_until

# ./hien test tests/faults with HIEN_KILL_ROUNDS=100 is the long run.
ROUNDS = int(os.environ.get("HIEN_KILL_ROUNDS", "10"))
SETTLED = ("printed", "sent_unconfirmed", "needs_operator", "expired", "cancelled")


@pytest.mark.timeout(60 + ROUNDS * 15)
@pytest.mark.parametrize("seed", [1])
def test_kill_minus_nine_of_any_room_at_random_points(real_house: RealHouse, seed: int) -> None:
    """People take numbers while rooms die: each number once, each slip at most once on paper, and
    whatever may be on paper and may be not is asked about."""
    chance = random.Random(seed)
    for _ in range(ROUNDS):
        room = chance.choice(["web", "devices", "devices", "sync"])
        killer = threading.Timer(chance.uniform(0.0, 1.2), real_house.kill, [room])
        killer.start()
        for _ in range(chance.randint(1, 3)):
            real_house.take_ticket()
        killer.join()
    wait_until("every room is well again", real_house.is_well, 60)
    store = real_house.store()
    wait_until(
        "every slip is settled",
        lambda: not store.all("SELECT 1 FROM print_jobs WHERE state IN ('queued', 'sending')"),
        60,
    )

    kept = {row["id"]: row["number"] for row in store.all("SELECT id, number FROM tickets")}
    assert kept == real_house.acknowledged
    assert sorted(kept.values()) == list(range(1, len(kept) + 1))
    assert store.value("PRAGMA integrity_check") == "ok"

    on_paper = _tickets_on_paper(real_house)
    assert len(on_paper) == len(set(on_paper)), "a slip came out twice"
    asked = {row["ticket_id"] for row in print_jobs.questions(store)}
    for row in tickets.waiting(store):
        assert row["slip_state"] in SETTLED
        if row["printed"]:
            assert row["id"] in on_paper, "a slip counts as printed and never came out"
        else:
            assert row["id"] in asked, "a slip was lost silently"
    taken = store.value("SELECT count(*) FROM outbox WHERE stream = 'queue'")
    assert taken == len(kept), "a fact without its report, or a report without its fact"


def test_a_question_after_a_crash_is_answered_at_the_desk(real_house: RealHouse) -> None:
    """The devices room dies while a slip is half out: it is not sent again, a person is asked."""
    real_house.printer.set_faults({"slow": "1"})
    ticket_id, number = real_house.take_ticket()
    store = real_house.store()
    wait_until(
        "the slip is being sent",
        lambda: (
            store.value("SELECT state FROM print_jobs") == "sending"
            and real_house.printer.received_bytes > 2000
        ),
    )
    real_house.kill("devices")
    wait_until("the question is there", lambda: len(print_jobs.questions(store)) == 1)
    assert print_jobs.questions(store)[0]["ticket_number"] == number
    wait_until("the room is back", real_house.is_well)
    row = tickets.get(store, ticket_id)
    assert row and row["slip_state"] == "needs_operator" and not row["printed"]


def _tickets_on_paper(house: RealHouse) -> list[str]:
    """The ticket of each whole slip the printer cut, found by the key in its QR code."""
    store = house.store()
    found = []
    for paper in house.slips:
        for code in zxingcpp.read_barcodes(paper.image.convert("L")):
            secret = seal.find_secret(code.text)
            if secret:
                row = tickets.by_recipient(store, seal.recipient_of(secret))
                found.append(row["id"] if row else f"unknown-{len(found)}")
    return found

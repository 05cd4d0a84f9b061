"""This file proves that a slip's secret stays in RAM no longer than it is of use."""

from __future__ import annotations

import pytest

from appliance.core.job import PrintState
from appliance.service import slips
from appliance.service.slips_gone import SECRET_ON_PAPER_S, drop_secrets
from tests.service.conftest import House


def sent(house: House, state: PrintState) -> str:
    """A ticket whose slip was sent and ended so."""
    ticket = house.take()
    job = house.store.value("SELECT max(id) FROM print_jobs")
    slips.begin_sending(house.store, job)
    slips.finish(house.store, house.ram, house.clock.now(), job, state)
    return ticket.id


@pytest.mark.parametrize(
    ("state", "stays"), [("sent_unconfirmed", False), ("needs_operator", True)]
)
def test_a_secret_on_paper_goes_after_a_while(house: House, state: PrintState, stays: bool) -> None:
    """A printer that never answers: there is time to say that nothing came out. Where a person has
    still to look, the secret stays for the next try."""
    ticket_id = sent(house, state)
    assert drop_secrets(house.store, house.ram, house.clock.now()) == 0
    house.clock.passes(seconds=SECRET_ON_PAPER_S + 1)
    drop_secrets(house.store, house.ram, house.clock.now())
    assert (house.ram.secret(ticket_id) is not None) is stays


@pytest.mark.parametrize("state", ["done", "cancelled", "expired"])
def test_a_number_that_is_over_leaves_no_secret(house: House, state: str) -> None:
    """Its slip was never printed. Another, still waiting for paper, keeps its own."""
    over, waits = house.take().id, house.take().id
    with house.store.write():
        house.store.run("UPDATE tickets SET state = ? WHERE id = ?", state, over)
    assert drop_secrets(house.store, house.ram, house.clock.now()) == 1
    assert house.ram.secret(over) is None
    house.clock.passes(days=1)
    assert drop_secrets(house.store, house.ram, house.clock.now()) == 0
    assert house.ram.secret(waits) is not None


def test_a_ticket_just_being_taken_keeps_its_secret(house: House) -> None:
    """The secret lies in RAM a moment before its ticket is on the card."""
    house.ram.put_secret("not-yet", "AGE-SECRET-KEY-1")
    assert drop_secrets(house.store, house.ram, house.clock.now()) == 0
    assert house.ram.secret("not-yet") is not None

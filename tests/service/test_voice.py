"""This file proves the resident's voice: once, without identity, within limits."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from appliance.errors import BadInput, Conflict, TooMany
from appliance.service import voice
from tests.service.conftest import House

TEXT = "Đèn đường trước nhà văn hóa tắt ba hôm rồi."
FACES = {"manner": 3, "clear": 2, "finished": None}


def done_ticket(house: House) -> str:
    taken = house.take()
    with house.store.write():
        house.store.run("UPDATE tickets SET state = 'done' WHERE id = ?", taken.id)
    return taken.id


def test_faces_once_and_nobody_knows_whose(house: House) -> None:
    """A second answer changes nothing; the answer's row holds no ticket and no time."""
    ticket = done_ticket(house)
    voice.rate(house.store, house.clock.now(), ticket, FACES)
    voice.rate(house.store, house.clock.now(), ticket, {"manner": 1})
    (row,) = house.store.all("SELECT * FROM ratings")
    assert (row["manner"], row["clear"], row["finished"]) == (3, 2, None)
    assert set(row) == {"id", "day_on", "service_id", "manner", "clear", "finished"}
    told = house.told("ops")[-1]
    assert told["type"] == "rated" and told["finished"] == 0
    assert ticket not in str(told)


def test_faces_that_cannot_be(house: House) -> None:
    now = house.clock.now()
    with pytest.raises(Conflict):
        voice.rate(house.store, now, house.take().id, FACES)  # still waiting
    ticket = done_ticket(house)
    for faces, code in (({}, "no_face"), ({"manner": 4}, "bad_face"), ({"other": 3}, "no_face")):
        with pytest.raises(BadInput) as e:
            voice.rate(house.store, now, ticket, faces)
        assert e.value.code == code


def test_a_remark_is_in_the_outbox_only(house: House) -> None:
    """Told once for one key; the text is in no other table; received when the ward has it."""
    for _ in range(2):
        voice.remark(house.store, house.clock.now(), key="r-1", topic="security", text=TEXT)
    told = [t for t in house.told("ops") if t["type"] == "remark"]
    assert told == [{"type": "remark", "topic": "security", "text": TEXT}]
    assert TEXT not in str(house.store.all("SELECT * FROM remarks"))
    assert voice.has_arrived(house.store, "r-1") is False
    with house.store.write():
        house.store.run("UPDATE outbox SET receipted_at = 'x'")
    assert voice.has_arrived(house.store, "r-1") is True
    assert voice.has_arrived(house.store, "r-2") is None


@pytest.mark.parametrize(
    ("more", "code"),
    [
        ({"topic": "politics"}, "unknown_topic"),
        ({"topic": ""}, "unknown_topic"),
        ({"text": "ngắn"}, "too_short"),
        ({"text": "số của tôi 0905123456 đây"}, "names_somebody"),
    ],
)
def test_refused_remarks(house: House, more: dict[str, Any], code: str) -> None:
    given = {"topic": "security", "text": TEXT, **more}
    with pytest.raises(BadInput) as e:
        voice.remark(house.store, house.clock.now(), key="r-1", **given)
    assert e.value.code == code
    assert house.told("ops") == []


def test_not_too_many(house: House) -> None:
    """Twelve remarks an hour, sixty votes; the hour after there is room again."""
    for n in range(12):
        voice.remark(house.store, house.clock.now(), key=f"r-{n}", topic="other", text=TEXT)
    with pytest.raises(TooMany):
        voice.remark(house.store, house.clock.now(), key="r-x", topic="other", text=TEXT)
    # Setting the clock is no hour gone by, and shuts nobody out for days either.
    for days in (3, -6):
        house.clock.is_set_to(house.clock.now().at + timedelta(days=days))
        with pytest.raises(TooMany):
            voice.remark(house.store, house.clock.now(), key="r-x", topic="other", text=TEXT)
    house.clock.passes(minutes=61)
    voice.remark(house.store, house.clock.now(), key="r-x", topic="other", text=TEXT)


def test_votes(house: House) -> None:
    vote: dict[str, Any] = {"kind": "hours", "choice": "evening", "catalogue": house.catalogue}
    for key in ("v-1", "v-1", "v-2"):
        voice.vote(house.store, house.clock.now(), key=key, **vote)
    assert house.store.value("SELECT count(*) FROM votes") == 2
    voice.vote(
        house.store,
        house.clock.now(),
        key="v-3",
        **{**vote, "kind": "service", "choice": "ket-hon"},
    )
    for wrong in ({"choice": "ket-hon"}, {"kind": "x"}, {"choice": "midnight"}):
        with pytest.raises(BadInput):
            voice.vote(house.store, house.clock.now(), key="v-4", **{**vote, **wrong})
    for n in range(57):
        voice.vote(house.store, house.clock.now(), key=f"w-{n}", **vote)
    with pytest.raises(TooMany):
        voice.vote(house.store, house.clock.now(), key="w-x", **vote)

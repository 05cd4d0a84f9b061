"""This file proves the family: numbers that belong together, each paper photographed once."""

from __future__ import annotations

import pytest

from appliance import seal
from appliance.errors import BadInput, Conflict
from appliance.service import family, visits
from appliance.service.erase import erase_visit
from appliance.service.unseal import open_pages
from appliance.store import families
from appliance.store import visits as kept

from .conftest import House
from .test_visits import photograph

PHOTO = "giay-chung-sinh"
JPEG = b"\xff\xd8 one page \xff\xd9"


def open_visit(house: House) -> str:
    """One volunteer opens visit after visit."""
    from appliance.store import volunteers

    there = volunteers.active(house.store)
    who = volunteers.get(house.store, there[0]["id"]) if there else house.volunteer()
    assert who is not None
    taken = house.take()
    row = visits.open_visit(
        house.store, house.clock.now(), key=f"open-{taken.id}", volunteer=who, ticket_id=taken.id
    )
    return str(row["id"])


@pytest.fixture
def two(house: House) -> tuple[str, str]:
    """Two open visits of one family; the first has its paper photographed, in RAM and sealed."""
    first, second = open_visit(house), open_visit(house)
    row = kept.get(house.store, first)
    assert row is not None
    page = photograph(house, row, PHOTO, JPEG)
    house.ram.put_page(first, page, JPEG)
    family.join(house.store, second, first)
    return first, second


def share(house: House, visit: str, wanted: set[str]) -> int:
    return family.share(
        house.store, house.ram, house.data_dir / "sealed", house.clock.now(), visit, wanted
    )


def test_one_photograph_serves_both(house: House, two: tuple[str, str]) -> None:
    """The page appears in the second visit, sealed to the second slip; a second tap adds none."""
    first, second = two
    assert [share(house, second, {PHOTO}) for _ in range(2)] == [1, 0]
    (page,) = kept.pages(house.store, second)
    row = kept.get(house.store, second)
    assert row is not None and page["recipient"] == row["recipient"]
    assert house.ram.page(second, page["id"]) == JPEG
    secret = house.ram.secret(row["ticket_id"])
    assert secret is not None and seal.recipient_of(secret) == row["recipient"]
    assert open_pages(house.store, house.data_dir / "sealed", second, secret) == [
        (page["id"], JPEG)
    ]
    assert len(kept.pages(house.store, first)) == 1


def test_only_what_is_wanted_and_missing(house: House, two: tuple[str, str]) -> None:
    first, second = two
    assert share(house, second, {"khac"}) == 0
    assert share(house, first, {PHOTO}) == 0  # it is its own


def test_strangers_share_nothing(house: House, two: tuple[str, str]) -> None:
    """Another number at the same desk, not of the family, is offered no page."""
    stranger = open_visit(house)
    assert family.to_share(house.store, house.ram, stranger, {PHOTO}) == []
    assert share(house, stranger, {PHOTO}) == 0


def test_a_page_that_is_locked_is_not_offered(house: House, two: tuple[str, str]) -> None:
    """Laid aside or wiped: only the slip opens it."""
    first, second = two
    house.ram.wipe_visit(first)
    assert family.to_share(house.store, house.ram, second, {PHOTO}) == []
    visits.park(house.store, house.ram, house.clock.now(), first)
    assert share(house, second, {PHOTO}) == 0


def test_a_card_that_is_full_leaves_nothing_half_done(
    house: House, two: tuple[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    second = two[1]

    def full(*_args: object) -> None:
        raise OSError(28, "no space left")

    monkeypatch.setattr("appliance.durable.write", full)
    with pytest.raises(OSError, match="no space"):
        share(house, second, {PHOTO})
    assert kept.pages(house.store, second) == []


def test_who_belongs_together(house: House, two: tuple[str, str]) -> None:
    """A third joins either of them; joining twice, or oneself, changes nothing; eight at most."""
    first, second = two
    third = open_visit(house)
    fourth = open_visit(house)
    family.join(house.store, fourth, third)
    for _ in range(2):
        family.join(house.store, third, second)
    others = {row["id"] for row in families.others(house.store, fourth)}
    assert others == {first, second, third}
    with pytest.raises(BadInput):
        family.join(house.store, first, first)
    for _ in range(family.MOST - 4):
        family.join(house.store, open_visit(house), first)
    with pytest.raises(Conflict) as e:
        family.join(house.store, open_visit(house), first)
    assert e.value.code == "family_full"


def test_a_visit_that_is_forgotten_is_nobodys_kin(house: House, two: tuple[str, str]) -> None:
    """The page it lent stays with the number it serves, until that one is forgotten too."""
    first, second = two
    share(house, second, {PHOTO})
    visits.park(house.store, house.ram, house.clock.now(), second)
    erase_visit(house.store, house.clock.now(), house.data_dir, house.ram, second)
    assert families.others(house.store, first) == []
    assert not [p for p in (house.data_dir / "sealed" / second).glob("*") if p.is_file()]
    assert len(kept.pages(house.store, first)) == 1

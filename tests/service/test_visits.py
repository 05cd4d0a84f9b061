"""This file proves the visit: opened once, its pages in order, finished with one slip."""

from __future__ import annotations

import hashlib
from datetime import timedelta

import pytest

from appliance import seal
from appliance.errors import BadInput, Conflict, NotFound, TooMany
from appliance.service import capture, page_changes, retention, visits
from appliance.service.unseal import open_pages
from appliance.store import print_jobs, tickets
from appliance.store import visits as kept

from .conftest import OPENING, House


def open_visit(house: House, name: str = "Chị Lan") -> dict[str, object]:
    taken = house.take()
    return visits.open_visit(
        house.store, house.clock.now(), key=f"open-{taken.id}", volunteer=house.volunteer(name),
        ticket_id=taken.id,
    )  # fmt: skip


def photograph(house: House, visit: dict[str, object], paper_id: str = "giay-chung-sinh",
               jpeg: bytes = b"\xff\xd8 a page \xff\xd9") -> str:  # fmt: skip
    """What the devices room does, without a camera."""
    visit_id = str(visit["id"])
    number = capture.ask_page(
        house.store, house.clock.now(), key=f"shot-{capture.new_page_id()}", visit_id=visit_id,
        paper_id=paper_id, catalogue=house.catalogue,
    )  # fmt: skip
    work = capture.next_capture(house.store, house.clock.now())
    assert work is not None and work["id"] == number
    row = kept.get(house.store, visit_id)
    assert row is not None
    sealed = seal.seal(jpeg, [row["recipient"]])
    page_id = capture.new_page_id()
    folder = house.data_dir / "sealed" / visit_id
    folder.mkdir(parents=True, exist_ok=True)
    (folder / f"{page_id}.age").write_bytes(sealed)
    house.ram.put_page(visit_id, page_id, jpeg)
    capture.page_done(
        house.store, house.clock.now(), number,
        capture.SealedPage(page_id, f"{page_id}.age", hashlib.sha256(sealed).hexdigest(),
                           row["recipient"], (1654, 2339), {"sharp": {"state": "ok"}}),
    )  # fmt: skip
    return page_id


def test_the_same_ticket_is_one_visit(house: House) -> None:
    visit = open_visit(house)
    again = visits.open_visit(
        house.store, house.clock.now(), key="other", volunteer=house.volunteer("Minh"),
        ticket_id=str(visit["ticket_id"]),
    )  # fmt: skip
    assert again["id"] == visit["id"]
    assert house.store.value("SELECT state FROM tickets") == "serving"


def test_a_key_that_did_something_else_opens_nothing(house: House) -> None:
    """Told as what it is; the number still waits."""
    visit = open_visit(house)
    taken = house.take()
    with pytest.raises(BadInput) as e:
        visits.open_visit(
            house.store, house.clock.now(), key=f"open-{visit['ticket_id']}",
            volunteer=house.volunteer("Minh"), ticket_id=taken.id,
        )  # fmt: skip
    assert e.value.code == "bad_key"
    row = tickets.get(house.store, taken.id)
    assert row is not None and row["state"] == "waiting"


def test_identity_cards_are_never_photographed(house: House) -> None:
    visit = open_visit(house)
    with pytest.raises(BadInput) as e:
        capture.ask_page(
            house.store, house.clock.now(), key="shot-12345", visit_id=str(visit["id"]),
            paper_id="can-cuoc-cha-me", catalogue=house.catalogue,
        )  # fmt: skip
    assert e.value.code == "never_captured"


def test_a_double_tap_is_one_photograph_and_a_third_waits(house: House) -> None:
    visit = open_visit(house)

    def tap(key: str) -> int:
        return capture.ask_page(
            house.store, house.clock.now(), key=key, visit_id=str(visit["id"]),
            paper_id="giay-chung-sinh", catalogue=house.catalogue,
        )  # fmt: skip

    assert tap("same-key") == tap("same-key")
    tap("key-2"), tap("key-3")
    with pytest.raises(TooMany):
        tap("key-4")


def test_a_capture_is_repeated_once_after_a_crash_then_given_up(house: House) -> None:
    visit = open_visit(house)
    number = capture.ask_page(
        house.store, house.clock.now(), key="shot-12345", visit_id=str(visit["id"]),
        paper_id="giay-chung-sinh", catalogue=house.catalogue,
    )  # fmt: skip
    for _ in range(2):
        assert capture.next_capture(house.store, house.clock.now())
        capture.recover(house.store, house.clock.now())
    row = kept.capture(house.store, number)
    assert row and (row["state"], row["code"]) == ("failed", "interrupted")


def test_an_old_capture_is_not_taken_when_the_camera_comes_back(house: House) -> None:
    """Nobody stands at the table any more."""
    visit = open_visit(house)
    number = capture.ask_page(
        house.store, house.clock.now(), key="shot-12345", visit_id=str(visit["id"]),
        paper_id="giay-chung-sinh", catalogue=house.catalogue,
    )  # fmt: skip
    house.clock.passes(minutes=5)
    assert capture.next_capture(house.store, house.clock.now()) is None
    row = kept.capture(house.store, number)
    assert row and row["code"] == "too_late"


def test_pages_keep_their_order_and_can_be_moved_and_removed(house: House) -> None:
    visit = open_visit(house)
    a, b, c = (photograph(house, visit) for _ in range(3))
    visit_id = str(visit["id"])

    def order() -> list[str]:
        return [page["id"] for page in kept.pages(house.store, visit_id)]

    page_changes.move_page(house.store, c, -1)
    assert order() == [a, c, b]
    page_changes.move_page(house.store, a, -1)
    assert order() == [a, c, b]
    capture.remove_page(house.store, house.ram, c)
    assert order() == [a, b] and house.ram.page(visit_id, c) is None


def test_finishing_prints_one_slip_and_wipes_the_clear_pages(house: House) -> None:
    visit = open_visit(house)
    page_id = photograph(house, visit)
    visit_id = str(visit["id"])
    visits.show_paper(house.store, visit_id, "can-cuoc-cha-me", True, house.catalogue)
    args = {"catalogue": house.catalogue, "done": ["submitted"], "missing": ["giay-cu-tru"]}
    job = visits.finish(house.store, house.ram, house.clock.now(), visit_id, **args)  # type: ignore[arg-type]
    assert visits.finish(house.store, house.ram, house.clock.now(), visit_id, **args) == job  # type: ignore[arg-type]
    row = print_jobs.get(house.store, job)
    assert row is not None
    assert '"Đã chụp: Giấy chứng sinh (1 trang)"' in row["payload"]
    assert '"Đã xem: Căn cước của cha hoặc mẹ"' in row["payload"]
    assert house.ram.page(visit_id, page_id) is None
    assert tickets.get(house.store, str(visit["ticket_id"]))["state"] == "done"  # type: ignore[index]
    assert house.told("queue")[-1]["pages"] == 1
    with pytest.raises(Conflict):
        visits.show_paper(house.store, visit_id, "can-cuoc-cha-me", False, house.catalogue)


@pytest.mark.parametrize("code", ["12", "H15.50.05.13-261008", "x" * 5000, "H15-261008-0975;DROP"])
def test_a_wrong_dossier_code_is_told_and_nothing_is_closed(house: House, code: str) -> None:
    visit = open_visit(house)
    with pytest.raises(BadInput) as e:
        visits.finish(house.store, house.ram, house.clock.now(), str(visit["id"]),
                      catalogue=house.catalogue, dossier_code=code)  # fmt: skip
    assert e.value.code == "bad_dossier_code"
    assert kept.get(house.store, str(visit["id"]))["state"] == "open"  # type: ignore[index]


def test_only_the_slip_opens_the_sealed_pages_again(house: House) -> None:
    """The paper in the resident's hand is the key; another resident's slip is not."""
    visit = open_visit(house)
    secret = house.ram.secret(str(visit["ticket_id"]))
    other = house.ram.secret(house.take().id)
    assert secret and other
    page_id = photograph(house, visit, jpeg=b"\xff\xd8 birth \xff\xd9")
    sealed_dir = house.data_dir / "sealed"
    assert open_pages(house.store, sealed_dir, str(visit["id"]), secret) == [
        (page_id, b"\xff\xd8 birth \xff\xd9")
    ]
    with pytest.raises(BadInput) as e:
        open_pages(house.store, sealed_dir, str(visit["id"]), other)
    assert e.value.code == "wrong_key"
    with pytest.raises(NotFound):
        open_pages(house.store, sealed_dir, "nope", secret)


def test_a_damaged_sealed_page_is_told(house: House) -> None:
    visit = open_visit(house)
    secret = house.ram.secret(str(visit["ticket_id"]))
    page_id = photograph(house, visit)
    path = house.data_dir / "sealed" / str(visit["id"]) / f"{page_id}.age"
    path.write_bytes(path.read_bytes()[:-1] + b"x")
    with pytest.raises(BadInput) as e:
        open_pages(house.store, house.data_dir / "sealed", str(visit["id"]), str(secret))
    assert e.value.code == "damaged"


def test_sealed_pages_go_after_their_hours_and_it_is_told(house: House) -> None:
    visit = open_visit(house)
    photograph(house, visit)
    sealed_dir = house.data_dir / "sealed"
    house.clock.passes(hours=47)
    assert retention.delete_sealed(house.store, house.clock.now(), sealed_dir, 48) == 0
    house.clock.passes(hours=2)
    assert retention.delete_sealed(house.store, house.clock.now(), sealed_dir, 48) == 1
    assert not list(sealed_dir.rglob("*.age"))
    assert house.told("ops")[-1] == {"type": "pages_deleted", "count": 1}
    before = house.store.connection.total_changes
    assert retention.delete_sealed(house.store, house.clock.now(), sealed_dir, 48) == 0
    assert house.store.connection.total_changes == before


def test_setting_the_clock_deletes_no_page(house: House) -> None:
    """Off over a long weekend, the box began with the clock of its last write; then the network's
    time came. The page is ten minutes old, not three days; after 48 hours it goes all the same."""
    house.clock.is_set_to(OPENING - timedelta(days=3), "none")
    visit = open_visit(house)
    photograph(house, visit)
    sealed_dir = house.data_dir / "sealed"
    house.clock.passes(minutes=10)
    house.clock.is_set_to(OPENING + timedelta(minutes=10), "ntp")
    assert retention.delete_sealed(house.store, house.clock.now(), sealed_dir, 48) == 0
    assert len(kept.pages(house.store, str(visit["id"]))) == 1
    visits.park(house.store, house.ram, house.clock.now(), str(visit["id"]))
    house.clock.boots(at=OPENING + timedelta(hours=47))
    assert retention.delete_sealed(house.store, house.clock.now(), sealed_dir, 48) == 0
    house.clock.passes(hours=2)
    assert retention.delete_sealed(house.store, house.clock.now(), sealed_dir, 48) == 1


def test_a_page_of_a_boot_that_never_knew_the_time_counts_from_when_it_is_known(
    house: House,
) -> None:
    """Power cut before the clock was set. The next start has the time: from there it is 48 hours,
    also over another start."""
    house.clock.is_set_to(OPENING - timedelta(days=3), "none")
    visit = open_visit(house)
    photograph(house, visit)
    visits.park(house.store, house.ram, house.clock.now(), str(visit["id"]))
    sealed_dir = house.data_dir / "sealed"
    house.clock.boots(at=OPENING)
    house.clock.is_set_to(OPENING, "ntp")
    assert retention.delete_sealed(house.store, house.clock.now(), sealed_dir, 48) == 0
    house.clock.boots("boot-3", at=OPENING + timedelta(hours=47))
    assert retention.delete_sealed(house.store, house.clock.now(), sealed_dir, 48) == 0
    house.clock.boots("boot-4", at=OPENING + timedelta(hours=49))
    assert retention.delete_sealed(house.store, house.clock.now(), sealed_dir, 48) == 1


def test_parking_wipes_ram_and_keeps_the_sealed_pages(house: House) -> None:
    visit = open_visit(house)
    page_id = photograph(house, visit)
    visits.park(house.store, house.ram, house.clock.now(), str(visit["id"]))
    assert house.ram.page(str(visit["id"]), page_id) is None
    assert len(kept.pages(house.store, str(visit["id"]))) == 1
    assert visits.go_on(house.store, house.clock.now(), str(visit["id"]))["state"] == "open"

"""This file proves that a visit is forgotten in one step, told as a count, once or twice."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from appliance.errors import Conflict, NotFound
from appliance.service import dossiers, slips, visits
from appliance.service.erase import Erased, erase_visit
from appliance.store.ram import Ram

from .conftest import House
from .test_visits import open_visit


@pytest.fixture
def visit(house: House, tmp_path: Path) -> str:
    """A closed visit with one sealed page, one dossier not yet with the ward, one page in RAM."""
    house.take()
    ticket_id = house.store.value("SELECT id FROM tickets LIMIT 1")
    with house.store.write():
        house.store.insert(
            "visits",
            {
                "id": "visit-1", "ticket_id": ticket_id, "state": "closed", "service_id": "x",
                "opened_at": "2026-11-23T01:00:00Z", "dossier_code": "H17.01-1",
                "outcome": '{"shown":["cccd"]}',
            },
        )  # fmt: skip
        house.store.insert(
            "pages",
            {
                "id": "page-1", "visit_id": "visit-1", "paper_id": "p", "position": 1,
                "recipient": "age1", "sealed_name": "page-1.age", "sealed_sha256": "0",
                "width_px": 1, "height_px": 1, "checks": "{}", "state": "kept",
                "taken_at": "2026-11-23T01:00:00Z",
            },
        )  # fmt: skip
        house.store.insert(
            "sealed_dossiers",
            {
                "id": "d1", "visit_id": "visit-1", "file": "d1.age", "sha256": "0",
                "size_bytes": 1, "pages": 1, "state": "sealed", "made_at": "2026-11-23T01:00:00Z",
            },
        )  # fmt: skip
        house.store.insert(
            "dossiers",
            {
                "visit_id": "visit-1", "look_up": "AB12", "status": 0,
                "status_at": "2026-11-23T01:00:00Z", "made_at": "2026-11-23T01:00:00Z",
            },
        )  # fmt: skip
    for name in ("sealed/visit-1/page-1.age", "dossiers/d1.age", "copies/before-0000-x.db",
                 "replaced-2026-11-22.db", "replaced-2026-11-22.db-wal"):  # fmt: skip
        path = tmp_path / "erase" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(b"sealed")
    return "visit-1"


def test_all_of_a_visit_goes_at_once(house: House, visit: str, tmp_path: Path) -> None:
    """Files, the clear pages in RAM, the dossier code, what was noted; the report has counts."""
    ram = Ram(tmp_path / "erase-ram")
    ram.make_folders()
    ram.put_page(visit, "page-1", b"clear")
    data = tmp_path / "erase"
    gone = erase_visit(house.store, house.clock.now(), data, ram, visit)
    assert gone == Erased(pages=1, dossiers=1)
    assert not [p for p in data.rglob("*") if p.is_file()]
    assert ram.page(visit, "page-1") is None
    row = house.store.one("SELECT dossier_code, outcome FROM visits WHERE id = ?", visit)
    assert row == {"dossier_code": None, "outcome": "{}"}
    assert house.store.value("SELECT state FROM pages") == "deleted"
    assert house.store.value("SELECT count(*) FROM dossiers") == 0
    assert house.store.value("SELECT state FROM sealed_dossiers") == "discarded"
    assert house.told("ops")[-1] == {"type": "erased", "visit": visit, "pages": 1, "dossiers": 1}
    again = erase_visit(house.store, house.clock.now(), data, ram, visit)
    assert again == Erased(pages=0, dossiers=0)


def test_an_open_or_unknown_visit_is_left_alone(house: House, visit: str, tmp_path: Path) -> None:
    """While somebody is at the desk nothing vanishes under their hands."""
    with house.store.write():
        house.store.run("UPDATE visits SET state = 'open'")
    ram = Ram(tmp_path / "erase-ram")
    with pytest.raises(Conflict):
        erase_visit(house.store, house.clock.now(), tmp_path / "erase", ram, visit)
    assert (tmp_path / "erase/sealed/visit-1/page-1.age").exists()
    with pytest.raises(NotFound):
        erase_visit(house.store, house.clock.now(), tmp_path / "erase", ram, "nobody")


def test_the_slips_of_a_visit_are_forgotten_with_it(house: House, tmp_path: Path) -> None:
    """Code, signs and what was done stand on them too. None is printed again, nor on its way; the
    slips of others stay."""
    ended = []
    for n, code in enumerate(("H15.50.05.13-261008-0975", "H15.50.05.13-261008-0976")):
        visit = str(open_visit(house, f"Chị {n}")["id"])
        visits.finish(
            house.store, house.ram, house.clock.now(), visit, catalogue=house.catalogue,
            dossier_code=code,
        )  # fmt: skip
        dossiers.print_result_slip(
            house.store, house.clock.now(), visit, key=f"r-{n}", bring=["Giấy chứng sinh"],
            what="Có em bé", where="Tại điểm này", when="thứ Sáu",
        )  # fmt: skip
        ended.append(visit)
    gone, stays = ended
    look_up = house.store.value("SELECT look_up FROM dossiers WHERE visit_id = ?", gone)
    erase_visit(house.store, house.clock.now(), tmp_path / "erase", house.ram, gone)
    kept = json.dumps(house.store.all("SELECT * FROM print_jobs"))
    assert "261008-0975" not in kept and f'"{look_up}' not in kept.replace("\\", "")
    assert kept.count("261008-0976") == 2
    mine = house.store.all("SELECT * FROM print_jobs WHERE visit_id = ?", gone)
    assert [job["state"] for job in mine] == ["cancelled"]
    with pytest.raises(NotFound):
        slips.print_again(house.store, house.clock.now(), mine[0]["id"])
    with pytest.raises(NotFound):
        visits.print_slip_again(house.store, house.clock.now(), gone)
    assert visits.print_slip_again(house.store, house.clock.now(), stays)
    with pytest.raises(Conflict):
        visits.finish(house.store, house.ram, house.clock.now(), gone, catalogue=house.catalogue)

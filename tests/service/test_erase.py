"""This file proves that a visit is forgotten in one step, told as a count, once or twice."""

from __future__ import annotations

from pathlib import Path

import pytest

from appliance.errors import Conflict, NotFound
from appliance.service.erase import Erased, erase_visit
from appliance.store.ram import Ram

from .conftest import House


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

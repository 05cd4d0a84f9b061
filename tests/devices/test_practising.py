"""This file proves that the machines serve a practice house too, marked, and the real one first."""

from __future__ import annotations

from pathlib import Path

import pytest

from appliance.core.slip import Banner, Slip
from appliance.devices.practising import with_practice
from appliance.devices.print_worker import PrintWorker
from appliance.devices.printer import open_printer
from appliance.service import practice, slip_content
from appliance.service.take_ticket import new_key, take_ticket
from appliance.store import print_jobs
from appliance.store.database import Row
from tests.devices.house_for_tests import SmallHouse, turn_until
from tests.devices.printers_for_tests import quick


def test_one_printer_for_both(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A real slip and a practised one come out, the practised one marked; when practising ends
    its worker is gone, and the real printer's memory was never touched by it."""
    house = SmallHouse(tmp_path)
    drawn: list[bool] = []
    true_slip_of = slip_content.slip_of

    def watched(job: Row, where: slip_content.House, secret: str | None) -> Slip:
        slip = true_slip_of(job, where, secret)
        drawn.append(any(isinstance(b, Banner) and "TẬP DÙNG" in b.text for b in slip.blocks))
        return slip

    monkeypatch.setattr("appliance.devices.print_worker.slip_of", watched)
    printer = open_printer(quick("virtual:"))
    turn = with_practice(
        PrintWorker(house.parts, printer).turn,
        house.parts,
        lambda parts: PrintWorker(parts, printer, remembers=False).turn,
    )
    real = house.take()
    lan = {"id": 1, "name": "Lan", "desk": 1, "shows_name": 1}
    begun = practice.begin(house.parts, house.now(), house.parts.catalogue, lan)
    store = begun.parts.store()
    taken = take_ticket(
        store, begun.parts.ram, house.now(), key=new_key(),
        service_id=house.parts.catalogue.services[0].id, channel="tablet",
        catalogue=house.parts.catalogue, zone="Asia/Ho_Chi_Minh", per_minute=60,
    )  # fmt: skip

    def both_out() -> bool:
        states = [
            (print_jobs.newest_of_ticket(s, t) or {})["state"]
            for s, t in ((house.store, real.id), (store, taken.id))
        ]
        return all(state in ("printed", "sent_unconfirmed") for state in states)

    turn_until(turn, both_out)
    assert drawn == [False, True]
    assert store.value("SELECT count(*) FROM outbox") == 0
    store.close()
    practice.end(begun.parts)
    turn_until(turn, lambda: not begun.parts.folder.exists())

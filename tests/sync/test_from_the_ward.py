"""This file proves that what a ward wants and answers reaches a house that was away, once."""

from __future__ import annotations

import hashlib
import json
from datetime import UTC, date, datetime
from typing import Any

from appliance import bootstrap
from appliance.service import catalogue as service
from appliance.store import from_ward, guide, volunteers
from tests.mqtt_broker import Process, eventually
from tests.sync.real_parts import House, MakeHouse, MakeWard
from ward import app
from ward.store import results, wanted

NOW = datetime.now(UTC)


def pin_hash(pin: str = "2468") -> str:
    salt = bytes(16)
    digest = hashlib.scrypt(pin.encode(), salt=salt, n=16384, r=8, p=1)
    return f"scrypt:16384:8:1:{salt.hex()}:{digest.hex()}"


ROSTER = {"volunteers": [{"id": "v1", "name": "Chị Lan", "desk": 2, "pin_hash": pin_hash()}]}


def want(w: app.Running, name: Any, body: dict[str, Any], house: str = "hien-thu") -> int:
    with w.ward.store.write() as db:
        return wanted.put(db, house, name, body, "officer", NOW)


def standing(w: app.Running, name: str) -> wanted.Standing:
    return next(s for s in wanted.of(w.ward.store.connection, "hien-thu") if s.name == name)


def answer(w: app.Running, dossier: str, state: Any, house: str = "hien-thu") -> None:
    with w.ward.store.write() as db:
        results.put(db, house, dossier, state, "", "officer", NOW)


def told(h: House, kind: str) -> list[dict[str, Any]]:
    rows = h.store.all("SELECT body FROM outbox WHERE stream = 'ops' ORDER BY ord")
    return [d for d in (json.loads(r["body"]) for r in rows) if d["type"] == kind]


def test_everything_waits_for_a_house_that_was_away(
    mosquitto: Process, house: MakeHouse, ward: MakeWard
) -> None:
    """Off for weeks, the broker forgets all meanwhile: at its return it gets the newest versions
    and every result in order, once."""
    w = ward(mosquitto.url)
    want(w, "roster", {"volunteers": []})
    want(w, "roster", ROSTER)
    want(w, "config", {"house.name": "Nhà mới", "sync.health_s": 30})
    for n in range(70):
        answer(w, f"d{n:03d}", "received")
    mosquitto.kill()
    mosquitto.start()
    eventually(lambda: w.ward.board.link_up)
    h = house(mosquitto.url)
    eventually(lambda: results.waiting(w.ward.store.connection, "hien-thu") == 0, 60)
    eventually(lambda: standing(w, "roster").applied)
    assert [v["name"] for v in volunteers.active(h.store)] == ["Chị Lan"]
    assert from_ward.versions(h.store) == {"roster": 2, "config": 1}
    assert len(from_ward.results(h.store, 100)) == 70
    assert [d["ver"] for d in told(h, "wanted") if d["name"] == "roster"] == [2]
    assert [d["upto"] for d in told(h, "results_taken")] == list(range(1, 71))


def test_a_version_that_cannot_be_used_changes_nothing_and_is_told(
    mosquitto: Process, house: MakeHouse, ward: MakeWard
) -> None:
    w, h = ward(mosquitto.url), house(mosquitto.url)
    want(w, "roster", ROSTER)
    eventually(lambda: standing(w, "roster").applied)
    two = [{"id": "v1", "name": "Chị Lan B", "desk": 1}, {"id": "v2", "name": "Anh Minh"}]
    want(w, "roster", {"volunteers": two})  # somebody new without a PIN
    want(w, "config", {"data.dir": "/tmp"})
    eventually(lambda: standing(w, "config").refused_code.startswith("may_not_set: "))
    eventually(lambda: standing(w, "roster").refused_code.startswith("bad_pin_hash"))
    (row,) = volunteers.active(h.store)
    assert (row["name"], row["desk"]) == ("Chị Lan", 2)
    assert not standing(w, "roster").applied


def test_a_card_that_goes_back_in_time_gets_the_rest_again(
    mosquitto: Process, house: MakeHouse, ward: MakeWard
) -> None:
    """The house has fewer results than it said: nothing is missing in the end, nothing twice."""
    w, h = ward(mosquitto.url), house(mosquitto.url)
    for n in range(5):
        answer(w, f"d{n}", "received")
    db = w.ward.store.connection
    eventually(lambda: results.waiting(db, "hien-thu") == 0)
    h.stop()
    with h.store.write():
        h.store.run("UPDATE down_lanes SET upto = 2")
        h.store.run("DELETE FROM dossier_results WHERE seq > 2")
    h.start()
    eventually(lambda: len(from_ward.results(h.store)) == 5)
    eventually(lambda: results.waiting(db, "hien-thu") == 0)


def test_a_ward_whose_database_went_back_is_heard_again(
    mosquitto: Process, house: MakeHouse, ward: MakeWard
) -> None:
    """It would use numbers the house has seen already: it begins anew instead."""
    w, h = ward(mosquitto.url), house(mosquitto.url)
    for n in range(3):
        answer(w, f"d{n}", "received")
    store = w.ward.store
    eventually(lambda: results.waiting(store.connection, "hien-thu") == 0)
    h.stop()
    with store.write() as db:
        db.execute("DELETE FROM results WHERE seq > 1")
        db.execute("UPDATE result_lanes SET last_seq = 1, taken = 1")
    answer(w, "d9", "done")
    h.start()
    eventually(lambda: "d9" in {r["dossier_id"] for r in from_ward.results(h.store)})
    assert len(from_ward.results(h.store)) == 4


FEE = {"vnd": 15000, "per": "lần", "per_en": "time", "exempt": "hộ nghèo", "exempt_en": "the poor"}


SERVICE = {
    "id": "viec-khac", "name": "Việc khác", "name_en": "Something else", "procedure": "Việc khác",
    "code": "", "papers": [],
}  # fmt: skip


def changes(fee: dict[str, Any] = FEE) -> list[dict[str, Any]]:
    return [{"code": "1.004884", "from": "2026-11-01", "fee": fee}]


def test_the_wards_changes_of_the_guide_reach_the_house(
    mosquitto: Process, house: MakeHouse, ward: MakeWard
) -> None:
    """Fees and days by `down/catalogue`: taken whole, told; a broken version is refused with the
    place that is wrong, and the last good one stays; a version without them takes them back."""
    w, h = ward(mosquitto.url), house(mosquitto.url)
    days = [{"on": "2026-12-31", "works": False, "name": "Nghỉ của phường"}]
    want(w, "catalogue", {"procedures": changes(), "days": days})
    eventually(lambda: guide.override_version(h.store) == 1)
    assert service.current(h.store, h.parts.guide).ward_version == 1
    assert guide.ward_days(h.store) == {date(2026, 12, 31): False}
    # Rooms that start anew take up no service list from it, and say which version they have.
    assert bootstrap.build(h.parts.config, "sync").in_effect["catalogue"] == 1
    want(w, "catalogue", {"procedures": changes({**FEE, "vnd": -1}), "days": []})
    eventually(lambda: standing(w, "catalogue").refused_ver == 2)
    code = standing(w, "catalogue").refused_code
    assert code.startswith("bad_field: catalogue.procedures[1].fee.vnd"), code
    assert guide.override_version(h.store) == 1
    assert guide.ward_days(h.store) == {date(2026, 12, 31): False}
    service_list = {"version": 2, "services": [SERVICE]}
    want(w, "catalogue", service_list)
    eventually(lambda: guide.override_version(h.store) == 3)
    assert guide.ward_days(h.store) == {}
    assert [d["state"] for d in told(h, "wanted")] == ["applied", "refused", "applied"]


def test_changes_taken_from_a_file_are_told_so_that_the_ward_goes_on_above_them(
    mosquitto: Process, house: MakeHouse, ward: MakeWard
) -> None:
    w, h = ward(mosquitto.url), house("none:")
    service.apply_override(
        h.store, h.parts.clock.now(), h.parts.guide, {"version": 40, "procedures": changes()}
    )
    h.stop()
    h = house(mosquitto.url)
    eventually(lambda: _reports(w, "catalogue_ver") == 40)
    with w.ward.store.write() as db:
        ver = wanted.put(db, h.id, "catalogue", {"days": []}, "officer", NOW, 40)
    assert ver == 41
    eventually(lambda: guide.override_version(h.store) == 41)


def _reports(w: app.Running, key: str) -> object:
    found = w.ward.board.house("hien-thu")
    return found[0].peek("hello").get(key) if found else None

"""This file proves that practising touches nothing real: no row, no report, no figure, no paper
without its mark; that it cannot be overlooked; and that it ends by itself."""

from __future__ import annotations

import hashlib
import json
import threading
from typing import Any

import pytest

from appliance.core.slip import Banner
from appliance.service import practice as service
from appliance.service.slip_content import PRACTICE_MARK, slip_of
from appliance.store import outbox, print_jobs
from appliance.store.database import Store
from tests.web.at_desk import JSON, PHOTO, Volunteer, photograph
from tests.web.conftest import ORIGIN, House


@pytest.fixture
def lan(house: House) -> Volunteer:
    return Volunteer(house, "Lan")


def everything(store: Store) -> str:
    """A digest of every row of every table of the real house."""
    names = [r["name"] for r in store.all("SELECT name FROM sqlite_master WHERE type = 'table'")]
    rows = {name: store.all(f"SELECT * FROM {name}") for name in sorted(names)}
    return hashlib.sha256(json.dumps(rows, default=str).encode()).hexdigest()


def begun(house: House, lan: Volunteer) -> Any:
    """Lan practises; the practice house's parts."""
    assert lan.post("/desk/practice/begin").status_code == 303
    (folder,) = service.folders(house.parts.ram)
    return service.PracticeParts(house.parts, folder)


def test_a_whole_visit_leaves_nothing_real(house: House, lan: Volunteer) -> None:
    """Called, received, photographed, finished, help answered, a number taken, a lesson ticked,
    a phone's picture: the real table has not one other row, and nothing waits for the ward."""
    before = everything(house.store)
    parts = begun(house, lan)
    page = lan.get("/desk").text
    assert "TẬP DÙNG" in page and "Không có gì thật ở đây" in page
    ticket = lan.post_json("/desk/call-next", key=house.new_key()).get_json()
    opened = lan.act(f"/desk/tickets/{ticket['id']}/open")
    visit = opened.location.rsplit("/", 1)[1]
    practised = parts.store()
    asked = lan.client.post(
        f"/visits/{visit}/papers/{PHOTO}/photo", data={"key": house.new_key()}, headers=JSON
    )
    assert asked.status_code == 200 or asked.get_json()["error"] == "unknown_paper"
    lan.post(f"/visits/{visit}/finish", done="submitted", dossier_code="H15.50.05.13-261008-0975")
    call = practised.value("SELECT id FROM help_calls")
    lan.post(f"/desk/help/{call}/answer", eta_min="5")
    taken = lan.post_json("/tickets", service="ket-hon", key=house.new_key())
    assert taken.status_code == 201
    lan.post("/learn/cai-vneid/alone", key=house.new_key())
    lan.post("/help", key=house.new_key())
    assert practised.value("SELECT count(*) FROM tickets") == 4
    assert practised.value("SELECT count(*) FROM learned") == 1
    assert practised.value("SELECT count(*) FROM outbox") == 0
    assert outbox.count_pending(practised) == 0 and outbox.lanes(practised) == []
    practised.close()
    assert everything(house.store) == before


def test_a_thread_that_met_practice_first(house: House, lan: Volunteer) -> None:
    """A worker thread keeps one connection to the table: it must be the real one, also when its
    first request came from somebody who practises."""
    begun(house, lan)
    seen: list[tuple[int, int]] = []

    def worker() -> None:
        practised = lan.get("/desk/practice").status_code
        resident = house.app.test_client()
        taken = resident.post(
            "/tickets", data={"service": "ket-hon", "key": house.new_key()}, headers=JSON
        )
        seen.append((practised, taken.status_code))

    thread = threading.Thread(target=worker)
    thread.start()
    thread.join(30)
    assert seen == [(200, 201)]
    assert house.store.value("SELECT count(*) FROM tickets") == 1


def test_even_a_row_forced_in_does_not_stay(house: House, lan: Volunteer) -> None:
    """The lock is in the table itself: whoever writes a report there finds none afterwards."""
    store = begun(house, lan).store()
    with store.write():
        store.run(
            "INSERT INTO outbox (epoch, stream, seq, mono_ms, at, sync, body)"
            " VALUES ('e', 'ops', 1, 1, 't', 'none', '{}')"
        )
    assert store.value("SELECT count(*) FROM outbox") == 0
    store.close()


def test_only_this_browser_practises(house: House, lan: Volunteer) -> None:
    """Others see the real house; the real queue stays where it was, the report is empty."""
    house.take()
    begun(house, lan)
    assert lan.get("/live.json").get_json()["waiting"] == 3
    assert lan.get("/live").status_code == 503  # polled instead
    resident = house.app.test_client()
    house.hub.look()
    assert resident.get("/live.json").get_json()["waiting"] == 1
    assert "TẬP DÙNG" not in resident.get("/").text
    version = lan.get("/live.json").get_json()["version"]
    assert lan.get("/live.json").get_json()["version"] == version
    lan.post_json("/tickets", service="ket-hon", key=house.new_key())
    assert lan.get("/live.json").get_json()["version"] != version


@pytest.mark.parametrize("path", ["/", "/desk", "/wall", "/help", "/guide", "/learn", "/nope"])
def test_no_screen_without_the_banner(house: House, lan: Volunteer, path: str) -> None:
    """Unmistakable on every screen, the wall and an error included."""
    begun(house, lan)
    assert 'class="practising"' in lan.get(path).text


def test_every_slip_is_marked(house: House, lan: Volunteer) -> None:
    """At the head and at the foot, on paper and in the picture on the screen."""
    parts = begun(house, lan)
    lan.post_json("/tickets", service="ket-hon", key=house.new_key())
    store = parts.store()
    (job,) = print_jobs.queued(store)
    slip = slip_of(job, parts.house, None)
    assert slip.blocks[0] == slip.blocks[-1] == Banner(PRACTICE_MARK)
    assert Banner(PRACTICE_MARK) not in slip_of(job, house.parts.house, None).blocks
    store.close()


def test_it_ends_by_itself(house: House, lan: Volunteer) -> None:
    """After 20 minutes the same browser is in the real house; nothing is left in RAM."""
    folder = begun(house, lan).folder
    house.clock.ahead_s += service.LASTS_S + 1
    assert "TẬP DÙNG" not in lan.get("/wall").text
    assert not folder.exists() and service.folders(house.parts.ram) == []


@pytest.mark.parametrize("way", ["/desk/practice/end", "/desk/sign-out"])
def test_ways_out(house: House, lan: Volunteer, way: str) -> None:
    """Stop, or sign out: both lead back to the real desk, still signed in; twice is once."""
    folder = begun(house, lan).folder
    assert lan.post(way).status_code == 303
    assert not folder.exists()
    assert "TẬP DÙNG" not in lan.get("/desk").text and lan.get("/desk").status_code == 200
    assert lan.post("/desk/practice/end").status_code == 303


def test_whoever_comes_next_is_in_the_real_house(house: House, lan: Volunteer) -> None:
    """The tablet's reset for the next person ends practising too."""
    begun(house, lan)
    lan.get("/set/fresh")
    assert service.folders(house.parts.ram) == []
    assert "TẬP DÙNG" not in lan.get("/").text


def test_who_may_practise(house: House, lan: Volunteer) -> None:
    """Volunteers only, three at once; a forged cookie opens nothing; once is enough."""
    assert house.post("/desk/practice/begin").status_code == 403
    forged = house.app.test_client()
    forged.set_cookie("hien_practice", "x" * 32)
    assert "TẬP DÙNG" not in forged.get("/").text
    assert forged.get("/desk").status_code == 303
    begun(house, lan)
    lan.post("/desk/practice/begin")
    assert len(service.folders(house.parts.ram)) == 1
    people = [Volunteer(house, name, desk=2) for name in ("Minh", "Hoa", "Tú")]
    answers = [one.post("/desk/practice/begin").status_code for one in people]
    assert answers == [303, 303, 429]


def test_the_cookie_alone_is_not_enough(house: House, lan: Volunteer) -> None:
    """Somebody who has only the practice cookie is no volunteer, not even there."""
    begun(house, lan)
    cookie = lan.client.get_cookie("hien_practice")
    assert cookie is not None
    thief = house.app.test_client()
    thief.set_cookie("hien_practice", cookie.value)
    assert thief.get("/desk").status_code == 303
    assert thief.post("/desk/call-next", data={"key": "k"}, headers=ORIGIN).status_code == 403


def test_what_is_not_for_practice(house: House, lan: Volunteer) -> None:
    """Telephones, the ward's page and remarks would act on the real house: they lead back."""
    begun(house, lan)
    for path in ("/desk/phones", "/voice"):
        assert lan.get(path).location == "/desk/practice"


def test_real_pages_stay_in_the_real_house(house: House, lan: Volunteer) -> None:
    """A page photographed for real cannot be seen while practising, nor the other way round."""
    visit = lan.open_visit()
    page = photograph(house, visit)
    assert lan.get(f"/visits/{visit}/pages/{page}.jpg").status_code == 200
    begun(house, lan)
    assert lan.get(f"/visits/{visit}/pages/{page}.jpg").status_code == 404

"""This file proves what follows a visit: look-up, states, papers added, drafts watched, results."""

from __future__ import annotations

import json
from typing import Any

import pytest

from appliance.errors import BadInput, Conflict, NotFound
from appliance.service import (
    dossiers,
    look_after,
    proof_watch,
    results,
    retention,
    visits,
    ward_commands,
)
from appliance.service.slip_content import House as SlipHouse
from appliance.service.slip_content import slip_of
from appliance.store import dossiers as kept
from appliance.store import print_jobs
from appliance.store import visits as kept_visits
from tests.service.conftest import ZONE, House

CODE = "H15.50.05.13-261008-0975"
HOUSE = SlipHouse("h", "Nhà", "", "0236", "http://x", ZONE)


def ended(house: House, **more: Any) -> str:
    """A visit from ticket to slip; its id."""
    taken, now = house.take(), house.clock.now()
    lan = house.store.one("SELECT * FROM volunteers LIMIT 1") or house.volunteer()
    visit = visits.open_visit(
        house.store, now, key=f"o-{taken.id}", volunteer=lan, ticket_id=taken.id
    )
    given = {"done": ["submitted"], "dossier_code": CODE, **more}
    visits.finish(house.store, house.ram, now, visit["id"], catalogue=house.catalogue, **given)
    return str(visit["id"])


def command(house: House, op: str, job: str = "job-1", **args: Any) -> tuple[str, str]:
    return ward_commands.run_command(house.store, house.clock.now(), job_id=job, op=op, args=args)


def test_the_slip_has_a_code_that_opens_with_the_number(house: House) -> None:
    """Number and code together, typed any way; one alone, another's, or after 180 days: nothing."""
    visit = ended(house)
    row = dossiers.get(house.store, visit)
    assert row["status"] == 1
    job = print_jobs.newest_of_visit(house.store, visit)
    assert job is not None and row["look_up"] in repr(slip_of(job, HOUSE, None))
    now, code = house.clock.now(), row["look_up"]
    found = dossiers.find(house.store, now, row["number"], f" {code.lower()} ")
    assert found is not None and found["visit_id"] == visit
    assert dossiers.find(house.store, now, row["number"] + 1, code) is None
    other = "KMXT" if code != "KMXT" else "TXMK"
    assert dossiers.find(house.store, now, row["number"], other) is None
    with pytest.raises(BadInput):
        dossiers.find(house.store, now, row["number"], "")
    assert dossiers.find(house.store, house.clock.passes(days=181), row["number"], code) is None


def test_advice_is_not_followed(house: House) -> None:
    visit = ended(house, done=["advised"], dossier_code="")
    with pytest.raises(NotFound):
        dossiers.get(house.store, visit)


def test_why_it_could_not_be_done(house: House) -> None:
    """The reason is a code: on the slip in words, told to the ward, never free text."""
    visit = ended(house, done=[], dossier_code="", not_done="in_person")
    job = print_jobs.newest_of_visit(house.store, visit)
    assert job is not None
    assert "phải đến trực tiếp" in repr(slip_of(job, HOUSE, None))
    assert house.told("queue")[-1]["not_done"] == "in_person"
    row = kept_visits.get(house.store, visit)
    assert row is not None and row["outcome"]["not_done"] == "in_person"
    with pytest.raises(BadInput) as e:
        ended(house, not_done="vì bà Lan quên")
    assert e.value.code == "unknown_reason"


def test_states(house: House) -> None:
    """Each change once, told once; no eleventh state; a code known later makes it submitted."""
    visit = ended(house, dossier_code="")
    assert dossiers.get(house.store, visit)["status"] == 0
    dossiers.set_code(house.store, house.clock.now(), visit, CODE.lower())
    assert dossiers.get(house.store, visit)["status"] == 1
    for _ in range(2):
        dossiers.set_status(house.store, house.clock.now(), visit, 5)
    assert [c["status"] for c in kept.changes(house.store, visit)] == [0, 1, 5]
    for bad in (0, 11, -1):
        with pytest.raises(BadInput):
            dossiers.set_status(house.store, house.clock.now(), visit, bad)
    assert house.told("ops")[-1] == {
        "type": "dossier", "code": CODE, "service": "co-em-be", "status": 5, "by_ward": 0,
    }  # fmt: skip


def test_the_ward_says_so(house: House) -> None:
    """By the portal's code; a code that is not from here is rejected, as is a wrong status."""
    visit = ended(house)
    assert command(house, "dossier_status", code=CODE, status=9) == ("done", "")
    assert dossiers.get(house.store, visit)["by_ward"] == 1
    unknown = CODE.replace("0975", "0976")
    assert command(house, "dossier_status", "j2", code=unknown, status=9)[1] == "unknown_dossier"
    assert command(house, "dossier_status", "j3", code=CODE, status=12)[1] == "bad_status"
    assert command(house, "dossier_status", "j4", status=9)[1] == "bad_args"


def test_papers_are_added_later(house: House) -> None:
    """A visit of its own, with the dossier's code, whose slip carries the first look-up code."""
    first = ended(house)
    lan = house.store.one("SELECT * FROM volunteers LIMIT 1")
    assert lan is not None
    given = {"key": "again-0001", "volunteer": lan, "catalogue": house.catalogue, "zone": ZONE}
    visit = dossiers.add_papers(house.store, house.ram, house.clock.now(), first, **given)
    same = dossiers.add_papers(house.store, house.ram, house.clock.now(), first, **given)
    assert same["id"] == visit["id"]
    visits.finish(
        house.store, house.ram, house.clock.now(), visit["id"], catalogue=house.catalogue,
        done=["supplemented"], dossier_code=CODE,
    )  # fmt: skip
    row = dossiers.get(house.store, first)
    job = print_jobs.newest_of_visit(house.store, visit["id"])
    assert job is not None and json.loads(job["payload"])["look_up"] == row["look_up"]
    found = dossiers.find(house.store, house.clock.now(), visit["number"], row["look_up"])
    assert found is not None and found["visit_id"] == first
    assert house.store.value("SELECT count(*) FROM dossiers") == 1
    dossiers.set_status(house.store, house.clock.now(), first, 10)
    with pytest.raises(Conflict):
        dossiers.add_papers(
            house.store, house.ram, house.clock.now(), first, **{**given, "key": "again-0002"}
        )


def test_the_result_slip(house: House) -> None:
    visit = ended(house)
    job_id = dossiers.print_result_slip(
        house.store, house.clock.now(), visit, key="r-1", bring=["Giấy chứng sinh"],
        what="Có em bé", where="Phường Hòa Phước", when="trước 15 giờ",
    )  # fmt: skip
    job = print_jobs.get(house.store, job_id)
    assert job is not None
    text = repr(slip_of(job, HOUSE, None))
    for words in ("Giấy chứng sinh", "Phường Hòa Phước", "trước 15 giờ", CODE, "MIỄN PHÍ"):
        assert words in text


@pytest.mark.parametrize(
    ("state", "title", "said"),
    [("supplement", "Phường cần bổ sung", "Phường cần bác bổ sung. Trang 2 bị mờ."),
     ("done", "Đã có kết quả", "Phường đã làm xong. Trang 2 bị mờ.")],
)  # fmt: skip
def test_what_the_ward_said_stands_on_the_slip(
    house: House, state: str, title: str, said: str
) -> None:
    """By the dossier's id, from `down/result` to the paper; the visit's status follows as well."""
    visit = ended(house)
    with house.store.write():
        house.store.insert(
            "sealed_dossiers",
            {"id": "d-1", "visit_id": visit, "file": "d-1.age", "sha256": "0", "size_bytes": 1,
             "pages": 1, "state": "delivered", "made_at": house.clock.now().at_text},
        )  # fmt: skip
    now = house.clock.now()
    for seq, (word, note) in enumerate((("received", ""), (state, "Trang 2 bị mờ.")), 1):
        assert results.take_result(
            house.store, now, epoch="w-1", seq=seq, dossier="d-1", state=word, note=note,
            at=now.at_text,
        )  # fmt: skip
    job_id = dossiers.print_result_slip(
        house.store, now, visit, key="r-1", bring=[], what="Có em bé", where="Tại điểm này",
        when="trước thứ Sáu",
    )  # fmt: skip
    job = print_jobs.get(house.store, job_id)
    assert job is not None
    slip = slip_of(job, HOUSE, None)
    assert title in repr(slip.blocks[0]) and said in repr(slip)
    house.clock.passes(days=366)
    assert retention.forget_results(house.store, house.clock.now()) == 2
    assert retention.forget_results(house.store, house.clock.now()) == 0


def test_a_draft_is_watched_for_a_day(house: House) -> None:
    """Told once at 50 %, once at 80 %, lapsed at the end; idle in between writes nothing."""
    visit = ended(house)
    watch = proof_watch.begin(house.store, house.clock.now(), visit)
    assert proof_watch.begin(house.store, house.clock.now(), visit) == watch
    told = []
    for hours in (11, 2, 0, 6.5, 0, 5):
        house.clock.passes(hours=hours)
        before = house.store.value("SELECT count(*) FROM outbox")
        look_after.look_after(house.store, house.ram, house.clock.now(), ZONE)
        told.append(house.store.value("SELECT count(*) FROM outbox") - before)
    assert told == [0, 1, 0, 1, 0, 1]
    types = [(t["type"], t.get("pct")) for t in house.told("ops") if "proof" in str(t["type"])]
    assert types == [
        ("proof_began", None), ("proof_level", 50), ("proof_level", 80), ("proof_lapsed", None),
    ]  # fmt: skip
    assert kept.watches(house.store) == []


def test_a_draft_that_was_read(house: House) -> None:
    """Confirmed in time: no more marks. The ward may begin a watch, too. A wrong answer is none."""
    visit = ended(house)
    assert command(house, "proof_draft", code=CODE) == ("done", "")
    (row,) = kept.watches(house.store)
    with pytest.raises(BadInput):
        proof_watch.end(house.store, house.clock.now(), row["id"], "lapsed")
    for _ in range(2):
        proof_watch.end(house.store, house.clock.now(), row["id"], "confirmed")
    house.clock.passes(hours=30)
    assert proof_watch.escalate(house.store, house.clock.now()) == 0
    assert house.told("ops")[-1]["type"] == "proof_confirmed"
    assert proof_watch.begin(house.store, house.clock.now(), visit) != row["id"]


def test_a_watch_goes_on_over_a_restart(house: House) -> None:
    """After a boot the wall clock counts; a clock set back does not bring a mark twice."""
    visit = ended(house)
    proof_watch.begin(house.store, house.clock.now(), visit)
    house.clock.passes(hours=13)
    assert proof_watch.escalate(house.store, house.clock.now()) == 1
    house.clock.boots()
    assert proof_watch.escalate(house.store, house.clock.now()) == 0
    house.clock.passes(hours=7)
    assert proof_watch.escalate(house.store, house.clock.now()) == 1

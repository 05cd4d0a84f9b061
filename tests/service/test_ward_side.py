"""This file proves what passes between the table and the ward: lanes, receipts, commands once."""

from __future__ import annotations

from appliance.service import help as help_service
from appliance.service import receipts, retention, ward_commands
from appliance.service.report import tell
from appliance.store import help_calls, outbox

from .conftest import House


def test_each_lane_counts_from_one_in_each_boot(house: House) -> None:
    with house.store.write():
        for stream in ("queue", "help", "queue"):
            tell(house.store, house.clock.now(), stream, {"type": "x"})  # type: ignore[arg-type]
        tell(house.store, house.clock.boots(), "queue", {"type": "x"})
    rows = house.store.all("SELECT epoch, stream, seq FROM outbox ORDER BY ord")
    assert [tuple(row.values()) for row in rows] == [
        ("boot-1", "queue", 1), ("boot-1", "help", 1), ("boot-1", "queue", 2),
        ("boot-2", "queue", 1),
    ]  # fmt: skip


def test_only_the_wards_word_retires_a_report(house: House) -> None:
    for _ in range(5):
        house.take()
    now = house.clock.now()
    assert receipts.take_receipt(house.store, now, epoch="boot-1", stream="queue", upto=3) == 3
    assert receipts.take_receipt(house.store, now, epoch="boot-1", stream="queue", upto=2) == 0
    assert receipts.take_receipt(house.store, now, epoch="other", stream="queue", upto=99) == 0
    assert [r["seq"] for r in outbox.pending(house.store, "boot-1", "queue", 0, 10)] == [4, 5]
    assert outbox.count_pending(house.store) == 2


def test_receipted_reports_are_kept_thirty_days(house: House) -> None:
    house.take()
    receipts.take_receipt(house.store, house.clock.now(), epoch="boot-1", stream="queue", upto=1)
    house.clock.passes(days=29)
    assert retention.forget_receipted(house.store, house.clock.now()) == 0
    house.clock.passes(days=2)
    assert retention.forget_receipted(house.store, house.clock.now()) == 1


def test_an_answer_from_the_ward_is_taken_once(house: House) -> None:
    call = help_service.call_help(house.store, house.clock.now(), key="p", source="button")
    args = {"call": call["id"], "who": "Anh Tú (phường)", "eta_min": 10}
    for _ in range(3):
        assert ward_commands.run_command(
            house.store, house.clock.now(), job_id="job-1", op="answer_help", args=args
        ) == ("done", "")
    (row,) = help_calls.still_on(house.store)
    assert row["state"] == "answered" and row["by_ward"] == 1
    assert [b["type"] for b in house.told("help")] == ["called", "answered"]
    assert len(house.told("ops")) == 1


def test_hostile_commands_are_rejected_and_audited(house: House) -> None:
    """Unknown operations, missing or absurd arguments: rejected, told, nothing else happens."""
    bad = [
        ("reboot_everything", {}),
        ("answer_help", {}),
        ("answer_help", {"call": "x" * 9999, "eta_min": "soon"}),
        ("answer_help", {"call": None, "eta_min": None}),
        ("close_help", {"call": "unknown"}),
    ]
    for n, (op, args) in enumerate(bad):
        state, code = ward_commands.run_command(
            house.store, house.clock.now(), job_id=f"j{n}", op=op, args=args
        )
        assert state == "rejected" and code
    assert len(house.told("ops")) == len(bad)
    assert house.told("help") == []

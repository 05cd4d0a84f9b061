"""This file proves notices: limits, the last day, hours shown, text gone when it comes down."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from appliance.errors import BadInput, TooMany
from appliance.service import look_after, postings, ward_commands
from appliance.store import postings as kept
from appliance.store.database import Row
from tests.service.conftest import OPENING, ZONE, House

TEXT = "Danh sách hộ nghèo năm 2026\n1. Hộ số 12\n2. Hộ số 15"


def put_up(house: House, key: str = "k-1", **more: Any) -> Row:
    given = {"title": "Kết quả rà soát hộ nghèo", "text": TEXT, "working_days": 3, **more}
    return postings.put_up(house.store, house.clock.now(), key=key, zone=ZONE, **given)


def test_three_working_days(house: House) -> None:
    """Put up on Monday 23 November 2026; the 24th is a day of rest from 2026 on."""
    row = put_up(house)
    assert row["last_on"] == "2026-11-27"
    assert put_up(house)["id"] == row["id"]  # the same key
    house.clock.passes(days=4)
    look_after.look_after(house.store, house.ram, house.clock.now(), ZONE)
    assert len(kept.up(house.store)) == 1  # Friday: its last day
    house.clock.passes(days=1)
    look_after.look_after(house.store, house.ram, house.clock.now(), ZONE)
    gone = kept.get(house.store, row["id"])
    assert gone is not None
    assert (gone["state"], gone["text"], gone["down_early"]) == ("down", "", 0)
    assert gone["text_sha256"] == row["text_sha256"]


def test_hung_before_the_clock_was_set_it_hangs_as_long_as_it_should(house: House) -> None:
    """Three working days from the day it was really put up; the ward hears the right day."""
    house.clock.is_set_to(OPENING - timedelta(days=30), "none")
    row = put_up(house)
    assert row["last_on"] < "2026-11-01"
    house.clock.passes(minutes=10)
    house.clock.is_set_to(OPENING + timedelta(minutes=10), "ntp")
    look_after.look_after(house.store, house.ram, house.clock.now(), ZONE)
    (hung,) = kept.up(house.store)
    assert (hung["posted_on"], hung["last_on"]) == ("2026-11-23", "2026-11-27")
    assert hung["posted_at"] == "2026-11-23T01:00:00.000Z"
    assert house.told("ops")[-1]["last_on"] == "2026-11-27"
    before = house.store.connection.total_changes
    look_after.look_after(house.store, house.ram, house.clock.now(), ZONE)
    assert house.store.connection.total_changes == before


def test_taken_down_early(house: House) -> None:
    row = put_up(house)
    for _ in range(2):
        postings.take_down(house.store, house.clock.now(), row["id"], zone=ZONE)
    gone = kept.get(house.store, row["id"])
    assert gone is not None and gone["down_early"] == 1
    assert [t["type"] for t in house.told("ops")] == ["posted", "taken_down"]


def test_hours_shown(house: House) -> None:
    """One row an hour and screen; a look within ten minutes writes nothing."""
    row = put_up(house)
    for minutes in (0, 1, 12, 50):
        house.clock.passes(minutes=minutes)
        postings.seen(house.store, house.clock.now(), [row["id"]], "wall")
    version = house.store.value("SELECT total_changes()")
    postings.seen(house.store, house.clock.now(), [row["id"]], "wall")
    assert house.store.value("SELECT total_changes()") == version
    hours = kept.hours(house.store, row["id"])
    assert [(h["first_at"][11:16], h["last_at"][11:16]) for h in hours] == [
        ("01:00", "01:13"),
        ("02:03", "02:03"),
    ]


@pytest.mark.parametrize(
    ("more", "code"),
    [
        ({"title": ""}, "too_short"),
        ({"title": "x" * 81}, "too_long"),
        ({"text": "  "}, "too_short"),
        ({"text": "x" * 2001}, "too_long"),
        ({"text": "x" * 10_000_000}, "too_long"),
        ({"text": "dòng\n" * 61}, "too_many_lines"),
        ({"text": TEXT + "\x1b[31m"}, "bad_text"),
        ({"working_days": 0}, "bad_number"),
        ({"working_days": 61}, "bad_number"),
    ],
)
def test_wrong_notices(house: House, more: dict[str, Any], code: str) -> None:
    with pytest.raises(BadInput) as e:
        put_up(house, **more)
    assert e.value.code == code
    assert kept.up(house.store) == []


def test_a_full_board(house: House) -> None:
    for n in range(12):
        put_up(house, f"k-{n}")
    with pytest.raises(TooMany):
        put_up(house, "k-12")


def test_the_ward_posts(house: House) -> None:
    """Pushed by the ward; the audit of commands does not keep the text."""
    args = {"title": "Thông báo của phường", "text": TEXT, "days": 3}
    run = ward_commands.run_command
    now = house.clock.now()
    assert run(house.store, now, job_id="j1", op="post_notice", args=args) == ("done", "")
    (row,) = kept.up(house.store)
    assert row["by_ward"] == 1
    assert "hộ nghèo" not in house.store.value("SELECT args FROM ward_commands")
    down = {"posting": row["id"]}
    assert run(house.store, now, job_id="j2", op="take_down_notice", args=down) == ("done", "")
    assert kept.up(house.store) == []

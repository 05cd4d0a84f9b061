"""This file proves that tables are taken away whole, as text, and with a name in the audit."""

from __future__ import annotations

import csv
import io
from datetime import timedelta

import pytest

from tests.ward.web.conftest import HOUSE, Desk
from ward.web import exports


def rows(desk: Desk, path: str) -> list[dict[str, str]]:
    answer = desk.client.get(path)
    assert answer.status_code == 200 and answer.mimetype == "text/csv"
    assert answer.text.startswith("\ufeff")
    return list(csv.DictReader(io.StringIO(answer.text.removeprefix("\ufeff"))))


def test_houses_as_they_are_and_nothing_stale(desk: Desk) -> None:
    desk.says("queue", waiting=3)
    (row,) = rows(desk, "/export/houses.csv")
    assert (row["house"], row["name"], row["waiting"]) == (HOUSE, "Tổ 17", "3")
    desk.now += timedelta(hours=1)
    (row,) = rows(desk, "/export/houses.csv")
    assert (row["presence"], row["waiting"]) == ("unknown", "")


def test_every_event_is_there(desk: Desk) -> None:
    """However many pieces it is read in; of one house or of all."""
    for n in range(50):
        desk.event("queue", type="taken", number=n)
    desk.event("queue", "nha-18", type="taken")
    assert [r["seq"] for r in rows(desk, f"/export/events.csv?house={HOUSE}")] == [
        str(n) for n in range(1, 51)
    ]
    assert len(rows(desk, "/export/events.csv")) == 51
    noted = desk.store.all("SELECT house, detail FROM audit WHERE what = 'export'")
    assert [tuple(n.values()) for n in noted] == [(HOUSE, "events"), ("", "events")]


@pytest.mark.parametrize("text", ["=1+1", "+84901", "-cmd", "@SUM(A1)", "\tx"])
def test_no_cell_is_a_formula(desk: Desk, text: str) -> None:
    desk.says("hello", name=text)
    (row,) = rows(desk, "/export/houses.csv")
    assert row["name"].startswith("'") and row["name"].endswith(text.strip())


@pytest.mark.parametrize("name", exports.EVERY)
def test_each_table_has_its_head(desk: Desk, name: str) -> None:
    answer = desk.as_("read-only").get(f"/export/{name}.csv")
    assert answer.status_code == 200 and "house" in answer.text.splitlines()[0]


@pytest.mark.parametrize(("path", "status"), [("/export/accounts.csv", 404),
                                              ("/export/events.csv?house=NO", 400),
                                              ("/export/events.csv?house=a'--", 400)])  # fmt: skip
def test_nothing_else_can_be_taken(desk: Desk, path: str, status: int) -> None:
    assert desk.client.get(path).status_code == status

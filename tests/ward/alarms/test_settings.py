"""This file proves that alarms.toml is taken as it is meant, or refused with a reason."""

from __future__ import annotations

import tomllib
from datetime import UTC, datetime
from pathlib import Path

import pytest

from ward.alarms import settings
from ward.alarms.settings import BadAlarms, Hours

FULL = """
console = "https://console.ward.example/"
[after]
help_s = 60
[[ward]]
name = "Phường Bến Hiên"
houses = ["ben-*"]
quiet = ["ben-kho"]
open = ["08:00-11:00"]
days = [1, 2, 3, 4, 5, 6]
closed_on = ["2026-09-02", 2027-01-01]
[[ward.on_call]]
name = "Chị Hạnh"
to = ["json://localhost:1/a"]
[[ward.on_call]]
name = "Anh Minh"
to = ["json://localhost:1/b"]
kinds = ["help"]
[[ward]]
houses = ["nha-17"]
"""


def test_all_of_it_is_read(tmp_path: Path) -> None:
    file = tmp_path / "alarms.toml"
    file.write_text(FULL, "utf-8")
    found = settings.read(file)
    assert (found.console, found.help_s, found.silent_s) == (
        "https://console.ward.example",
        60,
        900,
    )
    ward = found.ward_of("ben-17")
    assert ward is not None and [p.name for p in ward.on_call] == ["Chị Hạnh", "Anh Minh"]
    assert ward.on_call[1].kinds == ("help",)
    assert found.ward_of("ben-kho") is None  # quiet
    assert found.ward_of("elsewhere") is None
    assert found.ward_of("nha-17") is not None
    assert "json://" not in repr(found)


def test_nothing_in_it_is_something() -> None:
    """Without a file alarms are kept for all houses, and nobody is called."""
    ward = settings.parse({}).ward_of("any-house")
    assert ward is not None and ward.on_call == ()


@pytest.mark.parametrize(
    ("change", "says"),
    [
        (("help_s = 60", "help_s = 0"), "whole seconds"),
        (("help_s = 60", "halp_s = 60"), "halp_s"),
        (('kinds = ["help"]', 'kinds = ["halp"]'), "kinds are help"),
        (('to = ["json://localhost:1/a"]', "to = []"), "to ="),
        (('to = ["json://localhost:1/a"]', 'to = ["secret-token"]'), "to ="),
        (("08:00-11:00", "8-11"), "07:30"),
        (("08:00-11:00", "11:00-08:00"), "ends before"),
        (("days = [1,", "days = [0,"), "Monday"),
        (("2026-09-02", "2/9"), "closed_on"),
        (("Anh Minh", "Chị Hạnh"), "same name"),
        (("console = ", "consul = "), "consul"),
    ],
)
def test_what_is_wrong_is_named(tmp_path: Path, change: tuple[str, str], says: str) -> None:
    """The reason helps, and never shows an address: addresses hold secrets."""
    file = tmp_path / "alarms.toml"
    file.write_text(FULL.replace(*change), "utf-8")
    with pytest.raises(BadAlarms, match=says) as caught:
        settings.read(file)
    assert "secret-token" not in str(caught.value)


@pytest.mark.parametrize("text", ["", "not toml ]["])
def test_a_file_that_cannot_be_read(tmp_path: Path, text: str) -> None:
    file = tmp_path / "alarms.toml"
    if text:
        file.write_text(text)
    with pytest.raises(BadAlarms, match="cannot be read"):
        settings.read(file)


@pytest.mark.parametrize(
    ("at", "opened"),
    [
        ("2026-11-24T00:29:59", None),  # 7:29 in Vietnam, a Tuesday
        ("2026-11-24T00:30:00", "2026-11-24T00:30:00"),
        ("2026-11-24T04:29:00", "2026-11-24T00:30:00"),
        ("2026-11-24T05:00:00", None),  # noon
        ("2026-11-24T09:00:00", "2026-11-24T06:30:00"),
        ("2026-11-22T01:00:00", None),  # Sunday
        ("2026-11-23T23:00:00", None),  # 6:00 on Tuesday there, Monday night in UTC
    ],
)
def test_open_is_by_the_clock_on_the_wall_there(at: str, opened: str | None) -> None:
    found = Hours().opened_at(datetime.fromisoformat(at).replace(tzinfo=UTC))
    wanted = datetime.fromisoformat(opened).replace(tzinfo=UTC) if opened else None
    assert found == wanted


def test_a_day_off_is_off() -> None:
    ward = settings.parse(tomllib.loads(FULL)).ward_of("ben-17")
    assert ward is not None
    assert ward.hours.opened_at(datetime(2026, 9, 2, 2, tzinfo=UTC)) is None
    assert ward.hours.opened_at(datetime(2027, 1, 1, 2, tzinfo=UTC)) is None
    assert ward.hours.opened_at(datetime(2026, 9, 3, 2, tzinfo=UTC)) is not None

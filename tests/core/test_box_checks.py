"""This file proves what is made of the box's numbers: nothing measured is "unknown", never "ok"."""

from __future__ import annotations

import pytest

from appliance.core.box_checks import BOX, box_checks

WELL = {
    "undervolt_now": 0,
    "undervolt_count_boot": 0,
    "soc_temp_c": 51.0,
    "throttled_now": 0,
    "mem_avail_mib": 900,
    "sd_io_errors": 0,
    "time_sync": 2,
    "data_wanted": 1,
    "data_safe": 1,
    "data_missing": 0,
    "root_overlay": 1,
    "root_shut_next": 1,
}


def test_a_well_box_is_ok_throughout() -> None:
    checks = box_checks(WELL)
    assert [check.name for check in checks] == list(BOX)
    assert {(check.state, check.code) for check in checks} == {("ok", "")}


def test_what_was_not_measured_is_unknown() -> None:
    assert {check.state for check in box_checks({})} == {"unknown"}


@pytest.mark.parametrize(
    ("numbers", "name", "state", "code"),
    [
        ({"undervolt_now": 1}, "power", "bad", "undervolt"),
        ({"undervolt_count_boot": 3}, "power", "ok", "undervolt_before"),
        ({"soc_temp_c": 80.0}, "heat", "bad", "too_hot"),
        ({"throttled_now": 1}, "heat", "bad", "too_hot"),
        ({"mem_avail_mib": 90}, "memory", "bad", "memory_low"),
        ({"swap_on_card": 1}, "memory", "bad", "swap_on_card"),
        ({"sd_io_errors": 2}, "card", "bad", "io_errors"),
        ({"data_wanted": 0}, "root", "bad", "no_data"),
        ({"data_safe": 0}, "root", "bad", "data_lost"),
        ({"data_missing": 2}, "root", "bad", "not_kept"),
        ({"root_overlay": 0}, "root", "unknown", "shuts_later"),
        ({"root_overlay": 0, "root_shut_next": 0}, "root", "bad", "root_open"),
        ({"time_sync": 1}, "clock", "ok", "rtc"),
        ({"time_sync": 0}, "clock", "bad", "clock_unset"),
    ],
)
def test_each_trouble_is_told_once_by_its_own_name(
    numbers: dict[str, float], name: str, state: str, code: str
) -> None:
    checks = {check.name: check for check in box_checks(WELL | numbers)}
    assert (checks[name].state, checks[name].code) == (state, code)
    assert [n for n, check in checks.items() if check.state == "bad" and n != name] == []


def test_a_machine_without_a_prepared_card_is_not_called_broken() -> None:
    numbers = {name: value for name, value in WELL.items() if not name.startswith("data_")}
    checks = {check.name: check for check in box_checks(numbers)}
    assert (checks["root"].state, checks["root"].code) == ("unknown", "")


def test_throttled_for_want_of_voltage_is_not_called_heat() -> None:
    checks = {c.name: c for c in box_checks(WELL | {"undervolt_now": 1, "throttled_now": 1})}
    assert (checks["power"].state, checks["heat"].state) == ("bad", "ok")

"""This file judges the box by its numbers: power, heat, memory, card, clock.

One place for the desk, the ward's picture and `hien doctor`. What was not measured is "unknown".
"""

from __future__ import annotations

from collections.abc import Mapping

from appliance.core.check import Check

# The Pi slows itself down from 80 °C on; pages are made by then at a snail's pace.
TOO_HOT_C = 80.0
# A page of 12 megapixels takes about this much to make.
LEAST_MEMORY_MIB = 150.0
CLOCK_NTP, CLOCK_RTC = 2, 1
BOX = ("power", "heat", "memory", "card", "root", "clock")

Numbers = Mapping[str, float]


def box_checks(numbers: Numbers) -> list[Check]:
    """One check for each of `BOX`, from the numbers of devices/health.py."""
    return [_power(numbers), _heat(numbers), _memory(numbers), _card(numbers),
            _root(numbers), _clock(numbers)]  # fmt: skip


def _power(numbers: Numbers) -> Check:
    if "undervolt_now" not in numbers:
        return Check("power", "unknown")
    if numbers["undervolt_now"]:
        return Check("power", "bad", "undervolt")
    count = int(numbers.get("undervolt_count_boot", 0))
    return Check("power", "ok", "undervolt_before" * bool(count), f"{count} times" * bool(count))


def _heat(numbers: Numbers) -> Check:
    temp_c = numbers.get("soc_temp_c")
    slowed = numbers.get("throttled_now") or numbers.get("soft_temp_limit_now")
    if temp_c is None and slowed is None:
        return Check("heat", "unknown")
    detail = "" if temp_c is None else f"{temp_c:g} °C"
    # Throttled for want of voltage is the power's trouble, told there.
    hot = (temp_c is not None and temp_c >= TOO_HOT_C) or (
        bool(slowed) and not numbers.get("undervolt_now")
    )
    return Check("heat", "bad", "too_hot", detail) if hot else Check("heat", "ok", "", detail)


def _memory(numbers: Numbers) -> Check:
    free_mib = numbers.get("mem_avail_mib")
    if free_mib is None:
        return Check("memory", "unknown")
    detail = f"{free_mib:g} MiB free"
    if numbers.get("swap_on_card") and "data_wanted" in numbers:
        return Check("memory", "bad", "swap_on_card")
    if free_mib < LEAST_MEMORY_MIB:
        return Check("memory", "bad", "memory_low", detail)
    return Check("memory", "ok", "", detail)


def _card(numbers: Numbers) -> Check:
    errors = numbers.get("sd_io_errors")
    if errors is None:
        return Check("card", "unknown")
    if errors:
        return Check("card", "bad", "io_errors", f"{errors:g} errors")
    return Check("card", "ok")


def _root(numbers: Numbers) -> Check:
    """Whether the power may go at any moment. A machine nobody prepared a card for is "unknown"."""
    wanted = numbers.get("data_wanted")
    if wanted is None or "root_overlay" not in numbers:
        return Check("root", "unknown")
    if not wanted:
        return Check("root", "bad", "no_data")
    if not numbers.get("data_safe"):
        return Check("root", "bad", "data_lost")
    if missing := numbers.get("data_missing"):
        return Check("root", "bad", "not_kept", f"{missing:g} folders")
    if numbers["root_overlay"]:
        return Check("root", "ok")
    if numbers.get("root_shut_next"):
        return Check("root", "unknown", "shuts_later")
    return Check("root", "bad", "root_open")


def _clock(numbers: Numbers) -> Check:
    sync = numbers.get("time_sync")
    if sync is None:
        return Check("clock", "unknown")
    if sync >= CLOCK_NTP:
        return Check("clock", "ok")
    if sync >= CLOCK_RTC:
        return Check("clock", "ok", "rtc")
    return Check("clock", "bad", "clock_unset")

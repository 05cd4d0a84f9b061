"""This file fetches the days of rest: the state's own, and on top what the ward has announced."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from datetime import date, timedelta
from functools import lru_cache
from importlib import import_module
from importlib.util import find_spec
from types import ModuleType
from typing import Any

from appliance.core.due_date import Calendar
from appliance.store import guide as kept
from appliance.store.database import Store

# Holidays and swap days are announced year by year. A new year is added here when it has been,
# and its dates are in the tests' table; until then dates in it are told as uncertain.
KNOWN_FROM, KNOWN_UNTIL = date(2025, 1, 1), date(2027, 12, 31)
MOST_DAYS_ON = 800


def calendar(store: Store) -> Calendar:
    """The calendar of this house: Viet Nam's, changed by the ward's days."""
    return national().changed(kept.ward_days(store))


@lru_cache(maxsize=1)
def national() -> Calendar:
    """Viet Nam's public holidays with compensation and swap days, until two years after the known
    ones (those by rule only: uncertain)."""
    years = range(KNOWN_FROM.year, (KNOWN_UNTIL + timedelta(days=MOST_DAYS_ON)).year + 1)
    days: Any = _vietnam()(years=years, language="vi")
    return Calendar(
        off=frozenset(days),
        working=frozenset(days.weekend_workdays),
        known_from=KNOWN_FROM,
        known_until=KNOWN_UNTIL,
    )


def names() -> Mapping[date, str]:
    """What each day of rest is called."""
    return dict(_vietnam()(years=range(KNOWN_FROM.year, KNOWN_UNTIL.year + 1), language="vi"))


def _vietnam() -> Any:
    """The calendar of one country. The package's own __init__ reads 200 of them: a second and
    10 MB more. So it is passed by while this one is read."""
    name = "holidays.countries"
    spec = find_spec("holidays")
    if name in sys.modules or spec is None or not spec.submodule_search_locations:
        return import_module(f"{name}.vietnam").Vietnam
    passed_by = ModuleType(name)
    passed_by.__path__ = [f"{folder}/countries" for folder in spec.submodule_search_locations]
    sys.modules[name] = passed_by
    try:
        return import_module(f"{name}.vietnam").Vietnam
    finally:
        del sys.modules[name]

"""This file reads the built-in guide once for all tests, and lets a test break a copy of it."""

from __future__ import annotations

import copy
from functools import lru_cache
from typing import Any

from appliance.bootstrap import read_guide
from appliance.core.guide import Guide


@lru_cache(maxsize=1)
def built_in() -> Guide:
    return read_guide()


def tables() -> dict[str, Any]:
    """A copy of the tables, to be broken."""
    return copy.deepcopy(dict(built_in().tables))

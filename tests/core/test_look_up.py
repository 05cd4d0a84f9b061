"""This file proves the look-up code: no sign that is mixed up with another, read as typed."""

from __future__ import annotations

import pytest

from appliance.core.look_up import LENGTH, SIGNS, read_code
from appliance.errors import BadInput


def test_signs() -> None:
    assert len(set(SIGNS)) == len(SIGNS)
    assert not set(SIGNS) & set("0O1IL2Z5S8B")


@pytest.mark.parametrize("typed", ["KMXT", "kmxt", " k m x t ", "ＫＭＸＴ"])
def test_as_typed(typed: str) -> None:
    assert read_code(typed) == "KMXT"


@pytest.mark.parametrize("typed", ["", "KMX", "KMXTT", "KM0T", "KMX-", "K" * 5000, "số 12"])
def test_no_code(typed: str) -> None:
    assert LENGTH == 4
    with pytest.raises(BadInput) as e:
        read_code(typed)
    assert e.value.code == "bad_look_up"

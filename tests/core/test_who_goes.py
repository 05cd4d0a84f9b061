"""This file proves that a slip says for each step whether to go somewhere, and where."""

from __future__ import annotations

from appliance.core.who_goes import who_goes
from tests.core.guide_for_tests import built_in


def test_each_procedure_says_where() -> None:
    """Filed here, signed at the ward, or all of it elsewhere; at most 15 words."""
    said = {p.id: who_goes(p) for p in built_in().procedures}
    assert said["khai-tu"] == "nộp ngay tại đây"
    assert said["dang-ky-ket-hon"] == "nộp tại đây, rồi bác đến phường để ký"
    police = [p for p in built_in().procedures if p.agency == "police" and p.way != "submit"]
    assert police and all(said[p.id].startswith("bác phải đến công an phường") for p in police)
    assert all(len(words.split()) <= 15 for words in said.values())

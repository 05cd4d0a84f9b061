"""This file proves the month's sums: per service, all together, waiting, faces, shares."""

from __future__ import annotations

from typing import Any

from appliance.core.month_report import add_up, share_pct, total


def ticket(service: str = "a", **more: Any) -> dict[str, Any]:
    row = {"service_id": service, "state": "done", "taken_at": "2026-11-02T01:00:00.000Z"}
    row |= {"called_at": "2026-11-02T01:10:00.000Z", "visit_state": "closed"}
    return {**row, "dossier_code": "X", "outcome": {"done": ["submitted"]}, **more}


def test_sums() -> None:
    """A ticket nobody called is taken, not helped; codes that are unknown are not counted."""
    rows = [
        ticket(),
        ticket(called_at="2026-11-02T01:30:00.000Z", dossier_code=None,
               outcome={"done": ["guided", "nonsense"], "not_done": "papers"}),
        ticket("b", called_at=None, visit_state=None, outcome={}),
        ticket("b", visit_state="parked"),
    ]  # fmt: skip
    faces = [
        {"service_id": "a", "manner": 3, "clear": 2, "finished": None},
        {"service_id": "a", "manner": 3, "clear": 3, "finished": 1},
    ]
    a, b = add_up(rows, faces)
    assert (a.service_id, a.taken, a.visits, a.dossiers, a.waited_min) == ("a", 2, 2, 1, 30)
    assert dict(a.ticks) == {"submitted": 1, "guided": 1}
    assert dict(a.not_done) == {"papers": 1}
    assert a.satisfied_pct() == 60
    assert (b.taken, b.visits, b.satisfied_pct()) == (2, 0, None)
    whole = total([a, b])
    assert (whole.taken, whole.visits, whole.dossiers) == (4, 2, 1)
    assert whole.faces["manner"][3] == 2
    assert total([]).waited_min is None


def test_shares() -> None:
    assert share_pct(192, 960) == 20
    assert share_pct(1, 0) is None

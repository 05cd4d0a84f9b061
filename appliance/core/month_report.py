"""This file adds up a month of the house: per service what was done, how long people waited."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

TICKS = ("submitted", "account", "guided", "advised", "supplemented")


@dataclass
class Line:
    """One service. `waited_s` of those who were called; `faces` question -> face -> count."""

    service_id: str
    taken: int = 0
    visits: int = 0
    dossiers: int = 0
    ticks: Counter[str] = field(default_factory=Counter)
    not_done: Counter[str] = field(default_factory=Counter)
    waited_s: list[float] = field(default_factory=list)
    faces: dict[str, Counter[int]] = field(default_factory=dict)

    @property
    def waited_min(self) -> int | None:
        """The median, in whole minutes."""
        if not self.waited_s:
            return None
        ordered = sorted(self.waited_s)
        return round(ordered[len(ordered) // 2] / 60)

    def satisfied_pct(self) -> int | None:
        """Of all answers, how many were the glad face."""
        answers = sum(sum(count.values()) for count in self.faces.values())
        glad = sum(count[3] for count in self.faces.values())
        return round(100 * glad / answers) if answers else None


def add_up(
    tickets: Iterable[Mapping[str, Any]], ratings: Iterable[Mapping[str, Any]]
) -> list[Line]:
    """Lines by service, the busiest first.

    `tickets`: service_id, state, taken_at, called_at (UTC texts), visit_state, dossier_code,
    outcome (a mapping). `ratings`: service_id, manner, clear, finished.
    """
    lines: dict[str, Line] = {}
    for row in tickets:
        line = lines.setdefault(row["service_id"], Line(row["service_id"]))
        line.taken += 1
        if row["called_at"]:
            span = datetime.fromisoformat(row["called_at"]) - datetime.fromisoformat(
                row["taken_at"]
            )
            line.waited_s.append(max(0.0, span.total_seconds()))
        if row["visit_state"] != "closed":
            continue
        line.visits += 1
        line.dossiers += bool(row["dossier_code"])
        line.ticks.update(t for t in row["outcome"].get("done", []) if t in TICKS)
        if row["outcome"].get("not_done"):
            line.not_done[row["outcome"]["not_done"]] += 1
    for row in ratings:
        line = lines.setdefault(row["service_id"], Line(row["service_id"]))
        for question in ("manner", "clear", "finished"):
            if row[question]:
                line.faces.setdefault(question, Counter())[row[question]] += 1
    return sorted(lines.values(), key=lambda one: (-one.visits, -one.taken, one.service_id))


def by_procedure(tickets: Iterable[Mapping[str, Any]]) -> list[tuple[str, str, int, int]]:
    """(service, procedure or life event, visits, dossiers) of the visits that were asked about
    their case, the busiest first; rows as in `add_up`."""
    counts: dict[tuple[str, str], list[int]] = {}
    for row in tickets:
        asked = row["outcome"].get("case") or {}
        if row["visit_state"] == "closed" and asked.get("target"):
            count = counts.setdefault((row["service_id"], asked["target"]), [0, 0])
            count[0] += 1
            count[1] += bool(row["dossier_code"])
    listed = [(service, p, n, filed) for (service, p), (n, filed) in counts.items()]
    return sorted(listed, key=lambda one: (-one[2], -one[3], one[:2]))


def total(lines: Iterable[Line]) -> Line:
    """All services as one line."""
    whole = Line("")
    for line in lines:
        whole.taken += line.taken
        whole.visits += line.visits
        whole.dossiers += line.dossiers
        whole.ticks.update(line.ticks)
        whole.not_done.update(line.not_done)
        whole.waited_s += line.waited_s
        for question, count in line.faces.items():
            whole.faces.setdefault(question, Counter()).update(count)
    return whole


def share_pct(part: int, whole: int) -> int | None:
    return round(100 * part / whole) if whole else None

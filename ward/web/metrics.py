"""This file writes /metrics in Prometheus' text format; what is not fresh is left out."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime

from appliance.sync.protocol import Scalar
from ward.board import House, Presence

Sample = tuple[Mapping[str, str], float]


def text(
    known: Iterable[tuple[House, Presence, datetime | None]],
    ward: Mapping[str, float],
    counters: Mapping[str, float],
    now: datetime,
) -> str:
    """All metrics: the ward's own gauges and counters, then one gauge family per health key."""
    gauges: dict[str, list[Sample]] = {}
    for house, presence, _ in known:
        label = {"house": house.house}
        _put(gauges, "hien_house_online", label, presence == "online")
        if house.heard_at is not None:
            age_s = (now - house.heard_at).total_seconds()
            _put(gauges, "hien_house_heard_age_seconds", label, age_s)
        if presence == "online":  # an old value must not look like a new one
            for name in ("queue", "help", "health"):
                for key, value in house.values(name).items():
                    _put(gauges, f"hien_{name}_{key}", label, value)
    lines: list[str] = []
    for name, value in ward.items():
        lines += _family(f"hien_ward_{name}", "gauge", [({}, value)])
    for name, value in counters.items():
        lines += _family(f"hien_ward_{name}_total", "counter", [({}, value)])
    for name, samples in sorted(gauges.items()):
        lines += _family(name, "gauge", samples)
    return "\n".join(lines) + "\n"


def _put(
    gauges: dict[str, list[Sample]], name: str, labels: Mapping[str, str], value: Scalar
) -> None:
    if isinstance(value, (bool, int, float)) and abs(value) < 1e15:
        gauges.setdefault(name, []).append((labels, float(value)))


def _family(name: str, kind: str, samples: Iterable[Sample]) -> list[str]:
    lines = [f"# TYPE {name} {kind}"]
    for labels, value in samples:
        # Label values are house ids, a-z0-9- by contract: nothing in them to escape.
        marks = ",".join(f'{k}="{v}"' for k, v in labels.items())
        number = f"{value:.0f}" if value == int(value) else f"{value:.6g}"
        lines.append(f"{name}{{{marks}}} {number}" if marks else f"{name} {number}")
    return lines

"""This file measures the page finder: on made-up photos, and on real ones where there are any."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from statistics import mean
from typing import Any

import numpy as np

from appliance.paper.scan.decode import decode, halve
from appliance.paper.scan.find import FIND_LONG_PX, Found, Mat, find_sheet
from appliance.paper.scan.quad import mapped
from bench.accuracy import jaccard, share_at_least
from bench.rounds import fresh, spread
from bench.rows import Row, at_least, at_most
from bench.scenes import DEFECTS, empty_table, make_scene
from bench.tables import WILD_KINDS

WRONG_BELOW = 0.95
SIZE_PX = (1352, 1014)
"""A third of a 12 MP photo's side; the box looks at half of it, and so sees more."""
HARMS = (*(harm for harm in DEFECTS if harm not in ("cut_off", "blur")), "flap")


@dataclass(frozen=True)
class Round:
    """One scene to be made and looked at; an empty table has no paper."""

    seed: int
    mat: Mat = "any"
    empty: bool = False
    wanted: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Outcome:
    """`index`: Jaccard index with the sheet meant, or with any of several; 0 for none.
    `beside`: how many more whole sheets lie there.
    """

    index: float
    sure: bool
    several: bool
    inside: bool
    seed: int
    beside: int = 0

    @property
    def silent(self) -> bool:
        return self.sure and self.index < WRONG_BELOW


def measure(scenes: int, photos: Path) -> list[Row]:
    """Return the rows on finding; scenes of SIZE_PX."""
    few = max(4, scenes // 3)
    free = _whole(Round(50_000 + i) for i in range(scenes))
    mat = _whole(Round(60_000 + i, "dark", wanted={"table": "mat"}) for i in range(2 * few))
    harms = [{"defects": (HARMS[i % len(HARMS)],)} for i in range(scenes)]
    harmed = _whole(Round(70_000 + i, wanted=harm) for i, harm in enumerate(harms))
    wild = _whole(Round(75_000 + i, wanted=_wild(i)) for i in range(few))
    heaps = _whole(Round(78_000 + i, wanted={"defects": ("several",)}) for i in range(2 * few))
    heaps = [outcome for outcome in heaps if outcome.beside]
    empty = spread(look_at, [Round(80_000 + i, empty=True) for i in range(few)])
    asked = sum(not outcome.sure for outcome in heaps)
    every = [*free, *mat, *harmed, *wild, *heaps, *empty]
    silent = [outcome.seed for outcome in every if outcome.silent]
    by_hand = mean(not outcome.sure for outcome in [*free, *mat])
    return [
        at_least(f"any table, {len(free)} in frame: JI >= .95", _share(free, 0.95), 0.94, 0.99),
        Row("  mean JI", f"{mean(outcome.index for outcome in free):.4f}"),
        at_least(f"dark mat, {len(mat)} in frame: JI >= .98", _share(mat, 0.98), 1.0),
        at_least("  JI >= .99", _share(mat, 0.99), 0.0, 1.0),
        Row(f"one defect each, {len(harmed)} in frame: JI >= .95", f"{_share(harmed, 0.95):.4f}"),
        Row(f"25 degrees, wild tables, {len(wild)}: JI >= .95", f"{_share(wild, 0.95):.4f}"),
        Row(f"several whole sheets, {len(heaps)}: asked which", f"{asked / len(heaps):.4f}"),
        Row(f"nothing there, {len(empty)}: taken for a sheet", f"{sum(o.sure for o in empty)}"),
        at_most(f"silent wrong crops in {len(every)} {silent or ''}", len(silent), 0, 0),
        at_most(f"sent to the hand, {len(free) + len(mat)} sound scenes", by_hand, 0.1, 0.03),
        Row("  of the harmed and wild", f"{mean(not o.sure for o in [*harmed, *wild]):.4f}"),
    ]


def real(scenes: int, photos: Path) -> list[Row]:
    """Return the rows on the real photos with known corners, where there are any."""
    if not (photos / "truth.json").exists():
        return [Row(f"no real photos at {photos.name}/truth.json", "not measured")]
    results = list(_real_results(photos))
    indices = [index for index, _ in results]
    silent = sum(index < WRONG_BELOW and found.sure for index, found in results)
    return [
        at_least(f"{len(results)} real photos: mean JI", mean(indices), 0.98, 0.99),
        at_least("  JI >= .95", share_at_least(indices, 0.95), 0.95, 1.0),
        at_most("  silent wrong crops", silent, 1, 0),
        Row("  sent to the hand", str(sum(not found.sure for _, found in results))),
    ]


def look_at(this: Round) -> Outcome:
    """Make one scene, find its sheet, and say how well."""
    if this.empty:
        found = find_sheet(empty_table(fresh(this.seed), size_px=SIZE_PX))
        return Outcome(0.0, found.sure, found.several, False, this.seed)
    scene = make_scene(fresh(this.seed), size_px=SIZE_PX, **this.wanted)
    found = find_sheet(scene.pixels, mat=this.mat)
    index = max(jaccard(found.quad, quad) for quad in (scene.quad, *scene.others))
    beside = len(scene.others)
    return Outcome(index, found.sure, found.several, scene.inside, this.seed, beside)


def _wild(i: int) -> dict[str, Any]:
    return {"tilt_deg": 25.0, "table": WILD_KINDS[i % len(WILD_KINDS)]}


def _whole(rounds: Iterator[Round]) -> list[Outcome]:
    return [outcome for outcome in spread(look_at, rounds) if outcome.inside]


def _share(outcomes: list[Outcome], least: float) -> float:
    return share_at_least([outcome.index for outcome in outcomes], least)


def _real_results(photos: Path) -> Iterator[tuple[float, Found]]:
    truth = json.loads((photos / "truth.json").read_text("utf-8"))
    for name, said in truth.items():
        picture, to_shown = halve(decode((photos / name).read_bytes()), FIND_LONG_PX)
        found = find_sheet(picture)
        quad = None if found.quad is None else mapped(to_shown, found.quad)
        yield jaccard(quad, np.array(said["corners"])), found

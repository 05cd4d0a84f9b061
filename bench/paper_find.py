"""This file measures the page finder: on made-up photos, and on real ones where there are any."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from statistics import mean
from typing import Any

import cv2

from appliance.paper.decode import decode, halve
from appliance.paper.find import Found, Mat, find_sheet
from appliance.paper.page import FIND_LONG_PX
from appliance.paper.quad import mapped
from bench.accuracy import jaccard, share_at_least
from bench.rows import Row, at_least, at_most
from bench.scenes import DEFECTS, empty_table, make_scene

WRONG_BELOW = 0.95
HARMS = tuple(harm for harm in DEFECTS if harm not in ("cut_off", "blur"))


def measure(scenes: int, photos: Path) -> list[Row]:
    """Return the rows on finding; the made-up photos have 2028 x 1520 pixels, half a 12 MP side."""
    rows = _real(photos) if (photos / "truth.json").exists() else []
    free = [_one(50_000 + i, "any") for i in range(scenes)]
    free = [(index, found) for index, found, inside in free if inside]
    mat = [_one(60_000 + i, "dark", table="mat") for i in range(scenes)]
    mat = [(index, found) for index, found, inside in mat if inside]
    harmed = [_one(70_000 + i, "any", defects=(HARMS[i % len(HARMS)],)) for i in range(scenes)]
    harmed = [(index, found) for index, found, inside in harmed if inside]
    empty = [find_sheet(empty_table(80_000 + i)).sure for i in range(scenes)]
    silent = sum(index < WRONG_BELOW and found.sure for index, found in [*free, *mat, *harmed])
    by_hand = sum(not found.sure for _, found in [*free, *mat])
    made = len(free) + len(mat) + len(harmed) + len(empty)
    return [
        *rows,
        at_least(f"any table, {len(free)} scenes: JI >= .95", _share(free, 0.95), 0.94, 0.99),
        Row("  mean JI", f"{mean(index for index, _ in free):.4f}"),
        at_least(f"dark mat, {len(mat)} scenes: JI >= .98", _share(mat, 0.98), 1.0),
        at_least("  JI >= .99", _share(mat, 0.99), 0.0, 1.0),
        Row(
            f"with one defect each, {len(harmed)} scenes: JI >= .95", f"{_share(harmed, 0.95):.4f}"
        ),
        at_most(f"silent wrong crops in {made}", silent + sum(empty), 0, 0),
        at_most("sent to the hand, sound scenes", by_hand / (len(free) + len(mat)), 0.1, 0.03),
    ]


def _one(seed: int, mat: Mat, **wanted: Any) -> tuple[float, Found, bool]:
    scene = make_scene(seed, **wanted)
    found = find_sheet(scene.pixels, mat=mat)
    return jaccard(found.quad, scene.quad), found, scene.inside


def _share(found: list[tuple[float, Found]], least: float) -> float:
    return share_at_least([index for index, _ in found], least)


def _real(photos: Path) -> list[Row]:
    results = list(_real_results(photos))
    indices = [index for index, _ in results]
    silent = sum(index < WRONG_BELOW and found.sure for index, found in results)
    return [
        at_least(f"{len(results)} real photos: mean JI", mean(indices), 0.98, 0.99),
        at_least("  JI >= .95", share_at_least(indices, 0.95), 0.95, 1.0),
        at_most("  silent wrong crops", silent, 1, 0),
        Row("  sent to the hand", str(sum(not found.sure for _, found in results))),
    ]


def _real_results(photos: Path) -> Iterator[tuple[float, Found]]:
    truth = json.loads((photos / "truth.json").read_text("utf-8"))
    for name, said in truth.items():
        picture, to_shown = halve(decode((photos / name).read_bytes()), FIND_LONG_PX)
        found = find_sheet(picture)
        quad = None if found.quad is None else mapped(to_shown, found.quad)
        yield jaccard(quad, said["corners"]), found


def contact_sheet(names: list[Path], out: Path) -> None:
    """Write pictures side by side, four a row, for looking at."""
    tiles = []
    for name in names:
        picture = cv2.imread(str(name))
        ratio = 480 / max(picture.shape[:2])
        small = cv2.resize(picture, None, fx=ratio, fy=ratio, interpolation=cv2.INTER_AREA)
        spare = 486 - small.shape[0], 486 - small.shape[1]
        tiles.append(cv2.copyMakeBorder(small, 0, spare[0], 0, spare[1], cv2.BORDER_CONSTANT))
    tiles += [tiles[0] * 0] * (-len(tiles) % 4)
    rows = [cv2.hconcat(tiles[i : i + 4]) for i in range(0, len(tiles), 4)]
    cv2.imwrite(str(out), cv2.vconcat(rows))

"""This file measures the words of the law: is each harm told, and is a sound page left alone?"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from appliance.paper.scan.page import make_page
from bench.rounds import fresh, spread
from bench.rows import Row, at_least, at_most
from bench.scene_places import frame_around
from bench.scenes import Laid, Scene, lay_out, make_scene, photograph

PX_PER_MM = (5.4, 6.1)
"""What 5 megapixels see of the whole field; only the part around the sheet is drawn."""
FINEST_PX_PER_MM = 8.6
PAPERS = ("A4", "A5", "A4", "certificate", "card", "A6", "receipt")
CREASABLE = ("A4", "A5", "A4", "certificate", "receipt", "A6")
TABLES = ("mat", "wood", "mat", "cloth", "tiles")
BASES = ((), (), ("shadow",), ("faint_crease",))
"""What a sound page may have, in turn: a crease that harms nothing, the shadow of a hand."""
SHOTS = (
    ("", ()),
    ("", ("sheen",)),
    ("blur", ("blur",)),
    ("blur", ("blur",)),
    ("motion", ("motion",)),
    ("motion", ("motion",)),
    ("cut_off", ()),
    ("cut_off", ()),
    ("glare", ("glare",)),
    ("glare", ("veil",)),
    ("finger", ("finger",)),
)
"""The photos taken of each laid sheet: the harm they are labelled with, and what came over it.

Glare is what a ward officer would send back: print or a field lost or washed out. A spot burnt
white is that wherever it lies, for nobody can say that nothing stood there. A veil is, where black
print under it keeps, or would keep, less than WASHED_OUT of its contrast on WASHED_SHARE of the
sheet (a third of an A4's title line), be print there or not; a fainter one gets no label at all.
"""
WORD_OF = {
    "blur": "sharp", "motion": "sharp", "cut_off": "complete", "glare": "unharmed",
    "finger": "unharmed", "fold": "unharmed", "flap": "unharmed",
}  # fmt: skip
BLACK = 0.15
WASHED_OUT, WASHED_SHARE = 0.6, 0.004
"""Glare: on this share of the sheet black print keeps less than that of its contrast."""


@dataclass(frozen=True)
class Told:
    """What became of one page; `harm` "" for a sound one."""

    harm: str
    by_hand: bool
    bad: frozenset[str]
    codes: frozenset[str]


def measure(scenes: int, photos: Path) -> list[Row]:
    """Return the share of harms told and of false alarms, of `scenes` labelled pages or more each.

    A page sent to the hand is told: nobody takes it for good unseen; how many were is said too.
    Of each sheet laid down several photos are taken; folds need a sheet each, and are half as many.
    """
    told = [one for several in spread(tell, range(90_000, 90_000 + scenes)) for one in several]
    folds = [(95_000 + i, ("fold", "flap")[i % 2]) for i in range(scenes)]
    told += [one for several in spread(tell_fold, folds) for one in several]
    rows = []
    for harm, word in WORD_OF.items():
        harmed = [page for page in told if page.harm == harm]
        if not harmed:
            continue
        caught = sum(page.by_hand or word in page.bad for page in harmed) / len(harmed)
        hand = sum(page.by_hand and word not in page.bad for page in harmed)
        rows.append(at_least(f"{harm}: told in {len(harmed)} harmed", caught, 0.98, 1.0))
        rows.append(Row("  of which by asking for a hand", str(hand)))
    sound = [page for page in told if not page.harm]
    for word in ("sharp", "complete", "unharmed"):
        false = sum(word in page.bad for page in sound) / len(sound)
        rows.append(at_most(f"{word}: false alarms in {len(sound)} sound", false, 0.02, 0.01))
    alarms = Counter(code for page in sound for code in page.codes)
    return [*rows, Row("  codes on sound pages", ", ".join(f"{c} {n}" for c, n in alarms.items()))]


def tell(seed: int) -> list[Told]:
    """Lay one sheet down, take all SHOTS of it, and say what was told of each."""
    rng = np.random.default_rng(fresh(seed))
    paper, scale = PAPERS[seed % len(PAPERS)], float(rng.uniform(*PX_PER_MM))
    turn = float(rng.uniform(0, 360))
    laid = lay_out(
        fresh(seed),
        size_px=frame_around(rng, paper, scale, turn, (30, 240)),
        paper=paper,
        table=TABLES[seed % len(TABLES)],
        defects=BASES[seed % len(BASES)],
        turn_deg=turn,
        px_per_mm=scale,
    )
    return [_told(*shot) for shot in _shots(laid, fresh(seed))]


def _shots(laid: Laid, seed: int) -> Iterator[tuple[str, Scene]]:
    for number, (harm, over) in enumerate(SHOTS):
        rng = np.random.default_rng([seed, number])
        copy = replace(laid, picture=laid.picture.copy())
        scene = photograph(copy, over, rng, zoom=laid.scale / FINEST_PX_PER_MM)
        if harm == "cut_off":
            scene = _cut(scene, rng)
        elif not scene.inside:
            continue
        if "veil" in over and _hidden(laid, copy.picture) < WASHED_SHARE:
            continue
        yield harm, scene


def _cut(scene: Scene, rng: np.random.Generator) -> Scene:
    """Move the frame so that 1 to 12 % of the sheet's extent lies outside, over one side of it."""
    low, high = scene.quad.min(0), scene.quad.max(0)
    across = int(rng.integers(0, 2))
    out = float(np.exp(rng.uniform(np.log(0.01), np.log(0.12)))) * (high - low)[across]
    pixels = scene.pixels if across else scene.pixels.swapaxes(0, 1)
    if rng.random() < 0.5:
        start = round(low[across] + out)
        pixels, quad = pixels[start:], scene.quad - np.array([0, start])[:: 1 if across else -1]
    else:
        pixels, quad = pixels[: round(high[across] - out)], scene.quad
    pixels = pixels if across else pixels.swapaxes(0, 1)
    return replace(scene, pixels=np.ascontiguousarray(pixels), quad=quad, defects=("cut_off",))


def _hidden(laid: Laid, after: NDArray[np.float32]) -> float:
    """Return the share of the sheet on which light thrown back washes black print out."""
    before = np.ascontiguousarray(laid.picture[::4, ::4, 1])
    paper = np.maximum(cv2.dilate(before, np.ones((9, 9), np.uint8)), 1)
    veil = after[::4, ::4, 1] - before
    white, black = np.minimum(paper + veil, 255), np.minimum(BLACK * paper + veil, 255)
    kept = (white - black) / white / (1 - BLACK)
    sheet = laid.mask[::4, ::4] > 0.9
    return float((kept[sheet] < WASHED_OUT).mean())


def tell_fold(task: tuple[int, str]) -> list[Told]:
    """Make a scene with a fold through print or a corner folded over, and say what was told."""
    seed, harm = task
    scene = make_scene(
        fresh(seed),
        paper=CREASABLE[seed // 2 % len(CREASABLE)],
        table=TABLES[seed % len(TABLES)],
        defects=(harm,),
    )
    return [_told(harm, scene)] if scene.inside else []


def _told(harm: str, scene: Scene) -> Told:
    page = make_page(scene.jpeg())
    bad = {word: check.code for word, check in page.checks.items() if check.state == "bad"}
    return Told(harm, page.needs_hand, frozenset(bad), frozenset(bad.values()))

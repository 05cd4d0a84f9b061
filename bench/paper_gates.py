"""This file measures the words of the law: is each harm told, and is a sound page left alone?"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from pathlib import Path

from appliance.paper.page import Page, make_page
from bench.rounds import fresh, spread
from bench.rows import Row, at_least, at_most
from bench.scenes import make_scene

FULL_PX = (4056, 3040)
FIVE_MP = (2704, 2028)
PAPERS = ("A4", "A5", "A4", "certificate", "card", "A6")
CREASABLE = ("A4", "A5", "A4", "certificate", "receipt", "A6")
TABLES = ("mat", "wood", "mat", "cloth", "tiles")
HARMS = (
    ("sharp", "blur"),
    ("sharp", "motion"),
    ("complete", "cut_off"),
    ("unharmed", "glare"),
    ("unharmed", "finger"),
    ("unharmed", "fold"),
    ("unharmed", "flap"),
)
SOUND = ("", "", "faint_crease", "shadow")
"""What a sound page may have, in turn: a crease that harms nothing, the shadow of a hand."""


@dataclass(frozen=True)
class Told:
    """What became of one page; `inside` False: the paper hangs out of the frame uncalled for."""

    inside: bool
    by_hand: bool
    bad: frozenset[str]
    codes: frozenset[str]


def measure(scenes: int, photos: Path) -> list[Row]:
    """Return the share of harms told and of false alarms.

    Blur is laid on photos of 12 megapixels, as focus is a matter of pixels; the rest on 5. A page
    sent to the hand is told: nobody takes it for good unseen; how many were is said too.
    """
    sound = _inside([(90_000 + i, SOUND[i % len(SOUND)]) for i in range(scenes)])
    rows = []
    for number, (word, harm) in enumerate(HARMS):
        first = 91_000 + 1000 * number
        count = max(4, scenes // 3) if harm == "motion" else scenes
        harmed = _inside([(first + i, harm) for i in range(count)])
        told = sum(page.by_hand or word in page.bad for page in harmed) / len(harmed)
        hand = sum(page.by_hand and word not in page.bad for page in harmed)
        rows.append(at_least(f"{harm}: told in {len(harmed)} harmed", told, 0.98, 1.0))
        rows.append(Row("  of which by asking for a hand", str(hand)))
    for word in ("sharp", "complete", "unharmed"):
        false = sum(word in page.bad for page in sound) / len(sound)
        rows.append(at_most(f"{word}: false alarms in {len(sound)} sound", false, 0.02, 0.01))
    alarms = Counter(code for page in sound for code in page.codes)
    return [*rows, Row("  codes on sound pages", ", ".join(f"{c} {n}" for c, n in alarms.items()))]


def _inside(tasks: list[tuple[int, str]]) -> list[Told]:
    return [told for told in spread(tell, tasks) if told.inside]


def tell(task: tuple[int, str]) -> Told:
    """Make a scene with one harm ("" for none), make its page, and say what was told."""
    seed, harm = task
    size_px = FULL_PX if harm in ("blur", "motion") or (not harm and seed % 8 == 0) else FIVE_MP
    papers = CREASABLE if harm in ("fold", "flap") else PAPERS
    scene = make_scene(
        fresh(seed),
        size_px=size_px,
        paper=papers[seed % len(papers)],
        table=TABLES[seed % len(TABLES)],
        defects=(harm,) if harm else (),
    )
    if not scene.inside and harm != "cut_off":
        return Told(False, False, frozenset(), frozenset())
    page: Page = make_page(scene.jpeg())
    bad = {word: check.code for word, check in page.checks.items() if check.state == "bad"}
    return Told(True, page.needs_hand, frozenset(bad), frozenset(bad.values()))

"""This file measures the words of the law: is a blurred, cut-off or glaring page always told?"""

from __future__ import annotations

from pathlib import Path

from appliance.paper.page import Page, make_page
from bench.rows import Row, at_least, at_most
from bench.scenes import make_scene

FULL_PX = (4056, 3040)
PAPERS = ("A4", "A5", "A4", "certificate", "card", "A6")
TABLES = ("mat", "wood", "mat", "cloth")
HARMS = (("sharp", "blur"), ("complete", "cut_off"), ("unharmed", "glare"), ("unharmed", "finger"))


def measure(scenes: int, photos: Path) -> list[Row]:
    """Return the share of harms told and of false alarms; photos of 12 megapixels.

    A page sent to the hand is told: nobody takes it for good unseen.
    """
    sound = [page for i in range(2 * scenes) if (page := _page(90_000 + i, ()))][:scenes]
    rows = []
    for number, (word, harm) in enumerate(HARMS):
        seeds = range(91_000 + 1000 * number, 91_000 + 1000 * number + scenes)
        harmed = [page for seed in seeds if (page := _page(seed, (harm,)))]
        told = sum(_told(page, word) for page in harmed) / len(harmed)
        false = sum(page.checks[word].state == "bad" for page in sound) / len(sound)
        rows.append(at_least(f"{harm}: told in {len(harmed)} harmed", told, 0.98, 1.0))
        rows.append(at_most(f"  false alarms in {len(sound)} sound", false, 0.02, 0.01))
    return rows


def _told(page: Page, word: str) -> bool:
    return page.needs_hand or page.checks[word].state == "bad"


def _page(seed: int, defects: tuple[str, ...]) -> Page | None:
    """Return the page of a scene; None where the paper hangs out of the frame uncalled for."""
    scene = make_scene(
        seed,
        size_px=FULL_PX,
        paper=PAPERS[seed % len(PAPERS)],
        table=TABLES[seed % len(TABLES)],
        defects=defects,
    )
    if not scene.inside and "cut_off" not in defects:
        return None
    return make_page(scene.jpeg())

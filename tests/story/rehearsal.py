"""This file is what the rehearsed scenes share: a demo with a clock, people whose taps are counted.

Each scene leaves a line in `screenshots/scenes.txt`: taps and screens of each person, and seconds
(reported, never asserted: they are this machine's).
"""

from __future__ import annotations

import contextlib
import sqlite3
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit

from tests.story.conftest import SCREENSHOTS, SIZES, Demo, wait_until

ZONE_H = 7
STEPS_MIN = (12 * 60, 60, 30, 5, 1)


@dataclass
class Somebody:
    """A person with a browser; `taps` buttons, links, boxes and typed fields; `screens` seen."""

    name: str
    page: Any
    scene: Scene
    taps: int = 0
    screens: list[str] = field(default_factory=list)

    def opens(self, url: str) -> None:
        """The screen that is there before anybody taps: no tap of theirs."""
        self.page.goto(url)
        self._seen()

    def taps_button(self, words: str, *, first: bool = True) -> None:
        found = self.page.get_by_role("button", name=words)
        self._tap(found.first if first else found.last)

    def taps_link(self, words: str) -> None:
        self._tap(self.page.get_by_role("link", name=words).first)

    def taps_choice(self, words: str) -> None:
        """A radio or tick with its label."""
        self._tap(self.page.locator("label.choice", has_text=words).first)

    def taps_on(self, selector: str) -> None:
        self._tap(self.page.locator(selector).first)

    def types(self, selector: str, text: str) -> None:
        """Counted as one: where a keypad comes up and is used once."""
        self.page.fill(selector, text)
        self.taps += 1

    def sees(self, words: str, timeout_s: float = 20) -> None:
        self.page.get_by_text(words).first.wait_for(timeout=timeout_s * 1000)
        self._seen()

    def shows(self, what: str, size: str = "") -> None:
        """Keep a picture of the screen as it is."""
        SCREENSHOTS.mkdir(exist_ok=True)
        self.page.wait_for_timeout(200)
        name = f"scene-{self.scene.name}-{self.scene.pictures:02d}-{self.name}-{what}.png"
        self.page.screenshot(path=str(SCREENSHOTS / name), full_page=bool(size))
        self.scene.pictures += 1

    def _tap(self, target: Any) -> None:
        target.click()
        self.taps += 1
        self.page.wait_for_load_state()
        self._seen()

    def _seen(self) -> None:
        where = urlsplit(self.page.url).path
        if not self.screens or self.screens[-1] != where:
            self.screens.append(where)


@dataclass
class Scene:
    """One rehearsed scene over a running demo."""

    name: str
    demo: Demo
    browser: Any
    people: list[Somebody] = field(default_factory=list)
    contexts: list[Any] = field(default_factory=list)
    pictures: int = 1
    began_s: float = field(default_factory=time.monotonic)

    def somebody(self, name: str, size: str) -> Somebody:
        width, height = SIZES[size]
        context = self.browser.new_context(viewport={"width": width, "height": height})
        context.set_default_timeout(20_000)
        self.contexts.append(context)
        self.people.append(Somebody(name, context.new_page(), self))
        return self.people[-1]

    def volunteer(self, name: str = "Chị Lan") -> Somebody:
        """Comes on duty at the desk with a telephone."""
        one = self.somebody(name.split()[-1].lower(), "phone")
        one.opens(f"{self.demo.house}/desk")
        one.taps_choice(name)
        one.types("input[name=pin]", "2468")
        one.taps_button("Vào bàn trực")
        one.page.wait_for_url(f"{self.demo.house}/desk")
        return one

    def later(self, minutes: int) -> None:
        """So much time goes by in the house."""
        for step in STEPS_MIN:
            while minutes >= step:
                self.demo.do(f"/clock/{step}")
                minutes -= step

    def wait_until_clock(self, at: str) -> None:
        """To the next "2026-11-14T19:20" of the house; a scene further back stays where it is."""
        left_s = (datetime.fromisoformat(at) - self.house_time()).total_seconds()
        self.later(max(0, round(left_s / 60)))

    def house_time(self) -> datetime:
        """What the house's own screens call now (from the page of the virtual room)."""
        import re

        page = self.demo.get(self.demo.room, "/").decode()
        found = re.search(r"(\d\d):(\d\d), (\d\d)/(\d\d)/(\d{4})", page)
        assert found is not None, "the demo was not started with --at"
        hour, minute, day, month, year = map(int, found.groups())
        return datetime(year, month, day, hour, minute)

    def rows(self, sql: str, *args: Any) -> list[sqlite3.Row]:
        """Read in the house's table."""
        path = self.demo.folder / "house" / "hien.db"
        with contextlib.closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True)) as db:
            db.row_factory = sqlite3.Row
            return db.execute(sql, args).fetchall()

    def comes_up(self, who: Somebody, words: str) -> None:
        """Somebody looks again until it stands there, as a page that is not live is read."""

        def is_there() -> bool:
            who.page.reload()
            return bool(who.page.get_by_text(words).count())

        wait_until(f"{words!r} comes up", is_there, 90)

    def everything_is_told(self) -> None:
        """Every report of the house has the ward's receipt."""
        wait_until(
            "every report has its receipt",
            lambda: not self.rows("SELECT 1 FROM outbox WHERE receipted_at IS NULL LIMIT 1"),
            60,
        )

    def report(self) -> str:
        parts = [f"{p.name}: {p.taps} taps, {len(p.screens)} screens" for p in self.people]
        return f"{self.name}: {'; '.join(parts)}; {time.monotonic() - self.began_s:.0f} s"


@contextlib.contextmanager
def rehearsed(name: str, demo: Demo, browser: Any) -> Iterator[Scene]:
    """A scene; its figures are printed and kept when it went well."""
    scene = Scene(name, demo, browser)
    try:
        yield scene
        line = scene.report()
        print(line)
        SCREENSHOTS.mkdir(exist_ok=True)
        with (SCREENSHOTS / "scenes.txt").open("a", encoding="utf-8") as f:
            f.write(line + "\n")
    finally:
        for context in scene.contexts:
            context.close()

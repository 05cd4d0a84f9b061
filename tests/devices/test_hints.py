"""This file proves the hint beside the live picture: thought out only while somebody looks."""

from __future__ import annotations

import io
from collections.abc import Iterator
from pathlib import Path

import pytest
from PIL import Image, ImageDraw

from appliance.devices.camera.virtual import VirtualCamera
from appliance.devices.hints import Hints
from appliance.devices.page_maker import PageError, PageMaker
from appliance.devices.shutter import Shutter
from appliance.devices.url import parse_url
from appliance.store.ram import Ram


class Clock:
    now_s = 50.0

    def __call__(self) -> float:
        return self.now_s


class Watched:
    """Somebody looks at a table; `says` lets a turn go by after some seconds."""

    def __init__(self, folder: Path, eyes: object) -> None:
        self.ram = Ram(folder / "ram")
        self.ram.make_folders()
        self.scene = folder / "scene.jpg"
        self.lay(None)
        self.clock, self.shutter = Clock(), Shutter()
        camera = VirtualCamera(parse_url(f"virtual:?scene={self.scene}"))
        self.hints = Hints(self.ram, camera, eyes, self.shutter, now_s=self.clock)  # type: ignore[arg-type]
        self.ram.want_preview()

    def says(self, after_s: float = 0.0) -> str:
        if self.ram.preview_wanted_ago_s(0) is not None:
            self.ram.want_preview()  # as a screen does, or a slow machine would take it for gone
        self.clock.now_s += after_s
        self.hints.turn()
        return str(self.ram.hint().get("code"))

    def lay(self, box: tuple[int, int, int, int] | None, text: str = "TỜ KHAI") -> None:
        """A white sheet at `box` on a dark table of 1280 x 960."""
        table = Image.new("RGB", (1280, 960), (60, 46, 38))
        if box is not None:
            pen = ImageDraw.Draw(table)
            pen.rectangle(box, fill=(240, 238, 232))
            for y in range(box[1] + 60, box[3] - 40, 40):
                pen.line((box[0] + 50, y, box[2] - 50 - (y * 37 % 90), y), (40, 40, 50), 5)
        out = io.BytesIO()
        table.save(out, "JPEG", quality=90)
        part = self.scene.with_suffix(".part")
        part.write_bytes(out.getvalue())
        part.replace(self.scene)


@pytest.fixture(scope="module")
def maker() -> Iterator[PageMaker]:
    maker = PageMaker()
    yield maker
    maker.close()


SHEET = (360, 60, 940, 880)  # the shape of A4


def test_from_the_bare_table_to_the_shutter(tmp_path: Path, maker: PageMaker) -> None:
    table = Watched(tmp_path, maker)
    assert table.says() == "moving"
    assert table.says(0.5) == "no_sheet"
    table.lay(SHEET)
    assert table.says(0.3) == "moving"
    assert table.says(0.5) == "steady"
    assert table.says(1.2) == "ready"
    table.shutter.taken("one")
    assert table.says(0.3) == "ready" and table.ram.hint()["taken_in"] == ["one"]
    table.lay((-200, 60, 380, 880))
    assert table.says(0.3) == "moving"
    assert table.says(0.5) == "cut_off"


def test_a_card_is_never_photographed_by_itself(tmp_path: Path, maker: PageMaker) -> None:
    table = Watched(tmp_path, maker)
    table.lay((400, 300, 810, 558))
    table.says()
    assert table.says(0.5) == "card"
    assert table.says(60) == "card"


def test_nobody_looks_nothing_is_thought(tmp_path: Path) -> None:
    class Blind:
        def signature(self, frame: bytes) -> bytes:
            raise AssertionError("nobody looks")

    table = Watched(tmp_path, Blind())
    table.ram.drop_preview()
    assert table.says() == "None"


def test_while_a_page_is_made_it_waits(tmp_path: Path) -> None:
    class Busy:
        def signature(self, frame: bytes) -> None:
            return None

    assert Watched(tmp_path, Busy()).says() == "busy"


def test_a_child_that_dies_costs_the_hint_alone(tmp_path: Path) -> None:
    class Dying:
        def signature(self, frame: bytes) -> bytes:
            raise PageError("its process ended")

    assert Watched(tmp_path, Dying()).says() == ""


def test_no_picture_no_hint(tmp_path: Path, maker: PageMaker) -> None:
    table = Watched(tmp_path, maker)
    table.scene.write_bytes(b"no picture")
    assert table.says() == ""

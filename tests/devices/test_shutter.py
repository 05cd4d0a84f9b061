"""This file proves when the shutter goes off by itself: still, good, and never twice on a sheet."""

from __future__ import annotations

import random

import pytest

from appliance.devices.page_maker import Glance
from appliance.devices.shutter import Shutter, alike, has_moved

REST = bytes([128] * 768)


def sheet(number: int) -> bytes:
    """The face of a drawn sheet."""
    dots = random.Random(number)
    return bytes(dots.randrange(90, 160) for _ in range(30 * 42))


def a_little_different(face: bytes) -> bytes:
    noise = random.Random(7)
    return bytes(min(255, max(0, n + noise.randrange(-12, 13))) for n in face)


def moved(by: int) -> bytes:
    return bytes([128 + by] * 20) + REST[20:]


class Table:
    """A table over which time goes by; `says` is the code of the hint now."""

    def __init__(self) -> None:
        self.at_s = 100.0
        self.shutter = Shutter(lambda: self.at_s)

    def lay(self, face: bytes, scene: int, code: str = "") -> str:
        """Something comes to lie there; the hint once it lay still for half a second."""
        self.shutter.see(moved(scene), self.at_s)
        assert self.says() == "moving" and not self.shutter.wants_glance(self.at_s)
        self.at_s += 0.5
        self.shutter.see(moved(scene), self.at_s)
        assert self.shutter.wants_glance(self.at_s)
        self.shutter.glanced(Glance(code, None, face))
        assert not self.shutter.wants_glance(self.at_s)
        return self.says()

    def says(self, after_s: float = 0.0) -> str:
        """What the screen of visit "one" makes of it."""
        self.at_s += after_s
        hint = self.shutter.hint(self.at_s)
        return "taken" if "one" in hint.taken_in else hint.code


def test_a_good_sheet_is_counted_and_then_taken() -> None:
    table = Table()
    assert table.lay(sheet(1), 10) == "steady"
    left_ms = table.shutter.hint(table.at_s).left_ms
    assert 800 <= left_ms <= 1000
    assert table.says(after_s=left_ms / 1000 + 0.01) == "ready"


def test_a_hand_that_moves_the_sheet_begins_the_count_anew() -> None:
    table = Table()
    table.lay(sheet(1), 10)
    table.says(after_s=0.8)
    assert table.lay(sheet(1), 40) == "steady"


@pytest.mark.parametrize("code", ["glare", "cut_off", "no_sheet", "folded", "a-code-of-tomorrow"])
def test_what_would_not_be_good_is_said_and_never_taken(code: str) -> None:
    table = Table()
    assert table.lay(sheet(1) if code == "glare" else b"", 10, code) == code
    assert table.says(after_s=60) == code


def test_a_sheet_is_never_taken_twice() -> None:
    """Not when it stays, is nudged, turned round, lifted and laid down again, nor after another."""
    table = Table()
    table.lay(sheet(1), 10)
    name = table.shutter.hint(table.at_s).sheet
    table.shutter.taken("one")
    assert table.says(after_s=5) == "taken"
    assert table.lay(a_little_different(sheet(1)), 40) == "taken"
    assert table.shutter.hint(table.at_s).sheet == name
    assert table.lay(sheet(1)[::-1], 70) == "taken"
    assert table.lay(b"", 10, "no_sheet") == "no_sheet"
    assert table.lay(sheet(2), 40) == "steady"
    assert table.shutter.hint(table.at_s).sheet != name
    table.at_s += 5
    table.shutter.taken("one")
    assert table.lay(sheet(1), 70) == "taken"


def test_a_sheet_taken_before_it_was_looked_at_counts_too() -> None:
    """A quick finger: the photograph comes before the glance."""
    table = Table()
    table.shutter.taken("one")
    assert table.lay(sheet(1), 10) == "taken"
    assert table.lay(sheet(2), 40) == "steady"


def test_a_photograph_of_no_sheet_that_was_found_spends_no_other() -> None:
    """White on white, photographed by a finger and cut by hand: the next sheet is a new one."""
    table = Table()
    table.lay(b"", 10, "no_sheet")
    table.shutter.taken("one")
    table.shutter.taken("")
    assert table.lay(sheet(1), 40) == "steady"


def test_a_finger_quicker_than_the_eye() -> None:
    """The sheet was photographed while the last scene seen was still the bare table."""
    table = Table()
    table.lay(b"", 10, "no_sheet")
    table.shutter.taken("one")
    assert table.lay(sheet(1), 40) == "taken"
    assert table.lay(sheet(2), 70) == "steady"


def test_a_sheet_laid_over_the_last_one_a_moment_ago() -> None:
    """What was seen last is the sheet before; both are done with."""
    table = Table()
    table.lay(sheet(1), 10)
    table.shutter.taken("one")
    assert table.lay(sheet(2), 40) == "taken"
    table.at_s += 5
    assert table.lay(sheet(3), 70) == "steady"


def test_in_another_visit_the_same_form_is_another_residents() -> None:
    table = Table()
    table.lay(sheet(1), 10)
    table.shutter.taken("another")
    assert table.says() == "steady"
    assert table.shutter.hint(table.at_s).taken_in == ("another",)


def test_names_of_sheets_differ_from_start_to_start() -> None:
    """The table refuses a second photograph of a name: a new start must not meet an old name."""
    one, two = Table(), Table()
    one.lay(sheet(1), 10)
    two.lay(sheet(1), 10)
    assert one.shutter.hint(0).sheet != two.shutter.hint(0).sheet


def test_noise_is_no_movement_and_a_hand_is() -> None:
    noise = random.Random(3)
    noisy = bytes(n + noise.randrange(-6, 7) for n in REST)
    assert not has_moved(REST, noisy)
    assert has_moved(REST, moved(40))


def test_faces() -> None:
    assert alike(sheet(1), a_little_different(sheet(1)))
    assert not alike(sheet(1), sheet(2))
    assert not alike(b"", b"") and not alike(sheet(1), b"short")

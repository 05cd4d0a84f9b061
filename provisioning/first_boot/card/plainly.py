"""This file says a thing where nothing of ours can be run: the board's own light, a plain slip."""

from __future__ import annotations

import contextlib
import unicodedata
from pathlib import Path

PRINTER = Path("/dev/usb/lp0")
LIGHT = Path("/sys/class/leds/ACT")


def light(trigger: str) -> None:
    """The board's own light: `timer` blinks, `mmc0` is as it always is."""
    with contextlib.suppress(OSError):
        (LIGHT / "trigger").write_text(trigger)
        if trigger == "timer":
            (LIGHT / "delay_on").write_text("120")
            (LIGHT / "delay_off").write_text("120")


def print_plainly(heading: str, text: str) -> None:
    """Letters without accents, which every slip printer has."""
    with contextlib.suppress(OSError), PRINTER.open("wb", buffering=0) as printer:
        printer.write(b"\x1b@" + _plain(heading) + b"\n\n" + _plain(text) + b"\n\n\n\n\n")


def _plain(text: str) -> bytes:
    letters = unicodedata.normalize("NFD", text.replace("đ", "d").replace("Đ", "D"))
    return letters.encode("ascii", "ignore")

"""This file says a thing where nothing of ours can be run: the board's light, a slip, the card."""

from __future__ import annotations

import contextlib
import os
import unicodedata
from pathlib import Path

PRINTER = Path("/dev/usb/lp0")
LIGHT = Path("/sys/class/leds/ACT")

# Room for the longest text; less than a cluster of any FAT.
STATUS_BYTES = 500


def write_status(path: Path, text: str) -> None:
    """Where the box stands, for whoever puts the card into a computer. In place and always as long:
    a power cut amid a change of FAT's own tables leaves a card that takes no more writes (seen)."""
    said = f"\ufeff{text}".encode()[: STATUS_BYTES - 2].decode("utf-8", "ignore").encode()
    with contextlib.suppress(OSError), path.open("r+b" if path.exists() else "xb") as file:
        file.write(said.ljust(STATUS_BYTES - 2) + b"\r\n")
        file.flush()
        os.fsync(file.fileno())


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

"""This file runs in a house (its own Python) into which a USB printer is plugged, and pulled out.

The rooms are their units: the node is the devices room's by udev's rule and the unit's walls.
"""

from __future__ import annotations

import sqlite3
import threading
import time
from pathlib import Path

from house import TABLE, job_of, say, take_ticket, wait
from machine import SETTINGS, must, well
from usb_gadget import GadgetPrinter


def main() -> None:
    text = SETTINGS.read_text()
    lines = ['printer = "usblp:/dev/usb/lp0"' if line.startswith("printer") else line
             for line in text.splitlines()]  # fmt: skip
    SETTINGS.write_text("\n".join(lines) + "\n")
    must("systemctl", "restart", "hien-devices")
    well(600)
    waiting = take_ticket()
    printer = GadgetPrinter(0)
    job_of(waiting["id"], "printed", 300)
    say(f"plugged in while number {waiting['number']} waited: printed, "
        f"{len(printer.mechanism.slips)} slip; node {mode('/dev/usb/lp0')}")  # fmt: skip
    assert len(printer.mechanism.slips) == 1
    printer.unplug()
    second = take_ticket()
    time.sleep(3)
    say(f"pulled out: number {second['number']} is {state(second['id'])}")
    assert state(second["id"]) != "printed"
    printer.plug()
    job_of(second["id"], "printed", 300)
    assert len(printer.mechanism.slips) == 2
    say("back: printed by itself, once")
    midway(printer)


def midway(printer: GadgetPrinter) -> None:
    """The cable goes while a slip is on its way: a person is asked, and nothing comes twice. A
    spare printer takes over (Debian's f_printer may not be plugged in again after this)."""
    spare = GadgetPrinter(1)
    spare.unplug()
    had = len(printer.received)
    tug = threading.Thread(target=_tug, args=(printer, had))
    tug.start()
    third = take_ticket()
    tug.join()
    ended = ("needs_operator", "failed_clean", "queued")
    wait(lambda: state(third["id"]) in ended, 200, f"an end: {state(third['id'])}")
    was = state(third["id"])
    say(f"pulled out midway: number {third['number']} is {was}")
    assert was == "needs_operator", was
    spare.plug()
    fourth = take_ticket()
    job_of(fourth["id"], "printed", 300)
    assert state(third["id"]) == "needs_operator"
    assert len(printer.mechanism.slips) == 2 and len(spare.mechanism.slips) == 1
    say(f"a spare one printed number {fourth['number']}; the torn one waits for a person")


def _tug(printer: GadgetPrinter, had: int) -> None:
    end_s = time.monotonic() + 300
    while len(printer.received) < had + 4096 and time.monotonic() < end_s:
        time.sleep(0.001)
    printer.reading.clear()
    printer.unplug()


def state(ticket_id: str) -> str:
    table = sqlite3.connect(TABLE, uri=True, timeout=30)
    row = table.execute(
        "SELECT state FROM print_jobs WHERE ticket_id = ? ORDER BY id DESC", (ticket_id,)
    ).fetchone()
    table.close()
    return str(row[0]) if row else ""


def mode(path: str) -> str:
    node = Path(path)
    return f"{node.owner()}:{node.group()} {node.stat().st_mode & 0o777:o}"


if __name__ == "__main__":
    main()

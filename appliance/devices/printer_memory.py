"""This file carries what was learnt of the printer over a restart, and onto the test slip."""

from __future__ import annotations

import contextlib
import json
from dataclasses import asdict, fields, replace

from appliance.core.calibration import Calibration, Dots
from appliance.core.slip import Slip, Text
from appliance.devices.printer import Capabilities, Printer
from appliance.errors import StoreError
from appliance.service import printer_facts
from appliance.store.database import Row, Store

_WORDS = {
    "status": "hỏi trạng thái",
    "barrier": "hỏi in xong chưa",
    "port": "trạng thái cổng",
}
_ANSWERS = {True: "có trả lời", False: "không trả lời", None: "chưa rõ"}


class PrinterMemory:
    """`recall` once at the start, `keep` after each job: written only when something is new."""

    def __init__(self, store: Store, printer: Printer) -> None:
        self._store = store
        self._printer = printer
        self._kept = Capabilities()

    def recall(self) -> None:
        known = printer_facts.known(self._store, self._printer.identity)
        names = {field.name for field in fields(Capabilities)}
        self._kept = Capabilities(**{k: v for k, v in known.items() if k in names})
        self._printer.recall(self._kept)

    def keep(self) -> None:
        now = self._printer.capabilities
        if now == self._kept:
            return
        with contextlib.suppress(StoreError):  # a full card: it is learnt again
            printer_facts.remember(self._store, self._printer.identity, asdict(now))
            self._kept = now


def calibration_for(store: Store, printer: Printer, usual_dots: Dots, job: Row) -> Calibration:
    """How to draw `job`. A page for looking at the printer is drawn plainly, as wide as it says."""
    width = json.loads(job["payload"]).get("width") if job["kind"] == "test" else None
    if width in (576, 384):
        return Calibration(width)
    return printer_facts.calibration(store, printer.identity) or Calibration(usual_dots)


def on_the_test_slip(slip: Slip, printer: Printer) -> Slip:
    """The calibration slip with the printer's name and what it answers, above the letters."""
    answers = asdict(printer.capabilities)
    lines = [f"Máy in: {printer.identity}"]
    lines += [f"{_WORDS[name]}: {_ANSWERS[answers[name]]}" for name in _WORDS]
    told = tuple(Text(line, "quiet") for line in lines)
    return replace(slip, blocks=(*slip.blocks[:2], *told, *slip.blocks[2:]))

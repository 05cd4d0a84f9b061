"""This file prints: draws the oldest slip asked for, sends it once, writes how that ended."""

from __future__ import annotations

import logging
import time

from appliance.core.job import retry_after_s
from appliance.devices.duty import POLL_S
from appliance.devices.owed import Owed
from appliance.devices.parts import Parts
from appliance.devices.printer import Outcome, Printer
from appliance.devices.printer_memory import (
    PrinterMemory,
    calibration_for,
    on_the_test_slip,
)
from appliance.service import slips
from appliance.service.slip_content import slip_of
from appliance.store.database import Row

log = logging.getLogger("hien.devices.print")

LOOK_AGAIN_S = 2.0
OWED_S = 1.0


class PrintWorker:
    """One turn: one job at most. `sending` is on the card before the first byte goes out."""

    def __init__(self, parts: Parts, printer: Printer, *, remembers: bool = True) -> None:
        self._parts = parts
        self._printer = printer
        self._store = parts.store()
        self._owed = Owed()
        self._next_look_s = 0.0
        self._clean_failures = 0
        self._unclear: int | None = None  # a job that stopped, and nobody knows yet what of
        self._memory = PrinterMemory(self._store, printer) if remembers else None
        if self._memory:
            self._memory.recall()

    def turn(self) -> float:
        if not self._owed.settle():
            return OWED_S
        if not self._store.changed() and time.monotonic() < self._next_look_s:
            return POLL_S
        # Until this look has come to its end: one that fails is made again, whatever has changed.
        self._next_look_s = 0.0
        rest_s = self._ask_why()
        job = slips.next_job(self._store, self._parts.clock.now())
        if job is None:
            self._rest(rest_s)
        else:
            self._work(job)
        return POLL_S

    def _ask_why(self) -> float:
        """A printer that was full up says only later that its paper had ended. In how many seconds
        to ask again, with nothing to print."""
        if self._unclear is None:
            return float("inf")
        check = self._printer.check()
        if check.code in ("paper_out", "cover_open"):
            slips.why_it_stopped(self._store, self._parts.clock.now(), self._unclear, check.code)
        if check.state == "ok" or check.code in ("paper_out", "cover_open"):
            self._unclear = None
            return float("inf")
        return LOOK_AGAIN_S

    def _work(self, job: Row) -> None:
        check = self._printer.check()
        if check.state == "bad":
            # Nothing went out. It is looked at again soon: a new roll of paper is all it takes.
            slips.not_yet(self._store, job["id"], check.code)
            self._rest(LOOK_AGAIN_S)
            return
        data = self._draw(job)
        if not slips.begin_sending(self._store, job["id"]):
            return
        if data is None:
            self._end(job, Outcome("failed_clean", 0, "cannot_draw"))
            return
        outcome = self._printer.print_job(data)
        log.info("slip %d: %s %s", job["id"], outcome.state, outcome.code)
        if outcome.state == "failed_clean" and outcome.code != "none":
            self._clean_failures += 1
            self._owed.pay(lambda: slips.not_yet(self._store, job["id"], outcome.code))
            self._rest(retry_after_s(self._clean_failures))
            return
        self._clean_failures = 0
        if outcome.state == "needs_operator" and outcome.code in ("stalled", "lost", "silent"):
            self._unclear = job["id"]
        self._end(job, outcome)
        if self._memory:
            self._memory.keep()

    def _end(self, job: Row, outcome: Outcome) -> None:
        now = self._parts.clock.now()
        self._owed.pay(
            lambda: slips.finish(
                self._store,
                self._parts.ram,
                now,
                job["id"],
                outcome.state,
                bytes_sent=outcome.bytes_sent,
                code=outcome.code,
            )
        )

    def _draw(self, job: Row) -> bytes | None:
        """The job's bytes in the printer's language; None when this slip cannot be drawn at all,
        which no retry mends."""
        from appliance.paper.slip.layout import draw_for
        from appliance.paper.slip.raster import to_escpos
        from appliance.paper.slip.sheet import to_sheet

        secret = slips.key_for(self._store, self._parts.ram, self._parts.clock.now(), job)
        try:
            slip = slip_of(job, self._parts.house, secret)
            usual_dots = self._parts.config["devices.printer_dots"]
            tuned = calibration_for(self._store, self._printer, usual_dots, job)
            if job["kind"] == "test":
                slip = on_the_test_slip(slip, self._printer)
            image = draw_for(slip, tuned)
            if self._printer.language == "pdf":
                return to_sheet(image)
            return to_escpos(image, cut=tuned.cuts)
        except (ValueError, KeyError, TypeError):
            log.exception("slip %d cannot be drawn", job["id"])
            return None

    def _rest(self, seconds: float) -> None:
        self._next_look_s = time.monotonic() + seconds

"""This file makes a Printer of any transport: opened for each job or look, one user at a time."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import replace

from appliance.core.check import Check
from appliance.devices.printer import Capabilities, JobLanguage, Outcome
from appliance.devices.printer.job import Limits, ask_status, run_job
from appliance.devices.printer.transport import Transport, TransportError
from appliance.devices.url import DeviceUrl

SILENCES = 3
# What only the printer itself can have said.
TOLD = ("paper_out", "cover_open", "printer_error", "offline")
LIMIT_OPTIONS = ("stall_s", "answer_s", "slack_s", "slow_mm_s")


def limits_of(url: DeviceUrl) -> Limits:
    """Limits from the URL's options, for a printer that is slower or slower-witted than most."""
    usual = Limits()
    return Limits(
        stall_s=url.number("stall_s", usual.stall_s, 0.05, 600),
        answer_s=url.number("answer_s", usual.answer_s, 0.02, 30),
        slack_s=url.number("slack_s", usual.slack_s, 0.05, 600),
        slow_mm_s=url.number("slow_mm_s", usual.slow_mm_s, 1, 100_000),
    )


class OverTransport:
    """Opens the way anew each time: a printer unplugged and back is found again by itself, and a
    network printer that takes one caller at a time is not blocked between jobs."""

    language: JobLanguage = "escpos"

    def __init__(
        self, url: DeviceUrl, open_way: Callable[[], Transport], *, virtual: bool = False
    ) -> None:
        self.url = str(url)
        serial = url.option("serial")
        self._identity = self.url.partition("?")[0] + (f"?serial={serial}" if serial else "")
        self.virtual = virtual
        self.needs_flush = False
        self._limits = limits_of(url)
        self._open_way = open_way
        self._lock = threading.Lock()
        self._last = Check("printer", "unknown")
        self._answers = False
        self._silences = 0
        self._capabilities = Capabilities()
        self._heard = ""  # what it said of itself before it fell silent midway

    @property
    def identity(self) -> str:
        return self._identity

    @property
    def capabilities(self) -> Capabilities:
        return self._capabilities

    def recall(self, capabilities: Capabilities) -> None:
        self._capabilities = capabilities
        self._answers = capabilities.status is True

    def check(self) -> Check:
        if not self._lock.acquire(blocking=False):
            return self._last
        try:
            self._last = self._look()
            return self._last
        finally:
            self._lock.release()

    def print_job(self, data: bytes) -> Outcome:
        with self._lock:
            try:
                way = self._open_way()
            except TransportError as error:
                outcome = Outcome("failed_clean", 0, error.code)
            else:
                try:
                    outcome = run_job(
                        way,
                        data,
                        self._limits,
                        flush=self.needs_flush,
                        expects_answers=self._answers,
                        knows_barrier=self._capabilities.barrier is not False,
                    )
                finally:
                    way.close()
                self._learn_from(outcome)
            if outcome.bytes_sent:
                self.needs_flush = outcome.state == "needs_operator"
            if outcome.state == "needs_operator" and outcome.code in ("stalled", "lost"):
                # The job is over; now it may be asked why it stopped.
                look = self._look()
                if look.state == "bad" and look.code not in ("stalled", "lost", "silent"):
                    outcome = replace(outcome, code=look.code)
            if outcome.state in ("failed_clean", "needs_operator"):
                self._last = Check("printer", "bad", outcome.code)
            return outcome

    def close(self) -> None:
        pass

    def _learn_from(self, outcome: Outcome) -> None:
        printed = outcome.state == "printed"
        if printed or outcome.code == "silent":
            self._learn(printed)
        if printed or outcome.code == "no_barrier":
            self._capabilities = replace(self._capabilities, barrier=printed)
        told = outcome.state == "needs_operator" and outcome.code in TOLD
        self._heard = outcome.code if told else ""

    def _learn(self, answered: bool) -> None:
        """A printer that has answered is expected to; after three silences in a row it is taken
        for one that does not (any more), and prints unconfirmed rather than never again. But one
        that stopped amid a job must speak before it gets another."""
        self._silences = 0 if answered else self._silences + 1
        patient = self._silences < SILENCES or self.needs_flush
        self._answers = answered or (self._answers and patient)
        if answered or self._silences >= SILENCES:
            self._capabilities = replace(self._capabilities, status=answered)

    def _look(self) -> Check:
        try:
            way = self._open_way()
        except TransportError as error:
            return Check("printer", "bad", error.code, str(error))
        try:
            port = way.port_check()
            status = ask_status(way, self._limits)
            self._learn(status.answered)
            if port:
                self._capabilities = replace(self._capabilities, port=True)
            if status.answered:
                self._heard = ""
            check = status.check()
            if port not in ("", "ok"):
                return Check("printer", "bad", port)
            if port == "ok" and not status.answered:
                return Check("printer", "ok", "silent")
            if not status.answered and (self._answers or self._heard):
                # One that is full up hears no question: what it said last is what is wrong.
                return Check("printer", "bad", self._heard or "silent")
            if self.virtual and check == Check("printer", "ok"):
                return Check("printer", "ok", "virtual")
            return check
        except TransportError as error:
            return Check("printer", "bad", error.code, str(error))
        finally:
            way.close()

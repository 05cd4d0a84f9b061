"""This file is an A4 printer behind the print server CUPS (`cups:QUEUE`): the slip as a PDF sheet.

Spoken through `lp`, `lpstat` and `cancel` (cups-client). What CUPS has taken lies in its spool and
would come out an hour later, when somebody puts in paper: so a queue that is not ready gets
nothing, and a job that does not get through in time is taken back and a person is asked.

`limit_s` (default 60) is how long one sheet may take.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import threading
import time

from appliance.core.check import Check
from appliance.devices.printer import Capabilities, JobLanguage, Outcome
from appliance.devices.url import DeviceUrl
from appliance.errors import ConfigError

LIMIT_S = 60.0
ASK_S = 10.0
LOOK_EVERY_S = 0.25
# The reasons a queue gives (RFC 8011), without -error, -warning, -report; the first that is there
# counts. What is not here ("paused" apart) is no reason not to print.
REASONS = {
    "cover-open": "cover_open",
    "door-open": "cover_open",
    "interlock-open": "cover_open",
    "media-empty": "paper_out",
    "media-needed": "paper_out",
    "input-tray-missing": "paper_out",
    "media-jam": "printer_error",
    "toner-empty": "printer_error",
    "marker-supply-empty": "printer_error",
    "offline": "off",
    "shutdown": "off",
    "timed-out": "off",
    "connecting-to-device": "off",
    "paused": "offline",
    "stopped": "offline",
}
LOW = ("media-low",)


class CupsPrinter:
    """One queue. Nothing tells us that a sheet came out: the best outcome is sent_unconfirmed."""

    language: JobLanguage = "pdf"
    capabilities = Capabilities()

    def __init__(self, url: DeviceUrl) -> None:
        url.only("limit_s")
        self._queue = url.path.strip("/")
        if not re.fullmatch(r"[A-Za-z0-9_.@-]{1,127}", self._queue) or self._queue[0] == "-":
            raise ConfigError(f"{url}: say which queue, for example cups:office")
        missing = [name for name in ("lp", "lpstat", "cancel") if shutil.which(name) is None]
        if missing:
            raise ConfigError(
                f"{url}: {', '.join(missing)} not found; on Debian: apt install cups-client"
            )
        self.url = str(url)
        self.identity = f"cups:{self._queue}"
        self.virtual = False
        self.needs_flush = False  # a sheet has no half-sent strips
        self._limit_s = url.number("limit_s", LIMIT_S, 1, 600)
        self._lock = threading.Lock()
        self._last = Check("printer", "unknown")

    def recall(self, capabilities: Capabilities) -> None:
        pass  # CUPS asks the printer, not we

    def check(self) -> Check:
        if not self._lock.acquire(blocking=False):
            return self._last
        try:
            self._last = self._look()
            return self._last
        finally:
            self._lock.release()

    def print_job(self, data: bytes) -> Outcome:
        """Hand one PDF to the queue and wait until it has left it."""
        with self._lock:
            before = self._look()
            if before.state == "bad":
                return Outcome("failed_clean", 0, before.code)
            code, said, _ = _run(["lp", "-d", self._queue, "-o", "media=A4", "-t", "Hien"], data)
            named = re.search(rf"\b({re.escape(self._queue)}-\d+)\b", said)
            if code is None:  # it hung: the sheet may be in the spool or not
                return Outcome("needs_operator", len(data), "stalled")
            if code != 0:
                return Outcome("failed_clean", 0, "off")
            if named is None:
                return Outcome("sent_unconfirmed", len(data), "spooled")
            return self._follow(named[1], len(data))

    def close(self) -> None:
        pass

    def _follow(self, job: str, sent: int) -> Outcome:
        end_s = time.monotonic() + self._limit_s
        while time.monotonic() < end_s:
            if not self._in_queue(job):
                return Outcome("sent_unconfirmed", sent, "spooled")
            time.sleep(LOOK_EVERY_S)
        why = self._look()
        _run(["cancel", job])
        self._last = Check("printer", "bad", why.code if why.state == "bad" else "stalled")
        return Outcome("needs_operator", sent, self._last.code)

    def _in_queue(self, job: str) -> bool:
        code, said, _ = _run(["lpstat", "-o", self._queue])
        return code != 0 or job in said.split()

    def _look(self) -> Check:
        code, said, complaint = _run(["lpstat", "-l", "-p", self._queue])
        if code is None:
            return Check("printer", "unknown", "silent", "the print server does not answer")
        if code != 0:
            detail = complaint.strip() or f"CUPS knows no queue {self._queue}"
            return Check("printer", "bad", "off", detail)
        alerts = re.search(r"^\s*Alerts: *(.*)$", said, re.M)
        reasons = {
            re.sub(r"-(error|warning|report)$", "", word)
            for word in (alerts[1] if alerts else "").replace(",", " ").split()
        }
        for reason, meaning in REASONS.items():
            if reason in reasons:
                return Check("printer", "bad", meaning, reason)
        if re.search(rf"^printer {re.escape(self._queue)} disabled", said, re.M):
            return Check("printer", "bad", "offline")
        if reasons & set(LOW):
            return Check("printer", "ok", "paper_low")
        return Check("printer", "ok")


def _run(argv: list[str], data: bytes = b"") -> tuple[int | None, str, str]:
    """(exit code, or None when it took too long; what it said; what it complained of)."""
    try:
        done = subprocess.run(
            argv,
            input=data,
            capture_output=True,
            timeout=ASK_S,
            check=False,
            env=os.environ | {"LC_ALL": "C"},
        )
    except subprocess.TimeoutExpired:
        return None, "", ""
    except OSError as error:
        return 127, "", str(error)
    return (
        done.returncode,
        done.stdout.decode("utf-8", "replace"),
        done.stderr.decode("utf-8", "replace"),
    )

"""This file is the printer of a house that has none: tickets are shown on the screen instead."""

from __future__ import annotations

from appliance.core.check import Check
from appliance.devices.printer import Capabilities, JobLanguage, Outcome
from appliance.devices.url import DeviceUrl


class NoPrinter:
    """`none:` – no job is ever taken, so that nothing is counted as handed out."""

    language: JobLanguage = "escpos"
    capabilities = Capabilities()

    def __init__(self, url: DeviceUrl) -> None:
        url.only()
        self.url = self.identity = str(url)
        self.virtual = False
        self.needs_flush = False

    def recall(self, capabilities: Capabilities) -> None:
        pass

    def check(self) -> Check:
        return Check("printer", "unknown", "none")

    def print_job(self, data: bytes) -> Outcome:
        return Outcome("failed_clean", 0, "none")

    def close(self) -> None:
        pass

"""This file is what the virtual printer knows of itself and the status bytes it answers with."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from appliance.errors import BadInput

NEAR_END_MM = 1500.0
SLOW_FACTOR = 20.0


@dataclass
class PrinterState:
    """Switches of the printer; every one may be set at any time under the printer's lock."""

    paper_mm: float
    power: bool = True
    paper_in: bool = True
    cover_open: bool = False
    stalled: bool = False
    silent: bool = False
    chatty: bool = False
    slow: bool = False
    reset_after_bytes: int | None = None

    @property
    def paper_out(self) -> bool:
        return not self.paper_in or self.paper_mm <= 0

    @property
    def online(self) -> bool:
        return self.power and not self.paper_out and not self.cover_open

    @property
    def prints(self) -> bool:
        return self.online and not self.stalled

    def real_time_status(self, n: int) -> bytes:
        """The answer to DLE EOT `n`; bits 1 and 4 are always set (0xx1xx10)."""
        if n == 1:
            bits = 0x00 if self.online else 0x08
        elif n == 2:
            bits = (0x04 if self.cover_open else 0) | (0x20 if self.paper_out else 0)
        elif n == 3:
            bits = 0x00
        elif n == 4:
            bits = (0x0C if self.near_end else 0) | (0x60 if self.paper_out else 0)
        else:
            return b""
        return bytes([0x12 | bits])

    def in_order_status(self, n: int) -> bytes:
        """The answer to GS r `n` (0xx0xxxx)."""
        if n in (1, 49):
            end = 0x0C if self.paper_out else 0
            return bytes([(0x03 if self.near_end else 0) | end])
        return b"\x00" if n in (2, 50) else b""

    def auto_status(self) -> bytes:
        """The four bytes of automatic status back."""
        first = 0x10 | (0 if self.online else 0x08) | (0x20 if self.cover_open else 0)
        paper = (0x03 if self.near_end else 0) | (0x0C if self.paper_out else 0)
        return bytes([first, 0, paper, 0])

    @property
    def near_end(self) -> bool:
        return self.paper_out or self.paper_mm < NEAR_END_MM


_SWITCHES = ("cover_open", "stalled", "silent", "chatty", "slow")
_ALIASES = {"stall": "stalled", "open": "cover_open"}


def set_faults(state: PrinterState, faults: Mapping[str, str]) -> None:
    """Set faults as a query names them: `paper_out=1`, `paper_out_after_mm=30`, `cover_open=1`,
    `off=1`, `silent=1`, `chatty=1`, `stalled=1`, `slow=1`, `reset_after_bytes=5000`; 0 ends one.
    """
    for given, value in faults.items():
        name = _ALIASES.get(given, given)
        if not value.isascii() or not value.isdigit():
            raise BadInput(f"{given} takes a whole number, not {value!r}.", code="bad_fault")
        amount = int(value)
        if name in _SWITCHES:
            setattr(state, name, bool(amount))
        elif name == "off":
            state.power = not amount
        elif name == "paper_out":
            state.paper_in = not amount
        elif name == "paper_out_after_mm":
            state.paper_mm = float(amount)
        elif name == "reset_after_bytes":
            state.reset_after_bytes = amount or None
        else:
            known = ", ".join(
                (*_SWITCHES, "off", "paper_out", "paper_out_after_mm", "reset_after_bytes")
            )
            raise BadInput(f"No fault is called {given}; there are {known}.", code="bad_fault")

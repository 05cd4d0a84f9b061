"""This file says what a check of a part found: fine, broken, or not known."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any, Literal

CheckState = Literal["ok", "bad", "unknown"]


@dataclass(frozen=True)
class Check:
    """One part's state. `code` is stable (paper_out, off, stalled …); silence is "unknown"."""

    name: str
    state: CheckState
    code: str = ""
    detail: str = ""

    def as_dict(self) -> dict[str, Any]:
        return asdict(self)

"""This file says what a scene is: something done on a card, and what must be true afterwards."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Protocol

Facts = list[tuple[str, str]]
Say = Callable[[str, str], None]
"""What the scene tells the world outside of the card: (what, of what). It stays said."""


class Scene(Protocol):
    def prepare(self, card: Path) -> None:
        """The card as it is before, with the power on."""

    def act(self, card: Path, say: Say) -> None:
        """What is done while the power may go at any moment."""

    def check(self, card: Path, facts: Facts) -> list[str]:
        """The start of the machine afterwards; what is wrong then, [] when nothing is."""

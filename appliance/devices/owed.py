"""This file holds an outcome that the table could not take yet, until it can."""

from __future__ import annotations

from collections.abc import Callable

from appliance.errors import Conflict, NotFound, StoreError


class Owed:
    """What happened in the world must reach the table, also when the card is full just now.

    One outcome at a time: whoever owes one starts nothing new. Should the process end before it is
    paid, the room's recovery finds the row half-way and says so to a person.
    """

    def __init__(self) -> None:
        self._action: Callable[[], object] | None = None

    def pay(self, action: Callable[[], object]) -> bool:
        """Write it now, or remember it. False when it is still owed."""
        self._action = action
        return self.settle()

    def settle(self) -> bool:
        """Try again; True when nothing is owed (any more)."""
        if self._action is None:
            return True
        try:
            self._action()
        except StoreError:
            return False
        except (Conflict, NotFound):
            pass  # somebody else has ended it meanwhile: nothing left to say
        self._action = None
        return True

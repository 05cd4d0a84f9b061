"""This package is the line to the ward: what it is asked to carry, and MQTT, which carries it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, Protocol


@dataclass(frozen=True)
class Event:
    """What happened on the line, for the room's own thread.

    up, down: the connection; quiet, answered: it is there, but nothing was heard for too long, or
    again; acked, refused: the message `mid` was taken or not by the broker; message: something
    came. `generation` counts connections: a `mid` belongs to one only.
    """

    kind: Literal["up", "down", "quiet", "answered", "acked", "refused", "message"]
    generation: int
    mid: int = 0
    topic: str = ""
    payload: bytes = b""
    retained: bool = False


class Link(Protocol):
    """A line to the ward. Nothing is kept on it: what matters lies in the outbox."""

    up: bool
    quiet: bool  # while it is up: the other side does not answer just now
    generation: int

    @property
    def dead(self) -> bool:
        """Its thread has ended though nobody asked: only a new start of the room helps."""

    def start(self) -> None: ...

    def publish(self, topic: str, payload: bytes, *, retain: bool = False) -> int | None:
        """Hand over at QoS 1; the message id of this generation, or None: not now."""

    def events(self, timeout_s: float) -> list[Event]:
        """What happened since the last call; waits up to `timeout_s` for the first."""

    def hang_up(self) -> None:
        """Drop the present connection; the line comes back by itself, with nothing under way."""

    def stop(self, farewell_topic: str, farewell: bytes) -> None:
        """Publish one retained farewell, wait shortly for it to be taken, disconnect."""


class NoLink:
    """`none:`: no ward is watching. Everything stays in the outbox, and nothing is pretended."""

    up = quiet = dead = False
    generation = 0

    def start(self) -> None:
        return

    def publish(self, topic: str, payload: bytes, *, retain: bool = False) -> int | None:
        return None

    def events(self, timeout_s: float) -> list[Event]:
        import time

        time.sleep(timeout_s)
        return []

    def hang_up(self) -> None:
        return

    def stop(self, farewell_topic: str, farewell: bytes) -> None:
        return

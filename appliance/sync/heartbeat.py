"""This file keeps the ward's picture of the house: retained last values, published on change.

Nothing here touches the card: what is lost on the way is said again at the next connection. Keys
that only tell how time passes (`…_s`) do not make a change by themselves; the ward counts on.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping

from appliance.sync import protocol
from appliance.sync.link import Link

log = logging.getLogger("hien.sync.heartbeat")

Snapshot = Callable[[], Mapping[str, protocol.Scalar]]

QUEUE_EVERY_S = 1.0
HELP_EVERY_S = 0.2
HELLO_EVERY_S = 60.0
AGAIN_HEALTHS = 60
ALARM_EVERY_S = 2.0  # a device that fails or comes back is told at once, but not in a flutter


class Heartbeat:
    """Call `connected` once per connection and `step` often. Snapshots are only taken when due."""

    def __init__(
        self,
        house: str,
        link: Link,
        now_s: Callable[[], float],
        snapshots: Mapping[protocol.State, Snapshot],
        health_s: float,
    ) -> None:
        self._house, self._link, self._now_s = house, link, now_s
        self._snapshots, self._health_s = snapshots, health_s
        self._told: dict[str, object] = {}
        self._told_s: dict[str, float] = {}

    def connected(self) -> None:
        """Everything is said again: status first, then who we are and how it stands."""
        self._told.clear()
        self._told_s.clear()
        self._link.publish(protocol.state_topic(self._house, "status"), b"online", retain=True)
        self.step()

    def look_again(self, name: protocol.State) -> None:
        """Something of it has changed: do not wait with the next look."""
        self._told_s.pop(f"{name}.looked", None)

    def step(self) -> None:
        """Publish what has changed, no faster than each may; health also at its own pace."""
        if not self._link.up:
            return
        # Unchanged, only health is said again soon: it tells that we are there.
        again_s = self._health_s * AGAIN_HEALTHS
        self._say("hello", HELLO_EVERY_S, again_s)
        self._say("help", HELP_EVERY_S, again_s)
        self._say("queue", QUEUE_EVERY_S, again_s)
        self._say("health", ALARM_EVERY_S, self._health_s)

    def _say(self, name: protocol.State, least_s: float, most_s: float) -> None:
        """Look at most each `least_s`; publish on change, or when `most_s` have passed anyway."""
        now_s = self._now_s()
        looked_s, said_s = (self._told_s.get(f"{name}.{k}") for k in ("looked", "said"))
        if looked_s is not None and now_s - looked_s < least_s:
            return
        self._told_s[f"{name}.looked"] = now_s
        values = self._snapshots[name]()
        essence = _essence(name, values)
        due = said_s is None or now_s - said_s >= most_s
        if essence == self._told.get(name) and not due:
            return
        try:
            payload = protocol.encode_state(values)
        except protocol.ProtocolError as e:  # better one picture missing than no house at all
            log.error("state/%s cannot be told: %s", name, e)
            return
        topic = protocol.state_topic(self._house, name)
        if self._link.publish(topic, payload, retain=True) is not None:
            self._told[name] = essence
            self._told_s[f"{name}.said"] = now_s


def _essence(name: str, values: Mapping[str, protocol.Scalar]) -> object:
    """What makes a change: of health only words and yes-or-no, of the others all but durations."""
    if name == "health":
        alarms = ("_ok", "_code", "_now", "_ro")
        return {k: v for k, v in values.items() if k.endswith(alarms) or isinstance(v, str)}
    return {k: v for k, v in values.items() if not k.endswith("_s")}

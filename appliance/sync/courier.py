"""This file carries reports from the outbox to the ward, each lane on its own, help first.

A lane is one (epoch, stream). Nothing leaves the outbox because it was sent, nor because the
broker acknowledged it: only the ward's receipt retires it. Without receipts a lane goes back to
its oldest row after a while, each time more patiently and with fewer rows, so that a ward that
is away costs little; the first sign of life brings full speed back.
"""

from __future__ import annotations

import json
import logging
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field

from appliance.core.moment import Moment
from appliance.service.set_aside import set_report_aside
from appliance.store import outbox
from appliance.store.database import Row, Store
from appliance.sync import protocol
from appliance.sync.link import Link

log = logging.getLogger("hien.sync.courier")

WINDOW = protocol.MAX_IN_FLIGHT
KEPT_FOR_HELP = 5  # places in the window that only help calls may take
UNRECEIPTED = protocol.MAX_RECEIPTS_BEHIND
PROBE = 8  # rows a silent ward is tried with
PATIENCE_S = 6.0
PATIENCE_MOST_S = 60.0
HELP_PATIENCE_MOST_S = 12.0
STRIKES = 5  # times a row is tried before it is set aside
ACKS_WITHIN_S = 20.0  # a broker that takes longer to say "taken" has lost track of us
TURN = 20  # rows one lane sends before the next has its turn
BUNDLE = 15  # places to wait for: a look at the table for each row would cost more than the row


@dataclass
class Lane:
    """How far one lane is: what was sent since it last began again and is not receipted."""

    epoch: str
    stream: str
    sent: deque[int] = field(default_factory=deque)
    cursor: int = 0
    window: int = UNRECEIPTED
    patience_s: float = PATIENCE_S
    progress_s: float = 0.0
    dry: bool = False  # at the last look there was no row after the cursor
    answered: bool = False  # since it last began again, the ward spoke of this lane
    stuck_at: int = 0  # the row right behind the ward's mark that it does not take
    strikes: int = 0  # how often in a row it began again at that row, with the ward answering

    def begin_again(self, now_s: float) -> None:
        self.sent.clear()
        self.cursor, self.progress_s, self.dry, self.answered = 0, now_s, False, False

    def strike(self, upto: int) -> None:
        """The ward has everything before our first row, and still not that row."""
        if not self.sent or self.sent[0] != upto + 1:
            return
        if not self.answered:
            self.strikes = self.strikes + 1 if self.stuck_at == self.sent[0] else 1
            self.stuck_at = self.sent[0]
        self.answered = True


class Courier:
    """Call `step` often; it sends what the window allows and never blocks on the network."""

    def __init__(
        self, house: str, link: Link, now_s: Callable[[], float], now: Callable[[], Moment]
    ) -> None:
        self._house, self._link, self._now_s, self._now = house, link, now_s, now
        self._lanes: dict[tuple[str, str], Lane] = {}
        self._in_flight: dict[int, float] = {}  # message id -> when it was handed over
        self._stale = True
        self._generation = -1
        self._turn = 0
        self.refused = 0
        self.unsendable = 0
        self.receipt_s: float | None = None  # when the last receipt came

    def connected(self, generation: int) -> None:
        """A new connection: whatever was under way is sent again."""
        self._generation = generation
        self._in_flight.clear()
        self._lanes.clear()
        self._stale = True

    def changed(self) -> None:
        """Something was committed by another room: there may be new rows."""
        self._stale = True

    def acked(self, generation: int, mid: int, *, refused: bool = False) -> None:
        """The broker took it, or not: either way only its place in the window is free again."""
        if generation == self._generation:
            self._in_flight.pop(mid, None)
        self.refused += refused

    def receipt(self, r: protocol.Receipt) -> None:
        """The ward lives, and has this lane up to `upto`. The rows are marked by the service."""
        now_s = self._now_s()
        self.receipt_s = now_s
        lane = self._lanes.get((r.epoch, r.stream))
        if lane is None:
            return
        progress = False
        while lane.sent and lane.sent[0] <= r.upto:
            lane.sent.popleft()
            progress = True
        if progress:
            lane.progress_s, lane.strikes = now_s, 0
        lane.strike(r.upto)
        if r.refused_seq:
            lane.begin_again(now_s)  # it was set aside: word of that goes in its stead
        if lane.patience_s > PATIENCE_S and not progress and lane.sent:
            lane.begin_again(now_s)  # it was away, is back, and lacks what was sent meanwhile
        lane.window, lane.patience_s = UNRECEIPTED, PATIENCE_S

    def step(self, store: Store) -> int:
        """Send what may be sent; the number of messages handed over."""
        if not self._link.up or self._link.generation != self._generation:
            return 0
        if self._broker_lost_track():
            return 0
        if self._stale:
            self._look_for_lanes(store)
        self._set_stuck_aside(store)
        self._lose_patience()
        sent, bundle = 0, WINDOW - KEPT_FOR_HELP - len(self._in_flight) >= BUNDLE
        # Turn by turn until the window is full; what is not for help waits for several places.
        while n := sum(
            self._send(store, lane) for lane in self._in_order() if bundle or lane.stream == "help"
        ):
            sent += n
        return sent

    def _broker_lost_track(self) -> bool:
        """Acknowledgements that never came keep the window shut for as long as the connection
        lasts, however well the ward receives. Only a new connection opens it again."""
        oldest_s = next(iter(self._in_flight.values()), None)
        if oldest_s is None or self._now_s() - oldest_s <= ACKS_WITHIN_S:
            return False
        log.warning("%d messages were never acknowledged: hanging up", len(self._in_flight))
        self._in_flight.clear()
        self._link.hang_up()
        return True

    def _set_stuck_aside(self, store: Store) -> None:
        """What the ward has not taken time and again, though it takes what comes after it."""
        for lane in self._lanes.values():
            if lane.strikes >= STRIKES:
                self._set_aside(store, lane, lane.stuck_at, "not_taken")
                lane.strikes = 0
                lane.begin_again(self._now_s())

    def _set_aside(self, store: Store, lane: Lane, seq: int, reason: str) -> None:
        if set_report_aside(
            store, self._now(), epoch=lane.epoch, stream=lane.stream, seq=seq, reason=reason
        ):
            self.unsendable += 1
            log.error("%s %s is set aside: %s", lane.stream, seq, reason)

    def _look_for_lanes(self, store: Store) -> None:
        self._stale = False
        for lane in self._lanes.values():
            lane.dry = False
        for epoch, stream in outbox.lanes(store):
            if (epoch, stream) not in self._lanes:
                self._lanes[(epoch, stream)] = Lane(epoch, stream, progress_s=self._now_s())

    def _in_order(self) -> list[Lane]:
        """Help first; the others in turn, so that none starves behind a long backlog."""
        first = [lane for lane in self._lanes.values() if lane.stream == "help"]
        others = [lane for lane in self._lanes.values() if lane.stream != "help"]
        self._turn = (self._turn + 1) % len(others) if others else 0
        return first + others[self._turn :] + others[: self._turn]

    def _lose_patience(self) -> None:
        now_s = self._now_s()
        for lane in self._lanes.values():
            if not lane.sent:
                lane.progress_s = now_s
            elif now_s - lane.progress_s > lane.patience_s:
                lane.begin_again(now_s)
                most_s = HELP_PATIENCE_MOST_S if lane.stream == "help" else PATIENCE_MOST_S
                lane.patience_s = min(2 * lane.patience_s, most_s)
                lane.window = max(PROBE, lane.window // 4)

    def _send(self, store: Store, lane: Lane) -> int:
        free = WINDOW - len(self._in_flight) - (0 if lane.stream == "help" else KEPT_FOR_HELP)
        most = min(free, lane.window - len(lane.sent), TURN)
        if most <= 0 or lane.dry:
            return 0
        n = 0
        rows = outbox.pending(store, lane.epoch, lane.stream, lane.cursor, most)
        lane.dry = len(rows) < most
        for row in rows:
            topic = f"{protocol.PREFIX}/{self._house}/up/{row['stream']}"
            payload = self._payload(store, lane, row)
            mid = self._link.publish(topic, payload) if payload is not None else None
            if mid is None:
                lane.dry = False
                break
            self._in_flight[mid] = self._now_s()
            lane.cursor = row["seq"]
            lane.sent.append(row["seq"])
            n += 1
        return n

    def _payload(self, store: Store, lane: Lane, row: Row) -> bytes | None:
        """The row as it goes on the wire; word that it was set aside, when it cannot go."""
        try:
            return self._encoded(row)
        except ValueError as e:
            # One row that the ward would refuse must not hold up its lane for ever.
            self._set_aside(store, lane, row["seq"], getattr(e, "reason", "bad_json"))
        again = outbox.row(store, lane.epoch, lane.stream, row["seq"])
        try:
            return self._encoded(again) if again is not None else None
        except ValueError as e:
            log.error("%s %s cannot go in any form: %s", lane.stream, row["seq"], e)
            return None

    def _encoded(self, row: Row) -> bytes:
        key = {k: row[k] for k in ("epoch", "stream", "seq", "mono_ms", "sync")}
        return protocol.encode_envelope(
            protocol.Envelope(self._house, t=row["at"], d=json.loads(row["body"]), **key)
        )

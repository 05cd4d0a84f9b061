"""This file takes what the ward sends: receipts and commands. Everything else is only counted."""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Callable, Iterable

from appliance.core.moment import Moment
from appliance.service.receipts import take_receipt
from appliance.service.replay import last_receipted, replay_all
from appliance.service.ward_commands import known, reject, run_command
from appliance.store.database import Store
from appliance.sync import protocol
from appliance.sync.link import Event

log = logging.getLogger("hien.sync.intake")

LESS_FOR_MS = 5000  # a lane is tried again after 6 s, and brings the next receipt
REPLAY_EVERY_MS = 3600_000  # two consoles with a database each must not make us send for ever
REJECTS_PER_MIN = 30  # beyond this, rejected commands are counted but not written to the card


class Intake:
    """Works on the room's thread. `counts` says what was taken and what was not."""

    def __init__(
        self,
        house: str,
        now: Callable[[], Moment],
        on_receipt: Callable[[protocol.Receipt], None],
    ) -> None:
        self._house, self._now, self._on_receipt = house, now, on_receipt
        self._said: dict[tuple[str, str], int] = {}  # how far the ward said it has each lane
        self._less_since_ms: dict[tuple[str, str], int] = {}  # since when it says less
        self._replay_after_ms = 0
        self._rejects_ms: list[int] = []
        self.counts: Counter[str] = Counter()

    def take(self, store: Store, messages: Iterable[Event]) -> None:
        """Take a batch in order; of receipts only the last of each lane touches the card."""
        receipts: dict[tuple[str, str], protocol.Receipt] = {}
        for m in messages:
            try:
                topic = protocol.parse_topic(m.topic)
                if topic.kind != "down" or topic.house != self._house:
                    raise protocol.ProtocolError("bad_topic")
                if topic.name == "receipt":
                    r = protocol.decode_receipt(m.payload)
                    receipts[(r.epoch, r.stream)] = r
                elif topic.name == "cmd":
                    self._command(store, topic.job, m)
                else:
                    self.counts[f"ignored_{topic.name}"] += 1
            except protocol.ProtocolError as e:
                self.counts[f"refused_{e.reason}"] += 1
                log.warning("not taken: a message on %.120s: %s", m.topic, e.reason)
        for r in receipts.values():
            self._mind_the_ward(store, r)
            take_receipt(store, self._now(), epoch=r.epoch, stream=r.stream, upto=r.upto)
            self._on_receipt(r)
            self.counts["receipts"] += 1

    def _mind_the_ward(self, store: Store, r: protocol.Receipt) -> None:
        """A ward that keeps saying less than before has lost its data: it gets all of it again.

        One smaller receipt may be a late one and changes nothing: the largest wins.
        """
        lane, mono_ms = (r.epoch, r.stream), self._now().mono_ms
        if lane not in self._said:
            self._said[lane] = last_receipted(store, r.epoch, r.stream)
        if r.upto >= self._said[lane]:
            self._said[lane] = r.upto
            self._less_since_ms.pop(lane, None)
            return
        since_ms = self._less_since_ms.setdefault(lane, mono_ms)
        if mono_ms - since_ms >= LESS_FOR_MS and mono_ms >= self._replay_after_ms:
            n = replay_all(store, self._now())
            log.warning("the ward has lost what it had: %s reports go again", n)
            self.counts["replays"] += 1
            self._replay_after_ms = mono_ms + REPLAY_EVERY_MS
            self._said.clear()
            self._less_since_ms.clear()

    def _command(self, store: Store, job: str, m: Event) -> None:
        if m.retained:
            raise protocol.ProtocolError("retained_command")  # it would come back at every connect
        now = self._now()
        try:
            cmd = protocol.decode_cmd(m.payload)
        except protocol.ProtocolError as e:
            self._reject(store, now, job, "", e.reason)
            raise
        # A clock that was never set only lags behind, so what it calls expired is expired.
        if cmd.exp <= now.at:
            self._reject(store, now, job, cmd.op, "expired")
            return
        state, code = run_command(store, now, job_id=job, op=cmd.op, args=cmd.args)
        self.counts[f"commands_{state}"] += 1
        log.info("command %s %s: %s %s", job, cmd.op, state, code)

    def _reject(self, store: Store, now: Moment, job: str, op: str, code: str) -> None:
        self.counts["commands_rejected"] += 1
        self._rejects_ms = [ms for ms in self._rejects_ms if now.mono_ms - ms < 60_000]
        if len(self._rejects_ms) < REJECTS_PER_MIN and known(store, job) is None:
            self._rejects_ms.append(now.mono_ms)
            reject(store, now, job_id=job, op=op, code=code)

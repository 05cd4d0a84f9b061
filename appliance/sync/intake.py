"""This file takes what the ward sends: receipts, commands, wanted states, results of dossiers."""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from typing import Any

from appliance.core.guide import Guide
from appliance.core.moment import Moment
from appliance.errors import BadInput
from appliance.service.receipts import take_receipt
from appliance.service.replay import last_receipted, replay_all
from appliance.service.results import take_result
from appliance.service.set_aside import set_report_aside
from appliance.service.wanted import CheckSettings, ReadGuide, apply
from appliance.service.ward_commands import known, reject, run_command
from appliance.store.database import Store
from appliance.sync import protocol
from appliance.sync.box import Box
from appliance.sync.link import Event

log = logging.getLogger("hien.sync.intake")

LESS_AGAIN_MS = 180_000  # two smaller receipts further apart were both merely late
LESS_FOR_MS = 5000  # a lane is tried again after 6 s, and brings the next receipt
REPLAY_EVERY_MS = 3600_000  # two consoles with a database each must not make us send for ever
REJECTS_PER_MIN = 30  # beyond this, rejected commands are counted but not written to the card


def _no_settings(given: Mapping[str, Any]) -> None:
    raise BadInput("this house takes no settings from a ward", code="no_settings")


def _no_guide() -> Guide:
    raise BadInput("this house has no guide to change", code="no_guide")


class Intake:
    """Works on the room's thread. `counts` says what was taken and what was not."""

    def __init__(
        self,
        house: str,
        now: Callable[[], Moment],
        on_receipt: Callable[[protocol.Receipt], None],
        check_settings: CheckSettings = _no_settings,
        guide: ReadGuide = _no_guide,
        box: Box | None = None,
    ) -> None:
        self._house, self._now, self._on_receipt = house, now, on_receipt
        self._check_settings, self._guide, self._box = check_settings, guide, box
        self.twice_mono_ms: int | None = None  # when the ward last said that we are there twice
        self._said: dict[tuple[str, str], int] = {}  # how far the ward said it has each lane
        self._less_since_ms: dict[tuple[str, str], int] = {}  # since when it says less
        self._less_last_ms: dict[tuple[str, str], int] = {}  # when it last did
        self._replay_after_ms = 0
        self._rejects_ms: list[int] = []
        self._marks: dict[tuple[str, str], int] = {}  # receipts that are not in the table yet
        # What is wanted comes once for each connection, all else again until the ward hears of it.
        self._said_once = {protocol.down_topic(house, name) for name in protocol.WANTED}
        self._put_off: dict[str, Event] = {}  # the newest of each that is not in the table yet
        self.counts: Counter[str] = Counter()

    def take(self, store: Store, messages: Iterable[Event], *, hold: bool = False) -> bool:
        """Take a batch in order; of receipts only the last of each lane touches the card, and with
        `hold` not before `settle`. True when there may be rows to send that were not there."""
        plain, replays = True, self.counts["replays"]
        receipts: dict[tuple[str, str], protocol.Receipt] = {}
        refused: list[protocol.Receipt] = []
        messages = list(messages)
        self._put_off.update({m.topic: m for m in messages if m.topic in self._said_once})
        for m in messages:
            try:
                topic = protocol.parse_topic(m.topic)
                if topic.kind != "down" or topic.house != self._house:
                    raise protocol.ProtocolError("bad_topic")
                if topic.name == "receipt":
                    r = protocol.decode_receipt(m.payload)
                    # Of several consumers at the ward, a slower one may speak last.
                    before = receipts.get((r.epoch, r.stream), r)
                    best = max(before, r, key=lambda x: x.upto)
                    receipts[(r.epoch, r.stream)] = replace(best, twice=before.twice or r.twice)
                    if r.refused_seq:
                        refused.append(r)
                    continue
                plain = False
                if topic.name == "cmd":
                    self._command(store, topic.job, m)
                elif topic.name == "result":
                    self._result(store, m)
                else:
                    self._wanted(store, topic.name, m)
            except protocol.ProtocolError as e:
                self.counts[f"refused_{e.reason}"] += 1
                log.warning("not taken: a message on %.120s: %s", m.topic, e.reason)
            if self._put_off.get(m.topic) is m:
                del self._put_off[m.topic]
        for r in refused:
            if set_report_aside(
                store, self._now(), epoch=r.epoch, stream=r.stream, seq=r.refused_seq,
                reason=r.reason,
            ):  # fmt: skip
                self.counts["set_aside"] += 1
                log.error("the ward refuses %s %s: %s", r.stream, r.refused_seq, r.reason)
        for r in receipts.values():
            if r.twice:
                self.twice_mono_ms = self._now().mono_ms
            self._mind_the_ward(store, r)
            lane = (r.epoch, r.stream)
            self._marks[lane] = max(r.upto, self._marks.get(lane, 0))
            self._on_receipt(r)
            self.counts["receipts"] += 1
        if refused or not hold:
            self.settle(store)
        return not plain or bool(refused) or self.counts["replays"] != replays

    def catch_up(self, store: Store) -> bool:
        """Apply what was wanted while the table took nothing; as `take`."""
        return bool(self._put_off) and self.take(store, list(self._put_off.values()), hold=True)

    def settle(self, store: Store) -> None:
        """Write down what the ward said it has, all lanes in one transaction. A crash before that
        costs a second sending, nothing else."""
        if not self._marks:
            return
        with store.write():
            for (epoch, stream), upto in self._marks.items():
                take_receipt(store, self._now(), epoch=epoch, stream=stream, upto=upto)
        self._marks.clear()

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
        if mono_ms - self._less_last_ms.get(lane, mono_ms) > LESS_AGAIN_MS:
            self._less_since_ms.pop(lane, None)
        self._less_last_ms[lane] = mono_ms
        since_ms = self._less_since_ms.setdefault(lane, mono_ms)
        if mono_ms - since_ms >= LESS_FOR_MS and mono_ms >= self._replay_after_ms:
            self._marks.clear()  # said before it lost its data
            n = replay_all(store, self._now())
            log.warning("the ward has lost what it had: %s reports go again", n)
            self.counts["replays"] += 1
            self._replay_after_ms = mono_ms + REPLAY_EVERY_MS
            self._said.clear()
            self._less_since_ms.clear()

    def _result(self, store: Store, m: Event) -> None:
        r = protocol.decode_result(m.payload)
        taken = take_result(
            store, self._now(), epoch=r.epoch, seq=r.seq, dossier=r.dossier, state=r.state,
            note=r.note, at=r.at, floor=r.floor,
        )  # fmt: skip
        self.counts["results_taken" if taken else "results_again"] += 1

    def _wanted(self, store: Store, name: str, m: Event) -> None:
        if not m.payload:
            return  # nothing is wanted any more: what was applied stays
        w = protocol.decode_wanted(m.payload)
        outcome = apply(
            store, self._now(), name=name, ver=w.ver, body=w.d,
            check_settings=self._check_settings, guide=self._guide,
        )  # fmt: skip
        self.counts[f"wanted_{outcome}"] += 1
        if outcome != "old":
            log.info("%s version %s: %s", name, w.ver, outcome)

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
        is_new = known(store, job) is None
        state, code = run_command(store, now, job_id=job, op=cmd.op, args=cmd.args, box=self._box)
        self.counts[f"commands_{state}"] += 1
        log.info("command %s %s: %s %s", job, cmd.op, state, code)
        # Only after the commit, and never for a copy: a box must not restart again and again.
        if self._box is not None and is_new and (cmd.op, state) == ("reboot", "done"):
            self._box.restart(job)

    def _reject(self, store: Store, now: Moment, job: str, op: str, code: str) -> None:
        self.counts["commands_rejected"] += 1
        self._rejects_ms = [ms for ms in self._rejects_ms if now.mono_ms - ms < 60_000]
        if len(self._rejects_ms) < REJECTS_PER_MIN and known(store, job) is None:
            self._rejects_ms.append(now.mono_ms)
            reject(store, now, job_id=job, op=op, code=code)

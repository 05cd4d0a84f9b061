"""This file is the room that speaks with the ward: one loop over table, line and clock.

All work on the table happens here, on one thread. The line has its own thread and only leaves
events; so nothing that the network does can hold up or break what is in the table.
"""

from __future__ import annotations

import logging
import os
import signal
import threading
import time

from appliance import notify
from appliance.core.moment import Moment
from appliance.errors import StoreError
from appliance.service.clock_set import tell_clock_set
from appliance.service.retention import forget_receipted, forget_results
from appliance.store import board, from_ward, outbox, set_aside
from appliance.sync import protocol, snapshots
from appliance.sync.box import Box
from appliance.sync.courier import Courier
from appliance.sync.heartbeat import Heartbeat
from appliance.sync.intake import Intake
from appliance.sync.lines import identity_of, link_of, porter_of
from appliance.sync.link import Event, NoLink
from appliance.sync.parts import Parts

log = logging.getLogger("hien.sync")

LOOK_S = 0.05
SAY_ROOM_S = 2.0
LOOK_AT_CLOCK_S = 2.0
TWICE_FOR_MS = 3600_000
FORGET_EVERY_S = 6 * 3600.0
STORE_PAUSE_S = 2.0
SETTLE_S = 0.25  # one write to the card for all receipts of this long


def run(parts: Parts) -> None:
    """Work until SIGTERM or SIGINT."""
    over = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: over.set())
    Room(parts).work(over)


class Room:
    """The parts of the room, and its loop."""

    def __init__(self, parts: Parts) -> None:
        self.parts = parts
        self.house: str = parts.config["house.id"]
        self.store = parts.store()
        self.identity = identity_of(parts.config)
        self.link = link_of(parts, self.identity)
        # The line begins anew with the new certificate: the old one may end while it is up.
        self.porter = porter_of(parts, self.identity, self.link.hang_up)
        self.courier = Courier(self.house, self.link, time.monotonic, parts.clock.now)
        self.intake = Intake(
            self.house,
            parts.clock.now,
            self.courier.receipt,
            parts.check_settings,
            lambda: parts.guide,
            Box(parts.ram.logs),
        )
        self.heartbeat = Heartbeat(
            self.house,
            self.link,
            time.monotonic,
            {
                "hello": self._hello,
                "queue": lambda: board.queue(
                    self.store, parts.clock.now(), parts.config["house.timezone"]
                ),
                "help": lambda: board.help_state(self.store, parts.clock.now()),
                "health": self._health,
            },
            float(parts.config["sync.health_s"]),
        )
        self._fault = self._clock_seen = ""
        self._set_aside = set_aside.count(self.store)
        self._since_mono_ms = parts.clock.now().mono_ms
        self._said_s = self._forgot_s = self._clock_s = self._settled_s = float("-inf")

    def work(self, over: threading.Event) -> None:
        self.link.start()
        if self.porter is not None:
            self.porter.start()
        self._say_room()
        notify.ready(self._status())
        while not over.is_set():
            events = self.link.events(LOOK_S)
            try:
                self._turn(events)
                self._fault = ""
            except StoreError as e:
                # Commands and receipts are sent again by the ward; reports lie in the table, and
                # what is wanted stays with the intake.
                if not self._fault:
                    log.error("the table did not take this: %s", e)
                self._fault = e.code
                over.wait(STORE_PAUSE_S)
            if time.monotonic() - self._said_s >= SAY_ROOM_S:
                self._say_room()
        notify.stopping()
        if self.porter is not None:
            self.porter.stop()
        self.link.stop(protocol.state_topic(self.house, "status"), b"offline")
        self._say_room(link="down")

    def _turn(self, events: list[Event]) -> None:
        """One turn; raises StoreError when something could not be written."""
        self._hear_line(events)
        if self.store.changed():
            self.courier.changed()
        try:
            self._take([e for e in events if e.kind == "message"])
        finally:  # a card that takes nothing is still read: calls go out, and word of the fault
            self.courier.step(self.store)
            self.heartbeat.step()
        self._look_at_clock()

    def _hear_line(self, events: list[Event]) -> None:
        """What became of the line, which is said once: so nothing is written here."""
        for event in events:
            if event.kind == "up":
                self._settled_s = float("-inf")  # what is receipted need not go again
                self.courier.connected(event.generation)
                self.heartbeat.connected()
            if event.kind in ("up", "down", "quiet", "answered"):
                self._since_mono_ms = self.parts.clock.now().mono_ms
                self._say_room()
            if event.kind in ("acked", "refused"):
                self.courier.acked(event.generation, event.mid, refused=event.kind == "refused")

    def _take(self, messages: list[Event]) -> None:
        """What the ward said; and its receipts into the table, now and then."""
        applied = self.intake.counts["wanted_applied"]
        if messages and self.intake.take(self.store, messages, hold=True):
            self.courier.changed()  # our own commits do not show in store.changed()
        if self.intake.catch_up(self.store):
            self.courier.changed()
        if self.intake.counts["wanted_applied"] != applied:
            self.heartbeat.look_again("hello")  # it says which versions we have
        if time.monotonic() - self._settled_s >= SETTLE_S:
            self._settled_s = time.monotonic()
            self.intake.settle(self.store)

    def _look_at_clock(self) -> None:
        now_s = time.monotonic()
        if now_s - self._clock_s >= LOOK_AT_CLOCK_S:
            self._clock_s = now_s
            now = self.parts.clock.now()
            if now.sync != self._clock_seen:  # looked at the table once for each setting
                if tell_clock_set(self.store, now):
                    self.courier.changed()
                self._clock_seen = now.sync
        if now_s - self._forgot_s >= FORGET_EVERY_S:
            self._forgot_s = now_s
            forget_receipted(self.store, self.parts.clock.now())
            forget_results(self.store, self.parts.clock.now())

    def _say_room(self, link: str = "") -> None:
        """Tell the other rooms (and systemd) how it stands; to RAM, never to the card."""
        self._said_s = time.monotonic()
        now = self.parts.clock.now()
        state = link or (
            "none" if isinstance(self.link, NoLink) else "up" if self._reaches() else "down"
        )
        try:
            self.parts.ram.put_room(
                "sync",
                {
                    "room": "sync",
                    "pid": os.getpid(),
                    "at_mono_ms": now.mono_ms,
                    "status": self._status(),
                    "link": state,
                    "since_mono_ms": self._since_mono_ms,
                    "refused": self.courier.refused,
                    "unsendable": self.courier.unsendable,
                    "intake": dict(self.intake.counts),
                    "set_aside": self._set_aside,
                    "porter": self.porter.code if self.porter else "",
                    "twice": self._is_twice(now),
                    "cert_ended": state == "down" and self._cert_ended(),
                    "fault": self._fault,
                },
            )
        except OSError as e:
            log.error("cannot write the room's state to RAM: %s", e)
        if dead := self._dead():
            log.error("no life in: %s; the watchdog starts this room anew", dead)
        else:
            notify.alive(self._status())

    def _dead(self) -> str:
        """The lines whose thread has ended by a fault; empty as long as all is well."""
        lines = {"mqtt": self.link, "porter": self.porter}
        return ", ".join(name for name, line in lines.items() if line is not None and line.dead)

    def _reaches(self) -> bool:
        return self.link.up and not self.link.quiet

    def _cert_days(self) -> int:
        """Whole days until our certificate ends; -1 when we have none."""
        ends = self.identity.ends_at()
        return max(0, (ends - self.parts.clock.now().at).days) if ends else -1

    def _cert_ended(self) -> bool:
        """Nothing lets us in any more, and we cannot renew by ourselves."""
        ends = self.identity.ends_at()
        return ends is not None and ends <= self.parts.clock.now().at

    def _is_twice(self, now: Moment) -> bool:
        """The ward said lately that another box speaks under our name."""
        said = self.intake.twice_mono_ms
        return said is not None and now.mono_ms - said < TWICE_FOR_MS

    def _status(self) -> str:
        if dead := self._dead():
            return f"không trả lời: {dead}"
        if isinstance(self.link, NoLink):
            return "không có phường nào theo dõi; mọi báo cáo được giữ lại"
        if self._fault:
            return f"không ghi được vào thẻ nhớ ({self._fault})"
        if self._reaches():
            return "đang nối với phường"
        if self._cert_ended():
            return (
                "chứng thư của nhà đã hết hạn, báo cáo được giữ lại; phường cấp lại bằng"
                f" hien ward enrol {self.house} và chép vào máy này"
            )
        return "mất đường về phường, báo cáo được giữ lại"

    def _hello(self) -> snapshots.Flat:
        config = self.parts.config
        said = self.parts.ram.room("devices") or {}
        words = said.get("words")
        return snapshots.hello(
            self.parts.clock.now(),
            name=config["house.name"],
            virtual=config.virtual(),
            health_s=config["sync.health_s"],
            mqtt=getattr(self.link, "version", ""),
            words=words if isinstance(words, dict) else {},
            applied=from_ward.versions_to_tell(self.store, self.parts.in_effect),
            results=from_ward.results_lane(self.store),
        )

    def _health(self) -> snapshots.Flat:
        now, ram = self.parts.clock.now(), self.parts.ram
        self._set_aside = set_aside.count(self.store)
        receipt_s = self.courier.receipt_s
        return snapshots.health(
            now,
            devices=ram.room("devices"),
            rooms={"web": ram.room("web")},
            virtual=self.parts.config.virtual(),
            own={
                "outbox_rows": outbox.count_pending(self.store),
                "receipt_age_s": -1 if receipt_s is None else int(time.monotonic() - receipt_s),
                "reconnects": getattr(self.link, "reconnects", 0),
                "unsendable": self.courier.unsendable,
                "refused": self.courier.refused,
                "set_aside": self._set_aside,
                "cert_days": self._cert_days(),
                "twice_now": int(self._is_twice(now)),
                "store_fault_now": int(bool(self._fault)),
            },
        )

"""This file is what passes between ward and houses besides events: wishes, results, hellos."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Protocol

from appliance.sync.protocol import (
    MAX_PAYLOAD_BYTES,
    STREAMS,
    ProtocolError,
    Receipt,
    Scalar,
    Version,
    check_epoch,
    down_topic,
    encode_result,
    encode_wanted,
    loose_key,
    parse_topic,
)
from ward.store import boots, results, wanted
from ward.store.database import Store
from ward.store.db import Db


class Says(Protocol):
    def publish(self, topic: str, payload: bytes, *, retain: bool = False) -> bool: ...


def take_hellos(db: Db, hellos: Mapping[str, Mapping[str, Scalar]], at: str) -> set[str]:
    """Inside the caller's transaction; the houses that were seen to be there twice."""
    twice = set()
    for house, hello in hellos.items():
        wanted.reported(db, house, hello, at)
        results.reported(db, house, hello)
        if boots.seen(db, house, hello.get("epoch"), at):
            twice.add(house)
    return twice


def all_again(db: Db) -> None:
    """The line to the broker is new: it may have forgotten what it was to keep for houses."""
    wanted.tell_again(db)
    results.send_again(db)


def serve(store: Store, link: Says, now: datetime) -> int:
    """Give the broker what waits; the number of messages."""
    db, n = store.connection, 0
    wishes, due = wanted.untold(db), results.due(db, now)
    if not wishes and not due:
        return 0
    with store.write() as db:
        for wish in wishes:
            payload = encode_wanted(Version(wish.ver, wish.body))
            if link.publish(down_topic(wish.house, wish.name), payload, retain=True):
                wanted.mark_told(db, wish, now)
                n += 1
        for house, result in due:
            if link.publish(down_topic(house, "result"), encode_result(result)):
                results.mark_sent(db, house, result.seq, now)
                n += 1
    return n


def there_twice(store: Store, now: datetime) -> set[str]:
    return {row["house"] for row in boots.twice(store.connection, now)}


def refused_row(topic: str, payload: bytes, reason: str) -> tuple[str, Receipt] | None:
    """(house, refusal) when what was refused is a row of a lane that can be named."""
    try:
        where = parse_topic(topic)
        if where.kind != "up" or len(payload) > MAX_PAYLOAD_BYTES:
            return None
        epoch, seq = loose_key(payload)
        stream = next(s for s in STREAMS if s == where.name)
        return where.house, Receipt(check_epoch(epoch), stream, 0, seq, reason)
    except (ProtocolError, StopIteration):
        return None


def reported_versions(hello: Mapping[str, Any]) -> dict[str, int]:
    """The versions a house said it has, for whoever writes the next one."""
    found = {name: hello.get(f"{name}_ver") for name in ("roster", "config", "catalogue")}
    return {k: v for k, v in found.items() if isinstance(v, int) and not isinstance(v, bool)}

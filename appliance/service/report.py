"""This file tells the ward: a fact and its report are committed together, in the outbox."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, Literal

from appliance.core.moment import Moment
from appliance.store.database import Store

Stream = Literal["help", "queue", "ops", "health"]


def tell(store: Store, now: Moment, stream: Stream, body: Mapping[str, Any]) -> None:
    """Append one report to its lane, inside the transaction that makes the fact.

    `seq` counts from 1 in each (epoch, stream). `body` is the envelope's "d": counts, codes and
    states only, never a resident's name, identity number or picture.
    """
    seq = store.value(
        "INSERT INTO outbox_seq (epoch, stream, next) VALUES (?, ?, 2)"
        " ON CONFLICT (epoch, stream) DO UPDATE SET next = next + 1 RETURNING next - 1",
        now.epoch,
        stream,
    )
    store.insert(
        "outbox",
        {
            "epoch": now.epoch,
            "stream": stream,
            "seq": seq,
            "mono_ms": now.mono_ms,
            "at": now.at_text,
            "sync": now.sync,
            "body": json.dumps(body, ensure_ascii=False, separators=(",", ":")),
        },
    )

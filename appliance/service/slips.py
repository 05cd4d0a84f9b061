"""This file looks after slips: asked for, sent, on paper or not, and printed again by a person."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from appliance import seal
from appliance.core.age import age_s
from appliance.core.job import EXPIRES_S, MOST_COPIES, ON_PAPER, PrintState
from appliance.core.look_up import look_of
from appliance.core.moment import Moment, utc_text
from appliance.errors import Conflict, NotFound, TooMany
from appliance.service.report import tell
from appliance.store import print_jobs
from appliance.store.database import Row, Store
from appliance.store.ram import Ram


def queue_slip(
    store: Store,
    now: Moment,
    *,
    key: str,
    kind: str,
    payload: Mapping[str, Any],
    ticket_id: str | None = None,
    visit_id: str | None = None,
    with_key: bool = False,
    copy_no: int = 0,
    reprint_of: int | None = None,
) -> int:
    """Ask for a slip; the job's id. The same `key` again is the same job."""
    with store.write():
        before = print_jobs.by_key(store, key)
        if before is not None:
            return int(before["id"])
        return store.insert(
            "print_jobs",
            {
                "key": key,
                "kind": kind,
                "ticket_id": ticket_id,
                "visit_id": visit_id,
                "payload": json.dumps(payload, ensure_ascii=False),
                "with_key": int(with_key),
                "state": "queued",
                "copy_no": copy_no,
                "reprint_of": reprint_of,
                "asked_at": now.at_text,
                "expires_at": utc_text(now.at + timedelta(seconds=EXPIRES_S[kind])),
                "epoch": now.epoch,
                "mono_ms": now.mono_ms,
            },
        )


def queue_for_anybody(
    store: Store,
    now: Moment,
    *,
    key: str,
    kind: str,
    payload: Mapping[str, Any],
    most_a_minute: int,
) -> int:
    """A slip that anybody in the room may print: a child at the tablet must not empty the roll.

    Raises TooMany (too_many_slips); the same `key` again is the same slip, and never too many.
    """
    with store.write():
        known = print_jobs.by_key(store, f"{kind}:{key}") is not None
        lately = print_jobs.asked_since(store, kind, now.epoch, now.mono_ms - 60_000)
        if not known and lately >= most_a_minute:
            raise TooMany(
                "wait a minute, then print again", retry_after_s=60, code="too_many_slips"
            )
        return queue_slip(store, now, key=f"{kind}:{key}", kind=kind, payload=payload)


def recover(store: Store, now: Moment) -> int:
    """After a crash: whatever was being sent may or may not be on paper. A person looks."""
    with store.write():
        rows = store.all("SELECT id FROM print_jobs WHERE state = 'sending'")
        for row in rows:
            store.run(
                "UPDATE print_jobs SET state = 'needs_operator', code = 'interrupted', done_at = ?"
                " WHERE id = ?",
                now.at_text,
                row["id"],
            )
            _tell(store, now, row["id"], "needs_operator", "interrupted")
    return len(rows)


def next_job(store: Store, now: Moment) -> Row | None:
    """The oldest job still worth printing; those that are too late become expired."""
    for row in print_jobs.queued(store):
        if not _too_late(row, now):
            return row
        with store.write():
            if store.run(
                "UPDATE print_jobs SET state = 'expired', done_at = ? WHERE id = ?"
                " AND state = 'queued'",
                now.at_text,
                row["id"],
            ):
                _tell(store, now, row["id"], "expired", row["code"])
    return None


def not_yet(store: Store, job_id: int, code: str) -> None:
    """The printer could not take the job and not one byte went out: it stays queued, with why.

    Writes only when the reason is a new one, so that an empty paper roll does not wear the card.
    """
    row = print_jobs.get(store, job_id)
    if row is None or row["state"] not in ("queued", "sending"):
        return
    if row["state"] == "queued" and row["code"] == code:
        return
    with store.write():
        store.run(
            "UPDATE print_jobs SET state = 'queued', code = ?, tries = tries + 1 WHERE id = ?"
            " AND state IN ('queued', 'sending')",
            code,
            job_id,
        )


def begin_sending(store: Store, job_id: int) -> bool:
    """Committed before the first byte goes out. False when the job is no longer queued."""
    with store.write():
        return bool(
            store.run(
                "UPDATE print_jobs SET state = 'sending', code = '' WHERE id = ?"
                " AND state = 'queued'",
                job_id,
            )
        )


def finish(
    store: Store,
    ram: Ram,
    now: Moment,
    job_id: int,
    state: PrintState,
    *,
    bytes_sent: int = 0,
    code: str = "",
) -> None:
    """How the sending ended. A secret that is on paper is forgotten here."""
    with store.write():
        row = _job(store, job_id)
        if row["state"] != "sending":
            raise Conflict(f"print job {job_id} is {row['state']}, not being sent")
        store.run(
            "UPDATE print_jobs SET state = ?, code = ?, bytes_sent = ?, done_at = ? WHERE id = ?",
            state,
            code,
            bytes_sent,
            now.at_text,
            job_id,
        )
        _tell(store, now, job_id, state, code)
    if state == "printed" and row["with_key"] and row["ticket_id"]:
        ram.drop_secret(row["ticket_id"])


def why_it_stopped(store: Store, now: Moment, job_id: int, code: str) -> bool:
    """The printer says only now what stopped it: the question shows that instead of a guess.

    False when the job is not in question any more, or has a better reason already.
    """
    with store.write():
        if not store.run(
            "UPDATE print_jobs SET code = ? WHERE id = ? AND state = 'needs_operator'"
            " AND code IN ('stalled', 'lost', 'silent')",
            code,
            job_id,
        ):
            return False
        _tell(store, now, job_id, "needs_operator", code)
    return True


def it_came_out(store: Store, ram: Ram, now: Moment, job_id: int) -> None:
    """A person saw the slip: it counts as on paper."""
    with store.write():
        row = _job(store, job_id)
        if row["state"] in ON_PAPER:
            return
        if row["state"] != "needs_operator":
            raise Conflict("this slip is not in question any more", code="job_moved_on")
        store.run(
            "UPDATE print_jobs SET state = 'sent_unconfirmed', code = 'seen', done_at = ?"
            " WHERE id = ?",
            now.at_text,
            job_id,
        )
        _tell(store, now, job_id, "sent_unconfirmed", "seen")
    if row["ticket_id"]:
        ram.drop_secret(row["ticket_id"])


def print_again(store: Store, now: Moment, job_id: int) -> int:
    """A new job for the same slip, asked for by a person; the id of the job that will print.

    A second tap finds the first one's job. A slip that may be on paper already is marked as a
    copy. Raises NotFound, TooMany (too_many_copies).
    """
    with store.write():
        row = _job(store, job_id)
        if row["payload"] == print_jobs.FORGOTTEN:
            raise NotFound("this slip was forgotten with its visit", code="unknown_job")
        while again := store.one("SELECT * FROM print_jobs WHERE reprint_of = ?", row["id"]):
            row = again
        if row["state"] in ("queued", "sending"):
            return int(row["id"])
        copy_no = row["copy_no"] + int(row["state"] not in ("failed_clean", "expired", "cancelled"))
        if copy_no > MOST_COPIES:
            raise TooMany("this slip was printed too often; ask the ward", code="too_many_copies")
        new = queue_slip(
            store,
            now,
            key=f"again:{row['id']}",
            kind=row["kind"],
            payload=json.loads(row["payload"]),
            ticket_id=row["ticket_id"],
            visit_id=row["visit_id"],
            with_key=bool(row["with_key"]),
            copy_no=copy_no,
            reprint_of=int(row["id"]),
        )
        tell(store, now, "ops", {"type": "print_again", "kind": row["kind"], "copy": copy_no})
    return new


def key_for(store: Store, ram: Ram, now: Moment, job: Row) -> str | None:
    """The secret to print, or None when this slip carries none.

    A secret that is gone (printed before, or lost with the power) cannot be had again: the
    ticket gets a new pair. Pages sealed until now open with the old slip, later ones with this.
    """
    if not job["with_key"] or not job["ticket_id"]:
        return None
    secret = ram.secret(job["ticket_id"])
    if secret is not None:
        return secret
    secret, recipient = seal.new_identity()
    with store.write():
        store.run(
            "UPDATE tickets SET recipient = ?, look = ? WHERE id = ?",
            recipient,
            look_of(secret),
            job["ticket_id"],
        )
        ram.put_secret(job["ticket_id"], secret)
    return secret


def ask_test_slip(store: Store, now: Moment, key: str, payload: Mapping[str, Any]) -> int:
    return queue_slip(store, now, key=f"test:{key}", kind="test", payload=payload)


def cancel_of_ticket(store: Store, now: Moment, ticket_id: str) -> None:
    """A cancelled number is not printed any more (a job being sent is left alone)."""
    store.run(
        "UPDATE print_jobs SET state = 'cancelled', done_at = ? WHERE ticket_id = ?"
        " AND state = 'queued'",
        now.at_text,
        ticket_id,
    )


def _too_late(row: Row, now: Moment) -> bool:
    return age_s(row, now, "asked_at") > EXPIRES_S[row["kind"]]


def _job(store: Store, job_id: int) -> Row:
    row = print_jobs.get(store, job_id)
    if row is None:
        raise NotFound("this slip is not known", code="unknown_job")
    return row


def _tell(store: Store, now: Moment, job_id: int, state: str, code: str) -> None:
    kind = store.value("SELECT kind FROM print_jobs WHERE id = ?", job_id)
    tell(store, now, "ops", {"type": "slip", "kind": kind, "state": state, "code": code})

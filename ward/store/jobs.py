"""This file keeps the commands to houses: each sent again until the house tells, or it expires."""

from __future__ import annotations

import json
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from appliance.sync.protocol import Cmd, parse_utc, utc_text
from ward.store.db import Db

LIFETIME = timedelta(minutes=10)
ANSWERS_KEPT = timedelta(days=120)  # longer than any notice hangs
RESEND_AFTER = timedelta(seconds=15)
KEPT_MOST = 200  # open commands one house may have: a stuck console must not flood it


@dataclass(frozen=True)
class Job:
    """One command on its way."""

    job: str
    house: str
    cmd: Cmd


def create(
    db: Db,
    house: str,
    op: str,
    args: Mapping[str, Any],
    by: str,
    now: datetime,
    lifetime: timedelta = LIFETIME,
) -> Job:
    """Write down a command before it is sent, inside the caller's transaction."""
    job = Job(secrets.token_hex(8), house, Cmd(op, args, (now + lifetime).replace(microsecond=0)))
    db.execute(
        "INSERT INTO jobs (job, house, op, args, created_at, expires_at, by, state)"
        " VALUES (?, ?, ?, ?, ?, ?, ?, 'queued')",
        (
            job.job,
            house,
            op,
            json.dumps(dict(args), ensure_ascii=False),
            utc_text(now),
            utc_text(job.cmd.exp),
            by,
        ),
    )
    return job


def expire(db: Db, now: datetime) -> list[str]:
    """End the commands whose time is over; the houses they were for."""
    at = utc_text(now.replace(microsecond=0))
    rows = db.execute(
        "UPDATE jobs SET state = 'expired', ended_at = ? WHERE state IN ('queued', 'sent')"
        " AND expires_at <= ? RETURNING house",
        (at, at),
    ).fetchall()
    return [row["house"] for row in rows]


def due(db: Db, now: datetime) -> list[Job]:
    """Commands never sent, or sent a while ago without an answer."""
    rows = db.execute(
        "SELECT * FROM jobs WHERE state = 'queued' OR (state = 'sent' AND sent_at <= ?)"
        " ORDER BY created_at LIMIT ?",
        (utc_text(now - RESEND_AFTER), KEPT_MOST),
    )
    return [
        Job(r["job"], r["house"], Cmd(r["op"], json.loads(r["args"]), parse_utc(r["expires_at"])))
        for r in rows
    ]


def keep_answer(db: Db, job: str, answer: Mapping[str, Any], at: str) -> None:
    """What a house answered beside the state, inside the caller's transaction; old ones go."""
    oldest = utc_text(parse_utc(at) - ANSWERS_KEPT)
    db.execute("DELETE FROM job_answers WHERE at < ?", (oldest,))
    db.execute(
        "INSERT INTO job_answers (job, answer, at) VALUES (?, ?, ?) ON CONFLICT (job) DO NOTHING",
        (job, json.dumps(answer, ensure_ascii=False), at),
    )


def answer_of(db: Db, job: str) -> dict[str, Any]:
    """What was answered to this job; empty when nothing was, or it is too long ago."""
    row = db.execute("SELECT answer FROM job_answers WHERE job = ?", (job,)).fetchone()
    found = json.loads(row["answer"]) if row is not None else None
    return found if isinstance(found, dict) else {}


def mark_sent(db: Db, job: str, now: datetime) -> None:
    db.execute(
        "UPDATE jobs SET state = 'sent', sent_at = ? WHERE job = ? AND state IN ('queued', 'sent')",
        (utc_text(now), job),
    )

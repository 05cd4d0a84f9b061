"""This file reads print jobs."""

from __future__ import annotations

from appliance.store.database import Row, Store

FORGOTTEN = "{}"
"""The payload of a slip whose visit was forgotten: it stays as a count and cannot be had again."""


def get(store: Store, job_id: int) -> Row | None:
    return store.one("SELECT * FROM print_jobs WHERE id = ?", job_id)


def by_key(store: Store, key: str) -> Row | None:
    return store.one("SELECT * FROM print_jobs WHERE key = ?", key)


def queued(store: Store) -> list[Row]:
    return store.all("SELECT * FROM print_jobs WHERE state = 'queued' ORDER BY id")


def newest_of_ticket(store: Store, ticket_id: str) -> Row | None:
    return store.one(
        "SELECT * FROM print_jobs WHERE ticket_id = ? AND kind = 'ticket' ORDER BY id DESC LIMIT 1",
        ticket_id,
    )


def newest_of_visit(store: Store, visit_id: str) -> Row | None:
    """None also where the visit was forgotten, and its slips with it."""
    return store.one(
        "SELECT * FROM print_jobs WHERE visit_id = ? AND payload <> ? ORDER BY id DESC LIMIT 1",
        visit_id,
        FORGOTTEN,
    )


def questions(store: Store) -> list[Row]:
    """Jobs about which a person must say whether they came out."""
    return store.all(
        "SELECT j.*, t.number AS ticket_number FROM print_jobs j"
        " LEFT JOIN tickets t ON t.id = j.ticket_id"
        " LEFT JOIN print_jobs again ON again.reprint_of = j.id"
        " WHERE j.state = 'needs_operator' AND again.id IS NULL ORDER BY j.id"
    )


def visits_without_slip(store: Store) -> list[Row]:
    """The slips of visits that were given up before they were on paper, and not asked for again."""
    return store.all(
        "SELECT j.*, t.number AS ticket_number FROM print_jobs j"
        " JOIN tickets t ON t.id = j.ticket_id"
        " LEFT JOIN print_jobs again ON again.reprint_of = j.id"
        " WHERE j.kind = 'visit' AND j.state IN ('failed_clean', 'expired') AND again.id IS NULL"
        " AND t.day_on = (SELECT day_on FROM tickets ORDER BY rowid DESC LIMIT 1) ORDER BY j.id"
    )


def asked_since(store: Store, kind: str, epoch: str, mono_ms: int) -> int:
    """How many slips of this kind were asked for after this moment of this start."""
    return int(
        store.value(
            "SELECT count(*) FROM print_jobs WHERE kind = ? AND epoch = ? AND mono_ms > ?",
            kind,
            epoch,
            mono_ms,
        )
    )

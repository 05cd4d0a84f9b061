"""This file reads what a month's report is made of."""

from __future__ import annotations

import json

from appliance.store.database import Row, Store


def tickets(store: Store, from_on: str, to_on: str) -> list[Row]:
    """Tickets of [from_on, to_on) with their visits; `outcome` parsed. A visit that only added
    papers to a dossier has its code, but is no dossier more."""
    rows = store.all(
        "SELECT t.service_id, t.state, t.taken_at, t.called_at, v.state AS visit_state, v.outcome,"
        " CASE WHEN s.visit_id IS NULL THEN v.dossier_code END AS dossier_code,"
        " coalesce(v.service_id, t.service_id) AS done_service"
        " FROM tickets t LEFT JOIN visits v ON v.ticket_id = t.id"
        " LEFT JOIN supplements s ON s.visit_id = v.id WHERE t.day_on >= ? AND t.day_on < ?",
        from_on,
        to_on,
    )
    for row in rows:
        row["outcome"] = json.loads(row["outcome"] or "{}")
        row["service_id"] = row["done_service"]
    return rows


def ratings(store: Store, from_on: str, to_on: str) -> list[Row]:
    return store.all("SELECT * FROM ratings WHERE day_on >= ? AND day_on < ?", from_on, to_on)


def votes(store: Store, from_at: str, to_at: str) -> list[Row]:
    """kind, choice, n of the votes made in [from_at, to_at)."""
    return store.all(
        "SELECT kind, choice, count(*) AS n FROM votes WHERE made_at >= ? AND made_at < ?"
        " GROUP BY kind, choice ORDER BY kind, n DESC, choice",
        from_at,
        to_at,
    )


def remarks(store: Store, from_at: str, to_at: str) -> list[Row]:
    """topic, n of the remarks made in [from_at, to_at)."""
    return store.all(
        "SELECT topic, count(*) AS n FROM remarks WHERE made_at >= ? AND made_at < ?"
        " GROUP BY topic ORDER BY n DESC, topic",
        from_at,
        to_at,
    )


def ward_figures(store: Store, month_on: str) -> Row | None:
    return store.one("SELECT * FROM ward_figures WHERE month_on = ?", month_on)

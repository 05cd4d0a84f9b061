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


def by_month(store: Store, from_on: str, to_on: str) -> dict[str, tuple[int, int]]:
    """ "2026-11" -> (visits ended, dossiers) of the days [from_on, to_on)."""
    rows = store.all(
        "SELECT substr(t.day_on, 1, 7) AS month, count(*) AS visits,"
        " sum(v.dossier_code IS NOT NULL AND s.visit_id IS NULL) AS dossiers"
        " FROM visits v JOIN tickets t ON t.id = v.ticket_id"
        " LEFT JOIN supplements s ON s.visit_id = v.id"
        " WHERE v.state = 'closed' AND t.day_on >= ? AND t.day_on < ? GROUP BY month",
        from_on,
        to_on,
    )
    return {row["month"]: (row["visits"], row["dossiers"]) for row in rows}


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

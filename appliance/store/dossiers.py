"""This file reads what follows a visit: dossiers, their states, drafts watched."""

from __future__ import annotations

from appliance.core.dossier import OVER
from appliance.store.database import Row, Store

_DOSSIER = (
    "SELECT d.*, v.dossier_code, v.service_id, v.closed_at, v.ticket_id, t.number, t.day_on,"
    " w.id AS watch_id, w.ends_at AS watch_ends_at, w.began_at AS watch_began_at,"
    " w.epoch AS watch_epoch, w.mono_ms AS watch_mono_ms,"
    " (SELECT count(*) FROM pages p WHERE p.visit_id = d.visit_id AND p.kept_anyway = 1"
    " AND p.state IN ('kept', 'deleted')) AS kept_anyway"
    " FROM dossiers d JOIN visits v ON v.id = d.visit_id JOIN tickets t ON t.id = v.ticket_id"
    " LEFT JOIN proof_watches w ON w.visit_id = d.visit_id AND w.state = 'open' "
)
MOST_SHOWN = 200


def get(store: Store, visit_id: str) -> Row | None:
    return store.one(_DOSSIER + "WHERE d.visit_id = ?", visit_id)


def of_visit(store: Store, visit_id: str) -> Row | None:
    """The dossier a visit belongs to: its own, or the one it added papers to."""
    first = store.value("SELECT of_visit_id FROM supplements WHERE visit_id = ?", visit_id)
    return get(store, first or visit_id)


def by_code(store: Store, dossier_code: str) -> Row | None:
    """The newest dossier of this code."""
    return store.one(
        _DOSSIER + "WHERE v.dossier_code = ? ORDER BY d.rowid DESC LIMIT 1", dossier_code
    )


def by_look_up(store: Store, number: int, look_up: str) -> Row | None:
    """The newest dossier of this code and this number, whichever visit of it had the number."""
    return store.one(
        _DOSSIER + "WHERE d.look_up = ? AND (t.number = ? OR EXISTS ("  # noqa: S608
        " SELECT 1 FROM supplements s JOIN visits sv ON sv.id = s.visit_id"
        " JOIN tickets st ON st.id = sv.ticket_id"
        " WHERE s.of_visit_id = d.visit_id AND st.number = ?)) ORDER BY d.rowid DESC LIMIT 1",
        look_up,
        number,
        number,
    )


def open_ones(store: Store) -> list[Row]:
    """Dossiers something is still owed to, drafts first, then by how long nothing happened."""
    marks = ",".join("?" * len(OVER))
    return store.all(
        _DOSSIER + f"WHERE d.status NOT IN ({marks})"
        " ORDER BY w.ends_at IS NULL, w.ends_at, d.status_at LIMIT ?",
        *sorted(OVER),
        MOST_SHOWN,
    )


def changes(store: Store, visit_id: str) -> list[Row]:
    return store.all("SELECT * FROM dossier_changes WHERE visit_id = ? ORDER BY id", visit_id)


def originals(store: Store, visit_id: str) -> list[str]:
    """Ids of the papers photographed in the visit and in those that added to it."""
    rows = store.all(
        "SELECT paper_id, min(rowid) AS place FROM pages WHERE state IN ('kept', 'deleted') AND"
        " visit_id IN (SELECT ? UNION SELECT visit_id FROM supplements WHERE of_visit_id = ?)"
        " GROUP BY paper_id ORDER BY place",
        visit_id,
        visit_id,
    )
    return [row["paper_id"] for row in rows]


def watches(store: Store) -> list[Row]:
    """Drafts that are being watched, the most pressing first."""
    return store.all(
        "SELECT w.*, t.number, t.day_on, t.id AS ticket_id, v.dossier_code FROM proof_watches w"
        " JOIN visits v ON v.id = w.visit_id JOIN tickets t ON t.id = v.ticket_id"
        " WHERE w.state = 'open' ORDER BY w.ends_at, w.id"
    )

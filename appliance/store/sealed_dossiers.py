"""This file reads the sealed dossiers that go to the ward."""

from __future__ import annotations

from appliance.store.database import Row, Store


def to_send(store: Store) -> list[Row]:
    """Dossiers of finished visits, the oldest first; one of an open visit is not complete yet."""
    return store.all(
        "SELECT d.* FROM sealed_dossiers d JOIN visits v ON v.id = d.visit_id"
        " WHERE d.state = 'sealed' AND v.state = 'closed' ORDER BY d.made_at"
    )


def of_visit(store: Store, visit_id: str) -> Row | None:
    return store.one("SELECT * FROM sealed_dossiers WHERE visit_id = ?", visit_id)


def files(store: Store) -> set[str]:
    """Names of the files that must stay on the card."""
    rows = store.all("SELECT file FROM sealed_dossiers WHERE state IN ('sealed', 'aside')")
    return {row["file"] for row in rows}

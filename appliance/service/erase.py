"""This file forgets a visit when its resident asks: one step, at once, and told as a count."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from appliance.core.moment import Moment
from appliance.errors import Conflict, NotFound
from appliance.service.report import tell
from appliance.service.sealed_dossiers import FOLDER
from appliance.service.slips_gone import forget_of_visit
from appliance.store.database import Store
from appliance.store.ram import Ram


@dataclass(frozen=True)
class Erased:
    """What went: sealed pages, and dossiers still on their way to the ward."""

    pages: int
    dossiers: int


def visit_of(store: Store, day: str, number: int) -> str:
    """The visit of the slip with `number` of `day` (ISO). Raises NotFound."""
    row = store.one(
        "SELECT v.id FROM visits v JOIN tickets t ON t.id = v.ticket_id"
        " WHERE t.day_on = ? AND t.number = ?",
        day,
        number,
    )
    if row is None:
        raise NotFound(f"there is no visit with number {number} on {day}", code="unknown_visit")
    return str(row["id"])


def erase_visit(store: Store, now: Moment, data_dir: Path, ram: Ram, visit_id: str) -> Erased:
    """Delete all that is kept of a visit's papers, its dossier code, its slips and what was noted.

    The ticket stays as a number in the day's count: it names nobody. First the files, then the
    facts: a power cut in between is mended by asking again. What the ward has received already is
    the ward's to delete; the report says that it was asked for. Raises NotFound, Conflict.
    """
    visit = store.one("SELECT id, ticket_id, state FROM visits WHERE id = ?", visit_id)
    if visit is None:
        raise NotFound("there is no such visit; it may be deleted already", code="unknown_visit")
    if visit["state"] == "open":
        raise Conflict("this visit is open at the desk; finish it first", code="visit_open")
    pages = store.all(
        "SELECT id, sealed_name FROM pages WHERE visit_id = ? AND state != 'deleted'", visit_id
    )
    waiting = store.all(
        "SELECT id, file FROM sealed_dossiers WHERE visit_id = ? AND state IN ('sealed', 'aside')",
        visit_id,
    )
    folder = data_dir / "sealed" / visit_id
    for page in pages:
        (folder / page["sealed_name"]).unlink(missing_ok=True)
    if folder.exists() and not any(folder.iterdir()):
        folder.rmdir()
    for dossier in waiting:
        (data_dir / FOLDER / dossier["file"]).unlink(missing_ok=True)
    # Whole tables of before an update or a restore know of it too; they served their time.
    for copy in (*data_dir.glob("copies/before-*.db"), *data_dir.glob("replaced-*.db*")):
        copy.unlink(missing_ok=True)
    ram.wipe_visit(visit_id)
    ram.drop_secret(visit["ticket_id"])
    with store.write():
        for page in pages:
            store.run("UPDATE pages SET state = 'deleted' WHERE id = ?", page["id"])
        for dossier in waiting:
            store.run(
                "UPDATE sealed_dossiers SET state = 'discarded', ended_at = ? WHERE id = ?",
                now.at_text,
                dossier["id"],
            )
        # What happened to it afterwards, and the four signs it can be asked after by.
        for table in ("dossier_changes", "dossiers", "proof_watches", "family_visits"):
            store.run(f"DELETE FROM {table} WHERE visit_id = ?", visit_id)  # noqa: S608 -- above
        store.run("UPDATE visits SET dossier_code = NULL, outcome = '{}' WHERE id = ?", visit_id)
        forget_of_visit(store, now, visit_id, visit["ticket_id"])
        count = {"pages": len(pages), "dossiers": len(waiting)}
        tell(store, now, "ops", {"type": "erased", "visit": visit_id, **count})
    return Erased(**count)

"""This file follows a dossier after its visit: its code, its states, papers added, the result."""

from __future__ import annotations

from collections.abc import Sequence

from appliance.core import dossier as rules
from appliance.core import look_up as codes
from appliance.core.age import age_s
from appliance.core.catalogue import Catalogue
from appliance.core.moment import Moment
from appliance.core.texts import one_line
from appliance.core.visit import dossier_code as read_dossier_code
from appliance.errors import BadInput, Conflict, NotFound
from appliance.service import visits
from appliance.service.report import tell
from appliance.service.slips import queue_slip
from appliance.service.take_ticket import take_ticket
from appliance.store import dossiers, from_ward
from appliance.store.database import Row, Store
from appliance.store.ram import Ram

WHERE_MOST, WHEN_MOST = 60, 60
# What the ward says of papers handed in here, in the portal's numbers.
_HEARD = {"received": 2, "supplement": rules.MORE_PAPERS, "done": rules.PROCESSED}


def set_status(
    store: Store, now: Moment, visit_id: str, status: int, *, by_ward: bool = False
) -> None:
    """The portal says something new. The same again changes nothing. Raises BadInput."""
    if status not in rules.STATUSES or status == rules.PREPARED:
        raise BadInput("a status is 1 to 10", code="bad_status")
    with store.write():
        row = get(store, visit_id)
        if row["status"] == status:
            return
        _change(store, now, visit_id, status, by_ward)
        tell(
            store, now, "ops",
            {"type": "dossier", "code": row["dossier_code"] or "", "service": row["service_id"],
             "status": status, "by_ward": int(by_ward)},
        )  # fmt: skip


def set_code(store: Store, now: Moment, visit_id: str, typed: str) -> None:
    """The portal's code, known only now. Raises BadInput (bad_dossier_code)."""
    code = read_dossier_code(typed)
    if code is None:
        raise BadInput(
            "a dossier code looks like H15.50.05.13-261008-0975", code="bad_dossier_code"
        )
    with store.write():
        row = get(store, visit_id)
        if row["dossier_code"] == code:
            return
        store.run("UPDATE visits SET dossier_code = ? WHERE id = ?", code, visit_id)
        if row["status"] == rules.PREPARED:
            _change(store, now, visit_id, rules.NEWLY_SUBMITTED, by_ward=False)
        tell(store, now, "ops", {"type": "dossier", "code": code, "service": row["service_id"],
                                 "status": max(row["status"], 1), "by_ward": 0})  # fmt: skip


def by_ward(store: Store, now: Moment, dossier_code: str, status: int) -> None:
    """The ward names a dossier by the portal's code. Raises NotFound (unknown_dossier)."""
    row = dossiers.by_code(store, read_dossier_code(dossier_code) or "")
    if row is None:
        raise NotFound("no dossier of that code here", code="unknown_dossier")
    set_status(store, now, row["visit_id"], status, by_ward=True)


def heard(store: Store, now: Moment, visit_id: str, state: str) -> None:
    """What became of papers handed in here (received, supplement, done); unknown words pass."""
    if state in _HEARD and dossiers.get(store, visit_id) is not None:
        set_status(store, now, visit_id, _HEARD[state], by_ward=True)


def find(store: Store, now: Moment, number: int, typed_code: str) -> Row | None:
    """The dossier of a slip's number and look-up code, or None. Raises BadInput (bad_look_up)."""
    row = dossiers.by_look_up(store, number, codes.read_code(typed_code))
    is_valid = row is not None and age_s(row, now, "made_at") <= codes.VALID_DAYS * 86_400
    return row if is_valid else None


def add_papers(
    store: Store,
    ram: Ram,
    now: Moment,
    visit_id: str,
    *,
    key: str,
    volunteer: Row,
    catalogue: Catalogue,
    zone: str,
) -> Row:
    """Somebody comes back with papers that were missing: a visit that belongs to the first.

    The same `key` again is the same visit. Raises Conflict (dossier_over).
    """  # fmt: skip
    with store.write():
        first = get(store, visit_id)
        if first["status"] in rules.OVER:
            raise Conflict("this dossier is over", code="dossier_over")
        taken = take_ticket(
            store, ram, now, key=key, service_id=first["service_id"], channel="desk",
            catalogue=catalogue, zone=zone, per_minute=1000,
        )  # fmt: skip
        visit = visits.open_visit(
            store, now, key=f"{key}:open", volunteer=volunteer, ticket_id=taken.id
        )
        store.run(
            "INSERT OR IGNORE INTO supplements (visit_id, of_visit_id) VALUES (?, ?)",
            visit["id"],
            visit_id,
        )
        store.run(
            "UPDATE visits SET dossier_code = ? WHERE id = ?", first["dossier_code"], visit["id"]
        )
    return visit


def print_result_slip(
    store: Store,
    now: Moment,
    visit_id: str,
    *,
    key: str,
    bring: Sequence[str],
    what: str,
    where: str,
    when: str,
) -> int:
    """The slip that says which originals to bring, where to and when, and what the ward said of
    papers handed in here; the print job's id.

    `bring` and `what` are the catalogue's words; `where` and `when` are typed. Raises BadInput.
    """  # fmt: skip
    place = one_line(where, most=WHERE_MOST, least=2, what="where")
    time = one_line(when, most=WHEN_MOST, least=2, what="when")
    with store.write():
        row, word = get(store, visit_id), from_ward.newest_word(store, visit_id)
        return queue_slip(
            store,
            now,
            key=f"result:{key}",
            kind="result",
            payload={
                "number": row["number"],
                "ticket": row["ticket_id"],
                "what": what,
                "bring": list(bring),
                "where": place,
                "when": time,
                "dossier_code": row["dossier_code"],
                "ward_state": word["state"] if word else "",
                "ward_note": word["note"] if word else "",
            },
        )


def get(store: Store, visit_id: str) -> Row:
    """Raises NotFound (unknown_dossier)."""
    row = dossiers.get(store, visit_id)
    if row is None:
        raise NotFound("no dossier follows this visit", code="unknown_dossier")
    return row


def _change(store: Store, now: Moment, visit_id: str, status: int, by_ward: bool) -> None:
    store.run(
        "UPDATE dossiers SET status = ?, status_at = ?, by_ward = ? WHERE visit_id = ?",
        status,
        now.at_text,
        int(by_ward),
        visit_id,
    )
    store.insert(
        "dossier_changes",
        {"visit_id": visit_id, "status": status, "by_ward": int(by_ward), "made_at": now.at_text},
    )

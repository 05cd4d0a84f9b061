"""This file reads tickets."""

from __future__ import annotations

from appliance.core.job import ON_PAPER
from appliance.core.ticket import LastTicket
from appliance.store.database import Row, Store

# Each ticket with the newest state of its slip: a later copy speaks for the ticket.
_WITH_SLIP = """
SELECT t.*, j.id AS job_id, j.state AS slip_state, j.code AS slip_code, v.id AS visit_id,
       v.state AS visit_state
FROM tickets t
LEFT JOIN print_jobs j ON j.id = (
  SELECT max(id) FROM print_jobs WHERE ticket_id = t.id AND kind = 'ticket')
LEFT JOIN visits v ON v.ticket_id = t.id
"""

# Which call of the desk a ticket's last one was, counted and not timed: the clock may be set back
# between two calls. Somebody let in without a call counts as called then. Found from the newest on.
_CALL = """(
  SELECT a.id FROM desk_actions a WHERE a.ticket_id = t.id AND a.undone = 0
  AND (a.kind IN ('called', 'called_again')
       OR a.kind = 'opened' AND json_extract(a.before, '$.called_at') IS NULL)
  ORDER BY a.id DESC LIMIT 1)"""


def get(store: Store, ticket_id: str) -> Row | None:
    return _shown(store.one(_WITH_SLIP + "WHERE t.id = ?", ticket_id))


def by_key(store: Store, key: str) -> Row | None:
    return store.one("SELECT * FROM tickets WHERE key = ?", key)


def by_recipient(store: Store, recipient: str) -> Row | None:
    """The ticket whose slip carries the secret of `recipient`, whichever copy of the slip."""
    return store.one(
        "SELECT * FROM tickets WHERE recipient = ? OR id = (SELECT v.ticket_id FROM pages p"
        " JOIN visits v ON v.id = p.visit_id WHERE p.recipient = ? LIMIT 1)",
        recipient,
        recipient,
    )


def by_look(store: Store, look: str) -> Row | None:
    """The ticket of a slip, by core.look_up.look_of its secret."""
    return store.one("SELECT * FROM tickets WHERE look = ? AND look <> ''", look)


def last(store: Store) -> LastTicket | None:
    row = store.one(
        "SELECT day_on, taken_at, run, mono_ms, sync FROM tickets ORDER BY rowid DESC LIMIT 1"
    )
    if row is None:
        return None
    return LastTicket(row["day_on"], row["taken_at"], row["run"], row["mono_ms"], row["sync"])


def of_day(store: Store, day_on: str) -> list[Row]:
    rows = store.all(_WITH_SLIP + "WHERE t.day_on = ? ORDER BY t.number", day_on)
    return [_with_printed(row) for row in rows]


def waiting(store: Store) -> list[Row]:
    rows = store.all(_WITH_SLIP + "WHERE t.state = 'waiting' ORDER BY t.place, t.rowid")
    return [_with_printed(row) for row in rows]


def with_somebody(store: Store) -> list[Row]:
    """Tickets called or being helped, the newest call first."""
    rows = store.all(
        _WITH_SLIP + f"WHERE t.state IN ('called', 'serving') ORDER BY {_CALL} DESC, t.rowid DESC"
    )
    return [_with_printed(row) for row in rows]


def at_a_desk(store: Store, day_on: str) -> list[Row]:
    """Those of that day that somebody is with: not what was laid aside."""
    rows = with_somebody(store)
    return [row for row in rows if row["day_on"] == day_on and row["visit_state"] != "parked"]


def last_called(store: Store, day_on: str, most: int = 4) -> list[Row]:
    """The last numbers called that day, the newest first."""
    return store.all(
        "SELECT t.number, t.desk, t.called_at, t.state, t.call_count FROM tickets t"  # noqa: S608
        f" WHERE t.called_at IS NOT NULL AND t.day_on = ? ORDER BY {_CALL} DESC, t.rowid DESC"
        " LIMIT ?",  # _CALL is text from above, every value is bound
        day_on,
        most,
    )


def waiting_ahead(store: Store, ticket_id: str) -> int:
    return int(
        store.value(
            "SELECT count(*) FROM tickets WHERE state = 'waiting'"
            " AND place < (SELECT place FROM tickets WHERE id = ?)",
            ticket_id,
        )
    )


def count_waiting(store: Store) -> int:
    return int(store.value("SELECT count(*) FROM tickets WHERE state = 'waiting'"))


def _shown(row: Row | None) -> Row | None:
    return None if row is None else _with_printed(row)


def _with_printed(row: Row) -> Row:
    row["printed"] = row["slip_state"] in ON_PAPER
    return row

"""This file dates rows that were made before the clock was set, as soon as it is set.

Until then a row's age is told by the monotonic clock alone (core.age), which ends with the boot. So
whoever lets rows go when their time is over has them dated first; it writes only what it must.
"""

from __future__ import annotations

from collections.abc import Callable

from appliance.core import age
from appliance.core.moment import Moment
from appliance.store.database import Row, Store

# Where the wall time stands, and which rows it still matters for.
_TABLES = {
    "pages": ("taken_at", "state = 'kept'"),
    "sealed_dossiers": ("made_at", "state IN ('sealed', 'aside')"),
    "dossiers": ("made_at", "1"),
    "postings": ("posted_at", "state = 'up'"),
}


def date_rows(
    store: Store, now: Moment, table: str, also: Callable[[Row], None] | None = None
) -> int:
    """Give the rows of `table` their right time where this clock knows it; how many there were.
    `also` is called with each, as it is now, in the same transaction."""
    column, which = _TABLES[table]
    found = store.all(  # names come from the table above only
        f"SELECT rowid AS row, * FROM {table} WHERE {which} AND sync IN ('none', 'rtc')"  # noqa: S608
    )
    due = [row for row in found if age.can_be_dated(row, now)]
    if not due:
        return 0
    with store.write():
        for row in due:
            row.update(age.dated_now(row, now, column))
            store.run(
                f"UPDATE {table} SET epoch = ?, mono_ms = ?, sync = ?, {column} = ?"  # noqa: S608
                " WHERE rowid = ?",
                row["epoch"], row["mono_ms"], row["sync"], row[column], row["row"],
            )  # fmt: skip
            if also is not None:
                also(row)
    return len(due)

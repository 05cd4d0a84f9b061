"""This file is the columns that say by which clock a row was made, so that its age can be told.

`epoch`, `mono_ms` and `sync` as in core.moment. Rows of a release before have them empty: of those
the wall time is all there is.
"""

from __future__ import annotations

_MADE_UNDER = (
    "epoch TEXT NOT NULL DEFAULT ''",
    "mono_ms INTEGER NOT NULL DEFAULT 0",
    "sync TEXT NOT NULL DEFAULT ''",
)

CLOCK_COLUMNS = ";".join(
    [
        f"ALTER TABLE {table} ADD COLUMN {column}"
        for table in ("pages", "sealed_dossiers", "dossiers", "postings")
        for column in _MADE_UNDER
    ]
    + [
        # When somebody was last at work on a visit, and when a call for help was answered.
        "ALTER TABLE visits ADD COLUMN touched_epoch TEXT NOT NULL DEFAULT ''",
        "ALTER TABLE visits ADD COLUMN touched_mono_ms INTEGER NOT NULL DEFAULT 0",
        "ALTER TABLE help_calls ADD COLUMN answered_epoch TEXT NOT NULL DEFAULT ''",
        "ALTER TABLE help_calls ADD COLUMN answered_mono_ms INTEGER NOT NULL DEFAULT 0",
    ]
)

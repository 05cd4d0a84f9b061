"""This file is the table of how each house was, moment by moment, for the charts."""

from __future__ import annotations

HISTORY = """
CREATE TABLE history (              -- one row per house and step while it was heard; a gap is a gap
  house TEXT NOT NULL, at_min INTEGER NOT NULL,  -- minutes since 1970
  waiting INTEGER, longest_s INTEGER, taken INTEGER,      -- the most in the step
  temp_c REAL, disk_free_mib INTEGER, outbox_rows INTEGER, -- the worst in the step
  printer_ok INTEGER, undervolt INTEGER,
  PRIMARY KEY (house, at_min)
) WITHOUT ROWID;
CREATE INDEX history_by_time ON history (at_min);
"""

"""This file is the table of how far events were deleted for their age."""

from __future__ import annotations

FORGOTTEN = """
CREATE TABLE forgotten (            -- the last event of a lane that was deleted for its age
  house TEXT NOT NULL, epoch TEXT NOT NULL, stream TEXT NOT NULL,
  upto INTEGER NOT NULL,
  PRIMARY KEY (house, epoch, stream)
) WITHOUT ROWID;
"""

"""This file is what the table needs for the guide: the ward's changes, and catalogues kept."""

from __future__ import annotations

GUIDE = """
CREATE TABLE ward_catalogue (
  id INTEGER PRIMARY KEY CHECK (id = 1),   -- one document, the newest
  version INTEGER NOT NULL,
  body TEXT NOT NULL,               -- JSON as it came, checked before it was kept
  set_at TEXT NOT NULL
);

CREATE TABLE ward_days (
  on_day TEXT PRIMARY KEY,
  works INTEGER NOT NULL            -- 1 worked, 0 a day of rest
) WITHOUT ROWID;

CREATE TABLE kept_catalogues (
  id TEXT PRIMARY KEY,              -- digest of the body
  version INTEGER NOT NULL,         -- of the guide
  ward_version INTEGER NOT NULL,
  body TEXT NOT NULL,               -- JSON: catalogue, guide and the ward's changes as they were
  kept_at TEXT NOT NULL
) WITHOUT ROWID;

ALTER TABLE visits ADD COLUMN catalogue_id TEXT REFERENCES kept_catalogues(id)
"""

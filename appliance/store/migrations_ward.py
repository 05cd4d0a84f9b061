"""This file is what the table needs for the ward: set aside, wanted, handed in, answered."""

from __future__ import annotations

WARD_TABLES = """
CREATE INDEX outbox_lane ON outbox (epoch, stream, seq) WHERE receipted_at IS NULL;

CREATE TABLE set_aside (
  id INTEGER PRIMARY KEY,
  kind TEXT NOT NULL,               -- report | dossier
  item TEXT NOT NULL,               -- a report's epoch/stream/seq; a dossier's id
  reason TEXT NOT NULL,             -- stable snake_case
  content TEXT NOT NULL,            -- a report's own body, as it was
  state TEXT NOT NULL,              -- aside | retried | discarded
  tries INTEGER NOT NULL DEFAULT 1,
  made_at TEXT NOT NULL,
  ended_at TEXT,
  ended_by INTEGER REFERENCES volunteers(id),
  UNIQUE (kind, item)
);

CREATE TABLE wanted (
  name TEXT PRIMARY KEY,            -- roster | config | catalogue
  ver INTEGER NOT NULL,             -- the version applied here
  body TEXT NOT NULL,               -- JSON, as applied
  refused_ver INTEGER NOT NULL DEFAULT 0,
  refused_code TEXT NOT NULL DEFAULT '',
  applied_at TEXT
) WITHOUT ROWID;

CREATE TABLE down_lanes (
  epoch TEXT PRIMARY KEY,           -- the ward's epoch: one for the life of its database
  upto INTEGER NOT NULL,
  got_at TEXT NOT NULL
) WITHOUT ROWID;

CREATE TABLE dossier_results (
  epoch TEXT NOT NULL, seq INTEGER NOT NULL,
  dossier_id TEXT NOT NULL,
  state TEXT NOT NULL,              -- received | supplement | done
  note TEXT NOT NULL DEFAULT '',
  at TEXT NOT NULL,                 -- by the ward's clock
  got_at TEXT NOT NULL,
  PRIMARY KEY (epoch, seq)
) WITHOUT ROWID;
CREATE INDEX dossier_results_of ON dossier_results (dossier_id);

CREATE TABLE sealed_dossiers (
  id TEXT PRIMARY KEY,              -- random; the only name the ward knows it by
  visit_id TEXT NOT NULL UNIQUE REFERENCES visits(id),
  file TEXT NOT NULL,               -- below data_dir/dossiers/
  sha256 TEXT NOT NULL,
  size_bytes INTEGER NOT NULL,
  pages INTEGER NOT NULL,
  state TEXT NOT NULL,              -- sealed | delivered | aside | discarded | expired
  made_at TEXT NOT NULL,
  ended_at TEXT
);
CREATE INDEX sealed_dossiers_to_send ON sealed_dossiers (made_at) WHERE state = 'sealed';

ALTER TABLE volunteers ADD COLUMN roster_id TEXT
"""

"""This file is the tables between the ward and its houses: wishes, results, clocks, dossiers."""

from __future__ import annotations

HOUSES = """
CREATE TABLE wanted (               -- roster, config, catalogue: what a house shall be like
  house TEXT NOT NULL, name TEXT NOT NULL,
  ver INTEGER NOT NULL, body TEXT NOT NULL,
  made_at TEXT NOT NULL, made_by TEXT NOT NULL,
  told_at TEXT,                     -- when this version was last given to the broker
  applied_ver INTEGER NOT NULL DEFAULT 0, applied_at TEXT,
  refused_ver INTEGER NOT NULL DEFAULT 0, refused_code TEXT NOT NULL DEFAULT '',
  PRIMARY KEY (house, name)
);
CREATE TABLE result_lanes (         -- down/result: one lane a house, kept until the house tells
  house TEXT PRIMARY KEY,
  epoch TEXT NOT NULL,
  last_seq INTEGER NOT NULL, taken INTEGER NOT NULL
);
CREATE TABLE results (
  house TEXT NOT NULL, seq INTEGER NOT NULL,
  dossier TEXT NOT NULL, state TEXT NOT NULL, note TEXT NOT NULL,
  at TEXT NOT NULL, made_by TEXT NOT NULL, sent_at TEXT,
  PRIMARY KEY (house, seq)
);
CREATE TABLE clocks (               -- one moment of a boot of which both clocks are known
  house TEXT NOT NULL, epoch TEXT NOT NULL,
  mono_ms INTEGER NOT NULL, t TEXT NOT NULL,
  PRIMARY KEY (house, epoch)
);
CREATE TABLE boots (                -- in the order they were first seen; a boot never comes back
  house TEXT NOT NULL, epoch TEXT NOT NULL,
  first_at TEXT NOT NULL, last_at TEXT NOT NULL, current INTEGER NOT NULL,
  PRIMARY KEY (house, epoch)
);
CREATE TABLE twice (                -- two boxes speak under one name
  house TEXT PRIMARY KEY,
  first_at TEXT NOT NULL, last_at TEXT NOT NULL, times INTEGER NOT NULL
);
CREATE TABLE intake (               -- dossiers handed in, sealed; opened with the ward's identity
  house TEXT NOT NULL, dossier TEXT NOT NULL,
  sha256 TEXT NOT NULL, size_bytes INTEGER NOT NULL,
  received_at TEXT NOT NULL,
  state TEXT NOT NULL,              -- new | received | supplement | done
  state_at TEXT NOT NULL, state_by TEXT NOT NULL DEFAULT '', note TEXT NOT NULL DEFAULT '',
  deleted_at TEXT,
  PRIMARY KEY (house, dossier)
);
CREATE TABLE intake_log (           -- who did what with which dossier; never deleted with it
  at TEXT NOT NULL, who TEXT NOT NULL, what TEXT NOT NULL,
  house TEXT NOT NULL, dossier TEXT NOT NULL
);
CREATE INDEX intake_log_of ON intake_log (house, dossier)
"""

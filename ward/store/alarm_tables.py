"""This file is the tables of alarms: what is wrong, and who has been told of it, once each."""

from __future__ import annotations

ALARMS = """
CREATE TABLE alarms (
  id INTEGER PRIMARY KEY,
  kind TEXT NOT NULL,               -- help | silent | paper_out | under_voltage
  house TEXT NOT NULL,
  ref TEXT NOT NULL,                -- help: which call; else empty
  since_at TEXT NOT NULL,           -- when the trouble began
  begun_at TEXT NOT NULL,           -- when it had lasted long enough to tell somebody
  state TEXT NOT NULL,              -- open | taken | over
  step INTEGER NOT NULL DEFAULT 0,  -- how many of the on-call list had their turn
  next_at TEXT,                     -- when the next one has; NULL: nobody is left
  who TEXT NOT NULL DEFAULT '',     -- taken: by whom
  why TEXT NOT NULL DEFAULT '',     -- over: withdrawn | closed | gone
  taken_at TEXT, over_at TEXT
);
CREATE UNIQUE INDEX alarms_on ON alarms (kind, house, ref) WHERE state <> 'over';
CREATE INDEX alarms_of ON alarms (house, id);
CREATE TABLE tellings (             -- one person, one alarm, one word: told at most once
  alarm INTEGER NOT NULL, person TEXT NOT NULL,
  word TEXT NOT NULL,               -- alarm | over
  state TEXT NOT NULL,              -- due | sending | sent | failed | unknown
  tries INTEGER NOT NULL DEFAULT 0,
  at TEXT NOT NULL,                 -- of this state
  PRIMARY KEY (alarm, person, word)
) WITHOUT ROWID;
CREATE INDEX tellings_due ON tellings (state) WHERE state IN ('due', 'sending', 'failed');
"""

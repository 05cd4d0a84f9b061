"""This file is how the ward's database came to be: forward only, each step once, in order."""

from __future__ import annotations

from sqlite_utils import Database, Migrations

from ward.store.alarm_tables import ALARMS
from ward.store.answer_table import ANSWERS
from ward.store.forgotten_table import FORGOTTEN
from ward.store.history_table import HISTORY
from ward.store.house_tables import HOUSES
from ward.store.people_tables import ACCOUNTS

migrations = Migrations("ward")

M001 = """
CREATE TABLE events (
  id INTEGER PRIMARY KEY,
  house TEXT NOT NULL, epoch TEXT NOT NULL, stream TEXT NOT NULL, seq INTEGER NOT NULL,
  mono_ms INTEGER NOT NULL, t TEXT NOT NULL, sync TEXT NOT NULL,
  d TEXT NOT NULL,                  -- JSON
  received_at TEXT NOT NULL,
  UNIQUE (house, epoch, stream, seq)
);
CREATE TABLE lanes (                -- contiguous high-water mark: everything up to it is stored
  house TEXT NOT NULL, epoch TEXT NOT NULL, stream TEXT NOT NULL,
  upto INTEGER NOT NULL, touched_at TEXT NOT NULL,
  PRIMARY KEY (house, epoch, stream)
) WITHOUT ROWID;
CREATE TABLE totals (               -- one effect per event, so that a double effect can be seen
  house TEXT NOT NULL, stream TEXT NOT NULL, n INTEGER NOT NULL,
  PRIMARY KEY (house, stream)
) WITHOUT ROWID;
CREATE TABLE conflicts (            -- the same key with another body: kept aside, never dropped
  id INTEGER PRIMARY KEY,
  house TEXT NOT NULL, epoch TEXT NOT NULL, stream TEXT NOT NULL, seq INTEGER NOT NULL,
  body TEXT NOT NULL,               -- digest of the other body
  payload TEXT NOT NULL,            -- the other body itself, as canonical JSON
  times INTEGER NOT NULL DEFAULT 1, first_at TEXT NOT NULL, last_at TEXT NOT NULL,
  UNIQUE (house, epoch, stream, seq, body)
);
CREATE TABLE refused (              -- samples of what broke the contract; the newest few are kept
  id INTEGER PRIMARY KEY,
  topic TEXT NOT NULL, reason TEXT NOT NULL, size_bytes INTEGER NOT NULL, sample BLOB NOT NULL,
  received_at TEXT NOT NULL
);
CREATE TABLE refused_counts (reason TEXT PRIMARY KEY, n INTEGER NOT NULL) WITHOUT ROWID;
CREATE TABLE houses (
  house TEXT PRIMARY KEY,
  first_seen_at TEXT NOT NULL,
  last_heard_at TEXT,               -- the last message that was not a retained copy
  status TEXT, status_at TEXT,
  states TEXT NOT NULL DEFAULT '{}' -- JSON: name -> {"at":…, "values":{…}}
) WITHOUT ROWID;
CREATE TABLE calls (                -- help calls, as the events of up/help tell them
  house TEXT NOT NULL, call TEXT NOT NULL,
  state TEXT NOT NULL,              -- open | answered | closed | withdrawn
  source TEXT NOT NULL DEFAULT '', who TEXT NOT NULL DEFAULT '', eta_min INTEGER,
  opened_at TEXT NOT NULL, answered_at TEXT, ended_at TEXT,
  PRIMARY KEY (house, call)
) WITHOUT ROWID;
CREATE INDEX calls_on ON calls (opened_at) WHERE state IN ('open', 'answered');
CREATE TABLE jobs (                 -- commands to houses: sent again until told or expired
  job TEXT PRIMARY KEY,
  house TEXT NOT NULL, op TEXT NOT NULL, args TEXT NOT NULL,
  created_at TEXT NOT NULL, expires_at TEXT NOT NULL, by TEXT NOT NULL,
  state TEXT NOT NULL,              -- queued | sent | done | failed | rejected | expired
  reason TEXT NOT NULL DEFAULT '', sent_at TEXT, ended_at TEXT
);
CREATE INDEX jobs_open ON jobs (house) WHERE state IN ('queued', 'sent');
"""


# Counted from now on when a lane has come to an event, no more when the event is stored: what is
# stored behind a gap will be counted then.
COUNT_IN_ORDER = """
UPDATE totals SET n = n - (
  SELECT count(*) FROM events e LEFT JOIN lanes l
  ON l.house = e.house AND l.epoch = e.epoch AND l.stream = e.stream
  WHERE e.house = totals.house AND e.stream = totals.stream AND e.seq > coalesce(l.upto, 0)
);
"""

STEPS = (
    ("m001_the_ward_as_it_begins", M001),
    ("people_01_accounts", ACCOUNTS),
    ("houses_01_wishes_results_clocks_dossiers", HOUSES),
    ("console_01_history_and_alarms", HISTORY + ALARMS),
    ("inbox_01_effects_in_order", COUNT_IN_ORDER),
    ("console_02_answers", ANSWERS),
    ("inbox_02_forgotten", FORGOTTEN),
)
"""Name and SQL of every step there ever was, in order; PostgreSQL gets them translated."""


def statements(sql: str) -> list[str]:
    """Statement by statement: executescript would commit the step before it is recorded."""
    return [statement for statement in sql.split(";\n") if statement.strip()]


def _register(name: str, sql: str) -> None:
    def step(db: Database) -> None:
        for statement in statements(sql):
            db.execute(statement)

    migrations(name=name)(step)


for _name, _sql in STEPS:
    _register(_name, _sql)

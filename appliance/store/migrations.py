"""This file is how the table came to be: forward only, each step applied once, in order.

Additive steps only, so that the release before this one can still read the table after a way back.
"""

from __future__ import annotations

from sqlite_utils import Database, Migrations

from appliance.store import people_tables
from appliance.store.guide_tables import GUIDE
from appliance.store.migrations_clock import CLOCK_COLUMNS
from appliance.store.migrations_ward import WARD_TABLES

migrations = Migrations("hien")

READABLE_FROM = 1
"""A release that has taken this many steps can work with the table as all of ours leave it: the way
back after an update. Move it on only when a step takes something away."""

M001 = """
CREATE TABLE tickets (
  id TEXT PRIMARY KEY,              -- random, part of addresses on the LAN: not guessable
  key TEXT NOT NULL UNIQUE,         -- the form's idempotency key: a double tap is one ticket
  day_on TEXT NOT NULL,             -- the working day the number belongs to
  number INTEGER NOT NULL,
  service_id TEXT NOT NULL,
  channel TEXT NOT NULL,            -- tablet | desk | button
  state TEXT NOT NULL,              -- waiting | called | serving | done | cancelled | expired
  place REAL NOT NULL,              -- the order in the waiting list
  recipient TEXT NOT NULL,          -- age public key: pages are sealed to it
  desk INTEGER,
  called_by INTEGER REFERENCES volunteers(id),
  call_count INTEGER NOT NULL DEFAULT 0,
  absent_count INTEGER NOT NULL DEFAULT 0,
  taken_at TEXT NOT NULL,
  called_at TEXT,
  serving_at TEXT,
  ended_at TEXT,
  end_reason TEXT,
  epoch TEXT NOT NULL, mono_ms INTEGER NOT NULL, run TEXT NOT NULL, sync TEXT NOT NULL,
  UNIQUE (day_on, number)
);
CREATE INDEX tickets_open ON tickets (place) WHERE state IN ('waiting', 'called', 'serving');

CREATE TABLE visits (
  id TEXT PRIMARY KEY,
  ticket_id TEXT NOT NULL UNIQUE REFERENCES tickets(id),
  state TEXT NOT NULL,              -- open | parked | closed
  service_id TEXT NOT NULL,
  opened_by INTEGER REFERENCES volunteers(id),
  opened_at TEXT NOT NULL,
  closed_at TEXT,
  dossier_code TEXT,
  outcome TEXT NOT NULL DEFAULT '{}'  -- JSON: papers ticked as shown, what is missing, due date
);

CREATE TABLE pages (
  id TEXT PRIMARY KEY,
  visit_id TEXT NOT NULL REFERENCES visits(id),
  paper_id TEXT NOT NULL,
  position INTEGER NOT NULL,
  recipient TEXT NOT NULL,          -- whom it is sealed to
  sealed_name TEXT NOT NULL,        -- file below data_dir/sealed/<visit>/
  sealed_sha256 TEXT NOT NULL,
  width_px INTEGER NOT NULL, height_px INTEGER NOT NULL,
  checks TEXT NOT NULL,             -- JSON: sharp, complete, unharmed
  kept_anyway INTEGER NOT NULL DEFAULT 0,
  state TEXT NOT NULL,              -- kept | removed | deleted
  taken_at TEXT NOT NULL
);
CREATE INDEX pages_of_visit ON pages (visit_id, position);

CREATE TABLE captures (
  id INTEGER PRIMARY KEY,
  key TEXT NOT NULL UNIQUE,
  visit_id TEXT NOT NULL REFERENCES visits(id),
  kind TEXT NOT NULL,               -- page | key (the slip itself under the camera)
  paper_id TEXT NOT NULL DEFAULT '',
  replaces TEXT,                    -- the page this picture is to take the place of (a retake)
  state TEXT NOT NULL,              -- queued | working | done | failed
  tries INTEGER NOT NULL DEFAULT 0,
  code TEXT NOT NULL DEFAULT '',
  page_id TEXT,
  asked_at TEXT NOT NULL,
  done_at TEXT,
  epoch TEXT NOT NULL, mono_ms INTEGER NOT NULL
);
CREATE INDEX captures_todo ON captures (id) WHERE state IN ('queued', 'working');

CREATE TABLE print_jobs (
  id INTEGER PRIMARY KEY,
  key TEXT NOT NULL UNIQUE,
  kind TEXT NOT NULL,               -- ticket | visit | test
  ticket_id TEXT REFERENCES tickets(id),
  visit_id TEXT REFERENCES visits(id),
  payload TEXT NOT NULL,            -- JSON for core.slip; never a secret
  with_key INTEGER NOT NULL,        -- the QR carries the ticket's secret, kept in RAM only
  state TEXT NOT NULL,              -- queued | sending | printed | sent_unconfirmed
                                    -- | failed_clean | needs_operator | expired | cancelled
  code TEXT NOT NULL DEFAULT '',
  tries INTEGER NOT NULL DEFAULT 0,
  bytes_sent INTEGER NOT NULL DEFAULT 0,
  copy_no INTEGER NOT NULL DEFAULT 0,
  reprint_of INTEGER REFERENCES print_jobs(id),
  asked_at TEXT NOT NULL,
  expires_at TEXT NOT NULL,
  done_at TEXT,
  epoch TEXT NOT NULL, mono_ms INTEGER NOT NULL
);
CREATE INDEX print_jobs_todo ON print_jobs (id) WHERE state IN ('queued', 'sending');
CREATE INDEX print_jobs_of_ticket ON print_jobs (ticket_id);
CREATE UNIQUE INDEX print_jobs_reprint ON print_jobs (reprint_of) WHERE reprint_of IS NOT NULL;

CREATE TABLE help_calls (
  id TEXT PRIMARY KEY,
  key TEXT NOT NULL UNIQUE,
  source TEXT NOT NULL,             -- tablet | button | desk
  state TEXT NOT NULL,              -- open | answered | closed | withdrawn
  who TEXT NOT NULL DEFAULT '',     -- the name shown, only as far as consented
  by_ward INTEGER NOT NULL DEFAULT 0,
  eta_at TEXT,
  made_at TEXT NOT NULL,
  answered_at TEXT,
  ended_at TEXT,
  epoch TEXT NOT NULL, mono_ms INTEGER NOT NULL
);
CREATE INDEX help_calls_open ON help_calls (made_at) WHERE state IN ('open', 'answered');

CREATE TABLE volunteers (
  id INTEGER PRIMARY KEY,
  name TEXT NOT NULL UNIQUE,
  pin_hash TEXT NOT NULL,
  desk INTEGER NOT NULL DEFAULT 1,
  shows_name INTEGER NOT NULL DEFAULT 0,   -- consents to the name on the wall
  active INTEGER NOT NULL DEFAULT 1,
  added_at TEXT NOT NULL
);

CREATE TABLE sessions (
  token_hash TEXT PRIMARY KEY,
  volunteer_id INTEGER NOT NULL REFERENCES volunteers(id),
  made_at TEXT NOT NULL,
  ends_at TEXT NOT NULL,
  epoch TEXT NOT NULL, mono_ms INTEGER NOT NULL
);

CREATE TABLE pin_failures (
  scope TEXT PRIMARY KEY,           -- volunteer:<id>, or house
  count INTEGER NOT NULL,
  last_at TEXT NOT NULL,
  epoch TEXT NOT NULL, mono_ms INTEGER NOT NULL
);

CREATE TABLE duty (
  id INTEGER PRIMARY KEY,
  volunteer_id INTEGER NOT NULL REFERENCES volunteers(id),
  began_at TEXT NOT NULL,
  ended_at TEXT
);
CREATE INDEX duty_now ON duty (volunteer_id) WHERE ended_at IS NULL;

CREATE TABLE desk_actions (
  id INTEGER PRIMARY KEY,
  key TEXT NOT NULL UNIQUE,
  volunteer_id INTEGER NOT NULL REFERENCES volunteers(id),
  ticket_id TEXT REFERENCES tickets(id),
  kind TEXT NOT NULL,
  before TEXT NOT NULL,             -- JSON of the ticket's changeable columns
  undone INTEGER NOT NULL DEFAULT 0,
  made_at TEXT NOT NULL,
  epoch TEXT NOT NULL, mono_ms INTEGER NOT NULL
);

CREATE TABLE outbox (
  ord INTEGER PRIMARY KEY AUTOINCREMENT,
  epoch TEXT NOT NULL,
  stream TEXT NOT NULL,             -- help | queue | ops | health
  seq INTEGER NOT NULL,
  mono_ms INTEGER NOT NULL,
  at TEXT NOT NULL,
  sync TEXT NOT NULL,
  body TEXT NOT NULL,               -- JSON, the envelope's "d"
  receipted_at TEXT,
  UNIQUE (epoch, stream, seq)
);
CREATE INDEX outbox_pending ON outbox (stream, ord) WHERE receipted_at IS NULL;
CREATE TABLE outbox_seq (
  epoch TEXT NOT NULL, stream TEXT NOT NULL, next INTEGER NOT NULL,
  PRIMARY KEY (epoch, stream)
) WITHOUT ROWID;

CREATE TABLE ward_commands (
  job_id TEXT PRIMARY KEY,
  op TEXT NOT NULL,
  args TEXT NOT NULL,
  state TEXT NOT NULL,              -- done | rejected | failed
  code TEXT NOT NULL DEFAULT '',
  got_at TEXT NOT NULL
);

CREATE TABLE facts (
  name TEXT PRIMARY KEY,            -- small facts of the house: the newest known time, …
  value TEXT NOT NULL
) WITHOUT ROWID;
"""


@migrations()
def m001_lay_the_table(db: Database) -> None:
    for statement in _statements(M001):
        db.execute(statement)


@migrations()
def m002_hear_the_ward(db: Database) -> None:
    for statement in _statements(WARD_TABLES):
        db.execute(statement)


@migrations()
def m003_plan_duty(db: Database) -> None:
    for statement in _statements(people_tables.DUTY):
        db.execute(statement)


@migrations()
def m004_follow_dossiers(db: Database) -> None:
    for statement in _statements(people_tables.AFTER):
        db.execute(statement)


@migrations()
def m005_hear_residents(db: Database) -> None:
    for statement in _statements(people_tables.VOICE):
        db.execute(statement)


@migrations()
def m006_watch_drafts(db: Database) -> None:
    for statement in _statements(people_tables.PROOFS + ";" + people_tables.FIGURES):
        db.execute(statement)


@migrations()
def m007_keep_the_guide(db: Database) -> None:
    for statement in _statements(GUIDE):
        db.execute(statement)


@migrations()
def m008_know_phones(db: Database) -> None:
    for statement in _statements(people_tables.PHONES + ";" + people_tables.LEARNING):
        db.execute(statement)


@migrations()
def m009_say_what_a_capture_is_for(db: Database) -> None:
    """`task`: JSON of what the row asks besides its kind: corners placed by hand, a turn."""
    db.execute("ALTER TABLE captures ADD COLUMN task TEXT NOT NULL DEFAULT ''")


@migrations()
def m010_find_a_ticket_by_its_slip(db: Database) -> None:
    """`look`: core.look_up.look_of(the slip's secret), which gives nothing away about it."""
    db.execute("ALTER TABLE tickets ADD COLUMN look TEXT NOT NULL DEFAULT ''")
    db.execute("CREATE INDEX tickets_look ON tickets (look) WHERE look <> ''")


@migrations()
def m011_keep_families_together(db: Database) -> None:
    for statement in _statements(people_tables.FAMILIES):
        db.execute(statement)


@migrations()
def m012_know_the_clock_a_row_was_made_by(db: Database) -> None:
    for statement in _statements(CLOCK_COLUMNS):
        db.execute(statement)


def _statements(script: str) -> list[str]:
    """The script's statements one by one: executescript would commit behind our back."""
    without_comments = "\n".join(line.split("--")[0] for line in script.splitlines())
    return [part for part in without_comments.split(";") if part.strip()]

"""This file is the tables for people: duty, what follows a visit, voices, drafts watched."""

from __future__ import annotations

DUTY = """
CREATE TABLE opening_hours (
  weekday INTEGER NOT NULL,         -- 0 is Monday
  from_min INTEGER NOT NULL,        -- minutes after local midnight
  to_min INTEGER NOT NULL,
  PRIMARY KEY (weekday, from_min)
) WITHOUT ROWID;

CREATE TABLE closed_days (
  day_on TEXT PRIMARY KEY,
  reason TEXT NOT NULL
) WITHOUT ROWID;

CREATE TABLE shifts (
  id INTEGER PRIMARY KEY,
  day_on TEXT NOT NULL,
  from_min INTEGER NOT NULL,
  to_min INTEGER NOT NULL,
  volunteer_id INTEGER NOT NULL REFERENCES volunteers(id),
  planned_for INTEGER NOT NULL REFERENCES volunteers(id),  -- who had it before it was swapped
  offered_at TEXT,                  -- set while its owner asks somebody to take it
  state TEXT NOT NULL,              -- planned | dropped
  made_at TEXT NOT NULL
);
CREATE UNIQUE INDEX shifts_once ON shifts (volunteer_id, day_on, from_min)
  WHERE state = 'planned';
CREATE INDEX shifts_of_day ON shifts (day_on) WHERE state = 'planned';

CREATE TABLE on_call (
  volunteer_id INTEGER PRIMARY KEY REFERENCES volunteers(id),
  phone TEXT NOT NULL,              -- shown to residents: given for that, with consent
  place INTEGER NOT NULL
);

CREATE TABLE appointments (
  id TEXT PRIMARY KEY,
  key TEXT NOT NULL UNIQUE,
  code TEXT NOT NULL,               -- four signs the resident says instead of a name
  kind TEXT NOT NULL,               -- visit | hand_over
  service_id TEXT NOT NULL,
  visit_id TEXT REFERENCES visits(id),
  day_on TEXT NOT NULL,
  from_min INTEGER NOT NULL,
  to_min INTEGER NOT NULL,
  parties INTEGER NOT NULL DEFAULT 1,
  present INTEGER NOT NULL DEFAULT 0,
  state TEXT NOT NULL,              -- booked | came | missed | cancelled
  channel TEXT NOT NULL,            -- tablet | desk
  made_at TEXT NOT NULL,
  ended_at TEXT,
  epoch TEXT NOT NULL, mono_ms INTEGER NOT NULL
);
CREATE INDEX appointments_of_day ON appointments (day_on) WHERE state = 'booked'
"""

AFTER = """
CREATE TABLE dossiers (
  visit_id TEXT PRIMARY KEY REFERENCES visits(id),
  look_up TEXT NOT NULL,            -- four signs on the slip, of use only with the number
  status INTEGER NOT NULL,          -- 0 prepared here, 1 to 10 the portal's
  status_at TEXT NOT NULL,
  by_ward INTEGER NOT NULL DEFAULT 0,
  made_at TEXT NOT NULL
);
CREATE INDEX dossiers_look_up ON dossiers (look_up);

CREATE TABLE dossier_changes (
  id INTEGER PRIMARY KEY,
  visit_id TEXT NOT NULL REFERENCES visits(id),
  status INTEGER NOT NULL,
  by_ward INTEGER NOT NULL,
  made_at TEXT NOT NULL
);
CREATE INDEX dossier_changes_of ON dossier_changes (visit_id);

CREATE TABLE supplements (
  visit_id TEXT PRIMARY KEY REFERENCES visits(id),   -- the later visit
  of_visit_id TEXT NOT NULL REFERENCES visits(id)
) WITHOUT ROWID;

CREATE TABLE postings (
  id INTEGER PRIMARY KEY,
  key TEXT NOT NULL UNIQUE,
  title TEXT NOT NULL,
  text TEXT NOT NULL,               -- emptied when it comes down: only its digest stays
  text_sha256 TEXT NOT NULL,
  working_days INTEGER NOT NULL,
  state TEXT NOT NULL,              -- up | down
  posted_at TEXT NOT NULL,
  posted_on TEXT NOT NULL,
  last_on TEXT NOT NULL,
  by_ward INTEGER NOT NULL,
  down_at TEXT,
  down_early INTEGER NOT NULL DEFAULT 0
);

CREATE TABLE posting_hours (
  posting_id INTEGER NOT NULL REFERENCES postings(id),
  hour_at TEXT NOT NULL,            -- the beginning of the hour, UTC
  screen TEXT NOT NULL,             -- wall | board
  first_at TEXT NOT NULL,
  last_at TEXT NOT NULL,
  PRIMARY KEY (posting_id, hour_at, screen)
) WITHOUT ROWID
"""

VOICE = """
CREATE TABLE ratings (
  id INTEGER PRIMARY KEY,
  day_on TEXT NOT NULL,
  service_id TEXT NOT NULL,
  manner INTEGER, clear INTEGER, finished INTEGER   -- 3 glad, 2 so-so, 1 unhappy
);
CREATE TABLE rated_tickets (
  ticket_id TEXT PRIMARY KEY REFERENCES tickets(id)  -- who has answered; not what
) WITHOUT ROWID;
CREATE TABLE remarks (
  id INTEGER PRIMARY KEY,
  key TEXT NOT NULL UNIQUE,
  topic TEXT NOT NULL,
  made_at TEXT NOT NULL,
  outbox_ord INTEGER NOT NULL       -- the text is in the outbox and nowhere else
);
CREATE TABLE votes (
  id INTEGER PRIMARY KEY,
  key TEXT NOT NULL UNIQUE,
  kind TEXT NOT NULL,               -- hours | service
  choice TEXT NOT NULL,
  made_at TEXT NOT NULL
)
"""

PROOFS = """
CREATE TABLE proof_watches (
  id INTEGER PRIMARY KEY,
  visit_id TEXT NOT NULL REFERENCES visits(id),
  state TEXT NOT NULL,              -- open | confirmed | wrong | lapsed | withdrawn
  began_at TEXT NOT NULL,
  ends_at TEXT NOT NULL,
  by_ward INTEGER NOT NULL,
  told_pct INTEGER NOT NULL DEFAULT 0,
  ended_at TEXT,
  epoch TEXT NOT NULL, mono_ms INTEGER NOT NULL
);
CREATE UNIQUE INDEX proof_watches_open ON proof_watches (visit_id) WHERE state = 'open'
"""

FIGURES = """
CREATE TABLE ward_figures (
  month_on TEXT PRIMARY KEY,        -- its first day
  ward_total INTEGER NOT NULL,      -- dossiers of the ward, typed by hand
  from_home INTEGER NOT NULL,
  set_at TEXT NOT NULL
) WITHOUT ROWID
"""

PHONES = """
CREATE TABLE phones (
  id TEXT PRIMARY KEY,
  volunteer_id INTEGER NOT NULL REFERENCES volunteers(id),
  token_hash TEXT NOT NULL UNIQUE,  -- of the secret the telephone keeps; the secret is nowhere here
  kind TEXT NOT NULL,               -- android | iphone | other
  joined_at TEXT NOT NULL,
  revoked_at TEXT
);
CREATE TABLE phone_sessions (
  token_hash TEXT PRIMARY KEY,      -- of the session
  phone_id TEXT NOT NULL REFERENCES phones(id)
) WITHOUT ROWID
"""

LEARNING = """
CREATE TABLE learned (
  id INTEGER PRIMARY KEY,
  key TEXT NOT NULL UNIQUE,         -- one tick is one tick
  lesson_id TEXT NOT NULL,
  day_on TEXT NOT NULL              -- not the hour: nobody is to be found again by it
)
"""

# Several numbers of one family: each has its visit, dossier and slip, and papers photographed for
# one serve the others. Who they are is not kept, only that these visits belong together.
FAMILIES = """
CREATE TABLE family_visits (
  visit_id TEXT PRIMARY KEY REFERENCES visits(id),
  head_visit_id TEXT NOT NULL REFERENCES visits(id)   -- the first of them
) WITHOUT ROWID;
"""

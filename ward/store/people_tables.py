"""This file is the tables of those who use the console: accounts, sessions, tokens, audit."""

from __future__ import annotations

ACCOUNTS = """
CREATE TABLE accounts (
  name TEXT PRIMARY KEY,            -- as typed at sign-in, lower case
  role TEXT NOT NULL,               -- officer | it | read-only
  password TEXT NOT NULL,           -- scrypt$N$r$p$salt$key
  created_at TEXT NOT NULL, changed_at TEXT NOT NULL
) WITHOUT ROWID;
CREATE TABLE sessions (
  digest TEXT PRIMARY KEY,          -- SHA-256 of the cookie; the cookie itself is kept nowhere
  name TEXT NOT NULL,
  created_at TEXT NOT NULL, seen_at TEXT NOT NULL, ends_at TEXT NOT NULL
) WITHOUT ROWID;
CREATE INDEX sessions_of ON sessions (name);
CREATE TABLE tokens (               -- for programs: they may read /metrics and /api/*
  name TEXT PRIMARY KEY,
  digest TEXT NOT NULL UNIQUE, created_at TEXT NOT NULL
) WITHOUT ROWID;
CREATE TABLE throttle (             -- wrong passwords lately, by who and from where
  who TEXT PRIMARY KEY,
  failures INTEGER NOT NULL, last_at TEXT NOT NULL, until_at TEXT NOT NULL
) WITHOUT ROWID;
CREATE TABLE audit (                -- who did what at the console; only ever added to
  id INTEGER PRIMARY KEY,
  at TEXT NOT NULL, who TEXT NOT NULL, what TEXT NOT NULL,
  house TEXT NOT NULL DEFAULT '', detail TEXT NOT NULL DEFAULT ''
);
CREATE TABLE looked_into (          -- up to when somebody has looked into something
  what TEXT PRIMARY KEY,            -- conflicts
  upto TEXT NOT NULL, who TEXT NOT NULL, at TEXT NOT NULL
) WITHOUT ROWID;
"""

"""This file is the table of what houses answered to commands: log lines, the wall, lists."""

from __future__ import annotations

ANSWERS = """
CREATE TABLE job_answers (          -- beside its outcome; deleted after some days
  job TEXT PRIMARY KEY,
  answer TEXT NOT NULL,             -- JSON
  at TEXT NOT NULL
) WITHOUT ROWID;
CREATE INDEX jobs_by_op ON jobs (op, created_at);
"""

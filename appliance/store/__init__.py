"""This package keeps the table: SQLite through sqlite-utils, one file per noun."""

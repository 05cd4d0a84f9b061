"""This package holds the rules only: no file, no network, no clock, no thread."""

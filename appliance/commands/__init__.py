"""This package is one file per command of the command line."""

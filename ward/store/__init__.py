"""This package is what the ward keeps: events once each, last states, help calls, commands."""

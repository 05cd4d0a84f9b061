"""This package brings a new release into the house, with a way back: one signed file, two slots.

Run by root, never by a room. In order: `bundle` proves the file, `slots` lays it beside the old
one, `rehearsal` tries it on a copy of the table, `trial` switches, looks and returns by itself.
"""

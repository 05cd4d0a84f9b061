"""This folder makes dots of a slip: measured, laid out, drawn, packed for the printer."""

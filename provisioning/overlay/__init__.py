"""This package shuts the root of a house, so that a power cut finds nothing half written."""

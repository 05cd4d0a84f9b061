"""This package holds the room that speaks with the ward, and the contract it speaks by."""

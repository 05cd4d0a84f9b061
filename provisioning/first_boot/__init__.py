"""This package makes a blank card a house: what lies on the card, and joining the ward."""

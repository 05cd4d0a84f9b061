"""This package is the ward's side: it listens to the houses, keeps what they say, and shows it."""

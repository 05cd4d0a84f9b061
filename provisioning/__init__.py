"""This package leads from a bare machine to a running house, and from one release to the next."""

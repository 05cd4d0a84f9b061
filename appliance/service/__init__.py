"""This package is what the house does when asked: each function is one transaction."""

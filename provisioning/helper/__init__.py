"""This package is the one thing that acts as root for a running house: four verbs, and no more."""

"""This package measures: every figure is a ratio to a peer or a limit in the same run."""

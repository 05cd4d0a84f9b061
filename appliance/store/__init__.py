"""This file opens the store: SQLite, one file per noun. It loads sqlite-utils without NumPy."""

from __future__ import annotations

import sys

# sqlite-utils loads NumPy and pandas, where they are installed, only to know their column types,
# which we never use. In each of three rooms that is 12 MB and a third of the start (measured).
_NOT_NEEDED = [name for name in ("numpy", "pandas") if name not in sys.modules]
for _name in _NOT_NEEDED:
    sys.modules[_name] = None  # type: ignore[assignment]  # "not to be had", for this import
try:
    import sqlite_utils  # noqa: F401
finally:
    for _name in _NOT_NEEDED:
        del sys.modules[_name]

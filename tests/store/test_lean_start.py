"""This file proves that a room that only reads the table does not load NumPy for it."""

from __future__ import annotations

import subprocess
import sys

LOOK = """
import sys
import appliance.store.database, appliance.store.opening, appliance.web.room
assert "numpy" not in sys.modules, "NumPy was loaded"
assert "PIL" not in sys.modules, "Pillow was loaded"
try:
    import numpy
except ImportError:
    pass
else:
    assert numpy.zeros(1).shape == (1,)
"""


def test_the_table_needs_no_numpy() -> None:
    """The web room starts without NumPy and Pillow; who needs NumPy afterwards has it whole."""
    done = subprocess.run([sys.executable, "-c", LOOK], capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stderr

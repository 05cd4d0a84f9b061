"""This file lets programs started by tests find our code, from whatever folder they run in."""

from __future__ import annotations

import os
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
os.environ["PYTHONPATH"] = str(ROOT)
os.environ.pop("HIEN_CONFIG", None)

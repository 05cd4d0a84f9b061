"""This file lets programs started by tests find our code, from whatever folder they run in."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
os.environ["PYTHONPATH"] = str(ROOT)
os.environ.pop("HIEN_CONFIG", None)


def pytest_addoption(parser: pytest.Parser) -> None:
    """The same contract tests over real hardware: give its URL as in the settings."""
    group = parser.getgroup("hien", "real devices for the contract tests")
    for device in ("printer", "camera", "panel"):
        group.addoption(f"--{device}", metavar="URL", help=f"run the {device} contract over URL")

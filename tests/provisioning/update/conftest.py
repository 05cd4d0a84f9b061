"""This file gives the updater's tests a machine."""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path

import pytest

_spec = importlib.util.spec_from_file_location(
    "update_releases", Path(__file__).with_name("releases.py")
)
assert _spec and _spec.loader
releases = importlib.util.module_from_spec(_spec)
sys.modules["update_releases"] = releases
_spec.loader.exec_module(releases)


@pytest.fixture
def machine(tmp_path: Path) -> object:
    return releases.Machine(tmp_path)

"""This file lets programs started by tests find our code, and gives tests a browser."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parents[1]
os.environ["PYTHONPATH"] = str(ROOT)
os.environ.pop("HIEN_CONFIG", None)


def pytest_addoption(parser: pytest.Parser) -> None:
    """The same contract tests over real hardware: give its URL as in the settings."""
    group = parser.getgroup("hien", "real devices for the contract tests")
    for device in ("printer", "camera", "panel"):
        group.addoption(f"--{device}", metavar="URL", help=f"run the {device} contract over URL")


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    """A real Chromium of Playwright's for a module's tests; skipped where there is none."""
    from tests.in_browser import chromium  # some tests run where Flask is not installed

    with chromium() as opened:
        yield opened

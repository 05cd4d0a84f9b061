"""This file holds docs/machines.md to the truth: its tests exist, and its sentences are ours."""

from __future__ import annotations

import ast
import re
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PAGE = (ROOT / "docs" / "machines.md").read_text("utf-8")
ROWS = [line.split("|")[1:-1] for line in PAGE.splitlines() if line.startswith("| ")][1:]
# What the issue of the machines lists; each must have its row.
FAULTS = {
    "printer": (
        "off at start", "mid-strip", "resets", "no paper", "refilled", "cover open", "silent",
        "ASB", "stalls", "wrong device", "denied", "unplugged and back", "another node",
    ),
    "camera": ("none", "stalled", "black", "out of focus", "unplugged", "busy", "disk full"),
}  # fmt: skip


@cache
def names_in(path: str) -> set[str]:
    tree = ast.parse((ROOT / path).read_text("utf-8"))
    return {node.name for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)}


@cache
def sentences() -> str:
    folder = ROOT / "appliance/web/translations/vi/LC_MESSAGES"
    return "\n".join(path.read_text("utf-8") for path in folder.glob("*.po"))


@pytest.mark.parametrize("row", ROWS, ids=lambda row: f"{row[0].strip()}: {row[1].strip()}")
def test_each_row_names_a_test_that_is_there_and_words_that_we_say(row: list[str]) -> None:
    named = re.findall(r"`(tests/[\w/]+\.py)(?:::(\w+))?`", row[3])
    assert named
    for path, name in named:
        assert (ROOT / path).exists(), path
        assert not name or name in names_in(path), name
    for said in re.findall(r'"([^"]+)"', row[2]):
        assert said in sentences(), said


@pytest.mark.parametrize("machine", FAULTS)
def test_no_fault_is_left_out(machine: str) -> None:
    told = " ".join(row[1] for row in ROWS if row[0].strip() == machine)
    assert [fault for fault in FAULTS[machine] if fault not in told] == []

"""This file proves that a night's update looks past a file which only seems to be a release."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner

from appliance.commands import update as command
from appliance.errors import BadInput
from provisioning.update import moment
from tests.provisioning.update.releases import Machine


@pytest.fixture
def machine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Machine:
    """One whose every hour is night, and whose keys the command uses."""
    made = Machine(tmp_path)
    monkeypatch.setattr(command, "_box", lambda config_path: made.box)
    monkeypatch.setattr(moment, "check", lambda *_, **__: None)
    return made


def _spoil(good: Path, name: str) -> Path:
    """The head of a true release, signature and all, with other bytes behind it."""
    spoiled = good.with_name(name)
    spoiled.write_bytes(good.read_bytes()[:-6000] + bytes(6000))
    return spoiled


def test_the_good_release_beside_a_spoiled_copy_is_taken(machine: Machine) -> None:
    """Which comes first by name: copied half, or by somebody who wants no house to be mended."""
    good = machine.release("1.1.0")
    _spoil(good, "0-first.hien")
    done = CliRunner().invoke(command.update, ["nightly", str(machine.folder)])
    assert done.exit_code == 0, (done.output, done.exception)
    assert machine.runs() == "1.1.0"


def test_a_night_with_spoiled_files_alone_is_told(machine: Machine) -> None:
    """It fails in words, and what ran before runs."""
    good = machine.release("1.1.0")
    _spoil(good, "0-first.hien")
    good.unlink()
    done = CliRunner().invoke(command.update, ["nightly", str(machine.folder)])
    assert isinstance(done.exception, BadInput) and machine.runs() == "1.0.0"

"""This file proves that the ward's units are understood by systemd and shut in."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from tests.systemd.test_units import ROOT, needs_systemd

UNITS = sorted((ROOT / "systemd" / "ward").glob("*.service"))


@pytest.fixture
def laid_out(tmp_path: Path) -> Path:
    for name in ("opt/hien/.venv/bin/python",):
        program = tmp_path / name
        program.parent.mkdir(parents=True)
        program.write_text("#!/bin/sh\n")
        program.chmod(0o755)
    folder = tmp_path / "etc/systemd/system"
    folder.mkdir(parents=True)
    for unit in UNITS:
        (folder / unit.name).write_text(unit.read_text("utf-8").replace("@prefix@", "/opt/hien"))
    for target in ("network-online", "multi-user", "shutdown"):
        (folder / f"{target}.target").write_text("[Unit]\nDescription=stand-in\n")
    return tmp_path


@needs_systemd
def test_systemd_understands_every_line(laid_out: Path) -> None:
    said = subprocess.run(
        ["systemd-analyze", "verify", f"--root={laid_out}", "--recursive-errors=no",
         *(laid_out / "etc/systemd/system" / u.name for u in UNITS)],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert (said.returncode, said.stderr) == (0, "")
    assert {u.name for u in UNITS} == {"hien-ward.service", "hien-ward-intake.service"}


@needs_systemd
@pytest.mark.parametrize("unit", [u.name for u in UNITS])
def test_each_is_shut_in(laid_out: Path, unit: str) -> None:
    """`systemd-analyze security`: at most two of ten."""
    said = subprocess.run(
        ["systemd-analyze", "security", "--offline=true", "--threshold=20",
         laid_out / "etc/systemd/system" / unit],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert said.returncode == 0, said.stdout[-300:]


def test_the_options_they_name_exist() -> None:
    """`--identity`, `--keep-days` and the rest are options of the commands they start."""
    from click.testing import CliRunner

    from appliance.commands.ward import ward

    for unit, command in (("hien-ward", "serve"), ("hien-ward-intake", "intake")):
        text = (ROOT / "systemd/ward" / f"{unit}.service").read_text("utf-8")
        said = CliRunner().invoke(ward, [command, "--help"]).output
        for word in text.replace("$", " ").split():
            if word.startswith("--") and word[2:3].isalpha():
                assert word in said, (unit, word)

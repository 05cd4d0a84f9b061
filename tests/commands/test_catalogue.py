"""This file proves the command that shows the guide and takes in a ward's file, whole or not."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from appliance.commands.catalogue import catalogue
from tests.core.test_ward_override import FILE

GOOD = FILE.replace("4000", "4")


@pytest.fixture
def settings(tmp_path: Path) -> str:
    file = tmp_path / "hien.toml"
    file.write_text(f'data.dir = "{tmp_path}/data"\ndata.ram_dir = "{tmp_path}/ram"\n', "utf-8")
    return str(file)


def run(*args: str) -> Result:
    return CliRunner().invoke(catalogue, args)


def written(tmp_path: Path, text: str) -> str:
    file = tmp_path / "phuong.toml"
    file.write_text(text, "utf-8")
    return str(file)


def test_all_procedures_are_shown(settings: str) -> None:
    said = run("show", "--config", settings)
    assert said.exit_code == 0 and "45 of 45" in said.output
    assert "1.004222\tthuong-tru\t20.000 đồng mỗi lần\t7 ngày làm việc" in said.output
    assert run("show", "--config", settings, "nope").exit_code == 1


def test_a_good_file_is_taken_in_once(settings: str, tmp_path: Path) -> None:
    file = written(tmp_path, GOOD.replace("2026-12-01", "2026-01-01"))
    assert "good: version 4, 2 changes, 1 days" in run("check", file).output
    assert "taken in: version 4" in run("apply", "--config", settings, file).output
    assert "known already" in run("apply", "--config", settings, file).output
    said = run("show", "--config", settings, "1.004884").output
    assert "15.000 đồng mỗi lần" in said and "the ward's changes 4" in said


@pytest.mark.parametrize(
    ("text", "told"),
    [
        (FILE, "line 12: phuong.toml.procedures[2].time.days"),
        (GOOD.replace("works = false", 'works = "no"'), "line 16: phuong.toml.days[1].works"),
        (GOOD.replace("[[days]]", "[[days"), "line 14"),
        ("version = 1\nwhat = 2\n", "line 2: phuong.toml.what"),
    ],
)
def test_a_broken_file_is_told_by_line_and_changes_nothing(
    settings: str, tmp_path: Path, text: str, told: str
) -> None:
    file = written(tmp_path, text)
    for args in (("check", file), ("apply", "--config", settings, file)):
        said = run(*args)
        assert said.exit_code == 1 and told in said.output, said.output
        assert "Nothing was taken in" in said.output
    assert "the ward's changes" not in run("show", "--config", settings).output


def test_what_is_no_text_is_refused(settings: str, tmp_path: Path) -> None:
    file = tmp_path / "phuong.toml"
    file.write_bytes(b"\xff\xfe\x00version")
    assert run("apply", "--config", settings, str(file)).exit_code == 1


def test_an_older_version_is_refused(settings: str, tmp_path: Path) -> None:
    run("apply", "--config", settings, written(tmp_path, GOOD))
    older = written(tmp_path, GOOD.replace("version = 4", "version = 3"))
    said = run("apply", "--config", settings, older)
    assert said.exit_code == 1 and "not newer than 4" in said.output

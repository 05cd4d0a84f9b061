"""This file proves the settings: faults told all at once, names guessed, secrets masked."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner

from appliance.__main__ import cli
from appliance.config import SETTINGS, load
from appliance.errors import ConfigError


def written(tmp_path: Path, text: str) -> Path:
    path = tmp_path / "hien.toml"
    path.write_text(text, encoding="utf-8")
    return path


def test_the_defaults_pass_their_own_checks() -> None:
    config = load()
    assert config["web.port"] == 8080
    assert [name for name, _, changed in config.shown() if changed] == []


def test_every_fault_is_told_at_once_with_a_guess(tmp_path: Path) -> None:
    path = written(tmp_path, '[web]\nprot = 1\nport = "x"\n[devices]\ncamera = "picamera:"\n')
    with pytest.raises(ConfigError) as e:
        load(path)
    text = str(e.value)
    assert 'did you mean "web.port"' in text
    assert "web.port: wants" in text
    assert 'did you mean "picamera2:"' in text


@pytest.mark.parametrize(
    ("line", "name"),
    [
        ('[house]\nid = "ABC"', "house.id"),
        ('[house]\nid = "a.b+c#"', "house.id"),
        ('[house]\ntimezone = "Mars/Olympus"', "house.timezone"),
        ("[data]\nkeep_sealed_h = 19", "data.keep_sealed_h"),
        ("[web]\nport = 65536", "web.port"),
        ("[web]\nport = true", "web.port"),
        ('[web]\nnames = "hien"', "web.names"),
        ("[devices]\nprinter_dots = 400", "devices.printer_dots"),
        ('[sync]\nward_recipient = "age1nonsense"', "sync.ward_recipient"),
    ],
)
def test_each_limit_holds(tmp_path: Path, line: str, name: str) -> None:
    with pytest.raises(ConfigError) as e:
        load(written(tmp_path, line))
    assert name in str(e.value)


def test_a_file_with_a_byte_order_mark_and_crlf_is_read(tmp_path: Path) -> None:
    path = tmp_path / "hien.toml"
    path.write_bytes('\ufeff[house]\r\nname = "Nhà văn hóa"\r\n'.encode())
    assert load(path)["house.name"] == "Nhà văn hóa"


def test_what_cannot_be_read_is_told(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="cannot read"):
        load(tmp_path / "none.toml")
    with pytest.raises(ConfigError, match="not valid TOML"):
        load(written(tmp_path, "[web\n"))


def test_secrets_are_masked_wherever_they_are_shown(tmp_path: Path) -> None:
    path = written(tmp_path, '[sync]\npassword = "tuyệt mật"\n')
    result = CliRunner().invoke(cli, ["config", "--config", str(path)])
    assert result.exit_code == 0
    assert "tuyệt mật" not in result.output
    assert "* sync.password = •••" in result.output
    with pytest.raises(ConfigError) as e:
        load(written(tmp_path, "[sync]\npassword = 12345678\n"))
    assert "12345678" not in str(e.value)


def test_the_environment_names_the_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HIEN_CONFIG", str(written(tmp_path, "[web]\nport = 9000\n")))
    assert load()["web.port"] == 9000


def test_every_setting_explains_itself() -> None:
    for setting in SETTINGS:
        assert len(setting.help) > 15 and setting.help.endswith("."), setting.name

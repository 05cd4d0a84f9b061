"""This file holds the documents to the code: settings in both directions, commands, links."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from appliance import config
from appliance.__main__ import COMMANDS, cli

ROOT = Path(__file__).resolve().parents[1]
PAGES = sorted(
    [*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")], key=lambda page: page.as_posix()
)


def settings_page() -> dict[str, tuple[str, str]]:
    """Setting -> (default, help) as docs/settings.md has them."""
    rows = re.findall(
        r"^\| `([a-z_.]+)` \| `(.*?)` \| (.*) \|$",
        (ROOT / "docs/settings.md").read_text("utf-8"),
        re.M,
    )
    assert len(rows) == len({name for name, _, _ in rows}), "a setting is listed twice"
    return {name: (default, text) for name, default, text in rows}


def test_every_setting_is_documented_and_every_documented_one_exists() -> None:
    """Names, defaults and help are those of appliance/config.py, in both directions."""
    shown = {name: value for name, value, _ in config.load(None, {}).shown()}
    told = settings_page()
    assert set(told) == set(config.BY_NAME)
    for name, setting in config.BY_NAME.items():
        default, text = told[name]
        assert text == setting.help + (" (secret)" if setting.secret else ""), name
        assert default == ("•••" if setting.secret and setting.default else shown[name]), name


def test_commands_in_the_readme_exist_and_all_are_there() -> None:
    """The README's table names every command, and no other."""
    table = re.findall(r"^\| (`hien .*?) \|", (ROOT / "README.md").read_text("utf-8"), re.M)
    named = {name for row in table for name in re.findall(r"`hien ([a-z]+)", row)}
    assert named == set(COMMANDS)


@pytest.mark.parametrize("name", sorted(COMMANDS))
def test_every_command_can_be_loaded_and_explains_itself(name: str) -> None:
    """`hien NAME --help` works: the lazy table points at something real."""
    from click.testing import CliRunner

    said = CliRunner().invoke(cli, [name, "--help"])
    assert said.exit_code == 0, said.output
    assert len(said.output.splitlines()) > 4


def test_options_of_the_demo_are_those_that_are_promised() -> None:
    """The binding names of `hien demo`, with their defaults."""
    from appliance.commands.demo import demo

    defaults = {param.opts[0]: param.default for param in demo.params}
    promised = {"--port": 8080, "--ward-port": 8090, "--broker-port": 18830, "--printer-port": 9100}
    assert promised.items() <= defaults.items()
    assert "--dir" in defaults and defaults["--host"] == "127.0.0.1"


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.relative_to(ROOT).as_posix())
def test_links_lead_somewhere(page: Path) -> None:
    """Every relative link and picture in a document is in the repository."""
    targets = re.findall(r"\]\(([^)#:]+?)(?:#[^)]*)?\)", page.read_text("utf-8"))
    assert [target for target in targets if not (page.parent / target).exists()] == []

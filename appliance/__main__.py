"""This file is the command line: `hien demo | web | devices | sync | all | config | scan | …`."""

from __future__ import annotations

import importlib
import sys

import click

from appliance import __version__
from appliance.errors import HienError

# Command -> (module, attribute, one line of help). Loaded when called: `hien slip` must not
# import the web server, nor `hien web` the camera.
COMMANDS: dict[str, tuple[str, str, str]] = {
    "demo": ("demo", "demo", "The whole thing on this machine, with a virtual room."),
    "all": ("all", "all_rooms", "The three rooms of this house, under supervision."),
    "web": ("rooms", "web", "The room for people: pages on the LAN."),
    "devices": ("rooms", "devices", "The room for machines: camera, printer, button."),
    "sync": ("rooms", "sync", "The room for the ward: reports out, answers in."),
    "doctor": ("doctor", "doctor", "How the house is: what is wrong and what to do."),
    "config": ("config", "config", "Show the effective settings, secrets masked."),
    "volunteer": ("volunteer", "volunteer", "Add, list and take off volunteers."),
    "catalogue": ("catalogue", "catalogue", "Procedures, fees and times, and the ward's own."),
    "scan": ("scan", "scan", "Photographs to clean pages and one PDF."),
    "slip": ("slip", "slip", "A sample slip as picture and as printer bytes."),
    "unseal": ("unseal", "unseal", "Open a visit's sealed pages with its slip."),
    "backup": ("backup", "backup", "Write a sealed backup to a stick or folder."),
    "restore": ("backup", "restore", "Put a backup into a new box, with the printed card."),
    "erase": ("erase", "erase", "Forget a visit when its resident asks."),
    "join": ("join", "join", "A new box joins its ward with the card it was given."),
    "update": ("update", "update", "Releases: make one, check one, take one in."),
    "selftest": ("selftest", "selftest", "Can this release run here, and use this table?"),
    "ward": ("ward", "ward", "The ward's console."),
}


class LazyGroup(click.Group):
    """Lists every command, imports only the one that is called."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in COMMANDS:
            return None
        module, attribute, _ = COMMANDS[cmd_name]
        command = getattr(importlib.import_module(f"appliance.commands.{module}"), attribute)
        assert isinstance(command, click.Command)
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Commands"):
            formatter.write_dl([(name, line) for name, (_, _, line) in COMMANDS.items()])


@click.group(cls=LazyGroup, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="hien")
def cli() -> None:
    """Hiên: the porch of public service. `hien COMMAND --help` explains each."""


def main() -> None:
    """Run the command line. Our own errors end in one plain line and exit code 1 (2: usage)."""
    try:
        cli(prog_name="hien")
    except HienError as e:
        print(f"hien: {e}", file=sys.stderr)  # noqa: T201
        sys.exit(1)


if __name__ == "__main__":
    main()

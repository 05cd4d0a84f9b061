"""This file shows the effective settings."""

from __future__ import annotations

import click

from appliance.commands.options import config_option
from appliance.config import load


@click.command()
@config_option
def config(config_path: str | None) -> None:
    """Show every setting as it is now, secrets masked; changed ones are marked with *."""
    loaded = load(config_path)
    click.echo(f"# from {loaded.source}")
    for name, value, changed in loaded.shown():
        click.echo(f"{'*' if changed else ' '} {name} = {value}")

"""This file adds, lists and takes off the volunteers of this house."""

from __future__ import annotations

import click

from appliance import bootstrap
from appliance.commands.options import config_option
from appliance.config import load
from appliance.service import volunteers as service
from appliance.store import volunteers as kept


@click.group()
def volunteer() -> None:
    """Add, list and take off volunteers."""


@volunteer.command()
@config_option
@click.argument("name")
@click.option("--pin", prompt=True, hide_input=True, help="4 to 8 digits; asked for when left out.")
@click.option("--desk", default=1, show_default=True, help="The desk's number on the wall.")
@click.option("--shows-name", is_flag=True, help="The volunteer agrees to the name on the wall.")
def add(config_path: str | None, name: str, pin: str, desk: int, shows_name: bool) -> None:
    """Add a volunteer called NAME."""
    parts = bootstrap.build(load(config_path), "volunteer")
    number = service.add_volunteer(
        parts.store(), parts.clock.now(), name=name, pin=pin, desk=desk, shows_name=shows_name
    )
    click.echo(f"added volunteer {number}")


@volunteer.command(name="list")
@config_option
def list_(config_path: str | None) -> None:
    """Show who may sign in."""
    parts = bootstrap.build(load(config_path), "volunteer")
    for row in kept.active(parts.store()):
        shown = "name on the wall" if row["shows_name"] else "no name on the wall"
        click.echo(f"{row['id']}\t{row['name']}\tdesk {row['desk']}\t{shown}")


@volunteer.command()
@config_option
@click.argument("number", type=int)
def remove(config_path: str | None, number: int) -> None:
    """Take volunteer NUMBER off: no sign-in, open sessions end at once."""
    parts = bootstrap.build(load(config_path), "volunteer")
    service.take_off(parts.store(), parts.clock.now(), number)
    click.echo(f"took off volunteer {number}")

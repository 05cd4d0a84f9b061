"""This file starts one room: each is a process of its own."""

from __future__ import annotations

import click

from appliance import bootstrap
from appliance.commands import anew
from appliance.commands.options import config_option
from appliance.config import load


@click.command()
@config_option
def web(config_path: str | None) -> None:
    """The room for people: pages on the LAN."""
    from appliance.web.room import run

    run(anew.watched(bootstrap.build(load(config_path), "web")))


@click.command()
@config_option
def devices(config_path: str | None) -> None:
    """The room for machines: camera, printer, button."""
    from appliance.devices.room import run

    run(anew.watched(bootstrap.build(load(config_path), "devices")))


@click.command()
@config_option
def sync(config_path: str | None) -> None:
    """The room for the ward: reports out, answers in."""
    from appliance.sync.room import run

    run(anew.watched(bootstrap.build(load(config_path), "sync")))

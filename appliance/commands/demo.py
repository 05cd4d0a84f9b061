"""This file gives `hien demo`: broker, house, ward console and a virtual room, on this machine."""

from __future__ import annotations

import sys
from datetime import datetime
from pathlib import Path
from typing import get_args

import click

from appliance import log
from appliance.commands.options import config_option
from appliance.config import load
from appliance.demo.broker import Choice, NoBroker
from appliance.demo.ports import PortTaken

PORT = click.IntRange(0, 65535)


def _default_folder() -> Path:
    """`demo-data` in the checkout, whatever folder one calls from; installed: in the home."""
    root = Path(__file__).resolve().parents[2]
    return root / "demo-data" if (root / "hien").exists() else Path.home() / "hien-demo-data"


@click.command()
@click.option(
    "--dir",
    "folder",
    type=click.Path(file_okay=False, path_type=Path),
    help="Where the demo keeps its data. Default: demo-data beside ./hien.",
)
@click.option("--host", default="127.0.0.1", show_default=True, help="The address to serve on.")
@click.option("--port", default=8080, show_default=True, type=PORT, help="The house. 0: any free.")
@click.option("--ward-port", default=8090, show_default=True, type=PORT, help="The ward's console.")
@click.option("--broker-port", default=18830, show_default=True, type=PORT, help="MQTT.")
@click.option("--printer-port", default=9100, show_default=True, type=PORT, help="ESC/POS.")
@click.option("--room-port", default=8070, show_default=True, type=PORT, help="The virtual room.")
@click.option(
    "--broker",
    type=click.Choice(get_args(Choice)),
    default="auto",
    show_default=True,
    help="auto: Mosquitto when it is installed.",
)
@click.option(
    "--at",
    type=click.DateTime(["%Y-%m-%dT%H:%M"]),
    help="Set the house's clock to this local time, such as 2026-11-14T19:20; it can be moved on. "
    "A time to come makes the house refuse what the ward sends as too old.",
)
@config_option
def demo(
    config_path: str | None,
    folder: Path | None,
    host: str,
    port: int,
    ward_port: int,
    broker_port: int,
    printer_port: int,
    room_port: int,
    broker: Choice,
    at: datetime | None,
) -> None:
    """The whole thing on this machine, with a virtual room. Ctrl-C ends it; the data stays."""
    from appliance.demo.house import FolderTaken
    from appliance.demo.play import Options, play

    settings = load(config_path)  # refused here, once, in plain words
    log.set_up("demo")
    options = Options(
        settings=settings,
        folder=folder or _default_folder(),
        host=host,
        port=port,
        ward_port=ward_port,
        broker_port=broker_port,
        printer_port=printer_port,
        room_port=room_port,
        broker=broker,
        at=at,
    )
    try:
        play(options, click.echo)
    except (PortTaken, FolderTaken, NoBroker) as error:
        click.echo(f"hien demo: {error}", err=True)
        sys.exit(2)

"""This file gives `hien all`: the three rooms of this house as three processes, watched over."""

from __future__ import annotations

import signal

import click

from appliance import config, log
from appliance.commands.options import config_option
from appliance.supervisor import Supervisor, own_program

ROOMS = ("web", "devices", "sync")


@click.command(name="all")
@config_option
def all_rooms(config_path: str | None) -> None:
    """The three rooms of this house, under supervision. On a box, systemd does this instead."""
    settings = config.load(config_path)  # Refuses bad settings here, once, in plain words.
    log.set_up("all", settings["log.level"])
    given = ("--config", config_path) if config_path else ()
    supervisor = Supervisor([own_program(room, room, *given) for room in ROOMS])
    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        signal.signal(number, lambda *_: supervisor.request_stop())
    supervisor.start()
    try:
        supervisor.run()
    finally:
        supervisor.stop()

"""This file gives `hien selftest`: can this release run here, and can it use this table?"""

from __future__ import annotations

import importlib
import json
from pathlib import Path

import click

from appliance import __version__, bootstrap
from appliance.store.opening import open_store

ROOMS = ("appliance.web.app", "appliance.devices.room", "appliance.sync.room")
# Loaded late by the rooms; a release without them would fail in the middle of a visit.
LATE = (
    "appliance.paper.scan.page",
    "appliance.paper.pdf.pdf",
    "appliance.paper.slip.layout",
    "appliance.paper.scan.qr",
)


@click.command()
@click.option(
    "--data",
    required=True,
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    help="A folder with a COPY of the table; it is migrated there.",
)
def selftest(data: Path) -> None:
    """Import every room, read the catalogue, migrate a copy of the table; say so as JSON."""
    for module in (*ROOMS, *LATE):
        importlib.import_module(module)
    bootstrap.read_catalogue("")
    store = open_store(data)
    found = store.value("PRAGMA integrity_check")
    if found != "ok":
        raise click.ClickException(f"the table is damaged: {found}")
    tickets = store.value("SELECT count(*) FROM tickets")
    store.close()
    click.echo(json.dumps({"ok": True, "version": __version__, "tickets": tickets}))

"""This file gives `hien erase`: forget a visit when its resident asks."""

from __future__ import annotations

import click

from appliance import bootstrap
from appliance.commands.options import config_option
from appliance.config import load
from appliance.service.erase import erase_visit, visit_of


@click.command()
@config_option
@click.argument("day")
@click.argument("number", type=int)
def erase(config_path: str | None, day: str, number: int) -> None:
    """Delete what is kept of the visit with ticket NUMBER of DAY (2026-11-23), at once."""
    config = load(config_path)
    parts = bootstrap.build(config, "erase")
    store = parts.store()
    visit_id = visit_of(store, day, number)
    gone = erase_visit(store, parts.clock.now(), config.data_dir, parts.ram, visit_id)
    click.echo(f"deleted: {gone.pages} page(s), {gone.dossiers} dossier(s) not yet with the ward")

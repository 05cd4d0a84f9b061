"""This file opens a visit's sealed pages with the slip in the resident's hand."""

from __future__ import annotations

from pathlib import Path

import click

from appliance import bootstrap
from appliance.commands.options import config_option
from appliance.config import load
from appliance.errors import BadInput
from appliance.service.unseal import open_pages
from appliance.store import visits


@click.command()
@config_option
@click.argument("visit")
@click.option(
    "--slip-photo",
    required=True,
    type=click.Path(exists=True, dir_okay=False),
    help="A photograph of the number slip; its QR code is the key.",
)
@click.option(
    "--out",
    required=True,
    type=click.Path(file_okay=False),
    help="The folder to write the pages to (page-01.jpg …).",
)
def unseal(config_path: str | None, visit: str, slip_photo: str, out: str) -> None:
    """Open the sealed pages of VISIT (its id, or the number of a ticket taken today)."""
    from appliance import seal
    from appliance.paper.scan.qr import read_codes_of_photo

    parts = bootstrap.build(load(config_path), "unseal")
    store = parts.store()
    codes = read_codes_of_photo(Path(slip_photo).read_bytes())
    secret = next((s for code in codes if (s := seal.find_secret(code))), None)
    if secret is None:
        raise BadInput(
            "no slip's QR code was found in that photo; take it closer, flat and sharp",
            code="no_key_in_photo",
        )
    visit_id = visit if visits.get(store, visit) else _by_number(parts, visit)
    opened = open_pages(store, parts.sealed_dir, visit_id, secret)
    folder = Path(out)
    folder.mkdir(parents=True, exist_ok=True)
    for position, (_, jpeg) in enumerate(opened, 1):
        (folder / f"page-{position:02d}.jpg").write_bytes(jpeg)
    click.echo(f"opened {len(opened)} page(s) into {folder}")


def _by_number(parts: bootstrap.Parts, number: str) -> str:
    from appliance.store import board

    store = parts.store()
    row = store.one(
        "SELECT v.id FROM visits v JOIN tickets t ON t.id = v.ticket_id"
        " WHERE t.day_on = ? AND t.number = ?",
        board.today(store, parts.clock.now(), parts.house.zone),
        int(number) if number.isdigit() else -1,
    )
    if row is None:
        raise BadInput(
            f"there is no visit {number!r}; give its id or today's number", code="unknown_visit"
        )
    return str(row["id"])

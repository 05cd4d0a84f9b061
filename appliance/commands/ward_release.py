"""This file is `hien ward release`: offer houses a release, which they bring and try by night."""

from __future__ import annotations

from pathlib import Path

import click

from appliance.commands.ward_folder import folder_option


@click.command()
@folder_option
@click.argument(
    "file", required=False, type=click.Path(exists=True, dir_okay=False, path_type=Path)
)
@click.option(
    "--update-key",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="The public key that houses believe; what it has not signed is not offered.",
)
@click.option("--house", "houses", multiple=True, help="For this house only; may be given again.")
@click.option("--none", "withdraw", is_flag=True, help="Offer nothing any more.")
def release(
    folder: Path, file: Path | None, update_key: Path | None, houses: tuple[str, ...],
    withdraw: bool,
) -> None:  # fmt: skip
    """Offer the release in FILE to houses; without FILE, say what is offered.

    First to one house (--house), then to all: each brings it within six hours over the door of
    `hien ward intake`, and tries it in its next night.
    """
    from appliance.errors import BadInput
    from appliance.sync.protocol import ProtocolError, check_house
    from provisioning.update import bundle, keys
    from ward.intake.releases import Releases

    shelf = Releases(folder / "releases")
    if withdraw:
        shelf.withdraw()
    elif file is not None:
        if update_key is None:
            raise click.UsageError("FILE wants --update-key FILE.pem: what houses would refuse "
                                   "is not offered")  # fmt: skip
        try:
            for house in houses:
                check_house(house)
            key = keys.public_key(update_key)
            shelf.offer(file, bundle.read_manifest(file, [key]).version, houses)
        except ProtocolError as error:
            raise BadInput("--house wants a house's id, such as nha-0017") from error
    offered = shelf.now()
    if offered is None:
        click.echo("no release is offered")
        return
    whom = ", ".join(offered.houses) or "all houses"
    click.echo(f"{offered.version} ({offered.size_bytes / 1e6:.0f} MB) is offered to {whom}")

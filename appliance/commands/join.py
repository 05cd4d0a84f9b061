"""This file gives `hien join`: a new box joins its ward with the card it was given (as root)."""

from __future__ import annotations

import grp
import pwd
import subprocess
from pathlib import Path

import click

from appliance import bootstrap
from appliance.commands.options import config_option
from appliance.config import load
from appliance.errors import HienError

ROOMS = ("hien-sync", "hien-web", "hien-devices")
RELEASES = Path("/opt/hien/releases")
INSTALLER = Path(__file__).resolve().parents[2] / "provisioning/install"


@click.command()
@config_option
@click.option(
    "--card",
    "folder",
    required=True,
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    help="The folder `hien` on the card's boot partition.",
)
@click.option("--etc", default="/etc/hien", type=click.Path(path_type=Path), hidden=True)
def join(config_path: str | None, folder: Path, etc: Path) -> None:
    """Make this box's key, join the ward with the card's word, and print that it is ready."""
    from provisioning.first_boot import card as cards
    from provisioning.first_boot.join import Place, settle
    from provisioning.first_boot.join import join as join_ward

    place = Place(etc, _owner())
    card = cards.read(folder)
    try:
        if settle(card, place):
            _lay_anew()
        house = join_ward(card, place)
    except HienError as error:
        _print_trouble(config_path, str(error))
        raise
    _start_rooms_anew()
    addresses = _print_ready(config_path)
    click.echo(f"{house} is ready: {', '.join(addresses)}")


def _print_ready(config_path: str | None) -> list[str]:
    from appliance.service import box_slips

    parts = bootstrap.build(load(config_path), "join")
    store = parts.store()
    addresses = bootstrap.addresses(parts.config)
    box_slips.ready(store, parts.clock.now(), addresses)
    store.close()
    return addresses


def _print_trouble(config_path: str | None, what: str) -> None:
    from appliance.service import box_slips

    parts = bootstrap.build(load(config_path), "join")
    store = parts.store()
    box_slips.trouble(store, parts.clock.now(), what)
    store.close()


def _owner() -> tuple[int, int]:
    """Root owns the key, the room for the ward reads it. Elsewhere, whoever runs this."""
    try:
        return pwd.getpwnam("root").pw_uid, grp.getgrnam("hien-sync").gr_gid
    except KeyError:
        return -1, -1


def _lay_anew() -> None:
    """What the installer makes of the settings: only a printer named in them is let through the
    firewall of the devices room. Then the rooms, with the new settings. (Cut off in between, the
    first boot begins again with the installer.)"""
    if not (Path("/run/systemd/system").is_dir() and INSTALLER.is_relative_to(RELEASES)):
        return
    done = subprocess.run([INSTALLER, "--no-wait"], check=False, timeout=600)
    if done.returncode:
        raise HienError("Thiết lập của thẻ chưa dùng được. Máy tự thử lại sau 1 phút.")
    _start_rooms_anew()


def _start_rooms_anew() -> None:
    """With the new settings. Where systemd does not run, whoever started them does it."""
    if Path("/run/systemd/system").is_dir():
        subprocess.run(["systemctl", "restart", *ROOMS], check=False, timeout=120)

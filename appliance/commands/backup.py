"""This file gives `hien backup` and `hien restore`: a sealed copy out, and back on a new box."""

from __future__ import annotations

import grp
import logging
import os
import pwd
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import click

from appliance import bootstrap, durable, no_links, seal
from appliance.bootstrap import Parts
from appliance.commands.options import config_option
from appliance.config import load
from appliance.errors import BadInput
from appliance.service import backup as service
from appliance.service import backup_folder

log = logging.getLogger("hien.backup")

STICK = Path("/media/hien")


@click.command()
@config_option
@click.option("--out", type=click.Path(file_okay=False, path_type=Path), help="A stick or folder.")
@click.option("--to", multiple=True, help="A further age public key that may open it.")
@click.option("--new-card", is_flag=True, help="Only make a key for the printed card, and show it.")
@click.option("--nightly", is_flag=True, help="To the ward, and to a stick when one is in.")
# Not looked at here: while no stick is in, its folder is nobody's to read.
@click.option(
    "--stick", default=STICK, type=click.Path(path_type=Path, readable=False), hidden=True
)
def backup(
    config_path: str | None, out: Path | None, to: tuple[str, ...], new_card: bool, nightly: bool,
    stick: Path,
) -> None:  # fmt: skip
    """Write a sealed backup into --out; the newest seven of this house are kept there."""
    if new_card:
        secret, public = seal.new_identity()
        click.echo(
            f"Print this and lock it away: {secret}\n"
            f"Set data.backup_recipients, or give this to hien backup --to: {public}"
        )
        return
    if out is None and not nightly:
        raise click.UsageError("--out or --nightly is wanted")
    parts = bootstrap.build(load(config_path), "backup")
    with _sealed(parts, to) as (name, sealed):
        if out is not None:
            click.echo(_kept(out, parts, name, sealed))
        if nightly:
            _nightly(parts, name, sealed, stick)


@contextmanager
def _sealed(parts: Parts, to: tuple[str, ...]) -> Iterator[tuple[str, Path]]:
    """(when it was made, where it lies). In RAM, so that nothing of a night wears the card; without
    a name there, so that nothing of it stays whatever ends this."""
    config, now = parts.config, parts.clock.now()
    ward = config["sync.ward_recipient"]
    source = Path(config.source)
    with tempfile.TemporaryFile(dir=config.ram_dir) as file:
        store = parts.store()
        try:
            service.write_backup(
                file,
                store,
                now,
                data_dir=config.data_dir,
                settings=source.read_text("utf-8") if source.exists() else "",
                house=config["house.id"],
                to=[*([ward] if ward else []), *config["data.backup_recipients"], *to],
            )
            file.flush()
        except OSError as error:
            raise BadInput(
                f"no backup was made: {error}. Nothing is lost; it is tried again tomorrow.",
                code="no_backup",
            ) from error
        finally:
            store.close()
        name = now.at_text.replace(":", "").replace(".", "")
        yield name, Path(f"/proc/self/fd/{file.fileno()}")


def _kept(folder: Path, parts: Parts, name: str, sealed: Path) -> str:
    target = backup_folder.keep(folder, parts.config["house.id"], name, sealed)
    return f"{target}: {_mib(sealed)}"


def _nightly(parts: Parts, name: str, sealed: Path, stick: Path) -> None:
    """Both ways are tried. Raises BadInput when there was none, or none worked: the unit fails,
    and the house's health says so."""
    from appliance.sync import backup_carrier, lines

    done = []
    if stick.is_mount():
        try:
            done.append(_kept(stick, parts, name, sealed))
        except (BadInput, OSError) as error:
            log.warning("the stick did not take the backup: %s", error)
    door = lines.door_of(parts)
    if door is not None:
        if code := backup_carrier.carry(door, sealed, name):
            log.warning("the ward did not take the backup: %s", code)
        else:
            done.append(f"the ward has {name}: {_mib(sealed)}")
    if not done:
        raise BadInput(
            "no backup was kept tonight: no stick is in, and the ward did not take it. "
            "Nothing is lost; it is tried again tomorrow.",
            code="no_backup",
        )
    for line in done:
        click.echo(line)


def _mib(sealed: Path) -> str:
    return f"{sealed.stat().st_size / 2**20:.1f} MiB"


@click.command()
@config_option
@click.argument(
    "file", required=False, type=click.Path(exists=True, dir_okay=False, path_type=Path)
)
@click.option("--key", "secret", help="The key on the printed page; asked for when left out.")
@click.option(
    "--card",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    help="Instead of FILE: the backup on a new house's card, with its key and its settings.",
)
def restore(
    config_path: str | None, file: Path | None, secret: str | None, card: Path | None
) -> None:
    """Put a backup into this box. Stop the rooms first."""
    config = load(config_path)
    parts = bootstrap.build(config, "restore")
    _rooms_must_rest(parts)
    if card is not None:
        click.echo(_from_card(parts, card))
        return
    if file is None:
        raise click.UsageError("FILE or --card is wanted")
    # Asked for rather than given, so that it is in no history of commands.
    typed: str = secret or click.prompt("The key on the printed page", hide_input=True)
    found = service.open_backup(file.read_bytes(), seal.find_secret(typed) or typed)
    tickets = service.restore(found, parts.clock.now(), config.data_dir)
    settings = config.data_dir / "hien.toml.restored"
    durable.write(settings, found.get("hien.toml", b""))
    _hand_over(config.data_dir, config.ram_dir)
    click.echo(
        f"{tickets} tickets are back. The settings of then are in {settings}: compare, and copy "
        "house.id. Then enrol this box with the ward, and start it."
    )


def _hand_over(*folders: Path) -> None:
    """What root laid there is the rooms' from now on: else none of them could write beside it, and
    the house would not be well before its next start."""
    try:
        user, group = pwd.getpwnam("hien-web").pw_uid, grp.getgrnam("hien").gr_gid
    except KeyError:
        return
    if os.geteuid() != 0:
        return
    for folder in folders:
        no_links.hand_over(folder, user, group)


def _from_card(parts: Parts, folder: Path) -> str:
    """A box on its first day: then's table, papers and settings; what joining sets comes after.

    The card forgets its backup last: whatever is cut off before is done again, all of it.
    """
    from provisioning.first_boot import card as cards
    from provisioning.first_boot import settings_of_then

    card = cards.read(folder)
    found = service.open_backup((folder / "restore.age").read_bytes(), card.restore_key)
    tickets = service.restore(found, parts.clock.now(), parts.config.data_dir)
    left = settings_of_then.take_over(Path(parts.config.source), found.get("hien.toml", b""))
    _hand_over(parts.config.data_dir, parts.config.ram_dir)
    cards.forget_old_data(card)
    said = f"; settings that cannot be used here: {', '.join(left)}" if left else ""
    return f"{tickets} tickets are back{said}"


def _rooms_must_rest(parts: Parts) -> None:
    for room in ("web", "devices", "sync"):
        state = parts.ram.room(room)
        if state and parts.clock.now().mono_ms - int(state.get("at_mono_ms", 0)) < 10_000:
            raise BadInput(
                "the rooms run: systemctl stop hien-web hien-devices hien-sync, and once more.",
                code="rooms_run",
            )

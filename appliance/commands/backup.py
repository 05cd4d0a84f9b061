"""This file gives `hien backup` and `hien restore`: a sealed copy out, and back on a new box."""

from __future__ import annotations

import logging
import tempfile
from pathlib import Path

import click

from appliance import bootstrap, durable, seal
from appliance.bootstrap import Parts
from appliance.commands.options import config_option
from appliance.config import load
from appliance.errors import BadInput
from appliance.service import backup as service

log = logging.getLogger("hien.backup")

KEPT = 7
STICK = Path("/media/hien")


@click.command()
@config_option
@click.option("--out", type=click.Path(file_okay=False, path_type=Path), help="A stick or folder.")
@click.option("--to", multiple=True, help="A further age public key that may open it.")
@click.option("--new-card", is_flag=True, help="Only make a key for the printed card, and show it.")
@click.option("--nightly", is_flag=True, help="To the ward, and to a stick when one is in.")
@click.option("--stick", default=STICK, type=click.Path(path_type=Path), hidden=True)
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
    name, sealed = _seal(parts, to)
    if out is not None:
        click.echo(_put(out, parts, name, sealed))
    if nightly:
        _nightly(parts, name, sealed, stick)


def _seal(parts: Parts, to: tuple[str, ...]) -> tuple[str, bytes]:
    """(its name, the sealed bytes)."""
    config, now = parts.config, parts.clock.now()
    ward = config["sync.ward_recipient"]
    source = Path(config.source)
    sealed = service.make_backup(
        parts.store(),
        now,
        data_dir=config.data_dir,
        settings=source.read_text("utf-8") if source.exists() else "",
        house=config["house.id"],
        to=[*([ward] if ward else []), *config["data.backup_recipients"], *to],
    )
    return now.at_text.replace(":", "").replace(".", ""), sealed


def _put(folder: Path, parts: Parts, name: str, sealed: bytes) -> str:
    house = parts.config["house.id"]
    target = folder / f"{house}-{name}.backup.age"
    durable.write(target, sealed, mode=None)
    for old in sorted(folder.glob(f"{house}-*.backup.age"))[:-KEPT]:
        old.unlink()
    return f"{target}: {len(sealed) / 2**20:.1f} MiB"


def _nightly(parts: Parts, name: str, sealed: bytes, stick: Path) -> None:
    """Both ways are tried. Raises BadInput when there was none, or none worked: the unit fails,
    and the house's health says so."""
    from appliance.sync import backup_carrier, lines

    done = []
    if stick.is_mount():
        try:
            done.append(_put(stick, parts, name, sealed))
        except OSError as error:
            log.warning("the stick did not take the backup: %s", error)
    door = lines.door_of(parts)
    if door is not None:
        # In RAM: nothing of a night's backup wears the card.
        with tempfile.NamedTemporaryFile(dir=parts.config.ram_dir, prefix="backup-") as file:
            file.write(sealed)
            file.flush()
            code = backup_carrier.carry(door, Path(file.name), name)
        if code:
            log.warning("the ward did not take the backup: %s", code)
        else:
            done.append(f"the ward has {name}: {len(sealed) / 2**20:.1f} MiB")
    if not done:
        raise BadInput(
            "no backup was kept tonight: no stick is in, and the ward did not take it. "
            "Nothing is lost; it is tried again tomorrow.",
            code="no_backup",
        )
    for line in done:
        click.echo(line)


@click.command()
@config_option
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option(
    "--key", "secret", prompt="The key on the printed card", hide_input=True,
    help="The age secret key; asked for when left out, so that it is in no history.",
)  # fmt: skip
def restore(config_path: str | None, file: Path, secret: str) -> None:
    """Put the backup in FILE into this box. Stop the rooms first."""
    config = load(config_path)
    parts = bootstrap.build(config, "restore")
    for room in ("web", "devices", "sync"):
        state = parts.ram.room(room)
        if state and parts.clock.now().mono_ms - int(state.get("at_mono_ms", 0)) < 10_000:
            raise BadInput(
                "the rooms run: systemctl stop hien-web hien-devices hien-sync, and once more.",
                code="rooms_run",
            )
    found = service.open_backup(file.read_bytes(), seal.find_secret(secret) or secret)
    tickets = service.restore(found, parts.clock.now(), config.data_dir)
    settings = config.data_dir / "hien.toml.restored"
    settings.write_bytes(found["hien.toml"])
    click.echo(
        f"{tickets} tickets are back. The settings of then are in {settings}: compare, and copy "
        "house.id. Then enrol this box with the ward, and start it."
    )

"""This file gives `hien backup` and `hien restore`: a sealed copy out, and back on a new box."""

from __future__ import annotations

from pathlib import Path

import click

from appliance import bootstrap, durable, seal
from appliance.commands.options import config_option
from appliance.config import load
from appliance.errors import BadInput
from appliance.service import backup as service

KEPT = 7


@click.command()
@config_option
@click.option("--out", type=click.Path(file_okay=False, path_type=Path), help="A stick or folder.")
@click.option("--to", multiple=True, help="A further age public key that may open it.")
@click.option("--new-card", is_flag=True, help="Only make a key for the printed card, and show it.")
def backup(config_path: str | None, out: Path | None, to: tuple[str, ...], new_card: bool) -> None:
    """Write a sealed backup into --out; the newest seven of this house are kept there."""
    if new_card:
        secret, public = seal.new_identity()
        click.echo(
            f"Print this and lock it away: {secret}\nGive this to hien backup --to: {public}"
        )
        return
    if out is None:
        raise click.UsageError("--out is wanted")
    config = load(config_path)
    parts = bootstrap.build(config, "backup")
    store, now = parts.store(), parts.clock.now()
    ward = config["sync.ward_recipient"]
    settings = Path(config.source).read_text("utf-8") if Path(config.source).exists() else ""
    sealed = service.make_backup(
        store,
        now,
        data_dir=config.data_dir,
        settings=settings,
        house=config["house.id"],
        to=[*([ward] if ward else []), *to],
    )
    house = config["house.id"]
    target = out / f"{house}-{now.at_text.replace(':', '')}.backup.age"
    durable.write(target, sealed)
    for old in sorted(out.glob(f"{house}-*.backup.age"))[:-KEPT]:
        old.unlink()
    click.echo(f"{target}: {len(sealed) / 2**20:.1f} MiB")


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

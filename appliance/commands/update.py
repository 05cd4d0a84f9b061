"""This file gives `hien update`: make, check and take in a release (as root on a box)."""

from __future__ import annotations

import logging
import os
import tempfile
import tomllib
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from appliance import log
from appliance.commands.options import config_option
from appliance.config import load

if TYPE_CHECKING:
    from provisioning.update.apply import Box
    from provisioning.update.slots import Slots

KEYS = Path("/etc/hien/update-keys")
RELEASE = ("appliance", "ward", "provisioning", "systemd", "docs")
LOOSE = ("hien", "README.md", "LICENSE", "pyproject.toml")


@click.group()
def update() -> None:
    """Releases: make one, check one, take one in."""
    log.set_up("update", "INFO")


def _box(config_path: str | None) -> Box:
    from provisioning.update.apply import Box
    from provisioning.update.trial import WITHIN_S, by_healthz, by_installer

    config = load(config_path)
    slots = _slots()
    return Box(
        slots,
        KEYS,
        config.data_dir / "hien.db",
        config["house.timezone"],
        by_installer(slots, "--no-wait"),
        by_healthz(
            f"http://127.0.0.1:{config['web.port']}/healthz",
            # For a machine that is slower than any Pi: the lab's are emulated.
            float(os.environ.get("HIEN_UPDATE_WELL_S", WITHIN_S)),
        ),
        Path(config.source) if Path(config.source).exists() else None,
    )


def _slots() -> Slots:
    from provisioning.update.slots import Slots

    state = Path(os.environ.get("HIEN_BOX_STATE", "/var/lib/hien-box"))
    state.mkdir(mode=0o700, parents=True, exist_ok=True)
    return Slots(Path(os.environ.get("HIEN_HOME", "/opt/hien")), state)


@update.command()
@config_option
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
def check(config_path: str | None, file: Path) -> None:
    """Say whether this house may take the release in FILE. Changes nothing."""
    from provisioning.update import apply

    found = apply.check(file, _box(config_path))
    click.echo(f"{found.version}: signed by a key of this house, and may be taken in")


@update.command()
@config_option
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
def install(config_path: str | None, file: Path) -> None:
    """Take in the release in FILE now: by a person at the box, when nobody is being served."""
    from provisioning.update import apply

    name = apply.apply(file, _box(config_path), datetime.now(UTC), asked_by_person=True)
    click.echo(f"{name} runs and is well")


@update.command()
@config_option
@click.argument("folders", nargs=-1, type=click.Path(file_okay=False, path_type=Path))
def nightly(config_path: str | None, folders: tuple[Path, ...]) -> None:
    """Take in the newest release that lies in FOLDERS, at night, when nobody is there."""
    from appliance.errors import BadInput, Conflict
    from provisioning.update import apply

    box = _box(config_path)
    lying = [p for folder in folders for p in folder.glob("*.hien") if p.is_file()]
    spoiled: BadInput | None = None
    while (file := apply.newest(lying, box)) is not None:
        try:
            return click.echo(apply.apply(file, box, datetime.now(UTC), asked_by_person=False))
        except Conflict as later:
            return logging.getLogger("hien.update").info("%s", later)
        except BadInput as error:  # a true head and other bytes behind it: is there a whole one?
            spoiled = error
            lying.remove(file)
    if spoiled:
        raise spoiled


@update.command()
@config_option
def recover(config_path: str | None) -> None:
    """At the start of the machine: end an update that the power cut off. Starts no room."""
    from provisioning.update.alone import alone
    from provisioning.update.trial import by_installer, go_back

    del config_path  # settings this release cannot read are no reason to stay with it
    slots = _slots()
    with alone(slots.state):
        before = go_back(slots, by_installer(slots, "--no-start"), cut_off=True)
    if before:
        click.echo(f"the update was cut off: back to {before}")


@update.command(name="new-key")
@click.argument("file", type=click.Path(path_type=Path))
def new_key(file: Path) -> None:
    """Make the ward's key for signing releases: FILE (keep it off the net), public half shown."""
    from provisioning.update import keys

    click.echo(keys.make_key(file).decode(), nl=False)


@update.command()
@click.argument("source", type=click.Path(exists=True, file_okay=False, path_type=Path))
@click.option("--wheels", type=click.Path(exists=True, file_okay=False, path_type=Path))
@click.option("--key", required=True, type=click.Path(exists=True, path_type=Path))
@click.option("--out", required=True, type=click.Path(path_type=Path))
@click.option("--min-from", default="0.1.0", show_default=True)
@click.option("--allow-downgrade", is_flag=True)
def make(
    source: Path, wheels: Path | None, key: Path, out: Path, min_from: str, allow_downgrade: bool
) -> None:
    """Make a signed release from the checkout SOURCE and a folder of wheels."""
    from provisioning.update import bundle, keys, sbom

    version = tomllib.loads((source / "pyproject.toml").read_text())["project"]["version"]
    files = [(name, source / name) for name in LOOSE]
    files += [(p.name, p) for p in source.glob("requirements*.lock")]
    for top in RELEASE:
        files += [
            (p.relative_to(source).as_posix(), p)
            for p in (source / top).rglob("*")
            if p.is_file() and "__pycache__" not in p.parts and p.suffix != ".mo"
        ]
    if wheels:
        files += [(f"wheels/{p.name}", p) for p in wheels.glob("*.whl")]
    with tempfile.TemporaryDirectory() as folder:
        listed = sbom.write(source, version, Path(folder))
        files.append((listed.name, listed))
        about = (version, min_from, allow_downgrade)
        made = bundle.write(out, about, files, keys.private_key(key))
    click.echo(f"{out}: {made.version}, {len(made.files)} files, parts listed in {sbom.NAME}")

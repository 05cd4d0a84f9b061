"""This file shows the guide of procedures, and takes in what a ward changes from a file."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any

import click

from appliance import bootstrap
from appliance.clock import Clock
from appliance.commands.options import config_option
from appliance.config import load
from appliance.core import ward_override
from appliance.core.guide import Guide
from appliance.core.guide_words import fee_words, time_words
from appliance.errors import BadInput, NotFound
from appliance.service import catalogue as service

FILE = click.Path(exists=True, dir_okay=False, path_type=Path)


@click.group()
def catalogue() -> None:
    """Procedures, fees and times: show them, and take in the ward's own."""


@catalogue.command()
@config_option
@click.argument("name", required=False)
def show(config_path: str | None, name: str | None) -> None:
    """List the procedures as they are told today, or one of them by id or code."""
    parts = bootstrap.build(load(config_path), "catalogue")
    guide = service.current(parts.store(), parts.guide)
    today = parts.clock.now().local(parts.house.zone).date()
    try:
        wanted = [guide.procedure(name)] if name else list(guide.procedures)
    except NotFound as e:
        raise click.ClickException(str(e)) from e
    for procedure in wanted:
        fee, time = fee_words(procedure, today, "vi"), time_words(procedure, today, "vi")
        click.echo(f"{procedure.code}\t{procedure.id}\t{fee.text}\t{time.text}")
    ward = f", the ward's changes {guide.ward_version}" if guide.ward_version else ""
    click.echo(f"{len(wanted)} of {len(guide.procedures)}, version {guide.version}{ward}")


@catalogue.command()
@click.argument("file", type=FILE)
def check(file: Path) -> None:
    """Check a file of the ward's changes (TOML); nothing is taken in."""
    guide = bootstrap.read_guide()
    override = _parsed(file, guide)[1]
    click.echo(f"good: version {override.version}, {_counts(override)}")
    for change in override.changes:
        if not any(f.known.holds(Clock().now().at.date()) for f in _facts(change)):
            click.echo(f"note: what it says of {change.code} does not hold today")


@catalogue.command()
@config_option
@click.argument("file", type=FILE)
def apply(config_path: str | None, file: Path) -> None:
    """Take in a file of the ward's changes: all of it, or nothing."""
    parts = bootstrap.build(load(config_path), "catalogue")
    document, override = _parsed(file, parts.guide)
    try:
        new = service.apply_override(
            parts.store(), parts.clock.now(), parts.guide, document, where=file.name
        )
    except BadInput as e:
        raise click.ClickException(str(e)) from e
    said = "taken in" if new else "known already"
    click.echo(f"{said}: version {override.version}, {_counts(override)}")


def _parsed(file: Path, guide: Guide) -> tuple[dict[str, Any], ward_override.Override]:
    """The file's table and what it means; ends the command with the line that is wrong."""
    try:
        text = file.read_text("utf-8-sig")
        document = tomllib.loads(text)
    except (UnicodeDecodeError, tomllib.TOMLDecodeError) as e:
        raise click.ClickException(f"{file.name}: {e}. Nothing was taken in.") from e
    try:
        return document, ward_override.parse(document, guide, file.name)
    except BadInput as e:
        line = ward_override.line_of(text, str(e))
        where = f"line {line}: " if line else ""
        raise click.ClickException(f"{where}{e}. Nothing was taken in.") from e


def _counts(override: ward_override.Override) -> str:
    return f"{len(override.changes)} changes, {len(override.days)} days"


def _facts(change: ward_override.Change) -> list[Any]:
    return [fact for fact in (change.fee, change.time, change.contact) if fact is not None]

"""This file is `hien ward account …` and `hien ward token …`: who may use the ward's console."""

from __future__ import annotations

import sys
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from appliance.commands.ward_folder import folder_option

if TYPE_CHECKING:
    from ward.store.database import Store

BY = "hien ward"  # who did it, in the audit: somebody at the ward's own machine


@click.group()
def account() -> None:
    """People at the console: officer, it, or read-only."""


@click.group()
def token() -> None:
    """Programs that read /metrics and /api: they show a token instead of signing in."""


def _open(folder: Path) -> Store:
    from ward.store.database import Store, StoreTooNew

    try:
        return Store(folder)
    except (StoreTooNew, OSError) as error:
        raise click.ClickException(str(error)) from error


def _password(name: str, from_stdin: bool) -> str:
    """A new password, typed twice or given as the first line of standard input; made storable."""
    from ward.accounts import passwords

    if from_stdin:
        text = sys.stdin.readline().rstrip("\r\n")
    else:
        text = click.prompt(f"password of {name}", hide_input=True, confirmation_prompt=True)
    try:
        return passwords.make(passwords.check_new(text, name))
    except passwords.WeakPassword as error:
        raise click.ClickException(str(error)) from error


stdin_option: Callable[[Any], Any] = click.option(
    "--password-stdin", is_flag=True, help="Read the password from standard input (one line)."
)


@account.command("add")
@click.argument("name")
@click.option("--role", required=True, type=click.Choice(["officer", "it", "read-only"]),
              help="officer: answers calls. it: also commands, conflicts, audit.")  # fmt: skip
@folder_option
@stdin_option
def account_add(name: str, role: Any, folder: Path, password_stdin: bool) -> None:
    """Add an account; asks for its password."""
    from ward.store import accounts, audit

    now = datetime.now(UTC)
    try:
        name = accounts.check_name(name)
        kept, store = _password(name, password_stdin), _open(folder)
        with store.write() as db:
            accounts.add(db, name, role, kept, now)
            audit.note(db, now, BY, "account_add", detail=f"{name} ({role})")
    except accounts.AccountError as error:
        raise click.ClickException(str(error)) from error
    click.echo(f"{name}: {role}")


@account.command("password")
@click.argument("name")
@folder_option
@stdin_option
def account_password(name: str, folder: Path, password_stdin: bool) -> None:
    """Set another password; ends every session of this account."""
    from ward.store import accounts, audit

    now = datetime.now(UTC)
    try:
        name = accounts.check_name(name)
        kept, store = _password(name, password_stdin), _open(folder)
        with store.write() as db:
            accounts.set_password(db, name, kept, now)
            audit.note(db, now, BY, "account_password", detail=name)
    except accounts.AccountError as error:
        raise click.ClickException(str(error)) from error
    click.echo(f"{name}: password changed, sessions ended")


@account.command("list")
@folder_option
def account_list(folder: Path) -> None:
    """List the accounts."""
    from ward.store import accounts

    for row in accounts.every(_open(folder)):
        click.echo(f"{row['name']:24} {row['role']:10} {row['created_at'][:10]}")


@account.command("remove")
@click.argument("name")
@folder_option
def account_remove(name: str, folder: Path) -> None:
    """Remove an account and end its sessions. What it did stays in the audit."""
    from ward.store import accounts, audit

    now = datetime.now(UTC)
    try:
        name = accounts.check_name(name)
        with _open(folder).write() as db:
            accounts.remove(db, name)
            audit.note(db, now, BY, "account_remove", detail=name)
    except accounts.AccountError as error:
        raise click.ClickException(str(error)) from error
    click.echo(f"{name}: removed")


@token.command("add")
@click.argument("name")
@folder_option
def token_add(name: str, folder: Path) -> None:
    """Make a token and print it, this once. An older one of that name stops working."""
    from ward.store import accounts, audit

    now = datetime.now(UTC)
    try:
        name = accounts.check_name(name)
    except accounts.AccountError as error:
        raise click.ClickException(str(error)) from error
    with _open(folder).write() as db:
        made = accounts.add_token(db, name, now)
        audit.note(db, now, BY, "token_add", detail=name)
    click.echo(made)


@token.command("remove")
@click.argument("name")
@folder_option
def token_remove(name: str, folder: Path) -> None:
    """Take a token back."""
    from ward.store import accounts, audit

    now = datetime.now(UTC)
    try:
        name = accounts.check_name(name)
        with _open(folder).write() as db:
            accounts.remove_token(db, name)
            audit.note(db, now, BY, "token_remove", detail=name)
    except accounts.AccountError as error:
        raise click.ClickException(str(error)) from error
    click.echo(f"{name}: removed")

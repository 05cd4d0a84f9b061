"""This file is what every command of the ward is told: its folder, and where its store is."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import click

VARIABLE = "HIEN_WARD_STORE"  # ward/store/database.py reads it


def _use(_context: click.Context, _parameter: click.Parameter, url: str) -> None:
    if url:
        os.environ[VARIABLE] = url


_folder = click.option(
    "--dir",
    "folder",
    required=True,
    type=click.Path(file_okay=False, path_type=Path),
    help="Where the ward keeps its authority (and its database).",
)
_store = click.option(
    "--store",
    metavar="URL",
    default="",
    expose_value=False,
    callback=_use,
    help="sqlite:///PATH or postgresql://…  Default: $HIEN_WARD_STORE, or where `move` moved it, "
    "or ward.db in --dir.",
)


def folder_option(command: Callable[..., Any]) -> Callable[..., Any]:
    """--dir, handed on as `folder`; and --store, which whoever opens the store then finds."""
    return _folder(_store(command))

"""This file is the one option that every command of the ward has: the ward's folder."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import click

folder_option: Callable[[Any], Any] = click.option(
    "--dir",
    "folder",
    required=True,
    type=click.Path(file_okay=False, path_type=Path),
    help="Where the ward keeps its authority (and its database).",
)

"""This file is the option every room's command shares: which settings file."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import click

config_option: Callable[[Any], Any] = click.option(
    "--config",
    "config_path",
    type=click.Path(dir_okay=False),
    default=None,
    help="The settings file (TOML). Default: $HIEN_CONFIG, else built-in defaults.",
)

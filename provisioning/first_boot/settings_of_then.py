"""This file takes over the settings that a backup brings, as far as this release can use them."""

from __future__ import annotations

import tomllib
from pathlib import Path

from appliance import config, durable
from appliance.errors import ConfigError
from provisioning.first_boot.settings_file import set_values

_OF_THIS_MACHINE = ("data.dir", "data.ram_dir")


def take_over(settings: Path, then: bytes) -> list[str]:
    """Write `then` to `settings`; the names in it that were left out, to be told.

    A backup may be of a newer release: with one name that is not known here no room would start.
    Then the file here stays, and takes from it what it can. OSError.
    """
    if not then.strip() or not settings.exists():
        return []
    left: list[str] = []
    if not _loads(settings, then):
        text, left = _merged(settings.read_text("utf-8-sig"), then)
        then = text.encode()
        if not _loads(settings, then):
            return [*left, "hien.toml"]
    at = settings.stat()
    durable.write(settings, then, at.st_mode & 0o777, (at.st_uid, at.st_gid))
    return left


def _merged(here: str, then: bytes) -> tuple[str, list[str]]:
    """(the text of `here` with what can be used of `then`, the names of what cannot)."""
    try:
        sections = tomllib.loads(then.decode("utf-8-sig"))
    except ValueError:
        return here, ["hien.toml"]
    good, left = {}, []
    for section, values in sections.items():
        for key, value in values.items() if isinstance(values, dict) else [("", values)]:
            name = f"{section}.{key}".rstrip(".")
            if name in _OF_THIS_MACHINE:
                continue
            try:
                config.BY_NAME[name].check(value)
            except (KeyError, ValueError):
                left.append(name)
            else:
                good[name] = value
    return set_values(here, good) if good else here, left


def _loads(settings: Path, text: bytes) -> bool:
    trial = settings.with_name(".hien.toml.trial")
    try:
        trial.write_bytes(text)
        config.load(str(trial))
    except ConfigError:
        return False
    finally:
        trial.unlink(missing_ok=True)
    return True

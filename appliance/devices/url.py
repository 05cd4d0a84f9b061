"""This file reads a device's URL and finds its adapter in an explicit table, loudly."""

from __future__ import annotations

import difflib
import importlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

from appliance.errors import ConfigError


@dataclass(frozen=True)
class DeviceUrl:
    """A device's address taken apart: `tcp://10.0.0.9:9100?stall_s=20`, `virtual:?stall=1`."""

    text: str
    scheme: str
    path: str = ""
    host: str = ""
    port: int | None = None
    options: Mapping[str, str] = field(default_factory=dict)

    def __str__(self) -> str:
        return self.text

    def only(self, *known: str) -> None:
        """Refuse an option nobody reads: a misspelt fault or limit must not pass in silence."""
        for name in self.options:
            if name not in known:
                raise ConfigError(
                    f"{self.text}: unknown option {name!r}{did_you_mean(name, known)}; "
                    f"known: {', '.join(sorted(known)) or 'none'}"
                )

    def option(self, name: str, default: str = "") -> str:
        return self.options.get(name, default)

    def number(self, name: str, default: float, low: float, high: float) -> float:
        """An option as a number within [low, high]."""
        raw = self.options.get(name)
        if raw is None or raw == "":
            return default
        try:
            value = float(raw)
        except ValueError:
            raise ConfigError(f"{self.text}: {name} must be a number, not {raw!r}") from None
        if not low <= value <= high:
            raise ConfigError(f"{self.text}: {name} must lie between {low:g} and {high:g}")
        return value

    def size(self, name: str, default: tuple[int, int]) -> tuple[int, int]:
        """An option such as `size=1920x1080` as (width, height) in pixels."""
        raw = self.options.get(name)
        if not raw:
            return default
        parts = raw.lower().split("x")
        if len(parts) != 2 or not all(part.isdigit() and 0 < int(part) < 20_000 for part in parts):
            raise ConfigError(f"{self.text}: {name} must look like 1920x1080, not {raw!r}")
        return int(parts[0]), int(parts[1])


def parse_url(text: str) -> DeviceUrl:
    """Take an address apart; ConfigError when it is none."""
    scheme, colon, _ = text.partition(":")
    if not colon or not scheme:
        raise ConfigError(f"{text!r} is no device address; write for example none: or virtual:")
    try:
        parts = urlsplit(text)
        host, port = parts.hostname or "", parts.port
    except ValueError as error:
        raise ConfigError(f"{text!r} is no device address: {error}") from None
    options = dict(parse_qsl(parts.query, keep_blank_values=True))
    return DeviceUrl(text, scheme.lower(), unquote(parts.path), host, port, options)


def build(text: str, table: Mapping[str, str], kind: str) -> Any:
    """Build the adapter `table` names ("module:Class") for the URL's scheme.

    There is no fall-back: an unknown scheme is a ConfigError that names the nearest known one.
    """
    url = parse_url(text)
    target = table.get(url.scheme)
    if target is None:
        raise ConfigError(
            f"{kind} {text!r}: unknown scheme {url.scheme!r}{did_you_mean(url.scheme, table)}; "
            f"known: {', '.join(f'{name}:' for name in table)}"
        )
    module, _, name = target.partition(":")
    return getattr(importlib.import_module(module), name)(url)


def did_you_mean(word: str, known: Any) -> str:
    near = difflib.get_close_matches(word, list(known), n=1, cutoff=0.5)
    return f" (did you mean {near[0]!r}?)" if near else ""

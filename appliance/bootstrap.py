"""This file builds the parts from the settings: the only place that does, and nothing earlier."""

from __future__ import annotations

import socket
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from importlib.resources import files
from pathlib import Path
from typing import Any

from appliance import log, wishes
from appliance.clock import Clock, clock
from appliance.config import Config
from appliance.core import catalogue as catalogues
from appliance.core import guide_parse
from appliance.core.catalogue import Catalogue
from appliance.core.guide import Guide
from appliance.errors import BadInput, ConfigError
from appliance.service.slip_content import House
from appliance.store.database import Store
from appliance.store.opening import open_store
from appliance.store.ram import Ram


@dataclass(frozen=True)
class Parts:
    """What a room is made of. `store()` opens a connection; each thread keeps its own."""

    config: Config
    clock: Clock
    ram: Ram
    catalogue: Catalogue
    house: House
    in_effect: Mapping[str, int] = field(default_factory=dict)
    """Versions of the ward's config and catalogue that these parts were built with."""

    def check_settings(self, given: Mapping[str, Any]) -> None:
        """Raises BadInput for settings that a ward may not set, or that have no sense."""
        wishes.check_settings(given)

    def store(self) -> Store:
        return open_store(self.config.data_dir)

    @cached_property
    def guide(self) -> Guide:
        """Read when first asked for: only people's pages and a ward's changes need it."""
        return read_guide()

    @cached_property
    def sealed_dir(self) -> Path:
        return self.config.data_dir / "sealed"


def build(config: Config, room: str) -> Parts:
    """The parts of one room. Raises ConfigError, StoreError; makes the folders it needs."""
    log.set_up(room, config["log.level"])
    ram = Ram(config.ram_dir)
    try:
        ram.make_folders()
    except OSError as e:
        raise ConfigError(
            f"cannot use data.ram_dir {config.ram_dir}: {e.strerror}. "
            "Name a folder in RAM that this user may write to."
        ) from e
    log.keep_in(ram.logs, room)
    wished = wishes.read(config.data_dir)
    config = wished.over(config)
    catalogue = wished.catalogue or read_catalogue(config["data.catalogue"])
    return Parts(config, clock(), ram, catalogue, house(config), wished.in_effect)


def read_catalogue(path: str) -> Catalogue:
    """The catalogue at `path`, or the built-in one. Raises ConfigError naming what is wrong."""
    try:
        text = (
            Path(path).read_text(encoding="utf-8-sig")
            if path
            else (files("appliance") / "catalogue.toml").read_text(encoding="utf-8")
        )
        return catalogues.parse(tomllib.loads(text))
    except OSError as e:
        raise ConfigError(f"cannot read the catalogue {path}: {e.strerror}") from e
    except (tomllib.TOMLDecodeError, UnicodeDecodeError, BadInput) as e:
        raise ConfigError(f"the catalogue {path or '(built in)'} cannot be used: {e}") from e


def read_guide() -> Guide:
    """The built-in guide of procedures. Raises ConfigError when a file of it is broken."""
    try:
        folder = files("appliance") / "data"
        return guide_parse.parse(
            {
                file.name: tomllib.loads(file.read_text(encoding="utf-8"))
                for file in folder.iterdir()
                if file.name.endswith(".toml")
            }
        )
    except (OSError, tomllib.TOMLDecodeError, BadInput) as e:
        raise ConfigError(f"the guide in appliance/data cannot be used: {e}") from e


def house(config: Config) -> House:
    return House(
        id=config["house.id"],
        name=config["house.name"],
        ward=config["house.ward"],
        phone=config["house.phone"],
        address=config["house.address"].rstrip("/") or _own_address(config),
        zone=config["house.timezone"],
        own_wifi=_own_wifi(Path(config.source).with_name("wifi")),
    )


def _own_wifi(path: Path) -> tuple[str, str] | None:
    """What the installer wrote beside the settings; None on a machine without."""
    try:
        name, key = path.read_text("utf-8").splitlines()[:2]
    except (OSError, ValueError):
        return None
    return name, key


def addresses(config: Config) -> list[str]:
    """Every way to reach the pages, best first: the printed number, then the name (which some
    telephones do not know)."""
    name = "http://hien.local"
    first = config["house.address"].rstrip("/") or _own_address(config)
    return [first] if first.startswith(name) else [first, name]


def _own_address(config: Config) -> str:
    """How others on the LAN reach us: the address the default route would use, else hien.local."""
    host = config["web.host"]
    if host in ("0.0.0.0", "::", ""):  # noqa: S104 -- compared with, not bound to
        host = lan_address() or "hien.local"
    port = config["web.port"]
    return f"http://{host}" + ("" if port == 80 else f":{port}")


def lan_address() -> str | None:
    """Our address on the LAN, or None. Connecting a UDP socket sends nothing."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            probe.connect(("192.0.2.1", 9))  # TEST-NET-1: only the route matters
            return str(probe.getsockname()[0])
        except OSError:
            return None

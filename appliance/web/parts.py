"""This file says what the web room needs to be given: the parts, as protocols."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Protocol

from appliance.core.catalogue import Catalogue
from appliance.core.guide import Guide
from appliance.core.moment import Moment
from appliance.service.slip_content import House
from appliance.store.database import Store
from appliance.store.ram import Ram


class Settings(Protocol):
    """The effective settings by name, such as settings["web.port"]."""

    def __getitem__(self, name: str) -> Any: ...

    def virtual(self) -> list[str]:
        """The kinds of device that are virtual: camera, printer, panel."""
        ...


class Clock(Protocol):
    def now(self) -> Moment: ...


class WebParts(Protocol):
    """What bootstrap.Parts is, as far as this room looks. `store()` opens a connection."""

    @property
    def config(self) -> Settings: ...

    @property
    def clock(self) -> Clock: ...

    @property
    def ram(self) -> Ram: ...

    @property
    def catalogue(self) -> Catalogue: ...

    @property
    def guide(self) -> Guide: ...

    @property
    def house(self) -> House: ...

    @property
    def sealed_dir(self) -> Path: ...

    def store(self) -> Store: ...

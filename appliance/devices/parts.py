"""This file says what the room of the machines is given by the composition root, and no more."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Protocol

from appliance.core.moment import Moment
from appliance.service.slip_content import House
from appliance.store.database import Store
from appliance.store.ram import Ram


class Clock(Protocol):
    def now(self) -> Moment: ...


class Settings(Protocol):
    def __getitem__(self, name: str) -> Any: ...


class Parts(Protocol):
    """bootstrap.Parts, as seen from here. `store()` opens a connection for the calling thread."""

    @property
    def config(self) -> Settings: ...
    @property
    def clock(self) -> Clock: ...
    @property
    def ram(self) -> Ram: ...
    @property
    def house(self) -> House: ...
    @property
    def sealed_dir(self) -> Path: ...
    def store(self) -> Store: ...

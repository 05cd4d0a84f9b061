"""This file says what the room for the ward needs of the house."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Protocol

from appliance.core.guide import Guide
from appliance.core.moment import Moment
from appliance.store.database import Store
from appliance.store.ram import Ram


class Clock(Protocol):
    def now(self) -> Moment: ...


class Config(Protocol):
    def __getitem__(self, name: str) -> Any: ...
    def virtual(self) -> list[str]: ...


class Parts(Protocol):
    @property
    def config(self) -> Config: ...
    @property
    def clock(self) -> Clock: ...
    @property
    def ram(self) -> Ram: ...
    @property
    def in_effect(self) -> Mapping[str, int]: ...
    def store(self) -> Store: ...
    def check_settings(self, given: Mapping[str, Any]) -> None: ...
    @property
    def guide(self) -> Guide: ...

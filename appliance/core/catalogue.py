"""This file is what residents come for: services in everyday words, and the papers for each."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from appliance.errors import BadInput, NotFound

MOST_SERVICES = 8  # one screen of large buttons
MOST_PAPERS = 20
MOST_GUIDE = 12
ID = re.compile(r"[a-z0-9-]{2,40}")


@dataclass(frozen=True)
class Paper:
    """One paper. `capture` False: it is shown to a person, never photographed."""

    id: str
    name: str
    name_en: str
    original: bool
    capture: bool
    why: str
    why_en: str


@dataclass(frozen=True)
class Service:
    id: str
    name: str
    name_en: str
    procedure: str
    code: str
    papers: tuple[Paper, ...]
    # Ids of the guide's life events, procedures and help that this service leads to.
    guide: tuple[str, ...] = ()

    def paper(self, paper_id: str) -> Paper:
        for paper in self.papers:
            if paper.id == paper_id:
                return paper
        raise NotFound(f"no such paper: {paper_id!r}", code="unknown_paper")


@dataclass(frozen=True)
class Catalogue:
    version: int
    services: tuple[Service, ...]
    # What it was made from, so that a visit can keep it.
    table: Mapping[str, Any] = field(default_factory=dict, repr=False, compare=False)

    def service(self, service_id: str) -> Service:
        """Raises BadInput (code unknown_service) for an id that is not in the catalogue."""
        for service in self.services:
            if service.id == service_id:
                return service
        raise BadInput(f"no such service: {service_id[:40]!r}", code="unknown_service")


def parse(table: Mapping[str, Any]) -> Catalogue:
    """A catalogue from its TOML table. Raises BadInput naming the first thing that is wrong."""
    services = tuple(_service(s, i) for i, s in enumerate(_tables(table, "services", "catalogue")))
    if not 1 <= len(services) <= MOST_SERVICES:
        raise BadInput(f"a catalogue has 1 to {MOST_SERVICES} services, not {len(services)}")
    _all_different([s.id for s in services], "service")
    return Catalogue(_whole(table, "version"), services, table)


def _service(table: Mapping[str, Any], index: int) -> Service:
    where = f"service {index + 1}"
    papers = tuple(
        Paper(
            id=_id(p, f"{where}, paper {j + 1}"),
            name=_text(p, "name", where, 60),
            name_en=_text(p, "name_en", where, 60),
            original=_yes_no(p, "original", where),
            capture=_yes_no(p, "capture", where),
            why=_text(p, "why", where, 80),
            why_en=_text(p, "why_en", where, 80),
        )
        for j, p in enumerate(_tables(table, "papers", where))
    )
    if len(papers) > MOST_PAPERS:
        raise BadInput(f"{where} has {len(papers)} papers; at most {MOST_PAPERS}")
    _all_different([p.id for p in papers], f"{where}: paper")
    return Service(
        id=_id(table, where),
        name=_text(table, "name", where, 30),
        name_en=_text(table, "name_en", where, 40),
        procedure=_text(table, "procedure", where, 200),
        code=_text(table, "code", where, 20, least=0),
        papers=papers,
        guide=_ids(table, where),
    )


def _tables(table: Mapping[str, Any], key: str, where: str) -> list[Mapping[str, Any]]:
    value = table.get(key, [])
    if not isinstance(value, list) or not all(isinstance(v, Mapping) for v in value):
        raise BadInput(f"{where}: {key} must be a list of tables")
    return value


def _id(table: Mapping[str, Any], where: str) -> str:
    value = table.get("id")
    if not isinstance(value, str) or not ID.fullmatch(value):
        raise BadInput(f"{where}: id must be 2 to 40 of a-z, 0-9 and -")
    return value


def _ids(table: Mapping[str, Any], where: str) -> tuple[str, ...]:
    values = table.get("guide", [])
    if not isinstance(values, list) or len(values) > MOST_GUIDE:
        raise BadInput(f"{where}: guide must be a list of at most {MOST_GUIDE} ids")
    return tuple(_id({"id": value}, f"{where}, guide") for value in values)


def _text(table: Mapping[str, Any], key: str, where: str, most: int, least: int = 1) -> str:
    value = table.get(key, "")
    if not isinstance(value, str) or not least <= len(value) <= most:
        raise BadInput(f"{where}: {key} must be a text of {least} to {most} characters")
    return unicodedata.normalize("NFC", value)


def _yes_no(table: Mapping[str, Any], key: str, where: str) -> bool:
    value = table.get(key)
    if not isinstance(value, bool):
        raise BadInput(f"{where}: {key} must be true or false")
    return value


def _whole(table: Mapping[str, Any], key: str) -> int:
    value = table.get(key)
    if isinstance(value, bool) or not isinstance(value, int) or value < 1:
        raise BadInput(f"catalogue: {key} must be a whole number from 1")
    return value


def _all_different(ids: list[str], what: str) -> None:
    for one in ids:
        if ids.count(one) > 1:
            raise BadInput(f"{what} id {one!r} is there twice")

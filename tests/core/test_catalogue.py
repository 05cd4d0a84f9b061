"""This file proves the catalogue: the built-in one is whole, a broken one is refused by name."""

from __future__ import annotations

import copy
import tomllib
from importlib.resources import files
from typing import Any

import pytest

from appliance.core.catalogue import MOST_SERVICES, parse
from appliance.errors import BadInput


def built_in() -> dict[str, Any]:
    return tomllib.loads((files("appliance") / "catalogue.toml").read_text(encoding="utf-8"))


def test_the_built_in_catalogue_fits_one_screen() -> None:
    catalogue = parse(built_in())
    assert 1 <= len(catalogue.services) <= MOST_SERVICES
    assert all(len(service.name) <= 30 for service in catalogue.services)


def test_identity_cards_are_shown_never_captured() -> None:
    for service in parse(built_in()).services:
        for paper in service.papers:
            if "căn cước" in paper.name.casefold():
                assert not paper.capture, paper.id


def broken(change: str, value: Any) -> dict[str, Any]:
    table = copy.deepcopy(built_in())
    target: Any = table
    *path, last = change.split(".")
    for step in path:
        target = target[int(step)] if step.isdigit() else target[step]
    target[last] = value
    return table


@pytest.mark.parametrize(
    ("change", "value"),
    [
        ("version", 0),
        ("version", True),
        ("services", []),
        ("services", "all of them"),
        ("services.0.id", "Có em bé"),
        ("services.0.id", "x"),
        ("services.1.id", "co-em-be"),
        ("services.0.name", ""),
        ("services.0.name", "x" * 31),
        ("services.0.papers", [1, 2]),
        ("services.0.papers.0", {"id": "only-an-id"}),
    ],
)
def test_a_broken_catalogue_is_refused(change: str, value: Any) -> None:
    table = built_in()
    if change == "services.0.papers.0":
        table["services"][0]["papers"][0] = value
    else:
        table = broken(change, value)
    with pytest.raises(BadInput):
        parse(table)


def test_nine_services_are_too_many() -> None:
    table = built_in()
    table["services"] = [{**table["services"][0], "id": f"service-{n}"} for n in range(9)]
    with pytest.raises(BadInput, match="1 to 8"):
        parse(table)


def test_names_are_kept_composed() -> None:
    table = broken("services.0.name", "Co\u0301 em be\u0301")
    assert parse(table).services[0].name == "Có em bé"


def test_an_unknown_service_or_paper_is_told() -> None:
    catalogue = parse(built_in())
    with pytest.raises(BadInput):
        catalogue.service("🙂")
    with pytest.raises(LookupError):
        catalogue.services[0].paper("nope")

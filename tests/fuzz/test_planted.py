"""This file plants faults in parsers: a run that does not find them would prove nothing."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

from appliance.devices.printer.status import Classifier
from appliance.paper.scan.photo import read_header
from appliance.sync import protocol
from tests.fuzz import mutate, runner, shapes
from tests.fuzz.test_parsers import ENVELOPE
from tests.fuzz.test_shapes import CONFIG

SHORT = 320  # as many as the parser gets in the short run


def _index(parse: Callable[[bytes], Any]) -> Callable[[bytes], Any]:
    """Reads one byte too far when the input was cut short."""

    def wrapped(data: bytes) -> Any:
        if data.startswith(b"{"):
            return parse(data) if data[len(ENVELOPE) - 1 :] else data[len(ENVELOPE)]
        return parse(data)

    return wrapped


def _hangs(parse: Callable[[bytes], Any]) -> Callable[[bytes], Any]:
    """Never ends when a NUL is within."""

    def wrapped(data: bytes) -> Any:
        while b"\0" in data:
            pass
        return parse(data)

    return wrapped


def _trusts(parse: Callable[[bytes], Any]) -> Callable[[bytes], Any]:
    """Behind the first check: takes a version for a number that fits."""

    def wrapped(data: bytes) -> Any:
        said = parse(data)
        for value in said.d.values():
            value + 1 if isinstance(value, int) else value.encode("utf-8")
        return said

    return wrapped


@pytest.mark.parametrize(
    ("parse", "error"),
    [(_index(protocol.decode_envelope), "IndexError"), (_hangs(protocol.decode_envelope), "Hung")],
    ids=["an index too far", "no end"],
)
def test_a_fault_among_bytes_is_found(
    parse: Callable[[bytes], Any], error: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(runner, "HANGS_AFTER_S", 0.3)
    with pytest.raises(pytest.fail.Exception, match=error):
        runner.run("planted", parse, mutate.inputs([ENVELOPE], SHORT, runner.SEED))


def test_a_fault_behind_the_first_check_is_found() -> None:
    """Changed bytes rarely are right JSON with a list for a text; changed shapes are."""
    with pytest.raises(pytest.fail.Exception, match="AttributeError"):
        runner.run(
            "planted", _trusts(protocol.decode_wanted),
            shapes.texts([CONFIG], SHORT, runner.SEED),
        )  # fmt: skip


@pytest.mark.parametrize(
    "parse", [lambda data: Classifier().feed(data[1:2] + bytes([data[7]])), read_header]
)
def test_a_parser_that_says_no_in_its_own_words_passes(parse: Callable[[bytes], Any]) -> None:
    """(And one that does not, does not: the first reads the eighth byte of any input.)"""
    if parse is read_header:
        runner.run("planted", parse, mutate.inputs([b"\xff\xd8\xff\xe0"], 50, runner.SEED))
        return
    with pytest.raises(pytest.fail.Exception, match="IndexError"):
        runner.run("planted", parse, mutate.inputs([b"\x12" * 12], 50, runner.SEED))


def test_what_is_counted_was_given() -> None:
    before = runner.counts["planted"]
    runner.run("planted", json.loads, [b"1", b"2"])
    assert runner.counts["planted"] == before + 2

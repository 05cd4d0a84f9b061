"""This file changes values, not bytes: right JSON of a wrong shape, which bytes rarely become."""

from __future__ import annotations

import copy
import json
import random
from collections.abc import Iterator, Sequence
from typing import Any


def _deep(levels: int) -> Any:
    value: Any = 1
    for _ in range(levels):
        value = [value]
    return value


ODD: tuple[Any, ...] = (
    None, True, False, 0, -1, 1, 2**31, 2**53, 2**63, 10**30, 10**400, 1.5, -0.0, 1e308,
    float("nan"), float("inf"), "", " ", "0", "-1", "1e9", "null", "x" * 300, "x" * 70_000,
    "\u0000", "\ud800",
    "a\u0301\u202e", "‮", "../../etc/passwd", "/etc/shadow", "<script>", "'; DROP TABLE tickets;--",
    "%s%n{0}", "2026-02-30", "9999-12-31T23:59:59Z", "0001-01-01T00:00:00Z", "2026-11-22T03:00:00Z",
    "25:61", "http://[", "https://x\r\nHost: y", [], {}, [[]], [None], {"": ""}, {"a": {"b": []}},
    [1] * 2000, {str(n): n for n in range(300)}, _deep(90), "\U0001f600" * 40, "１２",
)  # fmt: skip


def values(seeds: Sequence[Any], count: int, seed: int) -> Iterator[Any]:
    """`count` values: each seed as it is, then with one to four places changed."""
    chance = random.Random(seed)
    yield from (copy.deepcopy(s) for s in seeds[:count])
    for _ in range(max(0, count - len(seeds))):
        value = copy.deepcopy(chance.choice(seeds))
        for _ in range(chance.choice((1, 1, 1, 2, 4))):
            value = _changed(value, chance)
        yield value


def texts(seeds: Sequence[Any], count: int, seed: int) -> Iterator[bytes]:
    """The same as JSON in UTF-8, lone surrogates and NaN as Python writes them; duplicate keys."""
    chance = random.Random(seed + 1)
    for value in values(seeds, count, seed):
        text = json.dumps(value, ensure_ascii=chance.random() < 0.5)
        if chance.random() < 0.05 and text.startswith("{") and len(text) > 2:
            text = text[:-1] + "," + text[1:]
        yield text.encode("utf-8", "surrogatepass")


def _changed(value: Any, chance: random.Random) -> Any:
    """`value` with one place of it changed, anywhere below."""
    if isinstance(value, dict) and value and chance.random() < 0.9:
        key = chance.choice(list(value))
        what = chance.randrange(6)
        if what == 0:
            del value[key]
        elif what == 1:
            value[chance.choice(("x", "", key + "x", "\ud800", "v" * 500))] = value[key]
        else:
            value[key] = _changed(value[key], chance)
        return value
    if isinstance(value, list) and value and chance.random() < 0.8:
        at = chance.randrange(len(value))
        what = chance.randrange(5)
        if what == 0:
            del value[at]
        elif what == 1:
            value += [copy.deepcopy(value[at])] * chance.choice((1, 40))
        else:
            value[at] = _changed(value[at], chance)
        return value
    if isinstance(value, str) and value and chance.random() < 0.5:
        at = chance.randrange(len(value) + 1)
        odd = chance.choice(
            ("", "\u0000", "\n", "\ud800", "é", "\u0301", "9", "-", "'", "/", "x" * 90)
        )
        return value[:at] + odd + value[at + chance.randrange(3) :]
    if isinstance(value, int) and not isinstance(value, bool) and chance.random() < 0.5:
        return value + chance.choice((-1, 1, -(2**31), 2**31, 2**62))
    return copy.deepcopy(chance.choice(ODD))

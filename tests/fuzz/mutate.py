"""This file makes inputs that are nearly right: what a parser meets from strangers and cables."""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence

ODD = (
    b"", b"\0", b"\xff", b"\xff" * 9, b"%s%n", b"../../etc/passwd", b"\r\n\r\n", b"'\"<>&;--",
    b"9" * 400, b"-1", b"1e999", b"NaN", b"null", b"[" * 200, b'{"a":' * 200, b"\xed\xa0\x80",
    "‮á\u0300".encode(), b"\x1d\x61\x00", b"\x7f\xff\xff\xff", b"\x80\0\0\0",
)  # fmt: skip


def inputs(seeds: Sequence[bytes], count: int, seed: int, most: int = 1 << 16) -> Iterator[bytes]:
    """`count` byte strings: each seed as it is, then mutations; the same for the same `seed`."""
    chance = random.Random(seed)
    yield from seeds[:count]
    for _ in range(max(0, count - len(seeds))):
        data = bytearray(chance.choice(seeds))
        for _ in range(chance.choice((1, 1, 2, 4, 8))):
            _change(data, chance, seeds)
        yield bytes(data[:most])


def _change(data: bytearray, chance: random.Random, seeds: Sequence[bytes]) -> None:
    at = chance.randrange(len(data) + 1)
    end = min(len(data), at + chance.choice((1, 2, 4, 16, 200)))
    kind = chance.randrange(7)
    if kind == 0 and at < len(data):
        data[at] ^= 1 << chance.randrange(8)
    elif kind == 1 and at < len(data):
        data[at] = chance.choice((0, 1, 0x7F, 0x80, 0xFF, chance.randrange(256)))
    elif kind == 2:
        del data[at:]
    elif kind == 3:
        del data[at:end]
    elif kind == 4:
        data[at:at] = chance.choice(ODD)
    elif kind == 5:
        data[at:at] = data[at:end] * chance.choice((1, 3, 50))
    else:
        other = chance.choice(seeds)
        data[at:end] = other[chance.randrange(len(other) + 1) :][:200]

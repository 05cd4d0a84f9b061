"""This file proves that the decoder never breaks and prints what it does not know."""

from __future__ import annotations

import itertools

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from appliance.demo.escpos_decode import (
    AutoStatus,
    Cut,
    Decoder,
    Feed,
    Initialise,
    Letters,
    Op,
    Raster,
    StatusAsked,
)
from appliance.paper.slip.raster import to_escpos

# Bytes that make commands likely, so that random streams reach every branch.
STREAMS = st.lists(
    st.one_of(
        st.binary(max_size=40),
        st.sampled_from(
            [b"\x1b", b"\x1d", b"\x1c", b"\x10", b"\x1dv0\x00\x02\x00\x03\x00", b"\x1b@"]
        ),
        st.tuples(st.sampled_from(b"\x1b\x1d\x1c\x10"), st.integers(0, 255)).map(bytes),
        st.tuples(st.just(0x1D), st.sampled_from(b"vV(kra"), st.integers(0, 255)).map(bytes),
    ),
    max_size=30,
).map(b"".join)


def ops(*pieces: bytes) -> list[Op]:
    decoder = Decoder()
    return [op for piece in pieces for op in decoder.feed(piece)]


def merged(found: list[Op]) -> list[Op]:
    """Neighbouring pieces of one picture or one text as one, wherever the bytes were divided."""
    whole: list[Op] = []
    for op in found:
        last = whole[-1] if whole else None
        if isinstance(op, Letters) and isinstance(last, Letters):
            whole[-1] = Letters(last.text + op.text)
        elif isinstance(op, Raster) and isinstance(last, Raster):
            if (op.row_bytes, op.wide, op.high) == (last.row_bytes, last.wide, last.high):
                whole[-1] = Raster(op.row_bytes, last.rows + op.rows, op.wide, op.high)
            else:
                whole.append(op)
        else:
            whole.append(op)
    return whole


@settings(max_examples=300, deadline=None)
@given(stream=STREAMS, cuts=st.lists(st.integers(0, 400), max_size=6))
def test_any_bytes_in_any_pieces_mean_the_same(stream: bytes, cuts: list[int]) -> None:
    """No stream breaks it, and how the network divides a stream changes nothing."""
    edges = [0, *sorted(min(cut, len(stream)) for cut in cuts), len(stream)]
    pieces = [stream[a:b] for a, b in itertools.pairwise(edges)]
    assert merged(ops(*pieces)) == merged(ops(stream))
    assert all(len(op.rows) % op.row_bytes == 0 for op in ops(stream) if isinstance(op, Raster))


def test_our_own_job_comes_back_whole() -> None:
    picture = Image.effect_noise((576, 333), 90)
    found = merged(ops(to_escpos(picture)))
    assert [type(op) for op in found] == [Initialise, Raster, Feed, Cut]
    raster = found[1]
    assert isinstance(raster, Raster)
    assert (raster.row_bytes, len(raster.rows)) == (72, 72 * 333)


def test_rows_are_printed_as_they_come() -> None:
    """A printer does not wait for the end of a picture: what was sent is on paper."""
    found = ops(b"\x1dv0\x00\x01\x00\x0a\x00" + b"\xff" * 4)
    assert found == [Raster(1, b"\xff" * 4)]


def test_a_lost_byte_makes_the_rest_garbage() -> None:
    """The next strip's header lends its first byte to the picture, and is printed as letters."""
    strip = b"\x1dv0\x00\x02\x00\x03\x00" + b"\x55" * 6
    found = ops(strip[:-1] + strip)
    assert found[0] == Raster(2, b"\x55" * 5 + b"\x1d")
    assert any(isinstance(op, Letters) and op.text.startswith(b"v0") for op in found)


def test_an_interrupted_picture_swallows_the_next_job() -> None:
    """Until it has its bytes: this is why a driver flushes first."""
    decoder = Decoder()
    assert list(decoder.feed(b"\x1dv0\x00\x48\x00\x02\x00")) == []
    assert decoder.midway
    assert not any(isinstance(op, Initialise) for op in decoder.feed(b"\x1b@" + b"\0" * 142))
    assert not decoder.midway
    assert list(decoder.feed(b"\x1b@")) == [Initialise()]


@pytest.mark.parametrize(
    ("stream", "expected"),
    [
        (b"\x1br1\x1dr1", [StatusAsked(49)]),
        (b"\x1da\xff", [AutoStatus(255)]),
        (b"\x1bd\x02\x1b3\x10\x1bd\x02\x1b2\n", [Feed(60), Feed(32), Feed(30)]),
        (b"\x1bJ\x08", [Feed(8)]),
        (b"\x1dV\x00\x1dVB\x05\x1bi", [Cut(), Cut(5), Cut()]),
        (b"\x10\x04\x01A", [Letters(b"A")]),
        (b"\x1d(k\x03\x001A2\x1ba\x01B", [Letters(b"B")]),
        (b"\x1dkI\x03xyzC\x1dk\x04xyz\0D", [Letters(b"C"), Letters(b"D")]),
        (b"\x1b*!\x02\x00abcdefE", [Letters(b"E")]),
        (b"\x1bZQ", [Letters(b"Q")]),
        (b"\x00\x07\x1bt\x1e\xd5", [Letters(b"\xd5")]),
    ],
)
def test_commands_take_their_own_arguments_and_no_more(stream: bytes, expected: list[Op]) -> None:
    assert ops(stream) == expected


def test_double_size_pictures_are_known() -> None:
    assert ops(b"\x1dv0\x03\x01\x00\x01\x00\xff") == [Raster(1, b"\xff", 2, 2)]

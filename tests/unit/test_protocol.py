"""Frames survive the pipe; rubbish is refused."""

from __future__ import annotations

import io
import json
import math
import struct
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from studio.engine import protocol
from studio.engine.protocol import ProtocolError

JSON = st.recursive(st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False)
                    | st.text(st.characters(codec=None)),
                    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
                    max_leaves=12)
HEADERS = st.dictionaries(st.text().filter(lambda name: name != "blobs"), JSON, max_size=5)
BLOBS = st.lists(st.binary(max_size=300), max_size=4)


class Dribble(io.RawIOBase):
    """A pipe that gives a few bytes at a time."""

    def __init__(self, data: bytes, most: int) -> None:
        self._stream, self._most = io.BytesIO(data), most

    def read(self, size: int = -1, /) -> bytes:
        return self._stream.read(min(size, self._most))


@settings(deadline=None)
@given(st.lists(st.tuples(HEADERS, BLOBS), max_size=4), st.integers(1, 50))
def test_round_trip(frames: list[tuple[dict[str, Any], list[bytes]]], most: int) -> None:
    out = io.BytesIO()
    for header, blobs in frames:
        protocol.write(out, header, blobs)
    stream = Dribble(out.getvalue(), most)
    for header, blobs in frames:
        message = protocol.read(stream)
        assert message is not None
        assert (message.header, list(message.blobs)) == (header, blobs)
    assert protocol.read(stream) is None


@settings(deadline=None)
@given(st.binary(max_size=200))
def test_rubbish_is_refused_or_read_but_nothing_else(data: bytes) -> None:
    try:
        message = protocol.read(io.BytesIO(data))
    except ProtocolError:
        return
    assert message is None or isinstance(message.header, dict)


@settings(deadline=None)
@given(HEADERS, BLOBS, st.data())
def test_a_cut_frame_is_refused(header: dict[str, Any], blobs: list[bytes], data: st.DataObject) -> None:
    whole = b"".join(protocol.encode(header, blobs))
    cut = data.draw(st.integers(1, len(whole) - 1))
    with pytest.raises(ProtocolError):
        protocol.read(io.BytesIO(whole[:cut]))


@pytest.mark.parametrize("head", [
    b"[]", b"1", b"\xff", b"{", b'{"blobs": 1}', b'{"blobs": [-1]}', b'{"blobs": [1.5]}', b'{"blobs": [true]}',
    b'{"blobs": [99999999999]}', b"[" * 100_000, json.dumps({"blobs": [0] * 5000}).encode(),
])
def test_wrong_headers(head: bytes) -> None:
    with pytest.raises(ProtocolError):
        protocol.read(io.BytesIO(struct.pack(">I", len(head)) + head))


def test_a_huge_header_is_refused_before_it_is_read() -> None:
    with pytest.raises(ProtocolError):
        protocol.read(io.BytesIO(b"\xff\xff\xff\xff"))


def test_what_cannot_be_sent() -> None:
    for header in ({"a": object()}, {"a": b"bytes"}):
        with pytest.raises(ProtocolError):
            protocol.encode(header)
    with pytest.raises(ProtocolError):
        protocol.encode({}, [b""] * (protocol.MAX_BLOBS + 1))


def test_nan_travels_so_that_the_host_can_name_its_field() -> None:
    message = protocol.read(io.BytesIO(b"".join(protocol.encode({"x": math.nan}))))
    assert message is not None
    assert math.isnan(message.header["x"])

"""What a generator pushes arrives whole and in order, however fast it comes."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from studio.engine.context import HostContext, Outlet
from studio.plugins import Cancelled, Device, Image


class Wire:
    def __init__(self) -> None:
        self.sent: list[dict[str, Any]] = []
        self.blobs: list[bytes] = []
        self.arrived = threading.Event()

    def __call__(self, header: dict[str, Any], blobs: Any) -> None:
        self.sent.append(header)
        self.blobs += blobs
        if len(self.sent) > 1:
            self.arrived.set()


class Clock:
    now = 0.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def made(tmp_path: Path) -> Iterator[tuple[HostContext, Wire, Clock, threading.Event]]:
    wire, clock, stop = Wire(), Clock(), threading.Event()
    outlet = Outlet(wire, "j", clock)
    yield HostContext(outlet, stop, Device(), tmp_path / "data", {}, clock=clock), wire, clock, stop
    outlet.close()


def test_fast_tokens_are_joined(made: Any) -> None:
    ctx, wire, clock, _ = made
    for letter in "abcdef":
        ctx.token(letter)
    assert [one["text"] for one in wire.sent] == ["a"]
    clock.now += 1
    ctx.token("g")
    assert [one["text"] for one in wire.sent] == ["a", "bcdefg"]
    ctx.token("x" * 64)
    assert wire.sent[-1]["text"] == "x" * 64


def test_a_stall_does_not_hold_tokens_back(tmp_path: Path) -> None:
    wire = Wire()
    outlet = Outlet(wire, "j")
    ctx = HostContext(outlet, threading.Event(), Device(), tmp_path, {})
    ctx.token("a")
    ctx.token("b")
    assert wire.arrived.wait(30)
    assert "".join(one["text"] for one in wire.sent) == "ab"
    outlet.close()


def test_of_fast_steps_the_last_counts(made: Any) -> None:
    ctx, wire, _, _ = made
    for step in range(1, 101):
        ctx.progress(step, 100)
    assert wire.sent[0]["step"] == 1
    assert (wire.sent[-1]["step"], len(wire.sent)) == (100, 2)


def test_previews_are_thinned(made: Any) -> None:
    ctx, wire, clock, _ = made
    for step in range(10):
        ctx.progress(step, 10, Image(b"p"))
        clock.now += 0.05
    assert 3 <= len(wire.blobs) <= 4
    clock.now += 1
    assert ctx.wants_preview()


def test_order_is_kept_between_kinds(made: Any) -> None:
    ctx, wire, _, _ = made
    ctx.token("a")
    ctx.token("b")
    ctx.audio([0.0], 8000)
    ctx.token("c")
    ctx._outlet.now({"type": "finished"})
    assert [one.get("text", one["type"]) for one in wire.sent] == ["a", "b", "audio", "c", "finished"]


@pytest.mark.parametrize("push", ["check", "progress", "token", "audio"])
def test_every_push_raises_once_stopped(made: Any, push: str) -> None:
    ctx, _, _, stop = made
    arguments = {"check": (), "progress": (1, 2), "token": ("x",), "audio": ([0.0], 8000)}[push]
    getattr(ctx, push)(*arguments)
    stop.set()
    with pytest.raises(Cancelled):
        getattr(ctx, push)(*arguments)


@pytest.mark.parametrize("call", [
    lambda ctx: ctx.progress("a", 2), lambda ctx: ctx.progress(1, None), lambda ctx: ctx.progress(1, 2, b"bytes"),
    lambda ctx: ctx.token(b"bytes"), lambda ctx: ctx.audio([[[0.0]]], 8000), lambda ctx: ctx.audio([0.0], 0),
])
def test_rubbish_is_refused_where_it_is_pushed(made: Any, call: Any) -> None:
    with pytest.raises((TypeError, ValueError)):
        call(made[0])


def test_the_folder_is_made_when_it_is_asked_for(made: Any, tmp_path: Path) -> None:
    assert not (tmp_path / "data").exists()
    assert made[0].data_dir.is_dir()

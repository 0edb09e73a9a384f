"""The player's core without a device: what is taken out of it is the mix, whatever is done to it meanwhile."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sound_kit import RATE, mixed, one, piece, source

from studio.project.sound import Arrangement, edits
from studio.project.sound.media import ArraySource, Media, Samples
from studio.project.sound.mixer import Mixer
from studio.project.sound.playing import CHUNK, EDGE, KEPT, NullSink, Player, Ring


@pytest.fixture
def made() -> Arrangement:
    made, track, _ = one("b")
    made, _ = edits.add_clip(made, track, 2.0, piece("a"))
    return made


@pytest.fixture
def player(made: Arrangement) -> Iterator[Player]:
    player = Player(made, source())
    yield player
    player.close()


def taken(player: Player, frames: int) -> Samples:
    """As a patient device: never more than is there."""
    parts, left = [], frames
    while left:
        step = min(left, CHUNK)
        assert player.wait_filled(step)
        parts.append(player.take(step))
        left -= step
    return np.concatenate(parts)


@given(st.lists(st.tuples(st.integers(1, 40), st.integers(0, 60)), max_size=30))
def test_a_ring_gives_what_was_put_in_order(steps: list[tuple[int, int]]) -> None:
    ring, put, got = Ring(64), 0, 0
    for adding, taking in steps:
        adding = min(adding, ring.free)
        ring.put(np.repeat(np.arange(put, put + adding, dtype=np.float32)[:, None], 2, axis=1))
        put += adding
        out = ring.take(taking)
        assert out[:, 0].tolist() == list(range(got, got + len(out)))
        got += len(out)
        assert ring.filled == put - got


def test_what_is_heard_is_the_mix(player: Player, made: Arrangement) -> None:
    whole = mixed(made)
    assert not player.take(500).any()  # it does not play yet
    player.play(0)
    heard = taken(player, RATE)
    assert np.array_equal(heard[EDGE:], whole[EDGE:RATE])
    assert np.abs(heard[0]).max() == 0  # it comes without a click
    assert (player.position, player.playing, player.late) == (RATE, True, 0)
    player.pause()
    assert not player.take(CHUNK).any()
    player.play()
    assert np.array_equal(taken(player, RATE), whole[RATE:2 * RATE])  # goes on where it was, to the sample


def test_it_ends_at_the_end(player: Player, made: Arrangement) -> None:
    whole = mixed(made)
    player.play(len(whole) - 3000)
    heard = taken(player, 3000)
    assert np.array_equal(heard[EDGE:], whole[-3000 + EDGE:])
    assert not player.take(CHUNK).any()
    assert not player.playing
    assert player.late == 0


def test_seek_and_scrub(player: Player, made: Arrangement) -> None:
    whole = mixed(made)
    player.play(0)
    taken(player, CHUNK)
    player.seek(20_000)
    assert player.position == 20_000
    assert np.array_equal(taken(player, CHUNK)[EDGE:], whole[20_000 + EDGE:20_000 + CHUNK])
    player.pause()
    player.scrub(5000)
    assert player.wait_filled(CHUNK)
    assert np.array_equal(player.take(CHUNK)[EDGE:], whole[5000 + EDGE:5000 + CHUNK])
    taken(player, CHUNK)
    assert not player.take(CHUNK).any()  # only a moment
    assert player.late == 0


@settings(max_examples=8, deadline=None)
@given(st.integers(100, 5000), st.integers(300, 6000))
def test_a_loop_goes_round_without_a_gap(start: int, length: int) -> None:
    made, _, _ = one("b")
    made = edits.set_loop(made, start / RATE, (start + length) / RATE)
    whole = mixed(made)
    player = Player(made, source())
    try:
        player.play(start)
        heard = taken(player, length * 3)
    finally:
        player.close()
    wanted = np.concatenate([whole[start:start + length]] * 3)
    assert np.array_equal(heard[EDGE:], wanted[EDGE:])


def test_a_change_is_heard_soon_and_without_a_gap(player: Player, made: Arrangement) -> None:
    whole = mixed(made)
    player.play(0)
    taken(player, CHUNK * 2)
    assert player.wait_filled(CHUNK * 3)
    softer = edits.set_master(made, -6)
    player.set_arrangement(softer)
    heard, at = taken(player, CHUNK * 6), CHUNK * 2
    assert np.array_equal(heard[:KEPT], whole[at:at + KEPT])
    assert np.array_equal(heard[KEPT:], mixed(softer)[at + KEPT:at + CHUNK * 6])
    assert player.late == 0


def test_a_change_is_laid_out_on_the_mixing_thread(monkeypatch: pytest.MonkeyPatch) -> None:
    made, _, clip = one("b")
    where = []

    class Told(Mixer):
        def __init__(self, *args: Any, **more: Any) -> None:
            where.append(threading.current_thread().name)
            super().__init__(*args, **more)

    player = Player(made, source())
    monkeypatch.setattr("studio.project.sound.playing.Mixer", Told)
    try:
        player.play(0)
        player.set_arrangement(edits.set_gain(made, [clip], -6))
        assert player.wait_filled(CHUNK * 4)
        with pytest.raises(ValueError, match="16000 Hz"):
            player.set_arrangement(Arrangement(rate=RATE * 2))
    finally:
        player.close()
    assert where == ["mixing"]


def test_a_device_that_asks_too_early_is_counted() -> None:
    gate, held = threading.Event(), threading.Event()

    class Slow(ArraySource):
        def peek(self, sha: str) -> Media | None:
            if sha == "a":
                held.set()
                gate.wait(10)
            return super().peek(sha)

    made, track, _ = one("b", 0.5)
    made, _ = edits.add_clip(made, track, 0.55, piece("a"))
    slow = Slow({name: source().open(name) for name in "ab"}, RATE)
    player = Player(made, slow, ahead=0.25)
    try:
        player.play(0)
        while not held.wait(0.001):
            player.take(256)
        player.take(RATE // 2)  # all that was mixed before the mixing thread was held up
        late = player.late
        player.take(1000)
        assert player.late == late + 1000
    finally:
        gate.set()
        player.close()


def test_a_medium_that_comes_late_is_asked_for_and_then_heard(made: Arrangement) -> None:
    class Late(ArraySource):
        there = False

        def peek(self, sha: str) -> Media | None:
            return super().peek(sha) if self.there else None

    asked: list[str] = []
    told = threading.Event()

    def needed(sha: str) -> None:
        asked.append(sha)
        told.set()

    late = Late({name: source().open(name) for name in "ab"}, RATE)
    player = Player(made, late, on_needed=needed)
    try:
        player.play(0)
        assert told.wait(5)
        assert not taken(player, CHUNK).any()
        late.there = True
        player.media_ready("b")
        heard = taken(player, KEPT + CHUNK * 2)
        assert np.array_equal(heard[KEPT:], mixed(made)[KEPT + CHUNK:KEPT + CHUNK * 3])
        assert asked[0] == "b"
        assert len(asked) == len(set(asked))
        assert player.levels()[""][0] > 0
    finally:
        player.close()


def test_a_medium_that_comes_when_it_plays_elsewhere_is_asked_for_once(made: Arrangement) -> None:
    class Late(ArraySource):
        there = False

        def peek(self, sha: str) -> Media | None:
            return super().peek(sha) if self.there else None

    asked: list[str] = []
    late = Late({name: source().open(name) for name in "ab"}, RATE)
    player = Player(made, late, on_needed=asked.append)
    try:
        assert player.wait_filled(CHUNK)
        first = list(asked)
        assert first
        late.there = True
        player.seek(made.frame(made.length) + RATE)  # nothing is heard there
        for sha in first:
            player.media_ready(sha)
        player.seek(made.frame(made.length) + RATE * 2)
        assert player.wait_filled(CHUNK)
        assert asked == first
        assert not player._mixer.waiting
    finally:
        player.close()


def test_without_a_device_a_clock_plays(player: Player, made: Arrangement) -> None:
    now = [100.0]
    sink = NullSink(player, lambda: now[0])
    player.play(0)
    whole, heard = mixed(made), list[Samples]()
    for step in (0.05, 0.0, 0.033, 0.02, 0.0001, 0.09):
        now[0] += step
        assert player.wait_filled(int(step * RATE) + 2)
        heard.append(sink.tick())
    joined = np.concatenate(heard)
    assert abs(len(joined) - 0.1931 * RATE) < 1
    assert np.array_equal(joined[EDGE:], whole[EDGE:len(joined)])
    now[0] += 3600  # the machine slept
    assert len(sink.tick()) == RATE

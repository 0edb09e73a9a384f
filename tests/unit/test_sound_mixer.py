"""The mixer: exact to the sample, and the same however it is read."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sound_kit import RATE, arrangements, mixed, noise, one, piece, source

from studio.project.sound import Arrangement, AutomationPoint, SoundError, edits
from studio.project.sound.media import ArrayMedia, ArraySource, Media
from studio.project.sound.mixer import BLOCK, GONE, Mixer, amplitude, decibels, pan_gains

few = settings(max_examples=20, deadline=None)


@few
@given(arrangements(), st.lists(st.integers(1, 20000), min_size=1, max_size=5))
def test_blocks_of_any_size_give_the_same_samples(made: Arrangement, sizes: list[int]) -> None:
    whole = mixed(made, 4)
    mixer, parts, at = Mixer(made, source()), [], 0
    while at < len(whole):
        size = min(sizes[len(parts) % len(sizes)], len(whole) - at)
        parts.append(mixer.read(at, size))
        at += size
    assert np.array_equal(np.concatenate(parts), whole)
    assert np.array_equal(Mixer(made, source()).read(-5, 10)[5:], whole[:5])


def test_a_clip_is_heard_as_it_is() -> None:
    made, _, _ = one("b", start=0.25)
    left, right = source().open("b").read(0, 2 * RATE)
    heard, first = mixed(made), made.frame(0.25)
    assert np.array_equal(heard[first:, 0], left)
    assert np.array_equal(heard[first:, 1], right)
    assert not heard[:first].any()


def test_gain_pan_fade_and_automation_are_what_they_say() -> None:
    made, track, clip = one("a")
    mono = source().open("a").read(0, 2 * RATE)[0].astype(np.float64)
    made = edits.set_gain(made, [clip], -6)
    made = edits.set_track(made, track, gain=3.0, pan=0.5)
    made = edits.set_fade_in(made, [clip], 0.5, "linear")
    made = edits.set_fade_out(made, [clip], 0.25, "power")
    made = edits.set_points(made, track, [AutomationPoint(0.5, 0), AutomationPoint(1.5, -20)])
    made = edits.set_master(made, -1)
    at = np.arange(2 * RATE)
    wanted = mono * 10 ** ((-6 + 3 - 1) / 20) * np.minimum((at + 0.5) / (RATE * 0.5), 1)
    out = made.frame(0.25)
    wanted *= np.where(at < 2 * RATE - out, 1, np.sin(np.pi / 2 * (2 * RATE - at - 0.5) / out))
    wanted *= 10 ** (np.interp(at / RATE, [0.5, 1.5], [0, -20]) / 20)
    heard = mixed(made)
    for side, gain in enumerate(pan_gains(0.5)):
        assert np.allclose(heard[:, side], wanted * gain, atol=2e-6)


@few
@given(st.lists(st.tuples(st.floats(0, 3), st.sampled_from([-96.0, -30.0, -6.5, 0.0, 6.0])), min_size=1, max_size=60))
def test_automation_joins_its_points_by_lines(points: list[tuple[float, float]]) -> None:
    made, track, _ = one("b")
    made = edits.set_points(made, track, [AutomationPoint(time, gain) for time, gain in points])
    kept = made.track(track).volume
    heights = np.interp(np.arange(2 * RATE) / RATE, [point.time for point in kept], [point.gain for point in kept])
    plain = mixed(edits.set_points(made, track, []))[:2 * RATE]
    heard = mixed(made)[:2 * RATE]
    loud = (heights > -95.9) & (np.abs(np.diff(heights, append=heights[-1])) < 1)  # but at the jumps themselves
    assert np.allclose(heard[loud], (plain * 10 ** (heights / 20)[:, None])[loud], atol=2e-5)


def test_a_mixer_takes_over_what_has_not_changed() -> None:
    made, track, clip = one("a")
    made, other = edits.add_track(made)
    made, _ = edits.add_clip(made, other, 0.5, piece("b"))
    first = Mixer(made, source())
    for changed in (edits.set_gain(made, [clip], -3), edits.set_track(made, other, pan=0.5),
                    edits.delete(made, [clip]), edits.set_track(made, track, mute=True)):
        like = Mixer(changed, source(), like=first)
        assert np.array_equal(like.read(0, like.frames), mixed(changed))
        assert {id(lane) for lane in like._lanes} & {id(lane) for lane in first._lanes}


def test_what_is_gone_from_the_disk_is_silent_and_named() -> None:
    class Gone(ArrayMedia):
        def read(self, start: int, stop: int) -> tuple[np.ndarray, ...]:
            raise FileNotFoundError(2, "No such file or directory")

    made, track, _ = one("a")
    made, _ = edits.add_clip(made, track, 2.0, piece("b"))
    mixer = Mixer(made, ArraySource({"a": Gone(*noise(0).read(0, 100)), "b": noise(1)}, RATE))
    heard = mixer.read(0, mixer.frames)
    assert mixer.problems == {"a": GONE}
    assert not heard[:50].any()
    assert heard[2 * RATE:].any()


def test_a_track_that_is_turned_down_is_not_read() -> None:
    made, track, _ = one("gone")
    assert not mixed(edits.set_track(made, track, gain=-96)).any()


@given(st.floats(-1, 1))
def test_panning_keeps_the_power_and_leaves_the_middle_alone(pan: float) -> None:
    left, right = pan_gains(pan)
    assert left ** 2 + right ** 2 == pytest.approx(2)
    assert pan_gains(0) == (1, 1)
    assert decibels(amplitude(-7.5)) == pytest.approx(-7.5)
    assert amplitude(-96) == 0


def test_mute_and_solo() -> None:
    made, track, clip = one("a")
    made, other = edits.add_track(made)
    made, _ = edits.add_clip(made, other, 0, piece("b"))
    one_alone, other_alone = mixed(edits.set_track(made, other, mute=True)), mixed(edits.set_track(made, track,
                                                                                                 mute=True))
    assert np.array_equal(mixed(edits.set_track(made, track, solo=True)), one_alone)
    assert np.array_equal(mixed(made), one_alone + other_alone)
    both = edits.set_track(edits.set_track(made, track, solo=True), track, mute=True)
    assert not mixed(both).any()
    assert np.array_equal(mixed(edits.set_muted(made, [clip], True)), other_alone)
    stem = Mixer(edits.set_track(made, track, mute=True), source(), tracks=[track])
    assert np.array_equal(stem.read(0, stem.frames), one_alone)


def test_one_damaged_medium_is_silent_and_the_rest_is_heard() -> None:
    class Damaged(ArraySource):
        def open(self, sha: str) -> Media:
            if sha == "b":
                raise SoundError("This recording is damaged and is silent.")
            return super().open(sha)

    made, track, _ = one("a")
    made, _ = edits.add_clip(made, track, 1.0, piece("b"))
    made, _ = edits.add_clip(made, track, 2.0, piece("gone"))
    mixer = Mixer(made, Damaged({"a": noise(0, channels=1)}, RATE))
    heard = mixer.read(0, mixer.frames)
    assert np.array_equal(heard[:2 * RATE], mixed(one("a")[0]))
    assert mixer.problems == {"b": "This recording is damaged and is silent.",
                              "gone": "A recording of this clip is no longer in the project."}


def test_what_is_not_decoded_yet_is_silent_until_it_is() -> None:
    class Growing(ArrayMedia):
        pass

    class Late(ArraySource):
        there: Media | None = None

        def peek(self, sha: str) -> Media | None:
            return self.there

    made, _, _ = one("a")
    late = Late({}, RATE)
    mixer = Mixer(made, late, wait=False)
    assert not mixer.read(0, BLOCK).any()
    assert mixer.waiting == {"a"}
    growing = Growing(*source().open("a").read(0, 2 * RATE))
    growing.ready, late.there = 100, growing
    whole = mixed(made)
    assert np.array_equal(mixer.read(0, BLOCK)[:100], whole[:100])
    assert not mixer.read(0, BLOCK)[100:].any()
    growing.ready = growing.frames
    assert np.array_equal(mixer.read(0, mixer.frames), whole)


def test_a_clip_longer_than_its_medium_ends_in_silence() -> None:
    made, _, clip = one("b")
    made = made.replace_clips(made.clip(clip).with_(length=3.0, source_length=0.0))
    heard = mixed(made)
    assert len(heard) == 3 * RATE
    assert not heard[2 * RATE:].any()
    empty = Mixer(Arrangement(rate=RATE), source())
    assert (empty.frames, empty.read(0, 10).shape) == (0, (10, 2))


def test_meters_say_how_loud_each_track_is() -> None:
    rng = np.full(RATE * 2, 0.5, np.float32)
    made, track, _ = one("a")
    made = edits.set_track(made, track, pan=-1.0)
    mixer = Mixer(made, ArraySource({"a": ArrayMedia(rng)}, RATE), meters=True)
    assert mixer.levels(0) == {}
    mixer.read(0, BLOCK)
    left = 0.5 * 2 ** 0.5
    assert mixer.levels(2000)[track] == pytest.approx((left, 0, left, 0), abs=1e-6)
    assert mixer.levels(2000)[""] == mixer.levels(2000)[track]
    mixer.read(BLOCK * 2, BLOCK * 4)
    assert mixer.levels(BLOCK * 4) == {}  # behind the end
    assert mixer.levels(BLOCK * 3)[track] == pytest.approx((left, 0, left, 0), abs=1e-6)

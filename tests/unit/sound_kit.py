"""Arrangements for the tests: noise as media, so that every sample tells where it comes from."""

from __future__ import annotations

import numpy as np
from hypothesis import strategies as st

from studio.project.sound import Arrangement, AutomationPoint, Clip, Track, edits
from studio.project.sound.media import ArrayMedia, ArraySource, Samples
from studio.project.sound.mixer import Mixer

RATE = 16000
SECONDS = 2.0
NAMES = ("a", "b", "c")


def noise(seed: int, seconds: float = SECONDS, channels: int = 2, rate: int = RATE) -> ArrayMedia:
    rng = np.random.default_rng(seed)
    return ArrayMedia(*(rng.uniform(-1, 1, round(seconds * rate)).astype(np.float32) for _ in range(channels)))


def source() -> ArraySource:
    return ArraySource({name: noise(place, channels=1 + place % 2) for place, name in enumerate(NAMES)}, RATE)


def piece(media: str = "a", length: float = SECONDS, offset: float = 0.0, **more: str) -> edits.Piece:
    return edits.Piece(media, "audio/wav", length, offset, SECONDS, **more)


def one(media: str = "b", length: float = SECONDS, start: float = 0.0) -> tuple[Arrangement, str, str]:
    """One track with one clip: the arrangement, the track, the clip."""
    arrangement, track = edits.add_track(Arrangement(rate=RATE), "music")
    arrangement, clip = edits.add_clip(arrangement, track, start, piece(media, length))
    return arrangement, track, clip


def mixed(arrangement: Arrangement, seconds: float | None = None) -> Samples:
    mixer = Mixer(arrangement, source())
    return mixer.read(0, mixer.frames if seconds is None else arrangement.frame(seconds))


times = st.floats(0, 3, allow_nan=False)
gains = st.floats(-30, 12, allow_nan=False)


@st.composite
def arrangements(draw: st.DrawFn) -> Arrangement:
    """Two or three tracks with a few clips, fades and automation."""
    made = Arrangement(rate=RATE)
    for number in range(draw(st.integers(1, 3))):
        points = draw(st.lists(st.tuples(times, gains), max_size=3))
        track = Track(f"t{number}", f"Track {number}", gain=draw(gains), pan=draw(st.floats(-1, 1)),
                      mute=draw(st.booleans()), solo=draw(st.booleans()))
        made = made.with_(tracks=(*made.tracks, track))
        made = edits.set_points(made, track.id, [AutomationPoint(*point) for point in points])
        for place in range(draw(st.integers(0, 2))):
            offset = draw(st.floats(0, 1))
            length = max(made.at(draw(st.floats(0.05, SECONDS - offset))), 0.05)
            fade_in = made.at(draw(st.floats(0, 0.3)))
            clip = Clip(f"t{number}c{place}", track.id, made.at(draw(times)), length, draw(
                st.sampled_from(NAMES)), "audio/wav", made.at(offset), SECONDS, draw(gains), min(fade_in, length),
                in_shape=draw(st.sampled_from(["linear", "power", "smooth"])))
            made = made.with_(clips=(*made.clips, clip))
    return made

"""The open sound document and the time axis."""

from __future__ import annotations

import math
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from studio.project.sound import edits
from studio.ui.sound.document import Region, SoundDocument
from studio.ui.timeaxis import CLOSEST, FURTHEST, TimeAxis, clock, timecode


@pytest.fixture
def document(qapp: Any) -> SoundDocument:
    document = SoundDocument()
    document.edit("Add track", lambda old: edits.add_track(old, "voice", "Narrator"))
    return document


def test_edits_are_steps_and_what_they_make_is_told(document: SoundDocument) -> None:
    track = document.edit("Add track", lambda old: edits.add_track(old, "music"))
    assert document.arrangement.track(track).kind == "music"
    document.undo()
    assert document.arrangement.find_track(track) is None
    document.redo()
    assert document.arrangement.find_track(track) is not None
    document.jump(0)
    assert not document.arrangement.tracks
    assert document.chosen.track == ""


def test_an_edit_that_cannot_be_made_says_why_and_changes_nothing(document: SoundDocument, qtbot: Any) -> None:
    before = document.arrangement
    with qtbot.waitSignal(document.refused) as said:
        assert document.edit("Rename", lambda old: edits.set_track(old, "nobody", name="x")) is None
    assert said.args[0].endswith(".")
    assert document.arrangement is before
    document.closed_because = "Not yet."
    with qtbot.waitSignal(document.refused):
        assert document.edit("Add", edits.add_track) is None
    assert document.arrangement is before


def test_a_preview_is_shown_and_not_kept(document: SoundDocument) -> None:
    steps = len(document.history.labels())
    document.preview(lambda old: edits.add_track(old, "notes"))
    assert document.previewing
    assert len(document.shown.tracks) == 2
    document.preview(None)
    assert not document.previewing
    assert len(document.history.labels()) == steps


def test_what_is_chosen_goes_with_what_it_is_in(document: SoundDocument) -> None:
    track = document.edit("Add track", lambda old: edits.add_track(old, "music"))
    document.choose(track=track, region=Region(1, 3, (track,)))
    assert document.chosen.region.length == 2
    document.edit("Remove", lambda old: edits.remove_tracks(old, [track]))
    assert document.chosen.track == document.arrangement.tracks[0].id


def test_work_on_a_thread_tells_its_value_or_its_sentence(document: SoundDocument, qtbot: Any) -> None:
    got: list[int] = []
    document.run("Read", lambda: 7, got.append)
    qtbot.waitUntil(lambda: got == [7])

    def fail() -> None:
        raise edits.SoundError("This file is no sound.")

    with qtbot.waitSignal(document.refused) as said:
        document.run("Read", fail, got.append)
    assert said.args[0] == "This file is no sound."
    document.close()


@given(start=st.floats(0, 1e5), scale=st.floats(FURTHEST, CLOSEST), factor=st.floats(0.01, 100), x=st.floats(0, 4000))
def test_zooming_keeps_what_is_under_the_pointer(start: float, scale: float, factor: float, x: float) -> None:
    axis = TimeAxis()
    axis.set(start, scale)
    under = axis.seconds(x)
    axis.zoom(factor, x)
    assert axis.start >= 0
    if axis.start > 0:
        assert abs(axis.x(under) - x) < 0.5 + 1e-6 * abs(axis.start * axis.scale)


def test_the_ruler_names_round_times_and_never_crowds() -> None:
    axis = TimeAxis()
    for scale in (0.05, 1, 60, 777, 40_000):
        axis.set(0, scale)
        ticks = [tick for tick in axis.ticks(1000) if tick.label]
        assert len(ticks) >= 1
        assert all(b.x - a.x >= 88 for a, b in pairwise(ticks))
        assert len({tick.label for tick in ticks}) == len(ticks)
    axis.set(math.nan, math.inf)
    assert math.isfinite(axis.start)


def test_times_are_written_as_people_read_them() -> None:
    assert [timecode(36.24), timecode(3725.5), timecode(-1)] == ["00:36.240", "1:02:05.500", "00:00.000"]
    assert [clock(7), clock(3725), clock(0.25, 0.05), clock(59.999)] == ["0:07", "1:02:05", "0:00.25", "1:00"]

"""Edits of an arrangement: what they change, and what they leave alone to the sample."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sound_kit import RATE, arrangements, mixed, one, piece, times

from studio.project.sound import Arrangement, AutomationPoint, History, Label, SoundError, TempoMap, edits
from studio.project.sound.tempo import MetreChange, TempoChange

few = settings(max_examples=20, deadline=None)


@few
@given(arrangements(), times)
def test_a_split_is_not_heard(made: Arrangement, time: float) -> None:
    plain = made.with_(clips=[clip.with_(fade_in=0.0) for clip in made.clips])
    cut = edits.split(plain, time)
    assert np.array_equal(mixed(plain), mixed(cut))
    for clip in plain.clips:  # the left part keeps its name, and both together are as long as before
        halves = [one for one in cut.clips if one.track == clip.track and one.media == clip.media
                  and one.gain == clip.gain and clip.start <= one.start < clip.end]
        assert math.isclose(sum(half.length for half in halves if half.id == clip.id or half.offset > clip.offset),
                            clip.length) or len(halves) != 2


@few
@given(times)
def test_the_halves_of_a_split_join_to_what_was(time: float) -> None:
    made, _, clip = one(start=0.5)
    cut = edits.split(made, time)
    if len(cut.clips) == 1:
        assert cut is made
        return
    joined = edits.join(cut, [half.id for half in cut.clips])
    assert [c.with_(length=0) for c in joined.clips] == [c.with_(length=0) for c in made.clips]
    assert np.array_equal(mixed(joined), mixed(made))
    with pytest.raises(SoundError, match="do not follow"):
        edits.join(edits.move(cut, [cut.clips[1].id], 0.1), [half.id for half in cut.clips])
    assert joined.find(clip) is not None


@few
@given(arrangements(), times, st.floats(0.01, 1))
def test_a_cleared_region_is_silent_and_all_around_it_stays(made: Arrangement, start: float, length: float) -> None:
    made = made.with_(clips=[clip.with_(fade_in=0.0) for clip in made.clips])
    before, after = mixed(made, 6), mixed(edits.clear_region(made, start, start + length), 6)
    first, last = made.frame(made.at(start)), made.frame(made.at(start + length))
    assert not after[first:last].any()
    assert np.array_equal(before[:first], after[:first])
    assert np.array_equal(before[last:], after[last:])


@few
@given(arrangements(), times, st.floats(0.01, 1))
def test_time_cut_out_of_the_whole_is_gone(made: Arrangement, start: float, length: float) -> None:
    made = made.with_(clips=[clip.with_(fade_in=0.0) for clip in made.clips],
                      tracks=[track.with_(volume=()) for track in made.tracks])
    before, after = mixed(made, 6), mixed(edits.ripple_delete_region(made, start, start + length), 4)
    first, last = made.frame(made.at(start)), made.frame(made.at(start + length))
    assert np.array_equal(after, np.concatenate((before[:first], before[last:]))[:len(after)])


@few
@given(arrangements(), times, st.floats(0.01, 1))
def test_room_that_is_made_and_cut_out_again_is_not_heard(made: Arrangement, time: float, length: float) -> None:
    made = made.with_(clips=[clip.with_(fade_in=0.0) for clip in made.clips])
    time, length = made.at(time), made.at(length)
    back = edits.ripple_delete_region(edits.insert_time(made, time, length), time, time + length)
    assert np.array_equal(mixed(made, 6), mixed(back, 6))


@few
@given(st.floats(0.2, 1), st.floats(0.05, 0.6), st.floats(0.02, 1.5), st.booleans())
def test_a_region_made_anew_leaves_both_sides_alone(start: float, length: float, fresh: float, ripple: bool) -> None:
    made, track, clip = one("b")
    made, _ = edits.add_clip(made, track, 2.5, piece("a"))
    start, end = made.at(start), made.at(start + length)
    after, key = edits.replace_region(made, clip, start, end, piece("a", fresh), ripple=ripple)
    old, new = mixed(made, 8), mixed(after, 8)
    first, last = made.frame(start), made.frame(end)
    shift = made.frame(made.at(fresh)) - (last - first) if ripple else 0
    assert np.array_equal(old[:first], new[:first])
    assert np.array_equal(old[last:RATE * 6], new[last + shift:RATE * 6 + shift])
    assert not np.array_equal(old[first:last], new[first:last])
    assert made.frame(after.clip(key).start) == first
    assert after.find(clip) is not None


def test_the_new_sound_is_there_between_its_seams() -> None:
    made, _, clip = one("b")
    after, key = edits.replace_region(made, clip, 0.5, 1.0, piece("a", 0.5, result="r9"), seam=0.02)
    heard, mono = mixed(after), mixed(one("a", 0.5)[0])
    inside = slice(after.frame(0.52), after.frame(0.98))
    assert np.array_equal(heard[inside], mono[after.frame(0.02):after.frame(0.48)])
    assert after.clip(key).result == "r9"
    whole, _ = edits.replace_region(made, clip, 0.0, 2.0, piece("a"))
    assert np.array_equal(mixed(whole), mixed(one("a")[0]))
    with pytest.raises(SoundError, match="Select a stretch"):
        edits.replace_region(made, clip, 0.5, 0.5, piece("a"))


@few
@given(st.lists(st.floats(-3, 3), max_size=6), st.integers(-3, 3))
def test_clips_move_together_and_stay_in_the_arrangement(shifts: list[float], rows: int) -> None:
    made, _, first = one(start=0.3)
    made, second = edits.duplicate_track(made, made.tracks[0].id)
    names = [clip.id for clip in edits.move(made, [made.on(second)[0].id], 0.7).clips]
    for shift in shifts:
        made = edits.move(made, names, shift, rows)
        one_clip, other = (made.clip(name) for name in names)
        assert min(one_clip.start, other.start) >= 0
        assert made.frame(other.start) == made.frame(one_clip.start)
        assert one_clip.track != other.track
    assert made.find(first) is not None


def test_an_edge_is_pulled_no_further_than_its_medium() -> None:
    made, track, _ = one()
    made, clip = edits.add_clip(made, track, 1.0, piece("a", 1.0, 0.5))
    assert edits.trim_start(made, clip, 0.0).clip(clip).start == 0.5
    assert edits.trim_start(made, clip, 0.0).clip(clip).offset == 0.0
    assert edits.trim_end(made, clip, 9.0).clip(clip).end == 2.5
    assert edits.trim_end(made, clip, 0.0).clip(clip).length == pytest.approx(1 / RATE)
    assert edits.trim_start(made, clip, 9.0).clip(clip).length == pytest.approx(1 / RATE)
    short = edits.trim_end(edits.set_fade_out(made, [clip], 0.8), clip, 1.3).clip(clip)
    assert short.fade_out == pytest.approx(0.3)
    assert edits.slip(made, clip, 0.2).clip(clip).offset == pytest.approx(0.3)
    assert edits.slip(made, clip, -5).clip(clip).offset == pytest.approx(1.0)


def test_places_draw_what_is_near() -> None:
    made, _, clip = one(start=1.0)
    made, _ = edits.add_marker(made, 0.5)
    assert edits.snap(made, 0.52, 0.05) == edits.Snap(0.5, "marker")
    assert edits.snap(made, 0.7, 0.05) is None
    assert edits.snap(made, 0.76, 0.05, grid=0.5) == edits.Snap(0.75, "grid")
    assert edits.snap(made, 3.01, 0.05) == edits.Snap(3.0, "clip")
    assert edits.snap(made, 3.01, 0.05, without=[clip]) is None
    made, other = edits.duplicate_track(made, made.tracks[0].id)
    moved = made.on(other)[0].id
    made = edits.move(made, [moved], 1.0)
    shift, drawn = edits.snapped_shift(made, [moved], -0.97, 0.05)
    assert (shift, drawn) == (pytest.approx(-1.0), edits.Snap(1.0, "clip"))
    assert edits.snapped_shift(made, [moved], 0.5, 0.05) == (0.5, None)


@few
@given(arrangements(), times, st.floats(0.05, 2), times)
def test_a_copied_region_sounds_where_it_is_pasted(made: Arrangement, start: float, length: float, to: float) -> None:
    made = made.with_(clips=[clip.with_(fade_in=0.0) for clip in made.clips],
                      tracks=[track.with_(volume=()) for track in made.tracks])
    copied = edits.copy_region(made, start, start + length)
    alone = made.with_(clips=())
    used = [track for track in made.tracks if any(clip.track == track.id for clip in copied.clips)]
    pasted, names = edits.paste(alone, copied, to, used[0].id if used else made.tracks[0].id)
    assert [pasted.clip(name).media for name in names] == [clip.media for clip in copied.clips]
    first, frames = made.frame(made.at(start)), made.frame(copied.length)
    wanted = mixed(made, 8)[first:first + frames]
    heard = mixed(pasted, 12)
    to_frame = made.frame(made.at(to))
    # starts are put on the grid twice, so that a sum may be taken in another order, but no sample is elsewhere
    assert np.allclose(heard[to_frame:to_frame + frames], wanted, atol=1e-5)
    assert not heard[:to_frame].any()


def test_paste_with_ripple_makes_room() -> None:
    made, track, clip = one(start=0.5)
    copied = edits.copy(made, [clip])
    after, names = edits.paste(made, copied, 0.5, track, ripple=True)
    assert after.clip(names[0]).start == 0.5
    assert after.clip(clip).start == 2.5
    twice, more = edits.duplicate(made, [clip])
    assert twice.clip(more[0]).start == 2.5


def test_deleting_with_ripple_moves_only_what_follows_on_the_track() -> None:
    made, track, first = one()
    made, middle = edits.add_clip(made, track, 2.5, piece("a"))
    made, last = edits.add_clip(made, track, 5.0, piece("c", 1.0))
    made, other = edits.duplicate_track(made, track)
    after = edits.ripple_delete(made, [middle])
    assert [clip.start for clip in after.on(track)] == [0, 3.0]
    assert [clip.start for clip in after.on(other)] == [0, 2.5, 5.0]
    assert edits.delete(made, [middle]).clip(last).start == 5.0
    assert edits.delete(made, ["nothing"]) is made
    assert after.find(first) is not None


def test_labels_and_markers_go_with_the_time_that_is_cut_out() -> None:
    made, _, _ = one()
    made, _ = edits.add_marker(made, 1.0, "in")
    made, _ = edits.add_marker(made, 1.8, "after")
    made = edits.add_labels(made, [Label("", 0.5, 0.8, "over the edge"), Label("", 0.9, 0.2, "inside"),
                                   Label("", 1.2, 0.8, "over the other")])
    after = edits.ripple_delete_region(made, 0.8, 1.5)
    assert [(marker.name, round(marker.time, 3)) for marker in after.markers] == [("after", 1.1)]
    assert [(label.text, round(label.start, 3), round(label.length, 3)) for label in after.labels] == [
        ("over the edge", 0.5, 0.3), ("over the other", 0.8, 0.5)]


def test_two_clips_cross_with_the_power_of_one() -> None:
    made, track, first = one("b", 2.0)
    made, second = edits.add_clip(made, track, 1.5, piece("a", 1.0))
    crossed = edits.crossfade(made, first, second)
    assert crossed.clip(first).fade_out == crossed.clip(second).fade_in == 0.5
    from studio.project.sound.mixer import fade
    up, down = fade("power", 100, 0, 100), fade("power", 100, 0, 100)[::-1]
    assert np.allclose(up ** 2 + down ** 2, 1, atol=1e-6)
    up = fade("smooth", 100, 0, 100)
    assert np.allclose(up + up[::-1], 1, atol=1e-6)
    with pytest.raises(SoundError, match="neither overlap nor meet"):
        edits.crossfade(edits.move(made, [second], 3), first, second)


def test_clips_that_meet_are_pulled_over_each_other() -> None:
    made, _, clip = one("b", 2.0)
    cut = edits.split(made, 1.0)
    left, right = (half.id for half in cut.clips)
    crossed = edits.crossfade(cut, left, right, 0.2, "smooth")
    assert crossed.clip(left).end == pytest.approx(1.1)
    assert crossed.clip(right).start == pytest.approx(0.9)
    assert np.allclose(mixed(crossed), mixed(made), atol=1e-5)  # the same sound on both sides: nothing is heard of it
    assert left == clip


def test_fades_stay_inside_their_clip() -> None:
    made, _, clip = one("b", 1.0)
    made = edits.set_fade_in(made, [clip], 0.7)
    made = edits.set_fade_out(made, [clip], 0.6, "linear")
    assert (made.clip(clip).fade_in, made.clip(clip).fade_out) == (pytest.approx(0.4), pytest.approx(0.6))
    for bad in (-1.0, math.nan, math.inf):
        with pytest.raises(SoundError, match="number of seconds"):
            edits.set_fade_in(made, [clip], bad)
    with pytest.raises(SoundError, match="no fade called"):
        edits.set_fade_in(made, [clip], 0.1, "wild")  # type: ignore[arg-type]


@few
@given(st.lists(st.tuples(times, st.floats(-200, 200)), max_size=8), times)
def test_automation_goes_straight_from_point_to_point(points: list[tuple[float, float]], time: float) -> None:
    made, track, _ = one()
    made = edits.set_points(made, track, [AutomationPoint(*point) for point in points])
    volume = made.track(track).volume
    assert [p.time for p in volume] == sorted({p.time for p in volume})
    assert all(-96 <= p.gain <= 24 for p in volume)
    if volume:
        wanted = np.interp(time, [p.time for p in volume], [p.gain for p in volume])
        assert edits.volume_at(made.track(track), time) == pytest.approx(wanted)
        on_line = edits.add_point(made, track, time)
        assert edits.volume_at(on_line.track(track), time) == pytest.approx(wanted, abs=0.1)
        moved = edits.move_point(made, track, 0, 99, -3).track(track).volume
        assert len(moved) == len(volume)
        assert [p.time for p in moved] == sorted(p.time for p in moved)
    assert edits.remove_points(made, track, range(len(volume))).track(track).volume == ()


def test_sentences_follow_each_other_and_can_be_spoken_anew() -> None:
    made, track = edits.add_track(Arrangement(rate=RATE), "voice")
    said = [piece("a", 1.0, text="One.", speaker="Ada"), piece("b", 0.5, text="Two.", speaker="Bram"),
            piece("c", 0.75, text="Three.", speaker="Bram")]
    made, names = edits.add_speech(made, track, 0.0, said, gap=0.25)
    assert [made.clip(name).start for name in names] == [0, pytest.approx(1.25), pytest.approx(2.0)]
    assert edits.script(made, track) == "Ada: One.\nBram: Two.\nThree."
    longer = edits.respeak(made, names[1], piece("c", 1.5, text="Two, slowly.", result="r2"))
    assert longer.clip(names[1]).length == 1.5
    assert longer.clip(names[1]).speaker == "Bram"
    assert longer.clip(names[2]).start == pytest.approx(3.0)
    assert longer.clip(names[0]) == made.clip(names[0])
    shorter = edits.respeak(made, names[1], piece("c", 0.25))
    assert shorter.clip(names[2]).start == pytest.approx(1.75)
    assert shorter.clip(names[1]).text == "Two."
    stays = edits.respeak(made, names[1], piece("c", 1.5), ripple=False)
    assert stays.clip(names[2]).start == made.clip(names[2]).start
    with pytest.raises(SoundError, match="Nothing was spoken"):
        edits.respeak(made, names[1], piece("c", 0.0))
    more, key = edits.add_sentence(made, track, piece("a", 1.0, text="Four."), after=names[2])
    assert more.clip(key).start == pytest.approx(3.0)


def test_trim_to_a_stretch_keeps_fades_at_their_edges_and_other_clips() -> None:
    made, track, clip = one()
    made = edits.set_fade_in(edits.set_fade_out(made, [clip], 0.5), [clip], 0.5)
    old = made.clip(clip)
    made, other = edits.add_clip(made, track, old.end + 5, piece("b", 1.0))
    after = edits.keep_region(made, old.start, old.end - 0.4, [track])
    assert (after.clip(clip).length, after.clip(clip).fade_in) == (pytest.approx(old.length - 0.4), 0.5)
    assert after.clip(clip).fade_out == 0.0
    assert after.clip(other) == made.clip(other)
    assert edits.keep_region(made, old.start - 1, old.end + 1, [track]) is made
    with pytest.raises(SoundError, match="Select a stretch"):
        edits.keep_region(made, 1.0, 1.0)


def test_a_rendering_of_other_notes_comes_too_late() -> None:
    made, _, clip = one()
    made = edits.set_score(made, clip, "s1")
    made = edits.set_score(made, clip, "s2", 1.0)
    assert edits.set_rendering(made, clip, "s1", piece("a")) is made
    assert edits.set_rendering(made, clip, "s2", piece("a")).clip(clip).media == "a"


def test_half_of_a_notes_clip_goes_on_to_play_its_half() -> None:
    made, _, clip = one()
    made = edits.split(edits.set_score(made, clip, "s1"), made.clip(clip).start + 1.0)
    half = made.clips[-1]
    assert half.offset == pytest.approx(1.0)
    after = edits.set_rendering(edits.set_score(made, half.id, "s2"), half.id, "s2", piece("b")).clip(half.id)
    assert (after.media, after.offset, after.length) == ("b", half.offset, half.length)


def test_tracks_are_added_copied_and_put_elsewhere() -> None:
    made, track, _ = one()
    made, second = edits.add_track(made, "music")
    assert [one.name for one in made.tracks] == ["Music", "Music 2"]
    made, copy = edits.duplicate_track(made, track)
    assert [one.name for one in made.tracks] == ["Music", "Music 3", "Music 2"]
    assert len(made.on(copy)) == 1
    made = edits.move_track(made, second, 0)
    assert [one.id for one in made.tracks] == [second, track, copy]
    made = edits.set_track(made, track, gain=99.0, pan=-7, name="Bass")
    assert (made.track(track).gain, made.track(track).pan) == (24, -1)
    assert edits.remove_tracks(made, [track]).on(track) == ()
    with pytest.raises(SoundError, match="no longer there"):
        edits.set_track(made, "gone", mute=True)
    with pytest.raises(SoundError, match="is empty"):
        edits.add_clip(made, track, 0, piece("a", 0.0))
    with pytest.raises(SoundError, match="hours long"):
        edits.add_clip(made, track, 1e9, piece("a"))


tempos = st.builds(lambda bpm, more, metres: _tempo(bpm, more, metres), st.floats(20, 300),
                   st.lists(st.tuples(st.floats(0.5, 60), st.floats(20, 300)), max_size=3),
                   st.lists(st.tuples(st.integers(1, 12), st.integers(1, 12), st.sampled_from([2, 4, 8, 16])),
                            max_size=3))


def _tempo(bpm: float, more: list[tuple[float, float]], metres: list[tuple[int, int, int]]) -> TempoMap:
    made = TempoMap.constant(bpm, 3, 4)
    for beat, faster in more:
        made = made.with_tempo(beat, faster)
    for metre in metres:
        made = made.with_metre(*metre)
    return made


@few
@given(tempos, st.floats(0, 100), st.integers(0, 40))
def test_bars_beats_and_seconds_go_both_ways(tempo: TempoMap, beat: float, bar: int) -> None:
    assert tempo.beat(tempo.seconds(beat)) == pytest.approx(beat, abs=1e-6)
    assert tempo.bar_of_beat(tempo.bar_beat(bar)) == bar
    assert tempo.bar_beat(bar + 1) - tempo.bar_beat(bar) == pytest.approx(tempo.metre_at_bar(bar).quarters)
    assert tempo.position(tempo.bar_seconds(bar))[:2] == (bar + 1, 1)
    assert tempo.nearest(tempo.bar_seconds(bar), 0) == pytest.approx(tempo.bar_seconds(bar))
    lines = tempo.lines(0, tempo.bar_seconds(bar) + 1e-6, 1.0)
    assert [at for at, _, first in lines if first] == pytest.approx([tempo.bar_seconds(n) for n in range(bar + 1)])


def test_a_wrong_tempo_or_metre_is_refused() -> None:
    for bad in (0, -3, math.nan, math.inf, 1e6):
        with pytest.raises(SoundError, match="A tempo is between"):
            TempoMap.constant(bad)
    for beats, unit in ((0, 4), (99, 4), (4, 5)):
        with pytest.raises(SoundError, match="is not a metre"):
            TempoMap.constant(120, beats, unit)


def test_undo_is_a_list_of_values() -> None:
    made, _, clip = one()
    history = History(made)
    moved = edits.move(made, [clip], 1)
    history.push("Move", moved, "drag")
    further = edits.move(moved, [clip], 1)
    history.push("Move", further, "drag")
    assert history.labels() == ["Open", "Move"]
    assert history.undo() is made
    assert history.redo() is further
    history.push("Nothing", further)
    assert len(history.entries) == 2
    history.undo()
    history.push("Split", edits.split(made, 1.0))
    assert history.labels() == ["Open", "Split"]
    assert not history.can_redo
    small = History(made, most=3)
    for number in range(5):
        small.push(f"{number}", edits.set_master(made, -number))
    assert (small.dropped, small.labels()) == (3, ["2", "3", "4"])


def test_the_first_notes_give_the_grid_its_tempo() -> None:
    waltz = TempoMap((TempoChange(0, 92), TempoChange(12, 80)), (MetreChange(0, 3, 4),))
    empty = Arrangement()
    assert edits.follow_tempo(empty, waltz).tempo == waltz
    assert edits.follow_tempo(empty, waltz, 2.0).tempo == TempoMap.constant(92, 3, 4)
    chosen = edits.set_tempo(empty, 100)
    assert edits.follow_tempo(chosen, waltz) is chosen
    old, track = edits.add_track(empty, "notes")
    notes, _ = edits.add_clip(old, track, 0.0, edits.Piece("", "", 4.0, score="a"))
    assert edits.follow_tempo(notes, waltz) is notes

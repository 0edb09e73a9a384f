"""Scores: MIDI files in and out, broken ones, and the edits of a piano roll."""

from __future__ import annotations

import io
from dataclasses import replace

import mido
import pytest
import symusic
from hypothesis import given, settings
from hypothesis import strategies as st

from studio.project.sound import SoundError, TempoMap, midi, mixing, notes
from studio.project.sound.score import BEND, MOST_NOTES, TICKS, Control, Note, Part, Score, key_name, pitch_name

some_notes = st.lists(st.builds(Note, st.integers(0, 8000), st.integers(0, 127), st.integers(1, 2000), st.integers(
    1, 127)), max_size=12)


@st.composite
def scores(draw: st.DrawFn) -> Score:
    """No two notes of the same pitch overlap: a MIDI file cannot tell which of them ends."""
    parts = []
    for number in range(draw(st.integers(1, 3))):
        free, kept = dict[int, int](), []
        for note in sorted(draw(some_notes)):
            if note.start >= free.get(note.pitch, 0):
                kept.append(note)
                free[note.pitch] = note.end
        kept = kept or [Note(0, 60, 480)]
        parts.append(Part(f"Part {number}", draw(st.integers(0, 127)), number == 2, controls=tuple(sorted(draw(st.lists(
            st.builds(Control, st.integers(0, 5000), st.sampled_from([7, 64, BEND]), st.integers(0, 127)),
            max_size=3))))).with_notes(kept))
    tempo = TempoMap.constant(draw(st.sampled_from([60, 92, 120])), 3, 4).with_tempo(4, 150).with_metre(2, 6, 8)
    return Score(tuple(parts), tempo, draw(st.integers(-7, 7)), draw(st.booleans()), "Title")


@settings(max_examples=25, deadline=None)
@given(scores())
def test_a_score_comes_back_from_its_midi_file(score: Score) -> None:
    data = midi.write(score)
    back, said = midi.read(data)
    assert said == []
    assert midi.write(back) == data
    for one, other in zip(back.parts, score.parts, strict=True):
        assert one == replace(other, controls=one.controls)
        assert sorted(one.controls) == sorted(set(other.controls)) or len(set(other.controls)) < len(other.controls)
    assert (back.fifths, back.minor, back.title, back.tempo.metres) == (score.fifths, score.minor, score.title,
                                                                       score.tempo.metres)
    assert [change.beat for change in back.tempo.tempos] == [0, 4]
    assert [change.bpm for change in back.tempo.tempos] == pytest.approx([c.bpm for c in score.tempo.tempos], abs=1e-3)


@settings(max_examples=20, deadline=None)
@given(scores())
def test_another_library_reads_the_same_notes(score: Score) -> None:
    other = symusic.Score.from_midi(midi.write(score))
    assert other.ticks_per_quarter == TICKS
    found = sorted((n.time, n.pitch, n.duration, n.velocity) for track in other.tracks for n in track.notes)
    assert found == sorted(tuple(note) for part in score.parts for note in part.notes)


@settings(max_examples=80, deadline=None)
@given(st.binary(max_size=200), st.integers(0, 200))
def test_any_bytes_are_a_score_or_one_sentence(noise: bytes, cut: int) -> None:
    whole = midi.write(Score((Part("x", 5, notes=(Note(0, 60, 100), Note(100, 64, 100))),)))
    for data in (noise, b"MThd\0\0\0\6\0\1\0\2\0\x60MTrk\0\0\0\x40" + noise, whole[:cut] + noise, whole[:cut]):
        try:
            score, _ = midi.read(data)
        except SoundError as error:
            assert "MIDI" in str(error)  # noqa: PT017 (either is right)
        else:
            assert midi.read(midi.write(score))[0].note_count <= score.note_count


def file(*messages: mido.Message, ticks: int = 96) -> bytes:
    made, out = mido.MidiFile(ticks_per_beat=ticks), io.BytesIO()
    made.tracks.append(mido.MidiTrack(messages))
    made.save(file=out)
    return out.getvalue()


def test_notes_that_never_end_and_files_that_are_cut() -> None:
    on = mido.Message
    data = file(on("note_on", note=60, velocity=90), on("note_on", note=64, velocity=90, time=96),
                on("note_on", note=64, velocity=0, time=96), on("note_on", note=70, channel=9, time=0, velocity=1))
    score, said = midi.read(data, "a.mid")
    assert said == ["2 notes of a.mid never end; they were ended with their track."]
    assert score.parts[0].notes == (Note(0, 60, 960, 90), Note(480, 64, 480, 90))
    assert score.parts[1].drums
    whole = midi.write(score)
    cut, said = midi.read(whole[:-12], "a.mid")
    assert "damaged or cut off" in said[0]
    assert cut.parts[0].notes == score.parts[0].notes
    for bad in (b"", b"MThd", b"RIFFxxxx", b"not music" * 9):
        with pytest.raises(SoundError, match="not a MIDI file"):
            midi.read(bad)


@given(st.lists(st.tuples(st.integers(0, 2000), st.integers(0, 127), st.integers(1, 900)), max_size=40),
       st.integers(0, 2500), st.integers(0, 2500))
def test_notes_between_two_ticks_are_found(found: list[tuple[int, int, int]], one: int, other: int) -> None:
    part = Part().with_notes(Note(*values) for values in found)
    first, last = sorted((one, other))
    between = part.between(first, last)
    assert set(between) >= {note for note in part.notes if note.start <= last and note.end > first}
    assert all(note.start <= last for note in between)


def test_a_million_events_are_read_and_no_more(monkeypatch: pytest.MonkeyPatch) -> None:
    note = b"\0\x90\x3c\x50\x0a\x3c\0"
    head = b"MThd\0\0\0\6\0\1\0\1\x01\xe0MTrk"
    body = b"\0\x90\x3c\x50\x0a\x3c\0" + b"\0\x3c\x50\x0a\x3c\0" * (MOST_NOTES // 10 - 1) + b"\0\xff\x2f\0"
    score, said = midi.read(head + len(body).to_bytes(4, "big") + body)
    assert (score.note_count, said) == (MOST_NOTES // 10, [])
    monkeypatch.setattr(midi, "MOST_NOTES", 1000)
    score, said = midi.read(head + len(body).to_bytes(4, "big") + body)
    assert score.note_count == 1000
    assert "the rest was left out" in said[0]
    monkeypatch.setattr(midi, "MOST_BYTES", 100)
    with pytest.raises(SoundError, match="larger than"):
        midi.read(head + len(body).to_bytes(4, "big") + body)
    assert len(note) == 7


def test_seconds_bars_and_names() -> None:
    score = Score((Part(notes=(Note(0, 60, TICKS * 7),)),), TempoMap.constant(90, 3, 4))
    assert (score.bars, score.bar_tick(2), score.bar_of(TICKS * 3)) == (3, TICKS * 6, 1)
    assert score.duration == pytest.approx(7 * 60 / 90)
    assert score.tick(score.seconds(1234)) == 1234
    assert Score().bars == 0
    assert (key_name(-1, True), key_name(0, False), key_name(3, True), pitch_name(60)) == (
        "D minor", "C major", "F# minor", "C4")


@settings(max_examples=30, deadline=None)
@given(scores(), st.integers(-3000, 3000), st.integers(-40, 40), st.data())
def test_edits_keep_notes_on_the_keyboard_and_the_rest_alone(score: Score, ticks: int, semitones: int,
                                                             data: st.DataObject) -> None:
    own = score.parts[0].notes
    chosen = frozenset(data.draw(st.lists(st.sampled_from(own))))
    others = set(own) - chosen
    moved, now = notes.move(score, 0, chosen, ticks, semitones)
    assert others <= set(moved.parts[0].notes)
    assert len(now) == len(chosen)
    shifts = {(b.start - a.start, b.pitch - a.pitch) for a, b in zip(sorted(chosen), sorted(now), strict=True)}
    assert len(shifts) <= 1  # all together
    for made, picked in (notes.resize(score, 0, chosen, ticks), notes.resize_start(score, 0, chosen, ticks),
                         notes.add_velocity(score, 0, chosen, semitones), notes.set_velocity(score, 0, chosen, 999),
                         notes.quantise(score, 0, chosen, 120, ends=True)):
        assert picked <= set(made.parts[0].notes)
        assert all(n.start >= 0 and n.length > 0 and 1 <= n.velocity <= 127 for n in made.parts[0].notes)
        assert made.parts[1:] == score.parts[1:]
    assert not chosen & set(notes.delete(score, 0, chosen).parts[0].notes)
    up = notes.transpose(score, semitones)
    assert all(0 <= n.pitch <= 127 for part in up.parts for n in part.notes)


@settings(max_examples=30, deadline=None)
@given(scores(), st.integers(0, 4), st.integers(1, 3))
def test_bars_made_anew_leave_the_others_to_the_note(score: Score, first: int, count: int) -> None:
    start, end = score.bar_tick(first), score.bar_tick(first + count)
    fresh = Score((Part(notes=(Note(0, 1, 99999), Note(99999, 2, 5))),))
    made = notes.replace_bars(score, first, first + count, fresh)
    for before, after in zip(score.parts, made.parts, strict=True):
        outside = [n for n in before.notes if not start <= n.start < end]
        assert [n for n in after.notes if not start <= n.start < end] == outside
    inside = [n for n in made.parts[0].notes if start <= n.start < end]
    assert inside == [Note(start, 1, end - start)]
    same = notes.replace_bars(score, first, first + count, notes.copy_bars(score, first, first + count))
    assert {(n.start, n.pitch) for n in same.parts[0].notes if n.start > start} == {
        (n.start, n.pitch) for n in score.parts[0].notes if n.start > start}


def test_bars_go_in_and_out() -> None:
    score = Score((Part(notes=(Note(0, 60, 480), Note(1920, 62, 480), Note(3840, 64, 480))),))
    longer = notes.insert_bars(score, 1, notes.copy_bars(score, 0, 1), 1)
    assert [(n.start, n.pitch) for n in longer.parts[0].notes] == [(0, 60), (1920, 60), (3840, 62), (5760, 64)]
    assert notes.delete_bars(longer, 1, 2) == score
    pasted, fresh = notes.paste_notes(score, 0, notes.copy_notes(score.parts[0].notes[1:]), 240)
    assert sorted(n.start for n in fresh) == [240, 2160]
    assert pasted.note_count == 5
    assert len(notes.in_region(score, 0, 0, 2000)) == 2
    assert notes.in_region(score, 0, 0, 2000, 62) == {score.parts[0].notes[1]}
    added, _ = notes.add(score, 0, Note(-5, 200, 0, 300))
    assert Note(0, 127, 1, 127) in added.parts[0].notes
    with pytest.raises(SoundError, match="no longer there"):
        notes.add(score, 7, Note(0, 60, 1))


def test_bars_that_come_and_go_take_metre_and_tempo_with_them() -> None:
    tempo = TempoMap.constant(120).with_metre(2, 3, 4).with_tempo(8.0, 60)  # two bars of 4/4, then slow 3/4
    score = Score((Part("p", 0, False, tuple(Note(start, 60, 480) for start in (0, 1920, 3840, 5280))),), tempo)
    longer = notes.insert_bars(score, 2, Score(), 2)
    assert [n.start for n in longer.parts[0].notes] == [0, 1920, 3840 + 2 * 1440, 5280 + 2 * 1440]
    assert longer.bar_of(3840 + 2 * 1440) == 4
    assert longer.tempo.metre_at_bar(2).beats == 3
    assert notes.delete_bars(longer, 2, 4) == score
    early = notes.insert_bars(score, 0, Score(), 1)
    assert [n.start for n in early.parts[0].notes] == [1920, 3840, 5760, 7200]
    assert (early.tempo.metre_at_bar(2).beats, early.tempo.metre_at_bar(3).beats) == (4, 3)
    assert early.tempo.bpm_at(early.seconds(5760) + 0.01) == 60
    late = notes.delete_bars(score, 1, 3)
    assert [n.start for n in late.parts[0].notes] == [0, 1920]
    assert (late.tempo.metre_at_bar(0).beats, late.tempo.metre_at_bar(1).beats) == (4, 3)
    assert notes.delete_bars(score, 0, 2).tempo == TempoMap.constant(60, 3, 4)


def test_a_silent_part_is_silent_for_every_player_and_comes_back_as_it_was() -> None:
    controls = (Control(0, 7, 90), Control(0, 10, 20), Control(960, 7, 50))
    score = Score((Part("a", 0, False, (Note(0, 60, 480),), controls), Part("b", 1, False, (Note(0, 50, 480),))))
    quiet = mixing.set_muted(score, 0, True)
    assert mixing.is_muted(quiet.parts[0])
    read, _ = midi.read(midi.write(quiet))
    assert [c for c in read.parts[0].controls if c.number == 7] == [Control(0, 7, 0)]
    assert mixing.set_muted(read, 0, False).parts[0].controls == controls
    alone = mixing.set_alone(score, 1, True)
    assert [mixing.is_muted(p) for p in alone.parts] == [True, False]
    assert mixing.is_alone(alone, 1)
    assert mixing.set_alone(alone, 1, False) == score
    more = mixing.add_part(score, "c", 40)
    assert mixing.remove_part(more, 2) == score
    with pytest.raises(SoundError, match="at least one part"):
        mixing.remove_part(mixing.remove_part(score, 0), 0)

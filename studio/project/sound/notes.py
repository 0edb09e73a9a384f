"""Edits of a score: pure functions that give the new score, and the notes that are selected after it."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace

from studio.project.sound.errors import SoundError
from studio.project.sound.score import LONGEST_TICKS, MOST_NOTES, TICKS, Control, Note, Part, Score

Edited = tuple[Score, frozenset[Note]]
"""The score after an edit, and its notes in the place of those that were given."""


def add(score: Score, part: int, note: Note) -> Edited:
    """Add a note; one like it that is there already stays one."""
    if score.note_count >= MOST_NOTES:
        raise SoundError(f"A score holds at most {MOST_NOTES:,} notes.")
    fresh = _bounded(note)
    old = _part(score, part)
    return score.with_part(part, old.with_notes((*old.notes, fresh))), frozenset((fresh,))


def delete(score: Score, part: int, notes: Iterable[Note]) -> Score:
    """Take notes away; unknown ones are no error."""
    gone, old = set(notes), _part(score, part)
    return score.with_part(part, replace(old, notes=tuple(note for note in old.notes if note not in gone)))


def move(score: Score, part: int, notes: Iterable[Note], ticks: int, semitones: int = 0) -> Edited:
    """Move notes in time and pitch, together: the first stops at 0, the outermost at the ends of the keyboard."""
    chosen = frozenset(notes)
    if not chosen:
        return score, chosen
    ticks = max(ticks, -min(note.start for note in chosen))
    semitones = max(semitones, -min(note.pitch for note in chosen))
    semitones = min(semitones, 127 - max(note.pitch for note in chosen))
    return _change(score, part, chosen, lambda n: n._replace(start=n.start + ticks, pitch=n.pitch + semitones))


def transpose(score: Score, semitones: int, parts: Iterable[int] | None = None) -> Score:
    """All notes of these parts (None: all) up or down, but for drums; those that would leave the keyboard go by octaves
    to where there is one."""
    wanted = None if parts is None else set(parts)

    def moved(note: Note) -> Note:
        pitch = note.pitch + semitones
        while pitch < 0:
            pitch += 12
        while pitch > 127:
            pitch -= 12
        return note._replace(pitch=pitch)

    return replace(score, parts=tuple(
        part if part.drums or (wanted is not None and place not in wanted) else part.with_notes(map(moved, part.notes))
        for place, part in enumerate(score.parts)))


def resize(score: Score, part: int, notes: Iterable[Note], ticks: int, *, least: int = 1) -> Edited:
    """Make notes longer (or shorter) at their end by `ticks`, not shorter than `least`."""
    return _change(score, part, notes, lambda n: n._replace(length=max(n.length + ticks, least)))


def resize_start(score: Score, part: int, notes: Iterable[Note], ticks: int, *, least: int = 1) -> Edited:
    """Pull the beginnings of notes by `ticks`, their ends staying."""
    def change(note: Note) -> Note:
        start = min(max(note.start + ticks, 0), note.end - least)
        return note._replace(start=max(start, 0), length=note.end - max(start, 0))

    return _change(score, part, notes, change)


def set_velocity(score: Score, part: int, notes: Iterable[Note], velocity: int) -> Edited:
    """How hard notes are struck, 1 to 127."""
    return _change(score, part, notes, lambda n: n._replace(velocity=velocity))


def add_velocity(score: Score, part: int, notes: Iterable[Note], more: int) -> Edited:
    """Strike notes harder (or softer, below 0)."""
    return _change(score, part, notes, lambda n: n._replace(velocity=n.velocity + more))


def quantise(score: Score, part: int, notes: Iterable[Note], grid: int, strength: float = 1.0, *,
             ends: bool = False) -> Edited:
    """Draw the beginnings of notes (and with `ends` their ends) to lines `grid` ticks apart, by a share of the way."""
    if grid < 1:
        raise SoundError("Choose a grid to draw the notes to.")

    def drawn(at: int) -> int:
        return at + round(((at + grid // 2) // grid * grid - at) * strength)

    def change(note: Note) -> Note:
        start = drawn(note.start)
        return note._replace(start=start, length=max(drawn(note.end) - start, 1) if ends else note.length)

    return _change(score, part, notes, change)


def in_region(score: Score, part: int, start: int, end: int, low: int = 0, high: int = 127) -> frozenset[Note]:
    """The notes of which something lies between two ticks and two pitches: what a rubber band selects."""
    return frozenset(note for note in _part(score, part).notes
                     if note.start < end and note.end > start and low <= note.pitch <= high)


def copy_notes(notes: Iterable[Note]) -> tuple[Note, ...]:
    """Notes to be pasted elsewhere, counted from the first of them."""
    chosen = sorted(set(notes))
    return tuple(note._replace(start=note.start - chosen[0].start) for note in chosen)


def paste_notes(score: Score, part: int, copied: Iterable[Note], tick: int) -> Edited:
    """Put copied notes at a tick, beside what is there."""
    fresh = [_bounded(note._replace(start=note.start + max(tick, 0))) for note in copied]
    if score.note_count + len(fresh) > MOST_NOTES:
        raise SoundError(f"A score holds at most {MOST_NOTES:,} notes.")
    old = _part(score, part)
    return score.with_part(part, old.with_notes((*old.notes, *fresh))), frozenset(fresh)


# ---------------------------------------------------------------- bars

def copy_bars(score: Score, first: int, last: int) -> Score:
    """The bars from `first` up to (not with) `last` (0 is the first) as a score of its own; notes are cut to them."""
    start, end = score.bar_tick(first), score.bar_tick(last)
    return replace(score, parts=tuple(_cut(part, start, end) for part in score.parts))


def replace_bars(score: Score, first: int, last: int, other: Score) -> Score:
    """Put another score in the place of some bars; all notes that begin outside stay as they are. Of notes that begin
    before and reach into the bars nothing is changed either. The other score begins at its bar 0 and is cut to the
    room; its parts are taken in order."""
    start, end = score.bar_tick(first), score.bar_tick(last)
    parts = []
    for place, part in enumerate(score.parts):
        kept = [note for note in part.notes if not start <= note.start < end]
        fresh = other.parts[place] if place < len(other.parts) else Part()
        put = [note._replace(start=note.start + start, length=min(note.length, end - start - note.start))
               for note in fresh.notes if note.start < end - start]
        parts.append(part.with_notes((*kept, *put)))
    return replace(score, parts=tuple(parts))


def insert_bars(score: Score, bar: int, other: Score, bars: int) -> Score:
    """Make room for so many bars before `bar`, in its metre, and put another score there. Notes that reach over the
    place are cut."""
    start, tempo = score.bar_tick(bar), score.tempo.with_bars(bar, bars)
    room = round(tempo.bar_beat(bar + bars) * TICKS) - start
    moved = replace(score, tempo=tempo, parts=tuple(_shifted(part, start, room) for part in score.parts))
    return replace_bars(moved, bar, bar + bars, other)


def delete_bars(score: Score, first: int, last: int) -> Score:
    """Cut bars out; what follows moves up, with its tempo and metre."""
    start, end = score.bar_tick(first), score.bar_tick(last)
    cut = replace_bars(score, first, last, Score())
    return replace(cut, tempo=score.tempo.without_bars(first, last),
                   parts=tuple(_shifted(part, end, start - end, start) for part in cut.parts))


def _cut(part: Part, start: int, end: int) -> Part:
    notes = [Note(max(n.start, start) - start, n.pitch, min(n.end, end) - max(n.start, start), n.velocity)
             for n in part.notes if n.start < end and n.end > start]
    controls = tuple(Control(c.time - start, c.number, c.value) for c in part.controls if start <= c.time < end)
    return replace(part, controls=controls).with_notes(notes)


def _shifted(part: Part, start: int, ticks: int, cut: int | None = None) -> Part:
    """Everything from `start` on moved; notes that begin before are cut at `cut`."""
    edge = start if cut is None else cut
    notes = [n._replace(start=n.start + ticks) if n.start >= start else n._replace(length=min(n.length, max(
        edge - n.start, 1))) for n in part.notes]
    controls = tuple(c._replace(time=c.time + ticks) if c.time >= start else c for c in part.controls)
    return replace(part, controls=controls).with_notes(notes)


# ---------------------------------------------------------------- inside

def _part(score: Score, part: int) -> Part:
    if not 0 <= part < len(score.parts):
        raise SoundError("That part is no longer there; choose another.")
    return score.parts[part]


def _bounded(note: Note) -> Note:
    return Note(min(max(note.start, 0), LONGEST_TICKS), min(max(note.pitch, 0), 127), max(note.length, 1), min(max(
        note.velocity, 1), 127))


def _change(score: Score, part: int, notes: Iterable[Note], change: Callable[[Note], Note]) -> Edited:
    old, chosen = _part(score, part), frozenset(notes)
    made = {note: _bounded(change(note)) for note in old.notes if note in chosen}
    fresh = old.with_notes(made.get(note, note) for note in old.notes)
    return score.with_part(part, fresh), frozenset(made.values())

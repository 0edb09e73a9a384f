"""What the pointer does in the piano roll. Places are kept as ticks and pitches, so that a drag goes on while it
scrolls."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QPointF, QRectF, Qt

from studio.project.sound import notes
from studio.project.sound.score import TICKS, Note, Score

if TYPE_CHECKING:
    from studio.ui.sound.pianoroll.roll import PianoRoll

CLICK = 4
EDGE = 6
"""Pixels at the end of a note that pull it."""
STEM = 5
"""Pixels beside a stem that take it."""


class Drag:
    """One press to its release. `move` shows what `release` would do; `cancel` ends it without a change."""

    def __init__(self, roll: PianoRoll, pos: QPointF, modifiers: Qt.KeyboardModifier) -> None:
        self.roll, self.begun = roll, pos
        self.shift = bool(modifiers & Qt.KeyboardModifier.ShiftModifier)
        self.free = bool(modifiers & Qt.KeyboardModifier.ControlModifier)
        self.before: tuple[Score, frozenset[Note]] = (roll.score, roll.chosen)
        self.tick, self.pitch = roll.space.tick(pos.x()), roll.space.pitch(pos.y())
        self.moved = False
        self.begin()

    def begin(self) -> None:
        """What the press alone does."""

    def move(self, pos: QPointF) -> None:
        self.moved = self.moved or (pos - self.begun).manhattanLength() >= CLICK
        if self.moved:
            self.show(pos)

    def show(self, pos: QPointF) -> None: ...

    def release(self, pos: QPointF) -> None: ...

    def cancel(self) -> None:
        self.roll.show_score(*self.before)

    def snapped(self, tick: int) -> int:
        grid = self.roll.grid
        return tick if self.free or not self.roll.pane.timeline.snapping else round(tick / grid) * grid


class NoteDrag(Drag):
    """Moves notes, or pulls their ends."""

    pulls = False

    def begin(self) -> None:
        note = self.roll.note_at(self.begun)
        assert note is not None
        self.roll.select_bars(None)
        chosen = self.roll.chosen
        if note not in chosen:
            chosen = chosen | {note} if self.shift else frozenset({note})
        elif self.shift:
            chosen -= {note}
        self.pulls = self.roll.space.rect(note).right() - self.begun.x() <= EDGE
        self.before = (self.roll.score, chosen)
        self.sound = note.pitch
        self.roll.show_score(self.roll.score, chosen)
        self.roll.hear(note.pitch, note.velocity)

    def _edit(self, pos: QPointF) -> Any:
        ticks = self.snapped(self.roll.space.tick(pos.x()) - self.tick)
        rows = self.roll.space.pitch(pos.y()) - self.pitch
        chosen, part = self.before[1], self.roll.part
        if self.pulls:
            return lambda s: notes.resize(s, part, chosen, ticks, least=TICKS // 8)
        return lambda s: notes.move(s, part, chosen, ticks, rows)

    def show(self, pos: QPointF) -> None:
        self.roll.show_score(*self._edit(pos)(self.before[0]))
        pitch = self.roll.space.pitch(pos.y())
        if not self.pulls and pitch != self.sound:
            self.sound = pitch
            self.roll.hear(pitch)

    def release(self, pos: QPointF) -> None:
        self.roll.show_score(*self.before)
        if self.moved:
            self.roll.edit("Pull notes" if self.pulls else "Move notes", self._edit(pos))


class DrawDrag(Drag):
    """Draws a note, as long as the drag."""

    def begin(self) -> None:
        self.roll.select_bars(None)
        self.roll.show_score(self.roll.score, frozenset())
        self.before = (self.roll.score, frozenset())
        self.roll.hear(self.pitch)
        self.show(self.begun)

    def _note(self, pos: QPointF) -> Note:
        grid = self.roll.grid
        start = self.tick if self.free else self.tick // grid * grid
        return Note(start, self.pitch, max(self.snapped(self.roll.space.tick(pos.x()) - start), grid), 90)

    def show(self, pos: QPointF) -> None:
        note, part = self._note(pos), self.roll.part
        if self.before[0].parts:
            self.roll.show_score(*notes.add(self.before[0], part, note))

    def release(self, pos: QPointF) -> None:
        note, part = self._note(pos), self.roll.part
        self.roll.show_score(*self.before)
        self.roll.edit("Draw a note", lambda s: notes.add(s, part, note))


class BandDrag(Drag):
    """Selects the notes in a rectangle, beside those that are."""

    def begin(self) -> None:
        self.roll.select_bars(None)

    def _band(self, pos: QPointF) -> QRectF:
        space = self.roll.space
        corner = QPointF(space.x(self.tick), space.y(self.pitch) + space.row / 2)
        return QRectF(corner, pos).normalized()

    def show(self, pos: QPointF) -> None:
        self.roll.show_band(self._band(pos))

    def release(self, pos: QPointF) -> None:
        self.roll.show_band(QRectF())
        if not self.moved or not self.roll.score.parts:
            return
        band, space = self._band(pos), self.roll.space
        found = notes.in_region(self.roll.score, self.roll.part, space.tick(band.left()), space.tick(band.right()),
                                space.pitch(band.bottom()), space.pitch(band.top()))
        self.roll.show_score(self.roll.score, self.before[1] | found)

    def cancel(self) -> None:
        self.roll.show_band(QRectF())
        super().cancel()


class BarsDrag(Drag):
    """Selects whole bars; with Shift more of them."""

    def begin(self) -> None:
        self.was = self.roll.bars
        here = self.roll.score.bar_of(self.tick)
        self.anchor = here
        if self.shift and self.was is not None:
            self.anchor = self.was[0] if here >= self.was[0] else self.was[1] - 1
        self.show(self.begun)

    def show(self, pos: QPointF) -> None:
        here = self.roll.space.bar(max(pos.x(), self.roll.space.keys))
        self.roll.select_bars((min(self.anchor, here), max(self.anchor, here) + 1))

    def release(self, pos: QPointF) -> None:
        if not self.moved and not self.shift and self.was == (self.anchor, self.anchor + 1):
            self.roll.select_bars(None)  # a second click lets go

    def cancel(self) -> None:
        self.roll.select_bars(self.was)


class VelocityDrag(Drag):
    """Strikes notes harder or softer: the chosen ones together, the one under the pointer, or all that are crossed."""

    def begin(self) -> None:
        near = self._near(self.begun.x(), self.begun.x())
        chosen = self.roll.chosen
        self.group = chosen if near & chosen else near
        self.many = bool(near & chosen) and len(chosen) > 1
        self.last = self.begun.x()
        self.made: dict[Note, int] = {}
        self.moved = True
        self.show(self.begun)

    def _near(self, left: float, right: float) -> frozenset[Note]:
        roll = self.roll
        if not self.before[0].parts:
            return frozenset()
        left, right = min(left, right) - STEM, max(left, right) + STEM
        found = [n for n in roll.space.between(self.before[0].parts[roll.part], left, right)
                 if left <= roll.space.x(n.start) + 1 <= right]
        return frozenset(found)

    def _edit(self, pos: QPointF) -> Any:
        roll, part = self.roll, self.roll.part
        value = roll.space.velocity(pos.y())
        if self.many:
            more = value - roll.space.velocity(self.begun.y())
            return lambda s: notes.add_velocity(s, part, self.group, more)
        if self.group:
            self.made = dict.fromkeys(self.group, value)
        else:
            self.made |= dict.fromkeys(self._near(self.last, pos.x()), value)
            self.last = pos.x()
        made = dict(self.made)

        def change(score: Score) -> tuple[Score, frozenset[Note]]:
            part_ = score.parts[part]
            fresh = {n: n._replace(velocity=made[n]) for n in part_.notes if n in made}
            chosen = frozenset(fresh.get(n, n) for n in self.before[1])
            return score.with_part(part, part_.with_notes(fresh.get(n, n) for n in part_.notes)), chosen

        return change

    def show(self, pos: QPointF) -> None:
        if self.before[0].parts:
            self.roll.show_score(*self._edit(pos)(self.before[0]))

    def release(self, pos: QPointF) -> None:
        if not self.before[0].parts:
            return
        change = self._edit(pos)
        self.roll.show_score(*self.before)
        self.roll.edit("Velocity", change)


class KeyDrag(Drag):
    """Plays the keys that the pointer goes over."""

    def begin(self) -> None:
        self.roll.hear(self.pitch)

    def show(self, pos: QPointF) -> None:
        pitch = self.roll.space.pitch(pos.y())
        if pitch != self.pitch:
            self.pitch = pitch
            self.roll.hear(pitch)

    def release(self, pos: QPointF) -> None:
        self.roll.show_sounding(None)

    def cancel(self) -> None:
        self.roll.show_sounding(None)


def begin(roll: PianoRoll, pos: QPointF, modifiers: Qt.KeyboardModifier) -> Drag | None:
    """The drag that a press begins."""
    space = roll.space
    if pos.y() >= space.lane.bottom():
        return None
    if pos.y() < space.ruler:
        return BarsDrag(roll, pos, modifiers) if pos.x() >= space.keys else None
    if space.lane.contains(pos):
        return VelocityDrag(roll, pos, modifiers)
    if pos.x() < space.keys:
        return KeyDrag(roll, pos, modifiers) if space.notes.top() <= pos.y() < space.notes.bottom() else None
    if roll.note_at(pos) is not None:
        return NoteDrag(roll, pos, modifiers)
    return (BandDrag if modifiers & Qt.KeyboardModifier.ShiftModifier else DrawDrag)(roll, pos, modifiers)

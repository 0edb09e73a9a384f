"""What is done with the notes of a part that are selected: copied, cut, put in, doubled, drawn to the grid."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from studio.project.sound import notes
from studio.project.sound.score import Note, Score

if TYPE_CHECKING:
    from studio.ui.sound.pianoroll.roll import PianoRoll


class NoteWork:
    """The notes are those of the part in front."""

    def __init__(self, roll: PianoRoll) -> None:
        self.roll = roll
        self._copied: tuple[Note, ...] = ()

    def choose_all(self) -> None:
        roll = self.roll
        if roll.score.parts:
            roll.select_bars(None)
            roll.show_score(roll.score, frozenset(roll.score.parts[roll.part].notes))

    def copy(self) -> None:
        if self.roll.chosen:
            self._copied, self.roll.work.count = notes.copy_notes(self.roll.chosen), 0

    def cut(self) -> None:
        self.copy()
        part, chosen = self.roll.part, self.roll.chosen
        if chosen:
            self.roll.edit("Cut notes", lambda s: notes.delete(s, part, chosen))

    def paste(self) -> None:
        """At the selected bars, or else at the playhead."""
        roll, grid = self.roll, self.roll.grid
        if not self._copied:
            return
        tick = roll.space.tick(roll.space.keys + roll.pane.axis.x(roll.playhead))
        at = roll.score.bar_tick(roll.bars[0]) if roll.bars is not None else round(tick / grid) * grid
        roll.edit("Paste notes", lambda s: notes.paste_notes(s, roll.part, self._copied, at))

    def duplicate(self) -> None:
        """Once more, behind themselves, from the next line of the grid on."""
        roll, chosen = self.roll, self.roll.chosen
        if chosen:
            first, end = min(n.start for n in chosen), max(n.end for n in chosen)
            by = -(-(end - first) // roll.grid) * roll.grid
            roll.edit("Duplicate notes", lambda s: notes.paste_notes(s, roll.part, notes.copy_notes(chosen),
                                                                     first + by))

    def quantise(self) -> None:
        """Draw the chosen notes (those of the selected bars, or all, where none is chosen) to the grid."""
        roll = self.roll

        def change(score: Score) -> Any:
            found = roll.chosen or frozenset(score.parts[roll.part].notes)
            if not roll.chosen and roll.bars is not None:
                start, end = (score.bar_tick(bar) for bar in roll.bars)
                found = frozenset(n for n in found if start <= n.start < end)
            after, moved = notes.quantise(score, roll.part, found, roll.grid)
            return after, moved if roll.chosen else frozenset()

        roll.edit("Quantise", change)

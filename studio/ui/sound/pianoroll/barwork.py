"""What is done with whole bars of the piano roll: copied, cut, put in, doubled, taken out, repeated in playback."""

from __future__ import annotations

from typing import TYPE_CHECKING

from studio.project.sound import edits, notes
from studio.project.sound.score import Score
from studio.ui.widgets.popup import Menu

if TYPE_CHECKING:
    from studio.ui.sound.pianoroll.roll import PianoRoll

NONE = "Select bars first: drag over their numbers."


class BarWork:
    """Bars are those of all parts. Attributes: copied (score) and how many bars it has."""

    def __init__(self, roll: PianoRoll) -> None:
        self.roll = roll
        self.copied, self.count = Score(), 0

    def _chosen(self) -> tuple[int, int] | None:
        if self.roll.bars is None:
            self.roll.pane.notice.emit(NONE)
        return self.roll.bars

    def copy(self) -> None:
        if (bars := self._chosen()) is not None:
            self.copied, self.count = notes.copy_bars(self.roll.score, *bars), bars[1] - bars[0]
            self.roll.pane.notice.emit(f"Copied {words(bars)}.")

    def cut(self) -> None:
        if self._chosen() is not None:
            self.copy()
            self.remove("Cut bars")

    def paste(self) -> None:
        """In front of the selected bars, or else of the bar at the playhead; what follows makes room."""
        if not self.count:
            self.roll.pane.notice.emit("No bars were copied.")
            return
        bars = self.roll.bars
        self._put("Paste bars", bars[0] if bars is not None else self.roll.playhead_bar, self.copied, self.count)

    def duplicate(self) -> None:
        """Once more, behind themselves."""
        if (bars := self._chosen()) is not None:
            self._put("Duplicate bars", bars[1], notes.copy_bars(self.roll.score, *bars), bars[1] - bars[0])

    def insert(self) -> None:
        """As many empty ones in front."""
        if (bars := self._chosen()) is not None:
            self._put("Insert bars", bars[0], Score(), bars[1] - bars[0])

    def clear(self) -> None:
        """Silence instead; what follows stays."""
        if (bars := self._chosen()) is not None:
            self.roll.edit("Clear bars", lambda s: notes.replace_bars(s, *bars, Score()))

    def remove(self, label: str = "Remove bars") -> None:
        """Out of the piece; what follows moves up."""
        if (bars := self._chosen()) is not None:
            self.roll.select_bars(None)
            self.roll.edit(label, lambda s: notes.delete_bars(s, *bars), fit=True)

    def _put(self, label: str, bar: int, what: Score, count: int) -> None:
        self.roll.edit(label, lambda s: notes.insert_bars(s, bar, what, count), fit=True)
        self.roll.select_bars((bar, bar + count))

    def loop(self) -> None:
        """Repeat them in playback, or no longer."""
        roll, document = self.roll, self.roll.pane.document
        if (bars := self._chosen()) is None:
            return
        start, end = (roll.space.zero + roll.score.seconds(roll.score.bar_tick(bar)) for bar in bars)
        loop = document.arrangement.loop
        same = loop is not None and loop.on and abs(loop.start - start) < 1e-3 and abs(loop.end - end) < 1e-3
        document.edit("No loop" if same else "Loop", lambda old: edits.set_loop(old, start, end, on=not same))

    def regenerate(self) -> None:
        """Write the selected bars, or those of the chosen notes, anew."""
        roll, bars, clip = self.roll, self.roll.bars, self.roll.shown_clip
        if bars is None and roll.chosen:
            starts = [note.start for note in roll.chosen]
            bars = roll.score.bar_of(min(starts)), roll.score.bar_of(max(starts)) + 1
        if bars is None:
            roll.pane.notice.emit("Select the bars, or notes in them, that should be written anew.")
            return
        first, last = bars[0] + 1, min(bars[1], roll.score.bars)
        if clip is None or first > last:
            roll.pane.notice.emit("These bars lie behind the end of the piece; extend the clip instead.")
            return
        roll.generating.compose(clip, "fill", first=first, last=last)

    def menu(self) -> Menu:
        """All of it, for a right click on the bar numbers."""
        menu = Menu(self.roll.theme, "Bars", self.roll)
        for title, run in (("Copy\tCtrl+C", self.copy), ("Cut\tCtrl+X", self.cut), ("Paste before\tCtrl+V", self.paste),
                           ("Duplicate\tCtrl+D", self.duplicate), ("Insert empty bars\tIns", self.insert), ("", None),
                           ("Clear\tDel", self.clear), ("Remove\tShift+Del", self.remove), ("", None),
                           ("Loop\tL", self.loop), ("Regenerate\tR", self.regenerate)):
            if run is None:
                menu.addSeparator()
            else:
                menu.addAction(title).triggered.connect(lambda _=False, run=run: run())
        return menu


def words(bars: tuple[int, int]) -> str:
    """Such as "bars 3 to 4", for what is counted from 0 and ends before the second."""
    return f"bar {bars[1]}" if bars[1] - bars[0] == 1 else f"bars {bars[0] + 1} to {bars[1]}"

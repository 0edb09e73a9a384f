"""The piano roll with what stands around it: the parts at its left, title, bars and grid above."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QScrollArea, QScrollBar, QWidget

from studio.project.sound import Clip
from studio.project.sound.score import TICKS
from studio.ui.sound.heads import WIDTH
from studio.ui.sound.pane import SoundPane
from studio.ui.sound.pianoroll.bank import NoteBank
from studio.ui.sound.pianoroll.barwork import words
from studio.ui.sound.pianoroll.parts import PartList
from studio.ui.sound.pianoroll.roll import PianoRoll
from studio.ui.surface import Surface
from studio.ui.widgets.base import Themed
from studio.ui.widgets.buttons import BaseButton, IconButton, PushButton
from studio.ui.widgets.choice import Choice, Option
from studio.ui.widgets.labels import ElidedLabel, Label, Separator

BAR = 40
GRIDS = (("1/4", TICKS), ("1/8", TICKS // 2), ("1/8 triplet", TICKS // 3), ("1/16", TICKS // 4),
         ("1/16 triplet", TICKS // 6), ("1/32", TICKS // 8))
GRID_STATE = "sound.roll_grid"
HINT = "Click draws · drag over the bar numbers selects bars"


class RollBar(Surface):
    """Back, the clip's name, what is done with the selected bars, and the grid."""

    def __init__(self, roll: PianoRoll, grid: str) -> None:
        super().__init__(roll.theme, "chrome", "bottom")
        self.roll, theme, work = roll, roll.theme, roll.work
        self.setAccessibleName("Piano roll bar")
        self.back = IconButton(theme, "arrow-left", "Back to the tracks", key="Esc")
        self.back.clicked.connect(roll.close_roll)
        self.title = ElidedLabel(theme, "", "strong", "t1")
        self.what = Label(theme, HINT, "caption", "t3")
        self.regenerate = PushButton(theme, "Regenerate", variant="primary", icon="arrows-clockwise", key="R",
                                     name="Regenerate the bars")
        self.regenerate.clicked.connect(work.regenerate)
        self.buttons: list[BaseButton] = [self.regenerate]
        row = QHBoxLayout(self)
        row.setContentsMargins(6, 0, 8, 0)
        row.setSpacing(4)
        for widget in (self.back, self.title):
            row.addWidget(widget, 1 if widget is self.title else 0)
        row.addWidget(self.what)
        row.addSpacing(4)
        row.addWidget(self.regenerate)
        for icon, name, key, run in (
                ("repeat", "Loop the bars", "L", work.loop), ("copy", "Duplicate the bars", "Ctrl+D", work.duplicate),
                ("plus-square", "Insert empty bars", "Ins", work.insert),
                ("eraser", "Clear the bars", "Del", work.clear),
                ("trash", "Remove the bars", "Shift+Del", work.remove)):
            button = IconButton(theme, icon, name, key=key)
            button.clicked.connect(lambda _=False, run=run: run())
            self.buttons.append(button)
            row.addWidget(button)
        row.addWidget(Separator(theme, vertical=True, length=20))
        self.grid = Choice(theme, "Grid of the notes", [Option(name, name) for name, _ in GRIDS])
        self.grid.setToolTip("Grid: where notes are drawn, and what Quantise draws them to")
        self.grid.set_key(grid)
        self.quantise = IconButton(theme, "magnet-straight", "Quantise", key="Q")
        self.quantise.clicked.connect(roll.notes.quantise)
        row.addWidget(self.grid)
        row.addWidget(self.quantise)
        for quiet in (self.back, self.quantise, *self.buttons):
            quiet.setFocusPolicy(Qt.FocusPolicy.TabFocus)  # after a click the keys still go to the notes
        roll.changed.connect(self.refresh)
        self.refresh()

    def refresh(self) -> None:
        """Another clip, or other bars."""
        clip, bars = self.roll.shown_clip, self.roll.bars
        self.title.setText(clip.name if clip is not None and clip.name else "Notes")
        self.what.setText(HINT if bars is None else words(bars).capitalize())
        self.what.set_tone("t3" if bars is None else "t1")
        for button in self.buttons:
            button.setVisible(bars is not None)


class RollDesk(Themed, QWidget):
    """Lies over track heads and timeline while the notes of a clip are edited."""

    def __init__(self, pane: SoundPane, roll: PianoRoll) -> None:
        super().__init__(pane)
        self.pane, self.roll = pane, roll
        roll.setParent(self)
        session = roll.generating.session
        kept = session.project.get_state(GRID_STATE)
        names = dict(GRIDS)
        grid = kept if kept in names else "1/8"
        roll.grid = names[grid]
        self.bar = RollBar(roll, grid)
        self.bar.setParent(self)
        self.bar.grid.chosen.connect(self._take_grid)
        self.parts = PartList(roll)
        self._left = QScrollArea(self)
        self._left.setWidgetResizable(True)
        self._left.setFrameShape(QScrollArea.Shape.NoFrame)
        self._left.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._left.setWidget(self.parts)
        self._down = QScrollBar(Qt.Orientation.Vertical, self)
        self._down.valueChanged.connect(self._scrolled)
        self.bank = NoteBank(roll)
        roll.changed.connect(self._show_scroll)
        roll.closed.connect(self._close)
        self.setAccessibleName("Notes of the clip")
        self.init_theme(pane.theme)
        self.hide()

    def open(self, clip: Clip) -> None:
        """Show the notes of a clip."""
        self.pane.set_cover(self)
        self.show()
        self.raise_()
        self.roll.open(clip)
        self.bar.refresh()

    def _close(self) -> None:
        self.hide()
        self.pane.set_cover(None)

    def _take_grid(self, name: str) -> None:
        self.roll.grid = dict(GRIDS)[name]
        session = self.roll.generating.session
        if not session.project.read_only:
            session.store(session.project.set_state(GRID_STATE, name))
        self.roll.setFocus()

    def _scrolled(self, value: int) -> None:
        self.roll.space.scroll_to(value)
        self.roll.update()

    def _show_scroll(self) -> None:
        space = self.roll.space
        self._down.blockSignals(True)
        self._down.setRange(0, round(space.most))
        self._down.setPageStep(max(round(space.notes.height()), 1))
        self._down.setSingleStep(space.row)
        self._down.setValue(round(space.scroll))
        self._down.blockSignals(False)
        top = self.theme.dp(BAR) + space.ruler
        self._down.setGeometry(self.width() - 12, top, 12, max(round(space.notes.height()), 0))

    def fit_inset(self) -> None:
        """The prompt bar has another height."""
        self.roll.fit_inset()

    def resizeEvent(self, event: QResizeEvent) -> None:
        tall, left = self.theme.dp(BAR), self.theme.dp(WIDTH) - self.roll.space.keys
        self.bar.setGeometry(0, 0, self.width(), tall)
        self._left.setGeometry(0, tall, left, self.height() - tall)
        self.roll.setGeometry(left, tall, self.width() - left, self.height() - tall)
        self._show_scroll()

"""The parts of a score, beside the piano roll: colour, name, what plays them, silent or alone."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QPoint, QRectF, QSize, Qt
from PySide6.QtGui import QContextMenuEvent, QFocusEvent, QKeyEvent, QMouseEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QHBoxLayout, QSizePolicy, QVBoxLayout, QWidget

from studio.project.sound import mixing
from studio.project.sound.score import Part
from studio.ui.sound.pianoroll.instruments import instrument_name
from studio.ui.sound.pianoroll.painting import part_colour
from studio.ui.surface import Surface
from studio.ui.widgets.base import Themed
from studio.ui.widgets.buttons import BaseButton, PushButton
from studio.ui.widgets.labels import ElidedLabel
from studio.ui.widgets.popup import Menu

if TYPE_CHECKING:
    from studio.ui.sound.pianoroll.roll import PianoRoll

ROW = 68


class InstrumentButton(BaseButton):
    """What plays a part, with a mark that it can be chosen."""

    focus_radius = 4.0

    def sizeHint(self) -> QSize:
        return QSize(60, self.theme.dp(28))

    def paintEvent(self, event: QPaintEvent) -> None:
        painter, theme = QPainter(self), self.theme
        glyph = theme.dp(12)
        painter.setFont(theme.font("caption"))
        painter.setPen(theme.color("t1" if self.underMouse() and self.isEnabled() else "t3"))
        metrics = painter.fontMetrics()
        text = metrics.elidedText(self.text(), Qt.TextElideMode.ElideRight, self.width() - glyph - 6)
        painter.drawText(self.rect(), Qt.AlignmentFlag.AlignVCenter, text)
        if self.isEnabled():
            x = metrics.horizontalAdvance(text) + 4
            theme.icons.paint(painter, QRectF(x, (self.height() - glyph) / 2, glyph, glyph), "caret-down",
                              "t1" if self.underMouse() else "t3")


class PartRow(Surface):
    """One part. A click brings it to the front."""

    def __init__(self, roll: PianoRoll, number: int, part: Part) -> None:
        super().__init__(roll.theme, "panel", "bottom")
        self.roll, self.number = roll, number
        self._shown: tuple[object, ...] = ()
        theme = roll.theme
        self.setFixedHeight(theme.dp(ROW))
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.name = ElidedLabel(theme, "", "strong", "t1")
        self.plays = InstrumentButton(theme, "Instrument")
        self.mute = PushButton(theme, "M", name="Mute the part", key="M", checkable=True)
        self.solo = PushButton(theme, "S", name="Only this part", checkable=True)
        for button in (self.mute, self.solo):
            button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.plays.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        self.plays.clicked.connect(self._choose)
        self.mute.clicked.connect(lambda on: roll.edit(
            "Mute the part" if on else "Unmute the part", lambda s: mixing.set_muted(s, self.number, on)))
        self.solo.clicked.connect(lambda on: roll.edit(
            "Only one part" if on else "All parts", lambda s: mixing.set_alone(s, self.number, on)))
        top = QHBoxLayout()
        top.setSpacing(4)
        top.addWidget(self.name, 1)
        top.addWidget(self.mute)
        top.addWidget(self.solo)
        column = QVBoxLayout(self)
        column.setContentsMargins(12, 6, 8, 6)
        column.setSpacing(0)
        column.addLayout(top)
        column.addWidget(self.plays)
        self.show_part(part)

    def show_part(self, part: Part) -> None:
        """The score has another value for it; a drag gives many, in which only the notes differ."""
        front, score = self.roll.part == self.number, self.roll.score
        mute, alone, several = mixing.is_muted(part), mixing.is_alone(score, self.number), len(score.parts) > 1
        shown = (front, part.name, part.drums, part.program, mute, alone, several)
        if shown == self._shown:
            return
        self._shown = shown
        self._token = "raised" if front else "panel"
        plays = "Drums" if part.drums else instrument_name(part.program)
        self.name.setText(part.name or f"Part {self.number + 1}")
        self.name.set_tone("t1" if front else "t2")
        self.plays.setText(plays)
        self.plays.set_name(f"Instrument: {plays}", "I" if front else "")
        self.plays.set_available(not part.drums, "Drums have no instrument to choose.")
        self.mute.setChecked(mute)
        self.solo.setChecked(alone)
        self.solo.set_available(several, "There is only one part.")
        self.setAccessibleName(f"{part.name or 'Part'}, {plays}{', shown' if front else ''}")
        self.update()

    def _choose(self) -> None:
        self.roll.show_instruments(self.number, self.plays.mapToGlobal(QPoint(0, self.plays.height())))

    def mousePressEvent(self, event: QMouseEvent) -> None:
        self.roll.show_part(self.number)
        self.roll.setFocus(Qt.FocusReason.MouseFocusReason)

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        menu = Menu(self.theme, "Part", self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        menu.addAction("Add a part").triggered.connect(self.roll.add_part)
        menu.addAction("Remove this part").triggered.connect(lambda: self.roll.edit(
            "Remove the part", lambda s: mixing.remove_part(s, self.number)))
        menu.popup(event.globalPos())

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Space):
            self.roll.show_part(self.number)
        elif event.key() == Qt.Key.Key_Escape:
            self.roll.setFocus()
        else:
            super().keyPressEvent(event)

    def focusInEvent(self, event: QFocusEvent) -> None:
        self.roll.show_part(self.number)
        super().focusInEvent(event)

    def paintEvent(self, event: QPaintEvent) -> None:
        super().paintEvent(event)
        painter = QPainter(self)
        quiet = self.mute.isChecked()
        painter.fillRect(0, 0, 3, self.height() - 1, self.theme.color("t4" if quiet else part_colour(self.number)))


class PartList(Themed, QWidget):
    """A row for each part, and a button that adds one."""

    def __init__(self, roll: PianoRoll, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.roll = roll
        self.rows: list[PartRow] = []
        self.setAccessibleName("Parts")
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 1, 0)
        self._column.setSpacing(0)
        self.add = PushButton(roll.theme, "Add part", variant="quiet", icon="plus")
        self.add.clicked.connect(roll.add_part)
        self._column.addSpacing(6)
        self._column.addWidget(self.add, 0, Qt.AlignmentFlag.AlignLeft)
        self._column.addStretch(1)
        roll.changed.connect(self.refresh)
        self.init_theme(roll.theme)

    def refresh(self) -> None:
        """Follow the score."""
        parts = self.roll.score.parts
        while len(self.rows) > len(parts):
            row = self.rows.pop()
            self._column.removeWidget(row)
            row.hide()
            row.deleteLater()
        for number, part in enumerate(parts):
            if number == len(self.rows):
                row = PartRow(self.roll, number, part)
                self.rows.append(row)
                self._column.insertWidget(number, row)
            else:
                self.rows[number].show_part(part)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter, theme = QPainter(self), self.theme
        painter.fillRect(self.rect(), theme.color("chrome"))
        painter.setPen(theme.color("line"))
        painter.drawLine(self.width() - 1, 0, self.width() - 1, self.height())

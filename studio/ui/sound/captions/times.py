"""Times as people write them: "1:02.5", "0:01:02.500", "62.5"."""

from __future__ import annotations

import re

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QFocusEvent, QKeyEvent
from PySide6.QtWidgets import QWidget

from studio.project.sound.values import LONGEST
from studio.ui import timeaxis
from studio.ui.theme import Theme
from studio.ui.widgets.text import TextField

STEP = 0.1
"""Seconds by which arrow keys move a time; with Shift a tenth of that."""
_TIME = re.compile(r"(?:(?:(\d{1,3}):)?(\d{1,4}):)?(\d{1,6})(?:[.,](\d{1,6}))?")


def clock(seconds: float) -> str:
    """"1:02.500", with hours where there are some."""
    return timeaxis.clock(seconds, 0.001)


def seconds_of(text: str) -> float | None:
    """What was written, None where it is no time."""
    match = _TIME.fullmatch(text.strip().replace(" ", ""))
    if match is None:
        return None
    hours, minutes, seconds, part = match.groups()
    found = int(hours or 0) * 3600 + int(minutes or 0) * 60 + int(seconds) + (float(f"0.{part}") if part else 0.0)
    return found if found <= LONGEST else None


class TimeField(TextField):
    """A time that is typed, or moved by arrow keys. Signal ``taken(float)``; what is no time is `refused`."""

    taken = Signal(float)
    refused = Signal()
    restored = Signal()
    """What was no time has given way to the time that was."""

    def __init__(self, theme: Theme, name: str, parent: QWidget | None = None) -> None:
        super().__init__(theme, name, role="mono", parent=parent)
        self._value = 0.0
        self.setToolTip(f"{name}: minutes, seconds and parts of a second; arrow keys move it by a tenth")
        self.editingFinished.connect(self._finish)

    def value(self) -> float:
        return self._value

    def set_value(self, seconds: float) -> None:
        """Silent; what is being typed stays."""
        changed, self._value = seconds != self._value, seconds
        if changed or not self.hasFocus():
            self.set_invalid(False)
            self.setText(clock(seconds))
            self.setCursorPosition(0)

    def _finish(self) -> None:
        if self.text() == clock(self._value):
            self.set_invalid(False)
            return
        found = seconds_of(self.text())
        self.set_invalid(found is None)
        if found is None:
            self.refused.emit()
        else:
            self.taken.emit(found)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        by = {Qt.Key.Key_Up: STEP, Qt.Key.Key_Down: -STEP}.get(Qt.Key(event.key()))
        if by is None:
            super().keyPressEvent(event)
            return
        fine = 0.1 if event.modifiers() & Qt.KeyboardModifier.ShiftModifier else 1.0
        self.taken.emit(max(self._value + by * fine, 0.0))

    def focusOutEvent(self, event: QFocusEvent) -> None:
        super().focusOutEvent(event)
        if seconds_of(self.text()) is None or self.property("invalid"):  # what was wrong is put back
            self.set_invalid(False)
            self.setText(clock(self._value))
            self.restored.emit()

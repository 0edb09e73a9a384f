"""Colours, brushes and options of the tools, kept from one run of the studio to the next."""

from __future__ import annotations

from PySide6.QtCore import QObject, QTimer

from studio.settings import SettingsFile
from studio.ui.canvas.toolstate import ToolState

DELAY_MS = 1000
PASSING = ("box",)
"""What the tools share only while they are in hand."""


class ToolMemory(QObject):
    """Fills `state` from the settings, and writes it back a moment after the last change."""

    def __init__(self, state: ToolState, settings: SettingsFile, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._state, self._settings = state, settings
        self._timer = QTimer(self, singleShot=True, interval=DELAY_MS)
        self._timer.timeout.connect(self._write)
        state.from_json(settings.value.tools)
        state.changed.connect(self._changed)

    def _changed(self, name: str) -> None:
        if name not in PASSING:
            self._timer.start()

    def flush(self) -> None:
        """Write at once what still waits."""
        if self._timer.isActive():
            self._timer.stop()
            self._write()

    def _write(self) -> None:
        self._settings.update(tools=self._state.to_json())

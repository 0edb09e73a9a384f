"""The settings panel: theme, text size, motion. What it changes holds at once and is remembered."""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from studio.ui.theme import Theme
from studio.ui.widgets import Label, Segmented, Separator, Switch

SCALES = {"100": 1.0, "125": 1.25, "150": 1.5, "200": 2.0}


class SettingsPanel(QWidget):
    """Signal ``chosen(dict)``: names and values of `studio.settings.Settings`."""

    chosen = Signal(dict)
    delete_on_close = True

    def __init__(self, theme: Theme, settings: Any) -> None:
        super().__init__()
        self.setAccessibleName("Settings")
        self.setFixedWidth(theme.dp(440))
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(14, 10, 14, 14)
        self._column.setSpacing(10)
        self._column.addWidget(Label(theme, "Settings", "title"))
        look = Segmented(theme, "Theme", [("system", "System"), ("dark", "Dark"), ("light", "Light")])
        look.set_current(settings.theme)
        look.changed.connect(lambda key: self.chosen.emit({"theme": key}))
        self._row(theme, "Theme", look)
        size = Segmented(theme, "Text size", [(key, f"{key} %") for key in SCALES])
        size.set_current(min(SCALES, key=lambda key: abs(SCALES[key] - settings.scale)))
        size.changed.connect(lambda key: self.chosen.emit({"scale": SCALES[key]}))
        self._row(theme, "Text size", size)
        motion = Switch(theme, "Reduce motion", checked=settings.reduced_motion)
        motion.toggled.connect(lambda on: self.chosen.emit({"reduced_motion": on}))
        self._row(theme, "Reduce motion", motion)
        self._column.addWidget(Separator(theme))
        marks = Switch(theme, "Exported files say how they were made", checked=settings.export_metadata)
        marks.toggled.connect(lambda on: self.chosen.emit({"export_metadata": on}))
        self._row(theme, "Exported files say how they were made", marks)
        where = Segmented(theme, "Run models on", [("auto", "Best there is"), ("cpu", "Processor")])
        where.set_current("cpu" if settings.device == "cpu" else "auto")
        where.changed.connect(lambda key: self.chosen.emit({"device": key}))
        self._row(theme, "Run models on", where)
        self._column.addWidget(Label(theme, "Text size and where models run change fully at the next start.",
                                     "caption", "t3", wrap=True))

    def _row(self, theme: Theme, title: str, control: QWidget) -> None:
        row = QHBoxLayout()
        row.addWidget(Label(theme, title, "body", "t2"))
        row.addStretch(1)
        row.addWidget(control)
        self._column.addLayout(row)

"""How loud the mix is, beside how loud it should be."""

from __future__ import annotations

import math
from typing import Any

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QSizePolicy, QVBoxLayout, QWidget

from studio.ui.sound.meters import SegmentMeter
from studio.ui.surface import Surface
from studio.ui.theme import Theme
from studio.ui.widgets.choice import Choice, Option
from studio.ui.widgets.labels import Label, Tag

TARGETS = (("-14", "Streaming −14"), ("-16", "Podcast −16"), ("-23", "Broadcast −23"), ("-18", "Audiobook −18"))
NEAR = 0.5
"""LU within which a target is met."""
CEILING = -1.0
HEIGHT = 176


def shown(value: float, digits: int = 1) -> str:
    """A level with a proper minus."""
    return "−∞" if value == -math.inf else f"{value:.{digits}f}".replace("-", "−")


class LoudnessCard(Surface):
    """Fed by `show_loudness`."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(theme, "panel", "top", parent)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Maximum)
        self.setAccessibleName("Loudness")
        self.found: Any = None
        self.target = Choice(theme, "Loudness target", [Option(key, title) for key, title in TARGETS], key="-16",
                             quiet=True)
        self.number = Label(theme, "–", "loudness", tnum=True)
        self.tag = Tag(theme, "On target", "starter")
        self.verdict = Label(theme, "", "caption", "warn")
        self.meter = SegmentMeter(theme)
        self.rows: dict[str, Label] = {}
        self._lay_out(theme)
        self.setMaximumHeight(theme.dp(HEIGHT))
        self.target.chosen.connect(lambda _: self.show_loudness(self.found))
        self.show_loudness(None)

    def _lay_out(self, theme: Theme) -> None:
        column = QVBoxLayout(self)
        column.setContentsMargins(12, 10, 12, 12)
        column.setSpacing(8)
        head, across, numbers = QHBoxLayout(), QHBoxLayout(), QVBoxLayout()
        head.addWidget(Label(theme, "Loudness", "strong"))
        head.addStretch(1)
        head.addWidget(self.target)
        column.addLayout(head)
        column.addLayout(across, 1)
        across.setSpacing(18)
        across.addWidget(self.meter)
        across.addLayout(numbers, 1)
        numbers.setSpacing(6)
        large = QHBoxLayout()
        large.addWidget(self.number)
        large.addWidget(Label(theme, "LUFS", "body", "t3"))
        large.addStretch(1)
        large.addWidget(self.tag)
        large.addWidget(self.verdict)
        numbers.addLayout(large)
        grid = QGridLayout()
        grid.setVerticalSpacing(6)
        for row, (key, title) in enumerate((("short", "Short-term"), ("range", "Range"), ("peak", "True peak"))):
            grid.addWidget(Label(theme, title, "body", "t2"), row, 0)
            self.rows[key] = Label(theme, "–", "body", "t1", tnum=True)
            grid.addWidget(self.rows[key], row, 1, Qt.AlignmentFlag.AlignRight)
        numbers.addLayout(grid)
        numbers.addStretch(1)

    def show_loudness(self, found: Any) -> None:
        """found: `studio.project.sound.loudness.Loudness`, or None while it is not known."""
        self.found = found
        known = found is not None and found.integrated > -70
        self.number.setText(shown(found.integrated) if known else "–")
        self.number.set_tone("t1" if known else "t4")
        self.meter.show_whole(found.integrated if known else -math.inf, float(self.target.key()))
        for key, value, unit in (("short", found.short_term if known else 0.0, "LUFS"),
                                 ("range", found.range if known else 0.0, "LU"),
                                 ("peak", found.true_peak if known else 0.0, "dBTP")):
            self.rows[key].setText(f"{shown(value)} {unit}" if known else "–")
        if not known:
            self.tag.hide()
            self.verdict.hide()
            return
        away = found.integrated - float(self.target.key())
        hot = found.true_peak > CEILING
        self.tag.setVisible(abs(away) <= NEAR and not hot)
        words = f"{abs(away):.1f} LU too {'loud' if away > 0 else 'quiet'}" if abs(away) > NEAR else "Peaks too high"
        self.verdict.setText(words)
        self.verdict.setVisible(abs(away) > NEAR or hot)

"""The Details tab: the recipe of the result in front, and what can be done with it."""

from __future__ import annotations

import datetime
from typing import Any

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QLabel, QScrollArea, QVBoxLayout, QWidget

from studio.project import ResultRow
from studio.ui.theme import Theme
from studio.ui.widgets.base import Themed
from studio.ui.widgets.buttons import PushButton

PLAIN = {"guidance_scale": "Guidance", "negative_prompt": "Negative", "min_p": "Min-p", "top_p": "Top-p",
         "top_k": "Top-k"}


def facts_of(row: ResultRow) -> list[tuple[str, str]]:
    """What the recipe says, as names and values for a person; long hashes are cut to 12 digits."""
    recipe = row.recipe
    generator = recipe.get("generator", {})
    facts = [("Made with", f"{generator.get('title', row.title)} {generator.get('plugin_version', '')}".strip())]
    facts += [(name.replace("_", " ").capitalize(), f"{m.get('name')}  {str(m.get('sha256', ''))[:12]}")
              for name, m in recipe.get("models", {}).items()]
    for name, value in recipe.get("params", {}).items():
        if name in ("prompt", "model") or value in (None, "", []):
            continue
        facts.append((PLAIN.get(name, name.replace("_", " ").capitalize()), _value(value)))
    device = recipe.get("device", {})
    if device:
        facts.append(("Device", " ".join(str(device.get(k, "")) for k in ("type", "dtype")).strip()))
    facts += [(name, str(version)) for name, version in recipe.get("libraries", {}).items()]
    facts.append(("Made", datetime.datetime.fromtimestamp(row.created).strftime("%d %b %Y, %H:%M")))
    facts.append(("SHA-256", row.media[:12]))
    return facts


def _value(value: Any) -> str:
    if isinstance(value, dict) and "media" in value:
        return f"{value.get('type', 'file')}  {str(value['media'])[:12]}"
    if isinstance(value, float):
        return f"{value:g}"
    return str(value)


class DetailsPanel(Themed, QScrollArea):
    """Signals carry the result's id."""

    run_again = Signal(str)
    use_settings = Signal(str)
    export = Signal(str)
    copy_recipe = Signal(str)

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._row: ResultRow | None = None
        self._stale = True
        self.setWidgetResizable(True)
        self.setFrameShape(QScrollArea.Shape.NoFrame)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setAccessibleName("Details")
        self.init_theme(theme)
        self.show_result(None)

    def retheme(self) -> None:
        super().retheme()
        self.show_result(self._row)

    def show_result(self, row: ResultRow | None) -> None:
        """Filled at once only where it is seen: each new result comes to the front of the strip."""
        self._row, self._stale = row, True
        if self.isVisible():
            self._show()

    def showEvent(self, event: QShowEvent) -> None:
        if self._stale:
            self._show()
        super().showEvent(event)

    def _show(self) -> None:
        self._stale, row = False, self._row
        page = QWidget()
        column = QVBoxLayout(page)
        column.setContentsMargins(12, 12, 12, 12)
        column.setSpacing(8)
        if row is None:
            column.addWidget(self._label("Pick a result below to see how it was made.", "t3"))
        else:
            self._fill(column, row)
        column.addStretch(1)
        self.setWidget(page)

    def _fill(self, column: QVBoxLayout, row: ResultRow) -> None:
        column.addWidget(self._label(row.prompt or "Without a prompt", "t1", strong=True))
        buttons = QGridLayout()
        buttons.setSpacing(8)
        for place, (text, icon, signal, hint) in enumerate((
            ("Run again", "arrows-clockwise", self.run_again, "Make it again from its recipe"),
            ("Use settings", "sliders-horizontal", self.use_settings, "Put its prompt and settings into the form"),
            ("Export…", "export", self.export, "Write it to a file, with its recipe"),
            ("Copy recipe", "copy", self.copy_recipe, "Copy the recipe as JSON"),
        )):
            button = PushButton(self.theme, text, icon=icon)
            button.setSizePolicy(button.sizePolicy().Policy.Expanding, button.sizePolicy().Policy.Fixed)
            button.setToolTip(hint)
            button.clicked.connect(lambda _=False, s=signal: s.emit(row.id))
            buttons.addWidget(button, place // 2, place % 2)
        column.addLayout(buttons)
        column.addSpacing(4)
        for name, value in facts_of(row):
            line = QHBoxLayout()
            line.setSpacing(8)
            left = self._label(name, "t3")
            left.setFixedWidth(self.theme.dp(88))
            left.setAlignment(Qt.AlignmentFlag.AlignTop)
            line.addWidget(left)
            line.addWidget(self._label(value, "t2"), 1)
            column.addLayout(line)

    def _label(self, text: str, token: str, *, strong: bool = False) -> QLabel:
        label = QLabel(text)
        label.setTextFormat(Qt.TextFormat.PlainText)
        label.setWordWrap(True)
        label.setFont(self.theme.font("strong" if strong else "body", tnum=True))
        label.setStyleSheet(f"color: {getattr(self.theme.tokens, token)}; background: transparent;")
        label.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        label.setMinimumWidth(10)
        return label

"""What the machine is told: every part with its tokens, what fell out, and the exact prompt."""

from __future__ import annotations

import json
from typing import Any

from PySide6.QtCore import QRectF, QSize
from PySide6.QtGui import QFont, QGuiApplication, QPainter, QPaintEvent
from PySide6.QtWidgets import QPlainTextEdit, QSizePolicy, QVBoxLayout, QWidget

from studio.ui.theme import Theme
from studio.ui.widgets.base import Themed, box
from studio.ui.widgets.buttons import PushButton
from studio.ui.widgets.labels import ElidedLabel, Label, Tag
from studio.ui.widgets.ring import Ring
from studio.ui.write.assist.parts import column, row, scrolled

TONES = ("iris", "spring", "warn", "sky", "lora", "wildcard", "emphasis", "notes")
MOST_SHOWN = 200_000
NAMES = {"memory": "Story notes", "context": "Text before the caret", "suffix": "Text behind the caret",
         "prompt": "Wish", "system": "Instructions", "style_sample": "Style sample", "author_note": "Author's note",
         "template": "The model's template", "messages": "Messages", "character": "Character"}
"""What the generator's parts are called; others keep their name."""


class _Bar(Themed, QWidget):
    """How the window of the model is filled."""

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._parts: list[tuple[int, str]] = []
        self._window = 1
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setAccessibleName("How full the model's window is")
        self.init_theme(theme)

    def show_parts(self, parts: list[tuple[int, str]], window: int) -> None:
        self._parts, self._window = parts, max(1, window)
        self.update()

    def sizeHint(self) -> QSize:
        return QSize(200, 8)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter, x = QPainter(self), 0.0
        box(painter, self.rect(), 4, self.theme.color("line2"))
        for tokens, tone in self._parts:
            wide = tokens / self._window * self.width()
            painter.fillRect(QRectF(x, 0, max(1.0, wide - 1), 8), self.theme.color(tone))
            x += wide


class _Part(QWidget):
    def __init__(self, theme: Theme, part: dict[str, Any], tone: str) -> None:
        super().__init__()
        tokens, dropped = int(part.get("tokens") or 0), int(part.get("dropped") or 0)
        dot = Tag(theme, " ")
        dot.setFixedSize(8, 8)
        dot.LOOK = {"plain": (tone, tone)}
        text = str(part.get("text") or "")
        name = str(part.get("name") or "Part")
        plain = "Words around the others that the model was trained with" if name == "template" else "Empty"
        about = ElidedLabel(theme, " ".join(text.split())[:300] or plain, "body", "t3")
        lost = Label(theme, f"{dropped} fell out", "body", "warn", tnum=True)
        lost.setVisible(dropped > 0)
        lines = QVBoxLayout(self)
        lines.setContentsMargins(0, 4, 0, 4)
        lines.setSpacing(2)
        lines.addLayout(row(dot, Label(theme, NAMES.get(name, name), "medium"), 1, lost,
                            Label(theme, f"{tokens} tokens", "body", "t2", tnum=True)))
        lines.addWidget(about)


class ContextView(QWidget):
    """The content of a popup; `show_report` takes what `language.context` gives."""

    delete_on_close = True

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.theme = theme
        self.setAccessibleName("What the machine is told")
        self.report: dict[str, Any] = {}
        self.ring = Ring(theme)
        self.ring.set_progress(0, 0)
        self.sum = Label(theme, "Counting…", "body", "t3", tnum=True, wrap=True)
        self.bar = _Bar(theme)
        self.copy = PushButton(theme, "Copy", variant="quiet", icon="copy", name="Copy the prompt")
        self.prompt = QPlainTextEdit()
        self.prompt.setReadOnly(True)
        self.prompt.setTabChangesFocus(True)
        self.prompt.setAccessibleName("The exact prompt")
        font = theme.font("mono")
        font.setFeature(QFont.Tag("calt"), 0)  # signs of a template are shown one by one
        self.prompt.setFont(font)
        self.prompt.setMinimumHeight(theme.dp(200))
        self._holder = QWidget()
        self._parts = column((0, 0, 8, 0), 0)
        self._parts.addStretch(1)
        self._holder.setLayout(self._parts)
        area = scrolled(self._holder)
        area.setMinimumHeight(theme.dp(190))
        lines = column((10, 8, 10, 10), 8)
        lines.addLayout(row(Label(theme, "What the machine is told", "title"), 1, self.ring))
        lines.addWidget(self.sum)
        lines.addWidget(self.bar)
        lines.addWidget(area, 1)
        lines.addLayout(row(Label(theme, "The exact prompt", "strong"), 1, self.copy))
        lines.addWidget(self.prompt, 1)
        self.setLayout(lines)
        self.setMinimumWidth(theme.dp(620))
        self.copy.set_available(False, "There is nothing yet")
        self.copy.clicked.connect(lambda: QGuiApplication.clipboard().setText(self.prompt.toPlainText()))

    def show_report(self, text: str) -> None:
        """JSON of the generator; what is not of its form is said to be so."""
        self.ring.clear()
        try:
            report = json.loads(text)
        except ValueError:
            report = None
        if not isinstance(report, dict) or not isinstance(report.get("parts"), list):
            self.show_problem("The generator's answer cannot be read.")
            return
        self.report = report
        window, tokens = int(report.get("window") or 0), int(report.get("tokens") or 0)
        parts = [part for part in report["parts"] if isinstance(part, dict)]
        dropped = sum(int(part.get("dropped") or 0) for part in parts)
        ways = ["fills in the middle"] if report.get("fim") else []
        ways += ["uses the model's chat template" if report.get("template") else "plain text"]
        lost = f" {dropped:,} tokens fell out." if dropped else " Nothing fell out."
        self.sum.setText(f"{tokens:,} of {window:,} tokens; {', '.join(ways)}.{lost}")
        self.bar.show_parts([(int(p.get("tokens") or 0), TONES[n % len(TONES)]) for n, p in enumerate(parts)], window)
        while self._parts.count() > 1:
            item = self._parts.takeAt(0)
            if item.widget() is not None:
                item.widget().deleteLater()
        for number, part in enumerate(parts):
            self._parts.insertWidget(number, _Part(self.theme, part, TONES[number % len(TONES)]))
        self.prompt.setPlainText(str(report.get("prompt") or "")[-MOST_SHOWN:])
        self.copy.set_available(True)

    def show_problem(self, sentence: str) -> None:
        self.ring.clear()
        self.sum.setText(sentence)
        self.sum.set_tone("err")

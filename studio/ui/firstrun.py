"""The start screen: one prompt, three ways in, what is ready, and projects to open."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from PySide6.QtCore import QEvent, QObject, Qt, Signal
from PySide6.QtGui import (
    QImage,
    QKeyEvent,
    QTextCursor,
)
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QLabel, QScrollArea, QVBoxLayout, QWidget

from studio.ui.startparts import FocusCard, Logo, Ready, ReadyCard, WayIn
from studio.ui.startscenes import Strip, Tracks, page
from studio.ui.surface import Surface
from studio.ui.theme import FontRole, Theme
from studio.ui.widgets.buttons import Chip, PushButton
from studio.ui.widgets.segmented import Segmented
from studio.ui.widgets.text import TextArea

WIDTH = 960


@dataclass(frozen=True)
class Making:
    """Something to begin with. generator: "" for that of the workspace; tries: prompts that the starter does well."""

    title: str
    icon: str
    workspace: str
    generator: str
    tries: tuple[str, ...]


MAKINGS = {
    "image": Making("Picture", "paint-brush", "canvas", "", (
        "a red apple", "a blue car", "a golden crown", "a butterfly", "a castle", "a black cat", "a rocket")),
    "text": Making("Text", "pen-nib", "write", "", (
        "Write a story about a lighthouse.", "A letter from the moon.", "The last train of the night.")),
    "speech": Making("Speech", "microphone", "sound", "speech.hibari", (
        "Good evening. The lamp is lit.", "Once there was a cat who mapped the stars.", "It is half past nine.")),
    "music": Making("Music", "music-notes", "sound", "music.transformer", (
        "a slow waltz in D minor", "a lively jig in G major", "a chorale in F major, 8 bars")),
}


class StartScreen(Surface):
    """What stands where a project will be."""

    made = Signal(str, str)
    """A key of `MAKINGS`, and the prompt."""
    entered = Signal(str)
    """workspace"""
    open_wanted = Signal(str)
    """path of a recent project, "" for the file dialog"""
    shortcuts_wanted = Signal()
    install_wanted = Signal(str)

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(theme, "canvas", "", parent)
        self.setAccessibleName("Start")
        self.prompt = TextArea(theme, "What would you like to make?", role="prompt_large", most=4, bare=True,
                               placeholder=_example("image"))
        kinds = [(kind, making.title, making.icon) for kind, making in MAKINGS.items()]
        self.kind = Segmented(theme, "Kind", kinds, accent=True)
        self.kind.set_current("image")
        self.go = PushButton(theme, "Generate", variant="primary", icon="sparkle", hint="Ctrl Enter", tall=True)
        self._strip = Strip()
        self.paint_card = WayIn(theme, "Make a picture", "A canvas that draws with you", "paint-brush", "Ctrl 1",
                                self._strip)
        self.write_card = WayIn(theme, "Write a story", "A page that can finish a sentence", "pen-nib", "Ctrl 2", page)
        self.sound_card = WayIn(theme, "Make a sound", "Voices and music on tracks", "waveform", "Ctrl 3", Tracks())
        self.tries = {kind: [Chip(theme, words, checkable=False, name=f"Try: {words}") for words in making.tries]
                      for kind, making in MAKINGS.items()}
        self.notice = QLabel()
        self.notice.setWordWrap(True)
        self.notice.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.notice.hide()
        self._ready_row = QHBoxLayout()
        self._recent_row = QHBoxLayout()
        self._build(theme)
        self._connect()
        self.retheme()

    # ------------------------------------------------------------ content

    def show_ready(self, ready: Sequence[Ready]) -> None:
        while self._ready_row.count():
            widget = self._ready_row.takeAt(0).widget()
            if widget is not None:
                widget.deleteLater()
        self._ready_row.setSpacing(12)
        self._ready_title.setText("Ready now, offline" if all(one.installed for one in ready) else "On this computer")
        for one in ready:
            card = ReadyCard(self.theme, one)
            card.install.connect(self.install_wanted)
            self._ready_row.addWidget(card)

    def show_recent(self, paths: Sequence[str]) -> None:
        while self._recent_row.count():
            widget = self._recent_row.takeAt(0).widget()
            if widget is not None:
                widget.deleteLater()
        for path in paths[:4]:
            button = PushButton(self.theme, Path(path).stem, variant="quiet", icon="clock-counter-clockwise")
            button.setToolTip(path)
            button.clicked.connect(lambda _=False, p=path: self.open_wanted.emit(p))
            self._recent_row.addWidget(button)

    def show_picture(self, picture: QImage) -> None:
        """A strip of square pictures made by the starter model, for the first card."""
        self._strip.image = picture
        self.paint_card.update()

    def show_problem(self, sentence: str) -> None:
        self.notice.setText(sentence)
        self.notice.setVisible(bool(sentence))

    # ------------------------------------------------------------ building

    def _build(self, theme: Theme) -> None:
        inner = QWidget()
        inner.setFixedWidth(theme.dp(WIDTH))
        column = QVBoxLayout(inner)
        column.setContentsMargins(0, 24, 0, 16)
        column.setSpacing(0)
        centre = Qt.AlignmentFlag.AlignHCenter
        column.addStretch(2)
        column.addWidget(Logo(theme), alignment=centre)
        column.addSpacing(16)
        self._title, self._line = QLabel("What would you like to make?"), QLabel(
            "It all happens on this computer. No account, nothing to download.")
        column.addWidget(self._title, alignment=centre)
        column.addSpacing(6)
        column.addWidget(self._line, alignment=centre)
        column.addSpacing(24)
        column.addWidget(self.notice)
        column.addWidget(self._prompt_card(theme), alignment=centre)
        column.addSpacing(10)
        column.addLayout(self._try_row())
        column.addSpacing(22)
        ways = QGridLayout()
        ways.setSpacing(24)
        for place, card in enumerate((self.paint_card, self.write_card, self.sound_card)):
            card.setSizePolicy(card.sizePolicy().Policy.Expanding, card.sizePolicy().Policy.Fixed)
            ways.addWidget(card, 0, place)
        column.addLayout(ways)
        column.addSpacing(28)
        self._ready_title = QLabel("Ready now, offline")
        column.addWidget(self._ready_title)
        column.addSpacing(8)
        column.addLayout(self._ready_row)
        column.addSpacing(8)
        column.addStretch(3)
        column.addLayout(self._foot(theme))
        page = QScrollArea(self)
        page.setFrameShape(QScrollArea.Shape.NoFrame)
        page.setWidgetResizable(True)
        page.setAlignment(Qt.AlignmentFlag.AlignHCenter)
        holder = QWidget()
        row = QHBoxLayout(holder)
        row.setContentsMargins(16, 0, 16, 0)
        row.addStretch(1)
        row.addWidget(inner)
        row.addStretch(1)
        page.setWidget(holder)
        page.setStyleSheet("QScrollArea, QScrollArea > QWidget > QWidget { background: transparent; }")
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.addWidget(page)

    def _prompt_card(self, theme: Theme) -> QWidget:
        card = FocusCard(theme, self.prompt)
        card.setFixedWidth(theme.dp(760))
        column = QVBoxLayout(card)
        column.setContentsMargins(18, 16, 12, 12)
        column.setSpacing(12)
        column.addWidget(self.prompt)
        row = QHBoxLayout()
        row.addWidget(self.kind)
        row.addStretch(1)
        row.addWidget(self.go)
        column.addLayout(row)
        return card

    def _try_row(self) -> QHBoxLayout:
        """Prompts that can be taken with a click, for what is chosen to be made."""
        row = QHBoxLayout()
        row.setSpacing(8)
        row.addStretch(1)
        for kind, chips in self.tries.items():
            for chip in chips:
                chip.clicked.connect(lambda _=False, words=chip.text(): self._try(words))
                chip.setVisible(kind == "image")
                row.addWidget(chip)
        row.addStretch(1)
        return row

    def _show_tries(self, kind: str) -> None:
        for other, chips in self.tries.items():
            for chip in chips:
                chip.setVisible(other == kind)
        self.prompt.setPlaceholderText(_example(kind))

    def _try(self, words: str) -> None:
        self.prompt.setPlainText(words)
        self.prompt.moveCursor(QTextCursor.MoveOperation.End)
        self.prompt.setFocus(Qt.FocusReason.OtherFocusReason)

    def _foot(self, theme: Theme) -> QHBoxLayout:
        row = QHBoxLayout()
        row.setSpacing(4)
        open_ = PushButton(theme, "Open a project…", variant="quiet", icon="folder-open")
        empty = PushButton(theme, "Empty project", variant="quiet", icon="file-plus")
        keys = PushButton(theme, "Shortcuts", variant="quiet", icon="keyboard")
        open_.clicked.connect(lambda: self.open_wanted.emit(""))
        empty.clicked.connect(lambda: self.entered.emit("canvas"))
        keys.clicked.connect(self.shortcuts_wanted)
        row.addWidget(open_)
        row.addWidget(empty)
        row.addLayout(self._recent_row)
        row.addStretch(1)
        row.addWidget(keys)
        return row

    def _connect(self) -> None:
        self.go.clicked.connect(self._make)
        self.kind.changed.connect(self._show_tries)
        self.paint_card.clicked.connect(lambda: self.entered.emit("canvas"))
        self.write_card.clicked.connect(lambda: self.entered.emit("write"))
        self.sound_card.clicked.connect(lambda: self.entered.emit("sound"))
        self.prompt.installEventFilter(self)

    def retheme(self) -> None:
        super().retheme()
        if not hasattr(self, "_title"):
            return
        looks: tuple[tuple[QLabel, FontRole, str], ...] = (
            (self._title, "display", "t1"), (self._line, "prompt", "t2"), (self._ready_title, "strong", "t1"),
            (self.notice, "body", "err"))
        for label, role, token in looks:
            label.setFont(self.theme.font(role))
            label.setStyleSheet(f"color: {getattr(self.theme.tokens, token)}; background: transparent;")

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if (watched is self.prompt and event.type() == QEvent.Type.KeyPress and isinstance(event, QKeyEvent)
                and event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter)):
            if event.modifiers() & Qt.KeyboardModifier.ShiftModifier:
                return False
            self._make()
            return True
        return super().eventFilter(watched, event)

    def _make(self) -> None:
        kind = self.kind.current() or "image"
        self.made.emit(kind, self.prompt.text().strip() or MAKINGS[kind].tries[0])


def _example(kind: str) -> str:
    first = MAKINGS[kind].tries[0]
    return first[0].upper() + first[1:]

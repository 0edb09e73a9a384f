"""The suggestion card: yours beside the machine's, what has changed, and what to do with it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

from PySide6.QtCore import QEvent, QSize, Qt, Signal
from PySide6.QtGui import QKeyEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from studio.ui.theme import Theme
from studio.ui.widgets.base import box
from studio.ui.widgets.buttons import IconButton, PushButton
from studio.ui.widgets.labels import Keycap, Label, Separator
from studio.ui.widgets.notices import Icon, announce
from studio.ui.widgets.popup import Card
from studio.ui.widgets.ring import Ring
from studio.ui.write.assist.difftext import DiffText
from studio.ui.write.assist.worddiff import Piece, hunks, merged, pieces
from studio.ui.write.text import words

Mode = Literal["diff", "answer"]
HEAD = 44


@dataclass
class Version:
    """One answer. result: id once it is in the project; done: no more comes; picked: hunks the person picked."""

    text: str = ""
    result: str = ""
    done: bool = False
    problem: str = ""
    picked: set[int] = field(default_factory=set)


class SuggestionCard(Card):
    """Shows the versions of one suggestion. It knows no page: `accepted` gives the whole passage as it should be.

    mode: "diff" stands for the passage, "answer" is put beside it (a summary, an explanation).
    """

    accepted = Signal(str, str)
    """The passage with all or the picked hunks, and the result it came from."""
    rejected = Signal()
    more_asked = Signal()
    """Another version is wanted."""
    inserted = Signal(str, str)
    """Put this text behind the passage; and the result it came from."""
    copied = Signal(str)
    resized = Signal()

    def __init__(self, theme: Theme, title: str, icon: str, passage: str, mode: Mode = "diff",
                 parent: QWidget | None = None) -> None:
        super().__init__(theme, surface="panel", edge="line2", radius=10, parent=parent)
        self.title, self.passage, self.mode = title, passage, mode
        self.versions: list[Version] = []
        self.at = 0
        self._pieces: list[Piece] = []
        self._counted = words(passage)
        self.setAccessibleName(f"Suggestion: {title}")
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self._make(theme, icon)
        self._lay_out(theme)
        self._connect()
        self.show_version()

    def _make(self, theme: Theme, icon: str) -> None:
        self.icon = Icon(theme, icon, tone="iris")
        self.name = Label(theme, self.title, "strong")
        self.count = Label(theme, "", "body", "t3", tnum=True)
        self.ring = Ring(theme, tone="iris")
        self.number = Label(theme, "", "body", "t3", tnum=True)
        self.previous = IconButton(theme, "caret-left", "Previous version", key="Alt+[")
        self.next = IconButton(theme, "caret-right", "Next version, or another", key="Alt+]")
        self.reject = PushButton(theme, "Reject" if self.mode == "diff" else "Close", variant="quiet")
        self.escape = Keycap(theme, "Esc")
        self.insert = PushButton(theme, "Insert below", variant="secondary")
        self.copy = PushButton(theme, "Copy", variant="quiet", icon="copy")
        self.accept = PushButton(theme, "Accept", variant="primary", icon="check", key="Ctrl+Return")
        self.yours = DiffText(theme, "Yours", "old")
        self.theirs = DiffText(theme, "Suggestion", "new")
        self.hint = Label(theme, "", "caption", "t3")

    def _lay_out(self, theme: Theme) -> None:
        head = QHBoxLayout()
        head.setContentsMargins(12, 0, 8, 0)
        head.setSpacing(8)
        first: tuple[QWidget, ...] = (self.icon, self.name, self.count, self.ring)
        for widget in first:
            head.addWidget(widget)
        head.addStretch(1)
        line = Separator(theme, vertical=True, length=20)
        for widget in (self.number, self.previous, self.next, line, self.reject, self.escape, self.copy, self.insert,
                       self.accept):
            head.addWidget(widget)
        top = QWidget()
        top.setLayout(head)
        top.setFixedHeight(theme.dp(HEAD))
        body = QHBoxLayout()
        body.setContentsMargins(0, 0, 0, 0)
        body.setSpacing(0)
        self._left = self._column(theme, "Yours", self.yours)
        self._right = self._column(theme, "Suggestion", self.theirs)
        body.addWidget(self._left, 1)
        body.addWidget(self._right, 1)
        column = QVBoxLayout(self)
        column.setContentsMargins(1, 1, 1, 1)
        column.setSpacing(0)
        column.addWidget(top)
        column.addLayout(body)
        answer = self.mode == "answer"
        self._left.setVisible(not answer)
        self.accept.setVisible(not answer)
        self.insert.setVisible(answer)
        self.copy.setVisible(answer)

    def _column(self, theme: Theme, caption: str, text: DiffText) -> QWidget:
        holder = QWidget()
        column = QVBoxLayout(holder)
        column.setContentsMargins(14, 10, 14, 12)
        column.setSpacing(2)
        row = QHBoxLayout()
        row.addWidget(Label(theme, caption, "caption", "t3"))
        row.addStretch(1)
        if text.side == "new":
            row.addWidget(self.hint)
        column.addLayout(row)
        column.addWidget(text)
        column.addStretch(1)
        return holder

    def _connect(self) -> None:
        self.previous.clicked.connect(lambda: self.step(-1))
        self.next.clicked.connect(lambda: self.step(1))
        self.reject.clicked.connect(self.rejected)
        self.accept.clicked.connect(self.take)
        self.insert.clicked.connect(self._insert)
        self.copy.clicked.connect(lambda: self.version and self.copied.emit(self.version.text))
        self.yours.toggled.connect(self.toggle_hunk)
        self.theirs.toggled.connect(self.toggle_hunk)

    # ------------------------------------------------------------ versions

    @property
    def version(self) -> Version | None:
        return self.versions[self.at] if self.versions else None

    def begin_version(self) -> Version:
        """Another answer is on its way; it is shown."""
        self.versions.append(Version())
        self.at = len(self.versions) - 1
        self.show_version()
        return self.versions[-1]

    def step(self, by: int) -> None:
        """The next or previous version; behind the last one another is asked for."""
        if 0 <= self.at + by < len(self.versions):
            self.at += by
            self.show_version()
        elif by > 0 and self.version is not None and self.version.done:
            self.more_asked.emit()

    def toggle_hunk(self, at: int) -> None:
        """Pick a hunk out, or put it back. With none picked, all are taken."""
        if self.version is not None and self.version.done and at in hunks(self._pieces):
            self.version.picked ^= {at}
            self.show_version()

    def show_version(self) -> None:
        """Bring what is known of the shown version onto the card."""
        version = self.version
        done = version is not None and version.done
        text = version.text if version is not None else ""
        self.ring.setVisible(not done)
        if done:
            self.ring.clear()
        else:
            self.ring.set_progress(0, 0)
        self.number.setText(f"{self.at + 1} of {len(self.versions)}" if self.versions else "")
        self.previous.set_available(self.at > 0, "This is the first")
        self.next.set_available(done, "This one is still being written")
        problem = version.problem if version is not None else ""
        if self.mode == "diff":
            self.count.setText(f"{self._counted} → {words(text)} words" if text else f"{self._counted} words")
            self._pieces = pieces(self.passage, text) if done and text else []
            picked = version.picked if version is not None else set()
            self.yours.set_pieces(self._pieces or [Piece(self.passage, self.passage)], picked)
            if self._pieces:
                self.theirs.set_pieces(self._pieces, picked)
            else:
                self.theirs.set_text(text or problem)
        else:
            self.count.setText(f"{words(text)} words" if text else "")
            self.theirs.set_text(text or problem)
        self._show_buttons(done, text)
        self._fit()

    def _show_buttons(self, done: bool, text: str) -> None:
        found = hunks(self._pieces)
        picked = self.version.picked if self.version is not None else set()
        self.accept.set_text(f"Accept {len(picked)} of {len(found)}" if picked else "Accept")
        changed = bool(found) or self.mode == "answer"
        self.accept.set_available(done and bool(text) and changed,
                                  "It is still being written" if not done else "Nothing has changed")
        self.insert.set_available(done and bool(text), "It is still being written")
        self.copy.set_available(bool(text), "There is nothing yet")
        plural = "s" if len(found) != 1 else ""
        self.hint.setText(f"{len(found)} change{plural}" if done and found else "No change" if done and text
                          and self.mode == "diff" else "")

    def append(self, version: Version, text: str) -> None:
        version.text += text
        if version is self.version:
            self.theirs.set_text(version.text)
            self._fit()

    def finish(self, version: Version, text: str, result: str) -> None:
        version.text, version.result, version.done = text, result, True
        if version is self.version:
            self.show_version()
            announce(self, f"Suggestion: {text[:400]}")

    def fail(self, version: Version, sentence: str) -> None:
        """The version will not come: another one is shown, or the sentence in its place."""
        version.problem, version.done = sentence, True
        if not version.text and len(self.versions) > 1:
            self.versions.remove(version)
            self.at = len(self.versions) - 1
        self.show_version()

    # ------------------------------------------------------------ acting

    def answer(self) -> str:
        """What Accept puts in place of the passage."""
        version = self.version
        if version is None:
            return self.passage
        return merged(self._pieces, version.picked or hunks(self._pieces)) if self._pieces else version.text

    def take(self) -> None:
        version = self.version
        if version is not None and version.done and self.accept.isEnabled():
            self.accepted.emit(self.answer(), version.result)

    def _insert(self) -> None:
        if self.version is not None:
            self.inserted.emit(self.version.text, self.version.result)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if not self.take_key(event):
            super().keyPressEvent(event)

    def event(self, event: QEvent) -> bool:
        if event.type() == QEvent.Type.ShortcutOverride and isinstance(event, QKeyEvent) and self.claims(event):
            event.accept()
            return True
        return bool(super().event(event))

    def claims(self, event: QKeyEvent) -> bool:
        """Keys that are the card's before they are shortcuts of the window: Ctrl+Enter is no Generate here."""
        control, alt = Qt.KeyboardModifier.ControlModifier, Qt.KeyboardModifier.AltModifier
        match event.key(), event.modifiers() & ~Qt.KeyboardModifier.KeypadModifier:
            case (Qt.Key.Key_Return | Qt.Key.Key_Enter), m if m == control:
                return True
            case (Qt.Key.Key_BracketLeft | Qt.Key.Key_BracketRight), m if m == alt:
                return True
        return False

    def take_key(self, event: QKeyEvent) -> bool:
        """Esc rejects, Ctrl+Enter accepts, Alt+] and Alt+[ go through the versions."""
        control, alt = Qt.KeyboardModifier.ControlModifier, Qt.KeyboardModifier.AltModifier
        match event.key(), event.modifiers() & ~Qt.KeyboardModifier.KeypadModifier:
            case Qt.Key.Key_Escape, Qt.KeyboardModifier.NoModifier:
                self.rejected.emit()
            case (Qt.Key.Key_Return | Qt.Key.Key_Enter), m if m == control:
                self.take() if self.mode == "diff" else self._insert()
            case Qt.Key.Key_BracketRight, m if m == alt:
                self.step(1)
            case Qt.Key.Key_BracketLeft, m if m == alt:
                self.step(-1)
            case _:
                return False
        return True

    # ------------------------------------------------------------ size

    def height_for(self, width: int) -> int:
        """Height in px at this width."""
        inner = width - 2
        share = inner if self.mode == "answer" else inner // 2
        text = max(t.heightForWidth(share - 28) for t in ((self.theirs,) if self.mode == "answer"
                                                            else (self.yours, self.theirs)))
        return self.theme.dp(HEAD) + 2 + 10 + self.theme.dp(16) + 2 + text + 14

    def _fit(self) -> None:
        self.resized.emit()

    def sizeHint(self) -> QSize:
        return QSize(672, self.height_for(672))

    def paintEvent(self, event: QPaintEvent) -> None:
        super().paintEvent(event)
        painter, line = QPainter(self), self.theme.color("line2" if self.hasFocus() else "line")
        head = self.theme.dp(HEAD)
        painter.fillRect(1, head, self.width() - 2, 1, line)
        if self.mode == "diff":
            painter.fillRect(self.width() // 2, head, 1, self.height() - head - 1, line)
        if self.hasFocus():
            box(painter, self.rect(), self.radius, None, self.theme.color("spring"), 2)

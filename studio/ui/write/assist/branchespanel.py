"""Continuations that stand beside the text: compare them, keep one, find the others later."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from PySide6.QtCore import QSize, Qt, QTimer, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QHBoxLayout, QSizePolicy, QVBoxLayout, QWidget

from studio.ui.theme import Theme
from studio.ui.widgets.buttons import IconButton, PushButton
from studio.ui.widgets.labels import Keycap, Label, Separator
from studio.ui.widgets.notices import EmptyState, Icon
from studio.ui.widgets.popup import Card
from studio.ui.widgets.ring import Ring
from studio.ui.write.assist.difftext import DiffText
from studio.ui.write.assist.parts import column, row, scrolled
from studio.ui.write.text import words

MOST_LISTED = 200
PREVIEW = 400


@dataclass
class Strand:
    """One continuation while it is compared."""

    text: str = ""
    result: str = ""
    done: bool = False
    problem: str = ""


class _Strand(QWidget):
    kept = Signal()

    def __init__(self, theme: Theme, number: int) -> None:
        super().__init__()
        self.name = Label(theme, f"Branch {number}", "caption", "t3")
        self.ring = Ring(theme, tone="iris")
        self.text = DiffText(theme, f"Branch {number}", "new")
        self.keep = PushButton(theme, "Keep", variant="secondary", icon="check", name=f"Keep branch {number}")
        self.cap = Keycap(theme, f"Alt+{number}")
        holder = QWidget()
        inner = QVBoxLayout(holder)
        inner.setContentsMargins(0, 0, 0, 0)
        inner.addWidget(self.text)
        inner.addStretch(1)
        lines = column((14, 10, 10, 10), 6)
        lines.addLayout(row(self.name, 1, self.ring))
        area = scrolled(holder)
        area.setMinimumHeight(theme.dp(120))
        lines.addWidget(area, 1)
        lines.addLayout(row(self.keep, self.cap, 1))
        self.setLayout(lines)
        self.keep.clicked.connect(self.kept)

    def show_strand(self, strand: Strand) -> None:
        self.text.set_text(strand.text.strip() or strand.problem)
        if strand.done:
            self.ring.clear()
        else:
            self.ring.set_progress(0, 0)
        self.name.setText(f"{self.name.text().split(' · ')[0]} · {words(strand.text)} words")
        self.keep.set_available(bool(strand.text.strip()), "There is nothing yet")


class CompareCard(Card):
    """The continuations of one place side by side. Signals ``kept(int)`` (from 0) and ``closed()``: all of them are
    found later under Branches."""

    kept = Signal(int)
    closed = Signal()
    resized = Signal()

    def __init__(self, theme: Theme, count: int, parent: QWidget | None = None) -> None:
        super().__init__(theme, surface="panel", edge="line2", radius=10, parent=parent)
        self.strands = [Strand() for _ in range(count)]
        self.setAccessibleName(f"{count} continuations")
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.columns = [_Strand(theme, number + 1) for number in range(count)]
        self.close_button = PushButton(theme, "Keep none", variant="quiet")
        head = QWidget()
        head.setFixedHeight(theme.dp(40))
        line = row(Icon(theme, "git-branch", tone="iris"), Label(theme, f"{count} continuations", "strong"),
                   Label(theme, "Those you do not keep stay under Branches", "body", "t3"), 1, self.close_button,
                   Keycap(theme, "Esc"))
        line.setContentsMargins(12, 0, 12, 0)
        head.setLayout(line)
        body = QHBoxLayout()
        body.setSpacing(0)
        for number, widget in enumerate(self.columns):
            if number:
                body.addWidget(Separator(theme, vertical=True))
            body.addWidget(widget, 1)
            widget.kept.connect(lambda n=number: self.kept.emit(n))
        whole = QVBoxLayout(self)
        whole.setContentsMargins(1, 1, 1, 1)
        whole.setSpacing(0)
        whole.addWidget(head)
        whole.addWidget(Separator(theme))
        whole.addLayout(body, 1)
        self.close_button.clicked.connect(self.closed)
        self._late = QTimer(self, singleShot=True, interval=60)
        self._late.timeout.connect(self.show_all)
        self.show_all()

    def append(self, number: int, text: str) -> None:
        self.strands[number].text += text
        if not self._late.isActive():
            self._late.start()

    def finish(self, number: int, *, text: str | None = None, result: str = "", problem: str = "") -> None:
        strand = self.strands[number]
        strand.text = strand.text if text is None else text
        strand.result = result or strand.result
        strand.done, strand.problem = True, problem
        self.show_all()

    def show_all(self) -> None:
        for widget, strand in zip(self.columns, self.strands, strict=True):
            widget.show_strand(strand)

    def take_key(self, event: QKeyEvent) -> bool:
        """Alt+1 and so on keep one, Esc none."""
        alt = event.modifiers() & ~Qt.KeyboardModifier.KeypadModifier == Qt.KeyboardModifier.AltModifier
        number = event.key() - Qt.Key.Key_1
        if alt and 0 <= number < len(self.strands):
            if self.strands[number].text.strip():
                self.kept.emit(number)
            return True
        if event.key() == Qt.Key.Key_Escape and not event.modifiers():
            self.closed.emit()
            return True
        return False

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if not self.take_key(event):
            super().keyPressEvent(event)

    def height_for(self, width: int) -> int:
        share = max(80, (width - 2) // len(self.columns) - 34)
        tall = max(column.text.heightForWidth(share) for column in self.columns)
        return self.theme.dp(40) + min(self.theme.dp(360), max(self.theme.dp(150), tall + self.theme.dp(90)))

    def sizeHint(self) -> QSize:
        return QSize(672, self.height_for(672))


class _Row(Card):
    insert = Signal()
    remove = Signal()
    go = Signal()

    def __init__(self, theme: Theme, branch: Any, after: str) -> None:
        super().__init__(theme, surface="control", edge="control", radius=8)
        put = IconButton(theme, "arrow-line-down-left", "Insert where it belongs")
        show = IconButton(theme, "crosshair-simple", "Show the place")
        drop = IconButton(theme, "trash", "Delete the branch")
        count = words(branch.text)
        state = "Taken" if branch.kept else f"{count} word{'' if count == 1 else 's'}"
        text = " ".join(branch.text.split())
        body = Label(theme, text[:PREVIEW] + ("…" if len(text) > PREVIEW else ""), "body", "t1", wrap=True)
        body.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Minimum)
        lines = column((10, 6, 6, 8), 2)
        lines.addLayout(row(Label(theme, state, "caption", "ok" if branch.kept else "t3"), 1, show, put, drop, gap=0))
        if after:
            lines.addWidget(Label(theme, f"After “…{after}”", "caption", "t3", wrap=True))
        lines.addWidget(body)
        self.setLayout(lines)
        put.clicked.connect(self.insert)
        drop.clicked.connect(self.remove)
        show.clicked.connect(self.go)


class BranchesPanel(QWidget):
    """All branches of the scene. Signals with the branch's id: ``inserted``, ``removed``, ``place_asked``."""

    delete_on_close = True
    inserted = Signal(str)
    removed = Signal(str)
    place_asked = Signal(str)

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.theme = theme
        self.setAccessibleName("Branches")
        self.setMinimumWidth(theme.dp(340))
        self.rows: dict[str, _Row] = {}
        self.title = Label(theme, "Branches of this scene", "strong")
        self.empty = EmptyState(theme, "Continue with ×2 or more: the continuations are compared side by side, and "
                                       "those you do not keep are found here.")
        self._holder = QWidget()
        self._list = column((0, 0, 0, 0), 8)
        self._list.addStretch(1)
        self._holder.setLayout(self._list)
        self.area = scrolled(self._holder)
        self.area.setMinimumHeight(theme.dp(320))
        lines = column((8, 6, 8, 8), 8)
        lines.addWidget(self.title)
        lines.addWidget(self.area, 1)
        lines.addWidget(self.empty, 1)
        self.setLayout(lines)

    def show_branches(self, branches: Sequence[Any], after: Sequence[str]) -> None:
        """after: for each the words before its place."""
        for widget in self.rows.values():
            self._list.removeWidget(widget)
            widget.hide()
            widget.deleteLater()
        self.rows = {}
        for at, (branch, words_before) in enumerate(list(zip(branches, after, strict=True))[:MOST_LISTED]):
            widget = _Row(self.theme, branch, words_before)
            key = branch.id
            widget.insert.connect(lambda k=key: self.inserted.emit(k))
            widget.remove.connect(lambda k=key: self.removed.emit(k))
            widget.go.connect(lambda k=key: self.place_asked.emit(k))
            self._list.insertWidget(at, widget)
            self.rows[key] = widget
        self.area.setVisible(bool(branches))
        self.empty.setVisible(not branches)

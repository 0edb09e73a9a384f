"""The top bar: menu, project and its saved state, undo, workspaces, command field, device, queue."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Protocol

from PySide6.QtCore import QRectF, QSize, Qt, Signal
from PySide6.QtGui import QFontMetrics, QMouseEvent, QPainter, QPaintEvent, QUndoStack
from PySide6.QtWidgets import QHBoxLayout, QLineEdit, QSizePolicy, QWidget

from studio.engine.job import Job, JobState
from studio.ui.surface import Surface
from studio.ui.theme import FontRole, Theme
from studio.ui.widgets.base import Themed, box
from studio.ui.widgets.buttons import BaseButton, IconButton
from studio.ui.widgets.labels import Label, Separator
from studio.ui.widgets.segmented import Segmented

HEIGHT = 44


class Workspace(Protocol):
    @property
    def id(self) -> str: ...
    @property
    def title(self) -> str: ...
    @property
    def icon(self) -> str: ...
    @property
    def key(self) -> str: ...


class MenuButton(BaseButton):
    """The mark with a small caret; opens the menu."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(theme, "Menu", key="Alt+M", parent=parent)

    def sizeHint(self) -> QSize:
        return QSize(self.theme.dp(44), self.theme.dp(32))

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        if (fill := self.fill()) is not None:
            box(painter, self.rect(), 6, fill)
        mark, caret = self.theme.dp(20), self.theme.dp(12)
        middle = self.height() / 2
        self.theme.icons.paint(painter, QRectF(6, middle - mark / 2, mark, mark), "pieria", "t1")
        self.theme.icons.paint(painter, QRectF(self.width() - caret - 3, middle - caret / 2, caret, caret),
                               "caret-down", self.ink())


class CommandField(BaseButton):
    """Looks like a search field, opens the command palette."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(theme, "Search or run a command", icon="magnifying-glass", key="Ctrl+K", parent=parent)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)

    def sizeHint(self) -> QSize:
        return QSize(self.theme.dp(236), self.theme.dp(28))

    def minimumSizeHint(self) -> QSize:
        return QSize(self.theme.dp(36), self.theme.dp(28))

    def paintEvent(self, event: QPaintEvent) -> None:
        painter, theme = QPainter(self), self.theme
        box(painter, self.rect(), 6, theme.color("hover" if self.underMouse() else "control"))
        glyph, middle = theme.dp(16), self.height() / 2
        theme.icons.paint(painter, QRectF(10, middle - glyph / 2, glyph, glyph), "magnifying-glass", "t3")
        if self.width() < theme.dp(150):
            return
        painter.setFont(theme.font("caption"))
        key = "Ctrl K"
        wide = painter.fontMetrics().horizontalAdvance(key) + 12
        cap = QRectF(self.width() - wide - 6, middle - theme.dp(9), wide, theme.dp(18))
        box(painter, cap, 4, None, theme.color("line2"))
        painter.setPen(theme.color("t2"))
        painter.drawText(cap, Qt.AlignmentFlag.AlignCenter, key)
        painter.setFont(theme.font("body"))
        painter.setPen(theme.color("t3"))
        room = QRectF(10 + glyph + 8, 0, cap.left() - glyph - 26, self.height())
        words, elide = "Search or run a command", Qt.TextElideMode.ElideRight
        text = painter.fontMetrics().elidedText(words, elide, int(room.width()))
        painter.drawText(room, Qt.AlignmentFlag.AlignVCenter, text)


class StatusChip(BaseButton):
    """An icon or a ring, and a few words: the device, the queue."""

    def __init__(self, theme: Theme, name: str, icon: str, parent: QWidget | None = None) -> None:
        self.strong, self.quiet = "", ""
        self.share: float | None = None
        super().__init__(theme, name, icon=icon, parent=parent)

    def show_text(self, strong: str, quiet: str = "", *, icon: str = "", share: float | None = None) -> None:
        """share: 0 to 1 draws a ring in place of the icon."""
        if icon:
            self.icon_name = icon
        changed = (strong, quiet) != (self.strong, self.quiet)
        self.strong, self.quiet, self.share = strong, quiet, share
        self.setAccessibleDescription(f"{strong} {quiet}".strip())
        if changed:
            self.updateGeometry()
        self.update()

    def sizeHint(self) -> QSize:
        strong = QFontMetrics(self.theme.font("strong", tnum=True)).horizontalAdvance(self.strong)
        quiet = QFontMetrics(self.theme.font("body", tnum=True)).horizontalAdvance(self.quiet)
        return QSize(10 + self.theme.dp(16) + 8 + strong + (6 + quiet if quiet else 0) + 11, self.theme.dp(28))

    def paintEvent(self, event: QPaintEvent) -> None:
        painter, theme = QPainter(self), self.theme
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        box(painter, self.rect(), 6, theme.color("hover" if self.underMouse() else "control"))
        glyph = theme.dp(16)
        area = QRectF(10, (self.height() - glyph) / 2, glyph, glyph)
        if self.share is None:
            theme.icons.paint(painter, area, self.icon_name, "t2")
        else:
            ring = area.adjusted(1.5, 1.5, -1.5, -1.5)
            for token, span in (("line2", 1.0), ("spring", self.share)):
                pen = painter.pen()
                pen.setColor(theme.color(token))
                pen.setWidthF(2.5)
                painter.setPen(pen)
                painter.drawArc(ring, 90 * 16, -round(span * 360 * 16))
        x = area.right() + 8
        parts: tuple[tuple[str, FontRole, str], ...] = ((self.strong, "strong", "t1"), (self.quiet, "body", "t2"))
        for text, role, token in parts:
            painter.setFont(theme.font(role, tnum=True))
            painter.setPen(theme.color(token))
            painter.drawText(QRectF(x, 0, self.width() - x, self.height()), Qt.AlignmentFlag.AlignVCenter, text)
            x += painter.fontMetrics().horizontalAdvance(text) + 6


class SavedState(Themed, QWidget):
    """A dot and "All changes saved"."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._text, self._token, self.wide = "All changes saved", "ok", True
        self.init_theme(theme)
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        self.setAccessibleName(self._text)

    def show_state(self, text: str, token: str) -> None:
        self._text, self._token = text, token
        self.setAccessibleName(text)
        self.setToolTip("" if self.wide else text)
        self.updateGeometry()
        self.update()

    def sizeHint(self) -> QSize:
        text = QFontMetrics(self.theme.font("body")).horizontalAdvance(self._text) if self.wide else 0
        return QSize(14 + text, self.theme.dp(28))

    def paintEvent(self, event: QPaintEvent) -> None:
        painter, theme = QPainter(self), self.theme
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(theme.color(self._token))
        painter.drawEllipse(QRectF(0, self.height() / 2 - 3, 6, 6))
        if self.wide:
            painter.setPen(theme.color("t3"))
            painter.setFont(theme.font("body"))
            painter.drawText(QRectF(14, 0, self.width(), self.height()), Qt.AlignmentFlag.AlignVCenter, self._text)


class TitleField(Themed, QLineEdit):
    """The project's title; click to rename, Enter keeps, Esc goes back."""

    renamed = Signal(str)

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._kept = ""
        self.setAccessibleName("Project title")
        self.setToolTip("Rename the project")
        self.setMaxLength(200)
        self.setFrame(False)
        self.init_theme(theme)
        self.retheme()
        self.textChanged.connect(self._fit)
        self.editingFinished.connect(self._finish)

    def retheme(self) -> None:
        colour = self.theme.tokens
        self.setFont(self.theme.font("strong"))
        self.setStyleSheet(f"QLineEdit {{ background: transparent; border: none; color: {colour.t1}; padding: 0 4px; "
                           f"border-radius: 4px; }} QLineEdit:focus {{ background: {colour.control}; }}")
        self._fit()

    def show_title(self, title: str) -> None:
        self._kept = title
        if not self.hasFocus():
            self.setText(title)

    def keyPressEvent(self, event: Any) -> None:
        if event.key() == Qt.Key.Key_Escape:
            self.setText(self._kept)
            self.clearFocus()
            return
        super().keyPressEvent(event)
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.clearFocus()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        fresh = not self.hasFocus()
        super().mousePressEvent(event)
        if fresh:
            self.selectAll()

    def _finish(self) -> None:
        text = self.text().strip()
        if not text:
            self.setText(self._kept)
        elif text != self._kept:
            self._kept = text
            self.renamed.emit(text)

    def _fit(self) -> None:
        self.setFixedWidth(min(self.theme.dp(240), self.fontMetrics().horizontalAdvance(self.text() or " ") + 16))
        self.setCursorPosition(0 if not self.hasFocus() else self.cursorPosition())


class TopBar(Surface):
    """44 px. The workspaces stand in the middle of the window, whatever the sides hold."""

    workspace_picked = Signal(str)

    def __init__(self, theme: Theme, workspaces: Sequence[Workspace], parent: QWidget | None = None) -> None:
        super().__init__(theme, "chrome", "bottom", parent)
        self.setFixedHeight(theme.dp(HEIGHT))
        self.setAccessibleName("Top bar")
        self.menu_button = MenuButton(theme)
        self.title = TitleField(theme)
        self.state = SavedState(theme)
        self.undo = IconButton(theme, "arrow-u-up-left", "Undo", key="Ctrl+Z")
        self.redo = IconButton(theme, "arrow-u-up-right", "Redo", key="Ctrl+Shift+Z")
        self.switcher = Segmented(theme, "Workspace", [(w.id, w.title, w.icon) for w in workspaces], accent=True)
        self.switcher.changed.connect(self.workspace_picked)
        self.command = CommandField(theme)
        self.device = StatusChip(theme, "Device", "cpu")
        self.device.show_text("Models")  # what it opens, until a project's engine says where it runs
        self.queue = StatusChip(theme, "Queue", "check-circle")
        self.queue.show_text("Idle")
        self._left, self._right = QWidget(self), QWidget(self)
        rule = Separator(theme, vertical=True, length=20, tone="line2")
        self.brand = Label(theme, "Pieria", "strong")
        self.rule = rule
        self._fill(self._left, [self.menu_button, 4, self.brand, self.title, 8, self.state, 12, rule, 8, self.undo, 2,
                                self.redo, None])
        self._fill(self._right, [self.command, 8, self.device, 8, self.queue])
        self.switcher.setParent(self)
        self._stack: QUndoStack | None = None
        for button in (self.undo, self.redo):
            button.set_available(False, "Nothing yet")

    @staticmethod
    def _fill(holder: QWidget, parts: list[QWidget | int | None]) -> None:
        row = QHBoxLayout(holder)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(0)
        for part in parts:
            if part is None:
                row.addStretch(1)
            elif isinstance(part, int):
                row.addSpacing(part)
            else:
                row.addWidget(part)

    def resizeEvent(self, event: Any) -> None:
        super().resizeEvent(event)
        self.arrange()

    def arrange(self) -> None:
        """Workspaces centred; where room is short the saved text goes first, then the command field shrinks."""
        middle, width = self.switcher.sizeHint().width(), self.width()
        left_end = (width - middle) // 2
        self.state.wide = left_end > self.theme.dp(430)
        self.state.updateGeometry()
        left = min(self._left.sizeHint().width(), left_end - 16)
        self._left.setGeometry(8, 0, max(left, 200), self.height() - 1)
        start = max(left_end, self._left.geometry().right() + 8)
        high = self.switcher.sizeHint().height()
        self.switcher.setGeometry(start, (self.height() - high) // 2, middle, high)
        room = width - start - middle - 12 - 12
        want = min(room, self._right.sizeHint().width())
        self._right.setGeometry(width - 10 - want, 0, want, self.height() - 1)

    def show_saved(self, text: str, token: str) -> None:
        """The words behind the title, and the colour of their dot."""
        self.state.show_state(text, token)
        self.arrange()

    def show_queue(self, jobs: Sequence[Job], paused: bool) -> None:
        """"2 in queue" with the running job's progress as a ring, "Idle" with a check otherwise."""
        active = [job for job in jobs if job.state in (JobState.RUNNING, JobState.WAITING)]
        running = next((job for job in active if job.state is JobState.RUNNING), None)
        troubled = sum(job.state in (JobState.FAILED, JobState.INTERRUPTED) for job in jobs)
        if paused:
            self.queue.show_text("Paused", f"{len(active)} waiting" if active else "", icon="pause-circle")
        elif active:
            share = running.step / running.of if running is not None and running.of else 0.0
            self.queue.show_text(f"{len(active)} in queue", share=share)
        elif troubled:
            self.queue.show_text(f"{troubled} to look at", icon="warning-circle")
        else:
            self.queue.show_text("Idle", icon="check-circle")
        self.arrange()

    def show_device(self, device: dict[str, Any]) -> None:
        kind = str(device.get("type", "cpu"))
        name = str(device.get("name", "CPU")) if kind == "cuda" else kind.upper()
        memory = int(device.get("memory", 0) or 0)
        self.device.show_text(name, f"{memory / 2**30:.0f} GB" if memory else "",
                              icon="graphics-card" if kind in ("cuda", "mps") else "cpu")
        self.arrange()

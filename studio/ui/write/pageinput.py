"""What keys, pointer, input methods and menus do on the page."""

from __future__ import annotations

from collections.abc import Callable
from typing import cast

from PySide6.QtCore import QEvent, QPointF, QRectF, Qt, Signal
from PySide6.QtGui import (
    QContextMenuEvent,
    QInputMethodEvent,
    QKeyEvent,
    QKeySequence,
    QMouseEvent,
    QWheelEvent,
)

from studio.ui.theme import Theme
from studio.ui.widgets.popup import Menu
from studio.ui.write.editing import LOOK_KEYS, Editing
from studio.ui.write.pagepaint import PagePainter
from studio.ui.write.pasting import Pasting


class PageInput(Pasting):
    """The part of the page that the person's hands reach."""

    composed = Signal()
    """An input method has finished; tokens that waited may come in."""
    find_asked = Signal()
    object_asked = Signal(int)
    """The footnote, picture or link at this position (UTF-16 units) was clicked."""
    menu_opening = Signal(object, int)
    """Menu, and the position that was clicked: others may put their entries in."""

    theme: Theme
    editing: Editing
    painting: PagePainter
    composing: bool
    key_filters: list[Callable[[QKeyEvent], bool]]
    key_claims: list[Callable[[QKeyEvent], bool]]
    undo_with: Callable[[], object] | None
    redo_with: Callable[[], object] | None

    def rect_of(self, start: int, end: int) -> QRectF:
        raise NotImplementedError

    def column_width(self) -> int:
        raise NotImplementedError

    def event(self, event: QEvent) -> bool:
        if event.type() == QEvent.Type.ShortcutOverride and any(c(cast(QKeyEvent, event)) for c in self.key_claims):
            event.accept()
            return True
        if event.type() == QEvent.Type.ShortcutOverride and _pressed(cast(QKeyEvent, event)) in LOOK_KEYS:
            event.accept()
            return True
        if event.type() == QEvent.Type.KeyPress and any(f(cast(QKeyEvent, event)) for f in self.key_filters):
            event.accept()  # here, because Tab would leave the page before `keyPressEvent`
            return True
        if event.type() == QEvent.Type.KeyPress and _is_tab(cast(QKeyEvent, event)) and self.editing.take_key(
                cast(QKeyEvent, event)):
            event.accept()
            return True
        return super().event(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        standard = QKeySequence.StandardKey
        if event.matches(standard.Undo):
            self.undo_step()
        elif event.matches(standard.Redo) or (event.key() == Qt.Key.Key_Y
                                              and event.modifiers() == Qt.KeyboardModifier.ControlModifier):
            self.redo_step()
        elif event.matches(standard.Find):
            self.find_asked.emit()
        elif event.modifiers() & Qt.KeyboardModifier.ControlModifier and event.key() in (
                Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Period):
            event.ignore()  # generate and stop belong to the window
        elif not self.isReadOnly() and self.editing.take_key(event):
            event.accept()
        else:
            super().keyPressEvent(event)

    def undo_step(self) -> None:
        if self.undo_with is not None:
            self.undo_with()
        else:
            self.go(self.story.undo())

    def redo_step(self) -> None:
        if self.redo_with is not None:
            self.redo_with()
        else:
            self.go(self.story.redo())

    def inputMethodEvent(self, event: QInputMethodEvent) -> None:
        super().inputMethodEvent(event)
        self.composing = bool(event.preeditString())
        if not self.composing:
            self.composed.emit()

    def wheelEvent(self, event: QWheelEvent) -> None:
        if event.modifiers() & Qt.KeyboardModifier.ControlModifier:
            event.ignore()  # QTextEdit would change the size of the face
        else:
            super().wheelEvent(event)

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        menu = Menu(self.theme, "Text", self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        selected = self.textCursor().hasSelection()
        for text, key, slot, enabled in (
            ("Undo", "Ctrl+Z", self.undo_step, self.story.can_undo()),
            ("Redo", "Ctrl+Shift+Z", self.redo_step, bool(self.story.history.undone)),
            ("", "", None, False),
            ("Cut", "Ctrl+X", self.cut, selected), ("Copy", "Ctrl+C", self.copy, selected),
            ("Paste", "Ctrl+V", self.paste, self.canPaste()),
            ("Select all", "Ctrl+A", self.selectAll, True),
            ("", "", None, False),
            ("Find", "Ctrl+F", self.find_asked.emit, True),
        ):
            if slot is None:
                menu.addSeparator()
                continue
            action = menu.addAction(text)
            action.setShortcut(QKeySequence(key))
            action.setEnabled(enabled)
            action.triggered.connect(lambda _=False, s=slot: s())
        self.menu_opening.emit(menu, self.cursorForPosition(event.pos()).position())
        menu.popup(event.globalPos())

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        super().mouseReleaseEvent(event)
        if event.button() != Qt.MouseButton.LeftButton or self.textCursor().hasSelection():
            return
        note = self.painting.notes.at(event.position(), self.painting.notes_top(), self.column_width())
        if note is not None:
            self.object_asked.emit(note)
            return
        at = self.cursorForPosition(event.position().toPoint()).position()
        control = bool(event.modifiers() & Qt.KeyboardModifier.ControlModifier)
        for place in (at, at - 1):
            looks = dict(self.story.runs.at(place)) if place >= 0 else {}
            if ("footnote" in looks or "image" in looks) and self._hits(place, event.position()):
                self.object_asked.emit(place)
                return
            if "link" in looks and control:
                self.object_asked.emit(place)
                return

    def _hits(self, at: int, point: QPointF) -> bool:
        rect = self.rect_of(at, at + 1)
        return rect.adjusted(-2, -4, 2, 4).contains(point)


def _is_tab(event: QKeyEvent) -> bool:
    return event.key() in (Qt.Key.Key_Tab, Qt.Key.Key_Backtab)


def _pressed(event: QKeyEvent) -> tuple[Qt.Key, Qt.KeyboardModifier]:
    return Qt.Key(event.key()), event.modifiers() & ~Qt.KeyboardModifier.KeypadModifier

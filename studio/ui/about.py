"""About: what this is, its version and licence, and all that it is made of."""

from __future__ import annotations

from PySide6.QtCore import QObject, QSize, Qt, QThreadPool, Signal
from PySide6.QtGui import QColor, QGuiApplication, QKeySequence, QShortcut, QTextCharFormat, QTextCursor
from PySide6.QtWidgets import (
    QHBoxLayout,
    QListWidget,
    QListWidgetItem,
    QPlainTextEdit,
    QTextEdit,
    QVBoxLayout,
    QWidget,
)

from studio.ui import licences
from studio.ui.licences import Component
from studio.ui.theme import Theme, mix
from studio.ui.widgets.base import Themed
from studio.ui.widgets.buttons import IconButton, PushButton
from studio.ui.widgets.labels import Label
from studio.ui.widgets.notices import Icon
from studio.ui.widgets.popup import close_popup
from studio.ui.widgets.text import TextField

OWN = (Component("Pieria", "", "Apache-2.0", "own"), Component("Third-party material", "", "", "list"))


class _Answers(QObject):
    found = Signal(list)
    read = Signal(str, str)


class AboutPanel(Themed, QWidget):
    """The mark, the version, and a searchable list of licences. Put it into a popup or a dialog.

    Lists and texts are read on a pool thread. Signal ``loaded()`` when the list is complete.
    """

    loaded = Signal()
    delete_on_close = True

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName("About Pieria")
        self._answers = _Answers()  # no parent: it must outlive the panel while a pool thread still works
        self._answers.found.connect(self._fill)
        self._answers.read.connect(self._show_text)
        self.version = Label(theme, f"Version {licences.version()}", "body", "t2")
        self.field = TextField(theme, "Search licences", placeholder="Search names, licences and this text",
                               icon="magnifying-glass", clearable=True)
        self.list = QListWidget()
        self.list.setAccessibleName("Components")
        self.text = QPlainTextEdit()
        self.text.setAccessibleName("Licence text")
        self.text.setReadOnly(True)
        self.text.setTabChangesFocus(True)
        self.copy = PushButton(theme, "Copy version", icon="copy")
        self.close_button = IconButton(theme, "x", "Close")
        self.init_theme(theme)
        self._lay_out()
        self.field.textChanged.connect(self.search)
        self.field.returnPressed.connect(self.find_next)
        self.list.currentItemChanged.connect(lambda item, _: self._choose(item))
        self.copy.clicked.connect(lambda *_: QGuiApplication.clipboard().setText(f"Pieria {licences.version()}"))
        self.close_button.clicked.connect(lambda *_: close_popup(self))
        self.setFocusProxy(self.list)
        self.retheme()
        self._fill([])
        self._load()

    def _lay_out(self) -> None:
        theme = self.theme
        names = QVBoxLayout()
        names.setSpacing(0)
        names.addWidget(Label(theme, "Pieria", "figure"))
        names.addWidget(self.version)
        head = QHBoxLayout()
        head.setSpacing(14)
        head.addWidget(Icon(theme, "pieria", size=44), 0, Qt.AlignmentFlag.AlignVCenter)
        head.addLayout(names, 1)
        head.addWidget(self.copy, 0, Qt.AlignmentFlag.AlignVCenter)
        head.addWidget(self.close_button, 0, Qt.AlignmentFlag.AlignTop)
        words = Label(theme, "A local creative studio. Everything is made by models on this computer. Pieria is "
                      "licensed under Apache-2.0; what it is built from has licences of its own.", "body", "t2",
                      wrap=True)
        row = QHBoxLayout()
        row.setSpacing(10)
        self.list.setFixedWidth(theme.dp(200))
        row.addWidget(self.list)
        row.addWidget(self.text, 1)
        column = QVBoxLayout(self)
        column.setContentsMargins(10, 8, 6, 6)
        column.setSpacing(10)
        column.addLayout(head)
        column.addWidget(words)
        column.addWidget(self.field)
        column.addLayout(row, 1)
        QShortcut(QKeySequence(QKeySequence.StandardKey.Find), self, self.field.setFocus,
                  context=Qt.ShortcutContext.WidgetWithChildrenShortcut)

    def sizeHint(self) -> QSize:
        return QSize(self.theme.dp(820), self.theme.dp(540))

    def hasHeightForWidth(self) -> bool:
        return False  # the wrapped words must not shrink the panel to its smallest height

    def retheme(self) -> None:
        self.text.setFont(self.theme.font("mono"))
        self.list.setStyleSheet(f"QListWidget {{ background: transparent; }} QListWidget::item:selected "
                                f"{{ background: {self.theme.tokens.spring_t}; }}")
        super().retheme()

    # ------------------------------------------------------------ loading

    def _load(self) -> None:
        answers = self._answers

        def work() -> None:
            try:
                found = licences.components()
            except Exception:  # a broken package among the installed ones is no reason to show nothing
                found = []
            _emit(answers.found, found)

        QThreadPool.globalInstance().start(work)

    def _fill(self, found: list[Component]) -> None:
        row = max(0, self.list.currentRow())
        self.list.clear()
        for component in (*OWN, *found):
            item = QListWidgetItem(f"{component.name} {component.version}".strip())
            item.setToolTip(component.licence)
            item.setData(Qt.ItemDataRole.UserRole, component)
            item.setData(Qt.ItemDataRole.AccessibleTextRole, f"{item.text()}, {component.licence}".rstrip(", "))
            self.list.addItem(item)
        self.list.setCurrentRow(row)
        if found:
            self.search(self.field.text())
            self.loaded.emit()

    def _choose(self, item: QListWidgetItem | None) -> None:
        if item is None:
            return
        component: Component = item.data(Qt.ItemDataRole.UserRole)
        answers, key = self._answers, item.text()
        if component.kind in ("own", "list"):
            own = licences.own_text("LICENSE" if component.kind == "own" else "THIRD_PARTY.md")
            self._show_text(key, own if component.kind == "own" else licences.readable(own))
            return

        def work() -> None:
            try:
                text = licences.text_of(component)
            except Exception as error:
                text = f"The licence text could not be read: {error}"
            _emit(answers.read, key, f"{key}\n{component.licence}\n\n{text}")

        QThreadPool.globalInstance().start(work)

    def _show_text(self, key: str, text: str) -> None:
        item = self.list.currentItem()
        if item is not None and item.text() == key:
            self.text.setExtraSelections([])
            self.text.clear()  # else the view may stay scrolled past the end of a shorter text
            self.text.setPlainText(text)
            self._mark()

    # ------------------------------------------------------------ search

    def search(self, typed: str) -> None:
        """Keep the components whose name or licence contains what was typed; mark it in the text shown."""
        wanted = typed.strip().casefold()
        for row in range(self.list.count()):
            item = self.list.item(row)
            component: Component = item.data(Qt.ItemDataRole.UserRole)
            hit = wanted in f"{component.name} {component.version} {component.licence}".casefold()
            item.setHidden(not hit and component.kind not in ("own", "list"))
        self._mark()

    def find_next(self) -> bool:
        """Move to the next place in the text; False if there is none."""
        wanted = self.field.text().strip()
        if not wanted:
            return False
        if not self.text.find(wanted):
            self.text.moveCursor(QTextCursor.MoveOperation.Start)
            return self.text.find(wanted)
        return True

    def _mark(self) -> None:
        wanted = self.field.text().strip()
        marks: list[QTextEdit.ExtraSelection] = []
        if len(wanted) > 1:
            tint = QTextCharFormat()
            tint.setBackground(QColor(mix(self.theme.tokens.control, self.theme.tokens.warn, 0.35)))
            cursor = self.text.document().find(wanted)
            while not cursor.isNull() and len(marks) < 300:
                mark = QTextEdit.ExtraSelection()
                mark.cursor, mark.format = cursor, tint  # type: ignore[attr-defined]
                marks.append(mark)
                cursor = self.text.document().find(wanted, cursor)
            if marks:
                self.text.setTextCursor(marks[0].cursor)  # type: ignore[attr-defined]
        self.text.setExtraSelections(marks)


def _emit(signal: object, *values: object) -> None:
    """Emit from a pool thread; the panel may be gone by now."""
    try:
        signal.emit(*values)  # type: ignore[attr-defined]
    except RuntimeError:
        pass

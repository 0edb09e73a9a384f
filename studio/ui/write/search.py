"""Find and replace over the whole manuscript."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QEvent, QObject, QRectF, QSize, Qt, QTimer
from PySide6.QtGui import QFontMetricsF, QKeyEvent, QPainter
from PySide6.QtWidgets import (
    QFrame,
    QHBoxLayout,
    QListWidget,
    QListWidgetItem,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QVBoxLayout,
)

from studio.project.manuscript.rows import Hit, Prose, Replaced
from studio.ui.surface import Surface
from studio.ui.theme import Theme
from studio.ui.widgets import Check, IconButton, Label, PushButton, TextField
from studio.ui.widgets.base import box

if TYPE_CHECKING:
    from studio.ui.write.desk import WriteDesk

HIT = int(Qt.ItemDataRole.UserRole) + 1
WIDTH = 320


class _Rows(QStyledItemDelegate):
    """The line around a hit, with the hit in it, and the scene it is in."""

    def __init__(self, theme: Theme, panel: SearchPanel) -> None:
        super().__init__(panel)
        self.theme, self.panel = theme, panel

    def sizeHint(self, option: QStyleOptionViewItem, index: Any) -> QSize:
        return QSize(0, self.theme.dp(44))

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Any) -> None:
        hit, theme, rect = index.data(HIT), self.theme, QRectF(option.rect)
        if option.state & option.state.State_Selected:  # type: ignore[attr-defined]
            box(painter, rect.adjusted(6, 1, -6, -1), 6, theme.color("spring_t"))
        inner = rect.adjusted(14, 4, -14, -4)
        painter.setFont(theme.font("caption"))
        painter.setPen(theme.color("t3"))
        painter.drawText(inner, Qt.AlignmentFlag.AlignTop, self.panel.title_of(hit.node))
        font = theme.font("body")
        metrics = QFontMetricsF(font)
        before, found = hit.line[:hit.column], hit.line[hit.column:hit.column + hit.length]
        while before and metrics.horizontalAdvance(before + found) > inner.width() * 0.7:
            before = before[max(1, len(before) // 6):]
        x, base = inner.left(), inner.bottom() - metrics.descent() - 1
        painter.setFont(font)
        for text, tone in ((before, "t2"), (found, "warn"), (hit.line[hit.column + hit.length:], "t2")):
            shown = metrics.elidedText(text.replace("\n", " "), Qt.TextElideMode.ElideRight, inner.right() - x)
            painter.setPen(theme.color(tone))
            painter.drawText(int(x), int(base), shown)
            x += metrics.horizontalAdvance(shown)
            if x >= inner.right():
                break


class SearchPanel(Surface):
    """At the left of the page, over the outline's place."""

    def __init__(self, desk: WriteDesk) -> None:
        super().__init__(desk.theme, "panel", "right", desk.pane)
        self.desk, self.session = desk, desk.session
        theme = desk.theme
        self.setFixedWidth(theme.dp(WIDTH))
        self.setAccessibleName("Find in the manuscript")
        self.query = TextField(theme, "Find in the manuscript", placeholder="Find in the manuscript",
                               icon="magnifying-glass", clearable=True)
        self.replacement = TextField(theme, "Replace with", placeholder="Replace with")
        self.case, self.whole, self.regex = (Check(theme, name) for name in ("Match case", "Whole words", "Regex"))
        self.count = Label(theme, "", "body", "t3", wrap=True)
        self.replace_button = PushButton(theme, "Replace all")
        self.list = QListWidget()
        self.list.setAccessibleName("Places")
        self.list.setFrameShape(QFrame.Shape.NoFrame)
        self.list.setItemDelegate(_Rows(theme, self))
        self.list.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.list.setStyleSheet("QListWidget { background: transparent; outline: 0; }")
        self._timer = QTimer(self, singleShot=True, interval=180)
        self._timer.timeout.connect(self.search)
        self._ticket = 0
        self._replacing = False
        self._lay_out()
        self._connect()
        self.hide()

    def _lay_out(self) -> None:
        theme = self.desk.theme
        close = IconButton(theme, "x", "Close", key="Esc")
        close.clicked.connect(lambda *_: self.dismiss())
        head = QHBoxLayout()
        head.addWidget(Label(theme, "Find in the manuscript", "strong"), 1)
        head.addWidget(close)
        ticks = QHBoxLayout()
        ticks.setSpacing(10)
        for tick in (self.case, self.whole, self.regex):
            ticks.addWidget(tick)
        ticks.addStretch(1)
        row = QHBoxLayout()
        row.addWidget(self.replacement, 1)
        row.addWidget(self.replace_button)
        upper = QVBoxLayout()
        upper.setContentsMargins(12, 8, 8, 6)
        upper.setSpacing(8)
        upper.addLayout(head)
        upper.addWidget(self.query)
        upper.addLayout(ticks)
        upper.addLayout(row)
        upper.addWidget(self.count)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 1, 0)
        column.setSpacing(0)
        column.addLayout(upper)
        column.addWidget(self.list, 1)

    def _connect(self) -> None:
        self.query.textChanged.connect(lambda _: self._timer.start())
        for tick in (self.case, self.whole, self.regex):
            tick.toggled.connect(lambda _: self._timer.start())
        self.replace_button.clicked.connect(lambda *_: self.replace_all())
        self.list.itemClicked.connect(lambda item: self.go(item))
        self.list.itemActivated.connect(lambda item: self.go(item, focus=True))
        self.query.installEventFilter(self)
        self.desk.pane.changed.connect(lambda *_: self._timer.start() if self.isVisible() else None)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.KeyPress and isinstance(event, QKeyEvent) and event.key() in (
                Qt.Key.Key_Down, Qt.Key.Key_Return, Qt.Key.Key_Enter) and self.list.count():
            self.list.setFocus()
            if self.list.currentRow() < 0:
                self.list.setCurrentRow(0)
            self.go(self.list.currentItem())
            return True
        return False

    # ------------------------------------------------------------ finding

    def open(self) -> None:
        """Show it, with what is selected on the page as what to find."""
        chosen = self.desk.pane.selected_text()
        if chosen and "\n" not in chosen:
            self.query.setText(chosen)
        self.desk.pane.flush()
        self.setGeometry(0, 0, self.width(), self.desk.pane.height())
        self.show()
        self.raise_()
        self.query.setFocus()
        self.query.selectAll()
        self.search()

    def dismiss(self) -> None:
        self.hide()
        self.desk.pane.page.setFocus()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape:
            self.dismiss()
        else:
            super().keyPressEvent(event)

    def title_of(self, node: str) -> str:
        found = self.desk.structure.node(node)
        return found.title if found is not None else ""

    def _how(self) -> dict[str, bool]:
        return {"regex": self.regex.isChecked(), "case": self.case.isChecked(), "whole": self.whole.isChecked()}

    def search(self) -> None:
        """Find anew; the newest question wins."""
        self._ticket += 1
        ticket, query, how = self._ticket, self.query.text(), self._how()
        if not query:
            self._show(ticket, [])
            return
        project, document = self.session.project, self.desk.control.document

        def find() -> list[Hit] | str:
            project.flush()
            try:
                return project.find_prose(document, query, **how)
            except Exception as error:  # one sentence about a regular expression, shown where it was written
                return str(error)

        self.session.read(find, lambda found: self._show(ticket, found))

    def _show(self, ticket: int, found: list[Hit] | str) -> None:
        if ticket != self._ticket:
            return
        self.query.set_invalid(isinstance(found, str))
        hits = [] if isinstance(found, str) else found
        self.list.clear()
        for hit in hits:
            item = QListWidgetItem(self.list)
            item.setData(HIT, hit)
            item.setData(int(Qt.ItemDataRole.AccessibleTextRole), f"{self.title_of(hit.node)}: {hit.line}")
        scenes = len({hit.node for hit in hits})
        plural = "place" if len(hits) == 1 else "places"
        if isinstance(found, str):
            self.count.setText(found)
        elif hits:
            self.count.setText(f"{len(hits):,} {plural} in {scenes:,} scene{'' if scenes == 1 else 's'}")
        else:
            self.count.setText("Nothing found" if self.query.text() else "")
        self.replace_button.set_available(bool(hits) and not self._replacing, "There is nothing to replace")

    def go(self, item: QListWidgetItem, *, focus: bool = False) -> None:
        """Show a place on the page."""
        hit: Hit = item.data(HIT)
        self.desk.control.show(hit.node, hit.start, hit.length)
        if focus:
            self.desk.pane.page.setFocus()

    # ------------------------------------------------------------ replacing

    def replace_all(self) -> None:
        """Replace every place, as one step of undo."""
        project, document, query = self.session.project, self.desk.control.document, self.query.text()
        replacement, how = self.replacement.text(), self._how()
        if not query or self._replacing:
            return
        self.desk.pane.flush()
        self._replacing = True
        self.replace_button.set_available(False, "Replacing")

        def work() -> Replaced | str:
            from studio.project.manuscript.finding import Search

            project.flush()
            try:
                return Search(query, **how).replace(project.proses(document), replacement)
            except Exception as error:  # one sentence, shown where it was written
                return str(error)

        self.session.read(work, self._replaced)

    def _replaced(self, done: Replaced | str) -> None:
        self._replacing = False
        if isinstance(done, str):
            self.count.setText(done)
            self.query.set_invalid(True)
            return
        if not done.count:
            self.count.setText("Nothing found")
            return
        changes = {node: _changes(done.before[node], after) for node, after in done.after.items()}
        self.desk.structure.change_texts(changes, done.before)
        self.desk.room.bench.notice.show_message(
            f"Replaced {done.count:,} place{'' if done.count == 1 else 's'} in {len(changes):,} "
            f"scene{'' if len(changes) == 1 else 's'}.", self.desk.pane.undo)
        self.search()


def _changes(before: Prose, after: Prose) -> list[tuple[int, int, str, str]]:
    """What makes the one text of the other, in UTF-16 units: see `Story.change`."""
    from studio.project.manuscript.diff import hunks
    from studio.ui.write.text import units

    out, at, position = [], 0, 0
    for hunk in hunks(before.text, after.text):
        position += units(before.text[at:hunk.start])
        length = units(before.text[hunk.start:hunk.end])
        out.append((position, length, hunk.after, ""))
        position, at = position + length, hunk.end
    return out

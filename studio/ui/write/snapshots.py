"""Snapshots of a scene: kept, compared word by word with what stands there now, and brought back."""

from __future__ import annotations

import datetime
import html
from typing import TYPE_CHECKING

from PySide6.QtCore import QSize, Qt
from PySide6.QtWidgets import QHBoxLayout, QListWidget, QListWidgetItem, QTextBrowser, QVBoxLayout, QWidget

from studio.project.manuscript.diff import Piece, pieces
from studio.project.manuscript.rows import Prose, Snapshot
from studio.ui.theme import Theme
from studio.ui.widgets import Label, Popup, PushButton, TextField

if TYPE_CHECKING:
    from studio.ui.write.desk import WriteDesk

KEY = int(Qt.ItemDataRole.UserRole) + 1


class SnapshotPanel(QWidget):
    """Content of a popup."""

    popup: Popup | None = None

    def __init__(self, desk: WriteDesk, node: str) -> None:
        super().__init__()
        self.desk, self.node, self.session = desk, node, desk.session
        theme = desk.theme
        self._open = [True]
        self.destroyed.connect(self._open.clear)
        self._shown: Prose | None = None
        self.setAccessibleName("Snapshots")
        self.title = TextField(theme, "Name of the snapshot", placeholder="Name, such as “before the cut”")
        self.title.setMaxLength(80)
        self.take = PushButton(theme, "Keep now", variant="primary")
        self.restore = PushButton(theme, "Bring this one back", icon="arrow-counter-clockwise")
        self.remove = PushButton(theme, "Remove", variant="quiet", icon="trash")
        self.list = QListWidget()
        self.list.setAccessibleName("Snapshots, the newest first")
        self.list.setFixedWidth(theme.dp(210))
        self.list.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.view = QTextBrowser()
        self.view.setAccessibleName("What has changed since")
        self.view.setMinimumHeight(theme.dp(260))
        self.said = Label(theme, "", "body", "t3", wrap=True)
        self._lay_out(theme)
        self.take.clicked.connect(lambda *_: self._take())
        self.title.returnPressed.connect(self._take)
        self.restore.clicked.connect(lambda *_: self._restore())
        self.remove.clicked.connect(lambda *_: self._remove())
        self.list.currentItemChanged.connect(lambda item, _: self._compare(item))
        self._fill()

    def _lay_out(self, theme: Theme) -> None:
        node = self.desk.structure.node(self.node)
        top = QHBoxLayout()
        top.setSpacing(8)
        top.addWidget(self.title, 1)
        top.addWidget(self.take)
        middle = QHBoxLayout()
        middle.setSpacing(10)
        middle.addWidget(self.list)
        middle.addWidget(self.view, 1)
        foot = QHBoxLayout()
        foot.addWidget(self.said, 1)
        foot.addWidget(self.remove)
        foot.addWidget(self.restore)
        column = QVBoxLayout(self)
        column.setContentsMargins(10, 8, 10, 10)
        column.setSpacing(10)
        column.addWidget(Label(theme, f"Snapshots of “{node.title if node else ''}”", "strong"))
        column.addLayout(top)
        column.addLayout(middle, 1)
        column.addLayout(foot)
        self.setFocusProxy(self.title)

    # ------------------------------------------------------------ reading

    def _fill(self) -> None:
        project, node, open_ = self.session.project, self.node, self._open

        def read() -> list[Snapshot]:
            project.flush()
            return project.snapshots(node)

        self.session.read(read, lambda found: self._show(found) if open_ else None)

    def _show(self, found: list[Snapshot]) -> None:
        self.list.clear()
        for snapshot in found:
            when = datetime.datetime.fromtimestamp(snapshot.created).strftime("%d %b %Y %H:%M")
            told = f"{snapshot.words:,} words"
            item = QListWidgetItem(f"{snapshot.title}\n{when}, {told}" if snapshot.title else f"{when}\n{told}")
            item.setSizeHint(QSize(0, self.desk.theme.dp(44)))
            item.setData(KEY, snapshot.id)
            self.list.addItem(item)
        for button in (self.restore, self.remove):
            button.set_available(bool(found), "Keep a snapshot first")
        if found:
            self.list.setCurrentRow(0)
        else:
            self.view.setHtml("")
            self.said.setText("A snapshot keeps the scene as it is now, to compare with later or to bring back.")

    def _compare(self, item: QListWidgetItem | None) -> None:
        self._shown = None
        if item is None:
            return
        project, key, open_ = self.session.project, item.data(KEY), self._open
        story = self.desk.pane.stories.get(self.node)
        now = story.text() if story is not None else None

        def read() -> tuple[Prose, list[Piece]]:
            kept = project.snapshot_prose(key)
            text = now if now is not None else project.prose(self.node)[0].text
            return kept, pieces(kept.text, text)

        self.session.read(read, lambda found: self._compared(*found) if open_ else None)

    def _compared(self, kept: Prose, diff: list[Piece]) -> None:
        self._shown = kept
        theme = self.desk.theme
        gone = sum(len(p.text.split()) for p in diff if p.kind == "gone")
        new = sum(len(p.text.split()) for p in diff if p.kind == "new")
        self.said.setText("Nothing has changed since." if not gone and not new
                          else f"Since then {new:,} words came and {gone:,} went.")
        tone = {"gone": f"color:{theme.tokens.t3};text-decoration:line-through",
                "new": f"color:{theme.tokens.ok};text-decoration:underline", "same": f"color:{theme.tokens.t1}"}
        body = "".join(f'<span style="{tone[p.kind]}">{html.escape(p.text)}</span>' for p in diff)
        font = theme.font("manuscript")
        self.view.setHtml(f'<div style="font-family:{font.family()};font-size:{theme.dp(15)}px;white-space:pre-wrap">'
                          f"{body}</div>")

    # ------------------------------------------------------------ doing

    def _take(self) -> None:
        self.desk.pane.flush()
        title = " ".join(self.title.text().split())
        self.title.clear()
        self.session.store(self.session.project.add_snapshot(self.node, title), lambda _: self._fill())

    def _remove(self) -> None:
        item = self.list.currentItem()
        if item is not None:
            self.session.store(self.session.project.remove_snapshot(item.data(KEY)), lambda _: self._fill())

    def _restore(self) -> None:
        """Bring it back as one step of undo; what stands there now is kept as a snapshot first."""
        if self._shown is None:
            return
        prose = self._shown
        self.desk.pane.flush()
        self.session.store(self.session.project.add_snapshot(self.node, "Before bringing back"), lambda _: None)
        story = self.desk.pane.open_story(self.node, prose)
        story.replace(0, len(story.shadow), prose)
        if self.popup is not None:
            self.popup.dismiss()
        self.desk.control.show(self.node)

"""A scene of the manuscript is taken into Sound: chosen from a list, then read at once, or put into the prompt bar."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from PySide6.QtCore import QModelIndex, QObject, QPersistentModelIndex, QRectF, QSize, Qt
from PySide6.QtGui import QKeyEvent, QPainter
from PySide6.QtWidgets import (
    QHBoxLayout,
    QListWidget,
    QListWidgetItem,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QVBoxLayout,
    QWidget,
)

from studio.ui.sound.voice.reading import words_of_scene
from studio.ui.sound.voice.voices import speaks
from studio.ui.theme import Theme
from studio.ui.widgets.base import box
from studio.ui.widgets.buttons import PushButton
from studio.ui.widgets.labels import Label
from studio.ui.widgets.popup import Popup, close_popup
from studio.ui.widgets.text import TextField

if TYPE_CHECKING:
    from studio.ui.sound.room import SoundRoom

SCENE = int(Qt.ItemDataRole.UserRole) + 1
NONE = "There is no scene with words in the manuscript yet."
EMPTY = "There is nothing to read in “{}” yet."
A_MINUTE = 165
"""Words that are read in a minute, about."""
LAST = "sound.scene"


@dataclass(frozen=True)
class Scene:
    """One row. inside: the title of its chapter."""

    id: str
    title: str
    inside: str
    words: int


class _Rows(QStyledItemDelegate):
    def __init__(self, theme: Theme, parent: QWidget) -> None:
        super().__init__(parent)
        self.theme = theme

    def sizeHint(self, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex) -> QSize:
        return QSize(200, self.theme.dp(40))

    def paint(self, painter: QPainter, option: QStyleOptionViewItem,
              index: QModelIndex | QPersistentModelIndex) -> None:
        theme, scene, rect = self.theme, index.data(SCENE), QRectF(option.rect).adjusted(0, 1, 0, -1)
        on = bool(option.state & option.state.State_Selected)  # type: ignore[attr-defined]
        if on:
            box(painter, rect, 6, theme.color("spring_t"))
        words = f"{scene.words:,} word{'' if scene.words == 1 else 's'}"
        painter.setFont(theme.font("caption", tnum=True))
        painter.setPen(theme.color("t2" if on else "t3"))
        wide = painter.fontMetrics().horizontalAdvance(words)
        middle = Qt.AlignmentFlag.AlignVCenter
        painter.drawText(rect.adjusted(0, 0, -10, 0), middle | Qt.AlignmentFlag.AlignRight, words)
        room = QRectF(rect.left() + 10, rect.top() + 3, rect.width() - wide - 32, (rect.height() - 6) / 2)
        if not scene.inside:
            room.setHeight(rect.height() - 6)
        for text, role, tone in ((scene.title, "medium", "t1"), (scene.inside, "caption", "t2" if on else "t3")):
            painter.setFont(theme.font(role))  # type: ignore[arg-type]
            painter.setPen(theme.color(tone))
            painter.drawText(room, middle, painter.fontMetrics().elidedText(text, Qt.TextElideMode.ElideRight,
                                                                            int(room.width())))
            room.translate(0, room.height())


class ScenePicker(QWidget):
    """read, take: get the id of a scene. Enter reads, Ctrl+Enter puts into the prompt bar."""

    delete_on_close = True

    def __init__(self, theme: Theme, scenes: Sequence[Scene], current: str, read: Callable[[str], object],
                 take: Callable[[str], object]) -> None:
        super().__init__()
        self._read, self._take = read, take
        self.setAccessibleName("Take a scene from Write")
        self.search = TextField(theme, "Find a scene", placeholder="Find a scene", icon="magnifying-glass",
                                clearable=True)
        self.list = QListWidget()
        self.list.setAccessibleName("Scenes")
        self.list.setItemDelegate(_Rows(theme, self.list))
        self.list.setStyleSheet("background: transparent; border: none;")
        self.list.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.list.setFixedHeight(theme.dp(40) * min(max(len(scenes), 1), 7) + 4)
        for scene in scenes:
            item = QListWidgetItem(scene.title)
            item.setData(SCENE, scene)
            item.setData(Qt.ItemDataRole.AccessibleTextRole, f"{scene.title}, {scene.inside}, {scene.words} words")
            self.list.addItem(item)
            if scene.id == current or not self.list.currentItem():
                self.list.setCurrentItem(item)
        self.prompt = PushButton(theme, "Into the prompt bar", key="Ctrl+Return")
        self.button = PushButton(theme, "Read it", variant="primary", icon="user-sound", key="Return")
        column = QVBoxLayout(self)
        column.setContentsMargins(8, 6, 8, 8)
        column.setSpacing(8)
        column.addWidget(Label(theme, "Take a scene from Write", "strong"))
        column.addWidget(self.search)
        column.addWidget(self.list)
        foot = QHBoxLayout()
        foot.addStretch(1)
        foot.addWidget(self.prompt)
        foot.addWidget(self.button)
        column.addLayout(foot)
        self.setFocusProxy(self.list)
        self.search.textChanged.connect(self._find)
        self.list.itemDoubleClicked.connect(lambda _: self.read())
        self.button.clicked.connect(lambda _=False: self.read())
        self.prompt.clicked.connect(lambda _=False: self.take())

    def read(self) -> None:
        self._with(self._read)

    def take(self) -> None:
        self._with(self._take)

    def _with(self, act: Callable[[str], object]) -> None:
        item = self.list.currentItem()
        if item is not None and not item.isHidden():
            close_popup(self)
            act(item.data(SCENE).id)

    def _find(self, words: str) -> None:
        items = [self.list.item(row) for row in range(self.list.count())]
        for item in items:
            scene = item.data(SCENE)
            told = f"{scene.title} {scene.inside}".casefold()
            item.setHidden(not all(word in told for word in words.casefold().split()))
        if (current := self.list.currentItem()) is None or current.isHidden():
            self.list.setCurrentItem(next((item for item in items if not item.isHidden()), current))

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            if event.modifiers() & Qt.KeyboardModifier.ControlModifier:
                self.take()
            else:
                self.read()
        elif event.key() in (Qt.Key.Key_Down, Qt.Key.Key_Up) and not self.list.hasFocus():
            self.list.setFocus()
        else:
            super().keyPressEvent(event)


class Scenes(QObject):
    """Attributes: picker (the open one)."""

    def __init__(self, room: SoundRoom, speak: Callable[[str, str], object]) -> None:
        """speak: gets a text and the title of its scene."""
        super().__init__(room)
        self.room, self.session, self._speak = room, room.session, speak
        self.picker: ScenePicker | None = None
        self._taken: tuple[str, str] = ("", "")
        """Title and text of the scene that was put into the prompt bar."""

    def ask(self) -> None:
        """Let the person choose a scene."""
        self._save()
        self.session.read(self._scenes, self._open)

    def read(self, node: str) -> None:
        """Read a scene at the cursor."""
        def go(title: str, text: str) -> None:
            words = len(text.split())
            minutes = max(round(words / A_MINUTE), 1)
            self.room.said.emit(f"Reading “{title}”: {words:,} words, about {minutes} "
                                f"minute{'' if minutes == 1 else 's'}. Stop keeps what has been spoken.")
            self._speak(text, title)

        self._fetch(node, go)

    def take(self, node: str) -> None:
        """Put the words of a scene into the prompt bar, to be changed or cast."""
        self._fetch(node, self._to_prompt)

    def title_of(self, text: str) -> str:
        """The title of the scene that was taken, while its words are still those; else ""."""
        title, words = self._taken
        return title if words and text.strip() == words else ""

    def _to_prompt(self, title: str, text: str) -> None:
        composer, generating = self.room.bench.composer, self.room.generating
        info, speaker = generating.find(composer.drafts["sound"].generator), generating.speaker()
        if (info is None or not speaks(info.schema)) and speaker is not None:
            composer.pick_generator(speaker.id)
        self._taken = (title, text)
        self.room.bench.bar.prompt.set_text(text)
        self.room.bench.bar.focus_prompt()

    def _fetch(self, node: str, done: Callable[[str, str], object]) -> None:
        project = self.session.project
        self._save()

        def fetch() -> tuple[str, str]:
            if not project.read_only:
                project.set_state(LAST, node).result()  # what was typed just now is on disk before it
            return project.manuscript_node(node).title, words_of_scene(project.prose(node)[0])

        def fetched(found: tuple[str, str]) -> None:
            if found[1]:
                done(*found)
            else:
                self.room.said.emit(EMPTY.format(found[0]))

        self.session.read(fetch, fetched)

    def _save(self) -> None:
        write = self.room.bench.rooms.get("write")
        if write is not None and not self.session.project.read_only:
            write.save()

    def _scenes(self) -> tuple[list[Scene], str]:
        """On a thread: those that have words, in reading order."""
        project, found = self.session.project, []
        project.flush()  # what was typed just now may still be on its way to the file
        for document in project.documents("manuscript"):
            nodes = project.manuscript_nodes(document.id)
            titles = {node.id: node.title for node in nodes}
            found += [Scene(node.id, node.title, titles.get(node.parent, ""), node.words) for node in nodes
                      if node.kind == "scene" and node.words]
        return found, str(project.get_state(LAST, ""))

    def _open(self, found: tuple[list[Scene], str]) -> None:
        scenes, last = found
        if not scenes:
            self.room.said.emit(NONE)
            return
        theme = self.room.theme
        self.picker = ScenePicker(theme, scenes, last, self.read, self.take)
        Popup(theme, self.room.pane, self.picker, place="centre", width=theme.dp(440), dim=True).open()

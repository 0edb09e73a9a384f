"""Pictures in the manuscript: found in the project, chosen from the results or a file, described for those who do not
see them."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QBuffer, QByteArray, QIODevice, QSize, Qt, Signal
from PySide6.QtGui import QIcon, QImage, QImageReader, QPixmap
from PySide6.QtWidgets import (
    QAbstractItemView,
    QFileDialog,
    QHBoxLayout,
    QListWidget,
    QListWidgetItem,
    QVBoxLayout,
    QWidget,
)

from studio.project import Project, ResultQuery, ResultRow
from studio.project.manuscript.rows import picture_of, picture_value
from studio.ui.session import Session
from studio.ui.theme import Theme
from studio.ui.widgets import Label, Popup, PushButton, TextField
from studio.ui.widgets.media import TYPES, encoded_png
from studio.ui.write.look import Pictures

if TYPE_CHECKING:
    from studio.ui.write.desk import WriteDesk
    from studio.ui.write.pane import WritePane

WIDEST = 1200
MAX_FILE = 64 << 20
SHOWN = 60
SIDE = 88
KEPT_AS = {b"png": "image/png", b"jpeg": "image/jpeg", b"gif": "image/gif", b"webp": "image/webp"}
"""Kinds that all programs know; others are kept as PNG."""
VALUE = int(Qt.ItemDataRole.UserRole) + 1
MAX_ALT = 1000


class ProjectPictures(Pictures):
    """Pictures of the project, read off the UI thread and kept small."""

    def __init__(self, session: Session, pane: WritePane) -> None:
        self.session, self.pane = session, pane
        self._known: dict[str, QImage] = {}
        self._asked: set[str] = set()

    def get(self, sha: str) -> QImage | None:
        if sha not in self._known and sha not in self._asked:
            self._asked.add(sha)
            self.session.read(lambda: self._load(sha), lambda image: self._came(sha, image))
        return self._known.get(sha)

    def _load(self, sha: str) -> QImage:
        try:
            data, _ = self.session.project.media(sha)
        except KeyError:
            return QImage()
        image = _read(data)[0]
        if image.width() > WIDEST:
            image = image.scaledToWidth(WIDEST, Qt.TransformationMode.SmoothTransformation)
        return image

    def _came(self, sha: str, image: QImage) -> None:
        self._known[sha] = image
        for story in {self.pane.story, *self.pane.stories.values()}:
            for at, value in story.runs.objects("image"):
                if picture_of(value)[0] == sha:
                    story.document.markContentsDirty(at, 1)


def _read(data: bytes) -> tuple[QImage, bytes]:
    """The picture, upright, and what kind of file it is; a null image where it is none."""
    bytes_, buffer = QByteArray(data), QBuffer()
    buffer.setData(bytes_)
    buffer.open(QIODevice.OpenModeFlag.ReadOnly)
    reader = QImageReader(buffer)
    reader.setAutoTransform(True)
    reader.setDecideFormatFromContent(True)
    return reader.read(), bytes(reader.format().data())


def keep_picture(project: Project, given: Path | QImage, alt: str = "") -> tuple[str, str]:
    """Put a file or a picture of the clipboard into the project: the value of its mark, or a sentence on why not. For a
    thread of its own."""
    if isinstance(given, QImage):
        return picture_value(project.put_media(encoded_png(given), "image/png").result(), alt), ""
    try:
        if given.stat().st_size > MAX_FILE:
            return "", f"{given.name} is larger than {MAX_FILE >> 20} MB; make it smaller first."
        data = given.read_bytes()
    except OSError as error:
        return "", f"{given.name} cannot be read: {error.strerror or error}."
    image, kind = _read(data)
    if image.isNull():
        return "", f"{given.name} is not a picture that can be read; use a PNG, JPEG, WebP or GIF file."
    media_type = KEPT_AS.get(kind, "image/png")
    kept = data if kind in KEPT_AS else encoded_png(image)
    return picture_value(project.put_media(kept, media_type).result(), alt), ""


class PicturePanel(QWidget):
    """Content of a popup: the pictures among the results, or a file, and what the picture shows."""

    chosen = Signal(str)
    """Value of an image's mark."""
    popup: Popup | None = None

    def __init__(self, desk: WriteDesk) -> None:
        super().__init__()
        self.session, self.loader, theme = desk.session, desk.room.bench.loader, desk.theme
        self._open = [True]
        self.destroyed.connect(self._open.clear)
        self._told = ""
        """The description that a result gave, until the person writes another."""
        self.setAccessibleName("Put in a picture")
        self.list = QListWidget()
        self.list.setAccessibleName("Pictures among the results, the newest first")
        self.list.setViewMode(QListWidget.ViewMode.IconMode)
        self.list.setResizeMode(QListWidget.ResizeMode.Adjust)
        self.list.setMovement(QListWidget.Movement.Static)
        self.list.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        side = theme.dp(SIDE)
        self.list.setIconSize(QSize(side, side))
        self.list.setGridSize(QSize(side + 8, side + 8))
        self.list.setMinimumHeight(2 * (side + 8) + 8)
        self.list.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.list.setStyleSheet(
            "QListWidget::item { padding: 0; border: 2px solid transparent; border-radius: 6px; }"
            f"QListWidget::item:selected {{ border-color: {theme.tokens.spring}; }}")
        self.said = Label(theme, "", "body", "t3", wrap=True)
        self.alt = TextField(theme, "What it shows", placeholder="What it shows, for those who do not see it")
        self.alt.setMaxLength(MAX_ALT)
        self.file = PushButton(theme, "From a file…", icon="folder-open")
        self.put = PushButton(theme, "Put in", variant="primary")
        foot = QHBoxLayout()
        foot.addWidget(self.file)
        foot.addStretch(1)
        foot.addWidget(self.put)
        column = QVBoxLayout(self)
        column.setContentsMargins(10, 8, 10, 10)
        column.setSpacing(8)
        column.addWidget(Label(theme, "Picture", "strong"))
        for widget in (self.list, self.said, self.alt):
            column.addWidget(widget)
        column.addLayout(foot)
        self.setFocusProxy(self.list)
        self.put.set_available(False, "Choose a picture first")
        self.list.currentItemChanged.connect(lambda item, _: self._describe(item))
        self.list.itemActivated.connect(lambda _: self._put())
        self.alt.returnPressed.connect(self._put)
        self.put.clicked.connect(lambda *_: self._put())
        self.file.clicked.connect(lambda *_: self.ask_file())
        self.loader.thumbnail_ready.connect(self._came)
        project = self.session.project
        self.session.read(lambda: project.results(ResultQuery(kinds=("image",), limit=SHOWN)),
                          lambda rows: self._fill(rows) if self._open else None)
        self._say("")

    def _say(self, text: str, tone: str = "t3") -> None:
        self.said.setText(text)
        self.said.set_tone(tone)
        self.said.setVisible(bool(text))
        if self.popup is not None:
            self.popup.place()

    def _fill(self, rows: list[ResultRow]) -> None:
        blank = QPixmap(self.list.iconSize())
        blank.fill(Qt.GlobalColor.transparent)
        for row in rows:
            item = QListWidgetItem(QIcon(blank), "")
            item.setData(VALUE, (row.media, row.prompt))
            item.setData(Qt.ItemDataRole.AccessibleTextRole, row.prompt or "A picture")
            item.setToolTip(row.prompt[:200])
            self.list.addItem(item)
            self._paint(item, self.loader.thumbnail(row.media, self.list.iconSize()))
        if not rows:
            self.list.hide()
            self._say("There are no pictures among the results yet; take one from a file, or make one on the canvas.")
            self.file.setFocus()
        elif self.list.currentItem() is None:
            self.list.setCurrentRow(0)

    def _came(self, sha: str, image: QImage) -> None:
        for number in range(self.list.count()):
            item = self.list.item(number)
            if item.data(VALUE)[0] == sha:
                self._paint(item, image)

    def _paint(self, item: QListWidgetItem, image: QImage | None) -> None:
        if image is not None and not image.isNull():
            item.setIcon(QIcon(QPixmap.fromImage(image)))

    def _describe(self, item: QListWidgetItem | None) -> None:
        self.put.set_available(item is not None, "Choose a picture first")
        if item is not None and self.alt.text() == self._told:
            self._told = " ".join(item.data(VALUE)[1].split())[:MAX_ALT]
            self.alt.setText(self._told)
            self.alt.setCursorPosition(0)

    def ask_file(self) -> None:
        pattern = " ".join(f"*{suffix}" for suffix in TYPES["image"][2])
        path, _ = QFileDialog.getOpenFileName(self, "Picture", "", f"Pictures ({pattern});;All files (*)")
        if path:
            self.take_file(Path(path))

    def take_file(self, path: Path) -> None:
        """Put a file in, with the description that the person wrote."""
        alt = "" if self.alt.text() == self._told else self.alt.text()
        self._say(f"Reading {path.name}…")

        def kept(found: tuple[str, str]) -> None:
            if self._open and found[1]:
                self._say(found[1], "err")
            elif self._open:
                self._give(found[0])

        self.session.read(lambda: keep_picture(self.session.project, path, alt), kept)

    def _put(self) -> None:
        item = self.list.currentItem()
        if item is not None:
            self._give(picture_value(item.data(VALUE)[0], self.alt.text()))

    def _give(self, value: str) -> None:
        if self.popup is not None:
            self.popup.dismiss()
        self.chosen.emit(value)


class DescribePicture(QWidget):
    """Content of a popup: what a picture of the page shows."""

    kept = Signal(str)
    """The value that its mark is to have; "" takes the picture away."""
    popup: Popup | None = None

    def __init__(self, theme: Theme, value: str) -> None:
        super().__init__()
        self._name, alt = picture_of(value)
        self.setAccessibleName("Picture")
        self.alt = TextField(theme, "What it shows", text=alt, placeholder="What it shows, for those who do not see it")
        self.alt.setMaxLength(MAX_ALT)
        keep = PushButton(theme, "Keep", variant="primary")
        remove = PushButton(theme, "Take it out", variant="quiet", icon="trash")
        foot = QHBoxLayout()
        foot.addWidget(remove)
        foot.addStretch(1)
        foot.addWidget(keep)
        column = QVBoxLayout(self)
        column.setContentsMargins(10, 8, 10, 10)
        column.setSpacing(8)
        column.addWidget(Label(theme, "Picture", "strong"))
        column.addWidget(self.alt)
        column.addLayout(foot)
        self.setFocusProxy(self.alt)
        keep.clicked.connect(lambda *_: self._end(picture_value(self._name, self.alt.text())))
        self.alt.returnPressed.connect(lambda: self._end(picture_value(self._name, self.alt.text())))
        remove.clicked.connect(lambda *_: self._end(""))

    def _end(self, value: str) -> None:
        if self.popup is not None:
            self.popup.dismiss()
        self.kept.emit(value)



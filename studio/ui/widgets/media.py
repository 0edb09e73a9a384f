"""A well for a media input: drop, paste or browse for a picture, see it, take it away."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

from PySide6.QtCore import QBuffer, QByteArray, QIODevice, QMimeData, QObject, QRectF, QSize, Qt, QThreadPool, Signal
from PySide6.QtGui import (
    QDragEnterEvent,
    QDragLeaveEvent,
    QDropEvent,
    QGuiApplication,
    QImage,
    QImageReader,
    QKeyEvent,
    QKeySequence,
    QMouseEvent,
    QPainter,
    QPainterPath,
    QPaintEvent,
    QPen,
)
from PySide6.QtWidgets import QFileDialog, QHBoxLayout, QSizePolicy, QWidget

from studio.ui.theme import Theme
from studio.ui.widgets.base import Themed, box
from studio.ui.widgets.buttons import IconButton

Store = Callable[[bytes, str], str]
Fetch = Callable[[str], tuple[bytes, str]]

THUMB = 40
RESULT_MIME = "application/x-pieria-result"
"""What the results strip puts on a drag: JSON of the result, with its kind and the content hash as "media"."""

TYPES = {
    "image": ("Picture", "image", {".png": "image/png", ".jpg": "image/jpeg", ".jpeg": "image/jpeg",
                                   ".webp": "image/webp", ".bmp": "image/bmp", ".gif": "image/gif"}),
    "audio": ("Sound", "waveform", {".wav": "audio/wav", ".flac": "audio/flac", ".ogg": "audio/ogg",
                                    ".mp3": "audio/mpeg"}),
    "video": ("Film", "film-strip", {".mp4": "video/mp4", ".webm": "video/webm", ".mkv": "video/x-matroska"}),
    "text": ("Text", "text-aa", {".txt": "text/plain; charset=utf-8", ".md": "text/markdown; charset=utf-8"}),
    "score": ("Notes", "music-notes", {".mid": "audio/midi", ".midi": "audio/midi"}),
    "mesh": ("3D object", "cube", {".glb": "model/gltf-binary"}),
}


def encoded_png(image: QImage) -> bytes:
    """The picture as PNG."""
    data = QByteArray()
    buffer = QBuffer(data)
    buffer.open(QIODevice.OpenModeFlag.WriteOnly)
    image.save(buffer, "PNG")  # type: ignore[call-overload]  # the stubs want bytes, Qt wants str
    return bytes(data.data())


def thumbnail(data: bytes, side: int) -> QImage:
    """A picture scaled to cover `side` px while it is decoded; a null image where the bytes are none."""
    buffer = QBuffer()
    buffer.setData(QByteArray(data))
    buffer.open(QIODevice.OpenModeFlag.ReadOnly)
    reader = QImageReader(buffer)
    reader.setAutoTransform(True)
    size = reader.size()
    if size.isValid() and not size.isEmpty():
        reader.setScaledSize(size.scaled(side, side, Qt.AspectRatioMode.KeepAspectRatioByExpanding))
    return reader.read()


class _Answers(QObject):
    """Brings what a pool thread has done back to the window's thread."""

    stored = Signal(int, str, str, QImage, str)
    failed = Signal(int, str)


class MediaWell(Themed, QWidget):
    """Holds one media input as {"media": sha256, "type": media type}.

    kind: "image", "mask", "audio", ... store: puts bytes into the project and returns their hash; it and `fetch` (hash
    to bytes and media type) are called on a pool thread, since decoding and hashing may take long. Signal
    ``changed(object)`` (the reference or None) when the person gives or clears it; ``failed(str)`` with one sentence.
    """

    changed = Signal(object)
    failed = Signal(str)

    def __init__(self, theme: Theme, name: str, kind: str = "image", *, store: Store | None = None,
                 fetch: Fetch | None = None, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._kind = "image" if kind == "mask" else kind if kind in TYPES else "image"
        self._name, self._store, self._fetch = name, store, fetch
        self._reference: dict[str, str] | None = None
        self._title, self._note = "", ""
        self._thumb: QImage | None = None
        self._over = False
        self._ticket = 0
        self._answers = _Answers()  # no parent: it must outlive the widget while a pool thread still works
        self._answers.stored.connect(self._stored)
        self._answers.failed.connect(self._refused)
        self.setAcceptDrops(True)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setAccessibleName(name)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setAttribute(Qt.WidgetAttribute.WA_Hover)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.browse_button = IconButton(theme, "folder-open", f"Browse for {name.lower()}")
        self.clear_button = IconButton(theme, "x", f"Clear {name.lower()}")
        row = QHBoxLayout(self)
        row.setContentsMargins(4, 4, 6, 4)
        row.setSpacing(0)
        row.addStretch(1)
        row.addWidget(self.browse_button)
        row.addWidget(self.clear_button)
        for button in (self.browse_button, self.clear_button):
            button.setCursor(Qt.CursorShape.ArrowCursor)
        self.browse_button.clicked.connect(self.browse)
        self.clear_button.clicked.connect(self.clear)
        self.init_theme(theme)
        self._show_state()

    # ------------------------------------------------------------ value

    def reference(self) -> dict[str, str] | None:
        """{"media": sha256, "type": media type}, or None."""
        return dict(self._reference) if self._reference else None

    def set_reference(self, reference: dict[str, Any] | None, *, title: str = "", image: QImage | None = None) -> None:
        """Silent. Without `image` the thumbnail is fetched."""
        self._ticket += 1
        usable = isinstance(reference, dict) and isinstance(reference.get("media"), str)
        self._reference = {k: v for k, v in (reference or {}).items() if isinstance(v, str)} if usable else None
        self._title, self._thumb, self._note = title, image, ""
        if self._reference and image is None and self._fetch is not None:
            self._load(self._reference["media"])
        self._show_state()

    def clear(self) -> None:
        had = self._reference is not None
        self.set_reference(None)
        if had:
            self.changed.emit(None)

    def take_file(self, path: str | Path) -> None:
        """Read a file in the background and hold it."""
        path = Path(path)
        media_type = TYPES[self._kind][2].get(path.suffix.lower())
        if media_type is None:
            self.failed.emit(f"“{path.name}” is not a {TYPES[self._kind][0].lower()} that can be used here.")
            return
        self._begin(path.read_bytes, media_type, path.name)

    def take_image(self, image: QImage, title: str = "Pasted picture") -> None:
        """Hold a picture from the clipboard or the canvas."""
        self._begin(lambda: encoded_png(image), "image/png", title)

    def take_mime(self, mime: QMimeData) -> bool:
        """Hold what a drop or the clipboard carries; False if nothing fits."""
        if mime.hasFormat(RESULT_MIME):
            return self._take_result(bytes(mime.data(RESULT_MIME).data()))
        files = [u.toLocalFile() for u in mime.urls() if u.isLocalFile()]
        if files:
            self.take_file(files[0])
            return True
        if self._kind == "image" and mime.hasImage():
            image = QImage(mime.imageData())
            if not image.isNull():
                self.take_image(image)
                return True
        return False

    def _take_result(self, data: bytes) -> bool:
        try:
            result = json.loads(data.decode("utf-8"))
        except ValueError:
            return False
        media = result.get("media") or result.get("sha256") if isinstance(result, dict) else None
        if not isinstance(media, str) or result.get("kind", self._kind) != self._kind:
            self.failed.emit(f"Only a {TYPES[self._kind][0].lower()} fits here.")
            return False
        media_type = result.get("media_type") or result.get("type") or next(iter(TYPES[self._kind][2].values()))
        self.set_reference({"media": media, "type": str(media_type)}, title="From the results")
        self.changed.emit(self.reference())
        return True

    def browse(self) -> None:
        """Ask for a file."""
        title, _, suffixes = TYPES[self._kind]
        pattern = " ".join(f"*{s}" for s in suffixes)
        path, _ = QFileDialog.getOpenFileName(self, self._name, "", f"{title} ({pattern})")
        if path:
            self.take_file(path)

    # ------------------------------------------------------------ background work

    def _begin(self, read: Callable[[], bytes], media_type: str, title: str) -> None:
        if self._store is None:
            self.failed.emit("Open a project first; pictures are kept in it.")
            return
        self._ticket += 1
        ticket, store, answers = self._ticket, self._store, self._answers
        side, kind = THUMB * 2, self._kind
        self._note = "Reading…"
        self.update()

        def work() -> None:
            try:
                data = read()
                image = thumbnail(data, side) if kind == "image" else QImage()
                if kind == "image" and image.isNull():
                    raise ValueError(f"“{title}” is not a picture that can be read.")
                sha = store(data, media_type)
            except ValueError as error:
                _emit(answers.failed, ticket, str(error))
            except Exception as error:
                _emit(answers.failed, ticket, f"“{title}” could not be read: {error}")
            else:
                _emit(answers.stored, ticket, sha, media_type, image, title)

        QThreadPool.globalInstance().start(work)

    def _load(self, sha: str) -> None:
        if self._fetch is None or self._kind != "image":
            return
        ticket, fetch, answers = self._ticket, self._fetch, self._answers

        def work() -> None:
            try:
                data, media_type = fetch(sha)
                image = thumbnail(data, THUMB * 2)
            except Exception:
                _emit(answers.failed, -ticket, "")
            else:
                _emit(answers.stored, -ticket, sha, media_type, image, "")

        QThreadPool.globalInstance().start(work)

    def _stored(self, ticket: int, sha: str, media_type: str, image: QImage, title: str) -> None:
        if abs(ticket) != self._ticket:
            return  # something newer came meanwhile
        self._thumb = image if not image.isNull() else None
        if ticket > 0:
            self._reference, self._title, self._note = {"media": sha, "type": media_type}, title, ""
            self.changed.emit(self.reference())
        self._show_state()

    def _refused(self, ticket: int, message: str) -> None:
        if abs(ticket) != self._ticket:
            return
        self._note = ""
        self._show_state()
        if message:
            self.failed.emit(message)

    # ------------------------------------------------------------ events and painting

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        mime = event.mimeData()
        if mime.hasUrls() or mime.hasImage() or mime.hasFormat(RESULT_MIME):
            self._over = True
            self.update()
            event.acceptProposedAction()

    def dragLeaveEvent(self, event: QDragLeaveEvent) -> None:
        self._over = False
        self.update()

    def dropEvent(self, event: QDropEvent) -> None:
        self._over = False
        self.update()
        if self.take_mime(event.mimeData()):
            event.acceptProposedAction()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.matches(QKeySequence.StandardKey.Paste):
            self.take_mime(QGuiApplication.clipboard().mimeData())
        elif event.key() in (Qt.Key.Key_Delete, Qt.Key.Key_Backspace):
            self.clear()
        elif event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Space):
            self.browse()
        else:
            super().keyPressEvent(event)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        if event.button() == Qt.MouseButton.LeftButton and self.rect().contains(event.position().toPoint()):
            self.browse()

    def sizeHint(self) -> QSize:
        return QSize(200, self.theme.dp(THUMB) + 8)

    def minimumSizeHint(self) -> QSize:
        return QSize(120, self.sizeHint().height())

    def _show_state(self) -> None:
        full = self._reference is not None
        self.clear_button.setVisible(full)
        self.browse_button.setVisible(not full)
        self.setAccessibleDescription(self._title or "A picture is set" if full else "Empty. Drop, paste or browse.")
        self.setToolTip("" if full else "Drop a file, paste with Ctrl+V, or click to browse")
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        painter, theme, full = QPainter(self), self.theme, self._reference is not None
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        area = QRectF(self.rect())
        if full or self._over:
            fill = "spring_t" if self._over else "control"
            box(painter, area, 6, theme.color(fill), theme.color("spring") if self._over else None)
        else:
            pen = QPen(theme.color("line2"), 1)
            pen.setDashPattern([4, 3])
            painter.setPen(pen)
            painter.drawRoundedRect(area.adjusted(0.5, 0.5, -0.5, -0.5), 6, 6)
        x = 12.0
        if full:
            side = theme.dp(THUMB)
            slot = QRectF(4, (self.height() - side) / 2, side, side)
            self._paint_thumb(painter, slot)
            x = slot.right() + 10
        else:
            glyph = theme.dp(16)
            theme.icons.paint(painter, QRectF(12, (self.height() - glyph) / 2, glyph, glyph), TYPES[self._kind][1],
                              "t3" if self.isEnabled() else "t4")
            x += glyph + 10
        text = self._note or (self._title or TYPES[self._kind][0] if full else "Drop or browse")
        painter.setFont(theme.font("body"))
        painter.setPen(theme.color("t4" if not self.isEnabled() else "t1" if full else "t3"))
        room = self.width() - x - theme.dp(28) - 12
        mode = Qt.TextElideMode.ElideMiddle if full else Qt.TextElideMode.ElideRight
        text = painter.fontMetrics().elidedText(text, mode, int(room))
        painter.drawText(QRectF(x, 0, room + 4, self.height()), Qt.AlignmentFlag.AlignVCenter, text)

    def _paint_thumb(self, painter: QPainter, slot: QRectF) -> None:
        path = QPainterPath()
        path.addRoundedRect(slot, 4, 4)
        painter.save()
        painter.setClipPath(path)
        if self._thumb is not None:
            size = self._thumb.size().toSizeF().scaled(slot.size(), Qt.AspectRatioMode.KeepAspectRatioByExpanding)
            target = QRectF(0, 0, size.width(), size.height())
            target.moveCenter(slot.center())
            painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
            painter.drawImage(target, self._thumb)
        else:
            painter.fillRect(slot, self.theme.color("hover"))
            icon = QRectF(0, 0, self.theme.dp(18), self.theme.dp(18))
            icon.moveCenter(slot.center())
            self.theme.icons.paint(painter, icon, TYPES[self._kind][1], "t2")
        painter.restore()


def _emit(signal: Any, *values: object) -> None:
    """Emit from a pool thread; the widget may be gone by now."""
    try:
        signal.emit(*values)
    except RuntimeError:
        pass

"""One result as large as the window allows, over the window: Space opens it, Space or Esc closes it."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject, QRectF, QSizeF, Qt, Signal
from PySide6.QtGui import QImage, QKeyEvent, QMouseEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QWidget

from studio.ui.theme import Theme
from studio.ui.widgets.base import box

MARGIN = 48


class PreviewOverlay(QWidget):
    """Covers the window of `owner` with a picture or a text; left and right ask for the next one."""

    stepped = Signal(int)
    closed = Signal()
    accepted = Signal()
    """Enter was pressed."""

    def __init__(self, theme: Theme, owner: QWidget) -> None:
        window = owner.window()
        super().__init__(window)
        self.theme, self._window = theme, window
        self._image: QImage | None = None
        self._text, self._words = "", ""
        self._scaled: QImage | None = None
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setAccessibleName("Preview")
        self.hide()

    def show_image(self, image: QImage, words: str = "") -> None:
        self._image, self._text, self._words, self._scaled = image, "", words, None
        self._open(words)

    def show_text(self, text: str, words: str = "") -> None:
        self._image, self._text, self._words, self._scaled = None, text, words, None
        self._open(f"{words}. {text}")

    def _open(self, description: str) -> None:
        self.setAccessibleDescription(description)
        window = self._window
        if not self.isVisible():
            window.installEventFilter(self)
            self.setGeometry(window.rect())
            self.raise_()
            self.show()
            self.setFocus(Qt.FocusReason.PopupFocusReason)
        self.update()

    def dismiss(self) -> None:
        if self.isVisible():
            self._window.removeEventFilter(self)
            self.hide()
            self.closed.emit()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.Resize and watched is self._window:
            self._scaled = None
            self.setGeometry(self._window.rect())
        return False

    def mousePressEvent(self, event: QMouseEvent) -> None:
        self.dismiss()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        match event.key():
            case Qt.Key.Key_Escape | Qt.Key.Key_Space:
                self.dismiss()
            case Qt.Key.Key_Left | Qt.Key.Key_Up:
                self.stepped.emit(-1)
            case Qt.Key.Key_Right | Qt.Key.Key_Down:
                self.stepped.emit(1)
            case Qt.Key.Key_Return | Qt.Key.Key_Enter:
                self.dismiss()
                self.accepted.emit()
        event.accept()

    def paintEvent(self, event: QPaintEvent) -> None:
        painter, theme = QPainter(self), self.theme
        painter.fillRect(self.rect(), theme.color("label", 0.84))
        room = QRectF(self.rect()).adjusted(MARGIN, MARGIN, -MARGIN, -MARGIN - theme.dp(24))
        if self._image is not None and not self._image.isNull():
            self._paint_image(painter, room)
        elif self._text:
            self._paint_text(painter, room)
        painter.setFont(theme.font("body"))
        painter.setPen(theme.color("on_label"))
        foot = QRectF(MARGIN, self.height() - MARGIN, self.width() - 2 * MARGIN, 24)
        words = painter.fontMetrics().elidedText(self._words, Qt.TextElideMode.ElideRight, int(foot.width()))
        painter.drawText(foot, Qt.AlignmentFlag.AlignCenter, words)

    def _paint_image(self, painter: QPainter, room: QRectF) -> None:
        assert self._image is not None
        ratio = self.devicePixelRatioF()
        most = QSizeF(room.size())
        size = QSizeF(self._image.size()).scaled(most, Qt.AspectRatioMode.KeepAspectRatio)
        # A small picture is not blown up beyond four times: it would look worse than it is.
        factor = min(size.width() / max(1, self._image.width()), 4.0)
        size = QSizeF(self._image.size()) * factor
        target = QRectF(0, 0, round(size.width()), round(size.height()))
        target.moveCenter(room.center())
        if self._scaled is None:
            self._scaled = self._image.scaled((target.size() * ratio).toSize(), Qt.AspectRatioMode.IgnoreAspectRatio,
                                              Qt.TransformationMode.SmoothTransformation)
        painter.drawImage(target, self._scaled)

    def _paint_text(self, painter: QPainter, room: QRectF) -> None:
        theme = self.theme
        page = QRectF(0, 0, min(room.width(), theme.dp(720)), room.height())
        page.moveCenter(room.center())
        painter.setFont(theme.font("manuscript"))
        flags = int(Qt.TextFlag.TextWordWrap | Qt.AlignmentFlag.AlignTop)
        inside = page.adjusted(48, 36, -48, -36)
        wanted = painter.boundingRect(inside, flags, self._text)
        if wanted.height() < inside.height():
            page.setHeight(wanted.height() + 72)
            page.moveCenter(room.center())
            inside = page.adjusted(48, 36, -48, -36)
        box(painter, page, 10, theme.color("page"), theme.color("line2"))
        painter.setPen(theme.color("t1"))
        painter.setClipRect(inside)
        painter.drawText(inside, flags, self._text)

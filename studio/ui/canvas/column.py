"""The candidates beside the frame: a column of thumbnails to flip through, keep from and drop."""

from __future__ import annotations

from PySide6.QtCore import QPoint, QPointF, QRect, QRectF, QSize, Qt, Signal
from PySide6.QtGui import (
    QAccessible,
    QAccessibleEvent,
    QFontMetrics,
    QImage,
    QMouseEvent,
    QPainter,
    QPainterPath,
    QPaintEvent,
    QPen,
)
from PySide6.QtWidgets import QAbstractButton, QWidget

from studio.ui.canvas.candidates import Candidate, Candidates, State
from studio.ui.theme import Theme
from studio.ui.thumbnails import ImageLoader, cover
from studio.ui.widgets.base import box
from studio.ui.widgets.labels import keycap_width, paint_keycap

THUMB, GAP, PAD = 80, 7, 8
FOOT_ROW = 24


class CandidateButton(QAbstractButton):
    """One candidate: number, picture, ring while it is made; keep and drop on the one in front."""

    keep_asked = Signal()
    drop_asked = Signal()

    def __init__(self, theme: Theme, loader: ImageLoader, candidate: Candidate, parent: QWidget) -> None:
        super().__init__(parent)
        self.theme, self.loader, self.candidate = theme, loader, candidate
        self._scaled: tuple[int, QImage] | None = None
        self.setCheckable(True)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)  # the pasteboard keeps the keys; screen readers see the children
        self.setAccessibleName(candidate.words)
        self.setToolTip("Enter keeps this picture, Del drops it, Space shows it large")

    def sizeHint(self) -> QSize:
        return QSize(THUMB, THUMB)

    def picture(self) -> QImage | None:
        """The picture cropped to the thumbnail, in device pixels."""
        side = round(THUMB * self.devicePixelRatioF())
        result = self.candidate.result
        if result is not None:
            found = self.loader.thumbnail(str(result.get("media", "")), QSize(side, side))
            if found is not None:
                return found
        preview = self.candidate.preview
        if preview is None:
            return None
        if self._scaled is None or self._scaled[0] != preview.cacheKey():
            self._scaled = (preview.cacheKey(), cover(preview, QSize(side, side)))
        return self._scaled[1]

    def refresh(self) -> None:
        if self.accessibleName() != self.candidate.words:
            self.setAccessibleName(self.candidate.words)
        self.update()

    def tray(self) -> QRectF:
        """Where keep and drop lie, on the candidate in front."""
        return QRectF(2, self.height() - 31, self.width() - 4, 29)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        at = event.position()
        ready = self.isChecked() and self.candidate.state in (State.DONE, State.FAILED)
        if ready and event.button() == Qt.MouseButton.LeftButton and self.tray().contains(at):
            self.setDown(False)
            keep = at.x() < self.width() / 2 and self.candidate.state is State.DONE
            (self.keep_asked if keep else self.drop_asked).emit()
            return
        super().mouseReleaseEvent(event)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter, theme = QPainter(self), self.theme
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
        area = QRectF(self.rect())
        shape = QPainterPath()
        shape.addRoundedRect(area, 6, 6)
        painter.fillPath(shape, theme.color("control"))
        painter.setClipPath(shape)
        image = self.picture()
        if image is not None:
            painter.drawImage(area, image)
        if self.isChecked() and self.candidate.state in (State.DONE, State.FAILED):
            self._paint_tray(painter)
        painter.setClipping(False)
        self._paint_state(painter, area)
        self._paint_number(painter)
        if self.isChecked():
            box(painter, area, 6, None, theme.color("spring"), 2)
        elif self.candidate.state is State.WAITING:
            pen = QPen(theme.color("line2"), 1, Qt.PenStyle.DashLine)
            painter.setPen(pen)
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRoundedRect(area.adjusted(0.5, 0.5, -0.5, -0.5), 6, 6)
        else:
            box(painter, area, 6, None, theme.color("line2"))

    def _paint_number(self, painter: QPainter) -> None:
        text = str(self.candidate.number + 1)
        painter.setFont(self.theme.font("strong"))
        width = max(17, painter.fontMetrics().horizontalAdvance(text) + 8)
        tag = QRectF(5, 5, width, 17)
        box(painter, tag, 4, self.theme.color("label", 0.84))
        painter.setPen(self.theme.color("on_label"))
        painter.drawText(tag, Qt.AlignmentFlag.AlignCenter, text)

    def _paint_tray(self, painter: QPainter) -> None:
        tray, theme = self.tray(), self.theme
        painter.fillRect(tray.adjusted(-2, 0, 2, 2), theme.color("label", 0.84))
        painter.fillRect(QRectF(tray.center().x() - 0.5, tray.top() + 7, 1, 15), theme.color("on_label", 0.3))
        left = QRectF(tray.left(), tray.top(), tray.width() / 2, tray.height())
        done = self.candidate.state is State.DONE
        for where, icon, ink in ((left, "check", "#4BD4B4" if done else "#5F646E"),
                                 (left.translated(tray.width() / 2, 0), "x", "#FFFFFF")):
            spot = QRectF(where.center() - QPointF(8, 8), QSize(16, 16))
            theme.icons.paint(painter, spot, icon, ink, weight="bold")

    def _paint_state(self, painter: QPainter, area: QRectF) -> None:
        theme, candidate = self.theme, self.candidate
        if candidate.state is State.FAILED:
            theme.icons.paint(painter, QRectF(area.center() - QPointF(10, 14), QSize(20, 20)), "warning-circle", "err")
        elif candidate.state is State.WAITING:
            painter.setFont(theme.font("caption"))
            painter.setPen(theme.color("t3"))
            painter.drawText(area, Qt.AlignmentFlag.AlignCenter, "Waiting")
        elif candidate.state is State.RUNNING and theme.reduced_motion and candidate.of:
            tag = QRectF(area.right() - 44, area.bottom() - 22, 39, 17)
            box(painter, tag, 4, theme.color("label", 0.84))
            painter.setFont(theme.font("caption", tnum=True))
            painter.setPen(theme.color("on_label"))
            painter.drawText(tag, Qt.AlignmentFlag.AlignCenter, f"{candidate.step}/{candidate.of}")
        elif candidate.state is State.RUNNING:
            disc = QRectF(area.right() - 31, area.bottom() - 31, 26, 26)
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(theme.color("label", 0.84))
            painter.drawEllipse(disc)
            paint_ring(painter, disc.adjusted(6, 6, -6, -6), candidate.share, theme)


def paint_ring(painter: QPainter, rect: QRectF, share: float, theme: Theme) -> None:
    """Progress of the machine as an iris arc, clockwise from the top; on a dark disc."""
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.setPen(QPen(theme.color("on_label", 0.22), 2.5))
    painter.drawEllipse(rect)
    pen = QPen(theme.color("#A78BFF"), 2.5)
    pen.setCapStyle(Qt.PenCapStyle.FlatCap)
    painter.setPen(pen)
    painter.drawArc(rect, 90 * 16, -round(max(0.02, share) * 360 * 16))


class CandidateColumn(QWidget):
    """The shown batch. It lies beside the batch's place on the pasteboard and wraps into more columns if it must."""

    keep_asked = Signal()

    def __init__(self, theme: Theme, loader: ImageLoader, candidates: Candidates, parent: QWidget) -> None:
        super().__init__(parent)
        self.theme, self.loader, self.candidates = theme, loader, candidates
        self.buttons: list[CandidateButton] = []
        self._place: tuple[QRectF, QRectF] | None = None
        self.setAccessibleName("Candidates")
        candidates.shown_changed.connect(self.rebuild)
        candidates.flipped.connect(self._flipped)
        candidates.changed.connect(self._refresh)
        loader.thumbnail_ready.connect(self._refresh)
        theme.changed.connect(self.rebuild)
        self.hide()

    def rebuild(self) -> None:
        for button in self.buttons:
            button.hide()
            button.deleteLater()
        batch = self.candidates.shown
        self.buttons = [self._button(c) for c in batch.candidates] if batch is not None else []
        self.setVisible(bool(self.buttons))
        self._mark()
        if self._place is not None:
            self.lay_out(*self._place)  # new buttons lie at the corner until they are placed

    def _button(self, candidate: Candidate) -> CandidateButton:
        button = CandidateButton(self.theme, self.loader, candidate, self)
        button.clicked.connect(lambda _=False, b=button: self._choose(b))
        button.keep_asked.connect(self.keep_asked)
        button.drop_asked.connect(self.candidates.drop)
        button.show()
        return button

    def _choose(self, button: CandidateButton) -> None:
        if button in self.buttons:
            self.candidates.show_candidate(self.buttons.index(button))

    def _mark(self) -> None:
        batch = self.candidates.shown
        for index, button in enumerate(self.buttons):
            button.setChecked(batch is not None and index == batch.current)

    def _flipped(self) -> None:
        self._mark()
        batch = self.candidates.shown
        if batch is not None and self.buttons and not batch.followed:
            QAccessible.updateAccessibility(QAccessibleEvent(self.buttons[batch.current], QAccessible.Event.Focus))

    def _refresh(self, *_: object) -> None:
        self._mark()
        for button in self.buttons:
            button.refresh()
        self.update()

    # ------------------------------------------------------------ layout

    def title(self) -> str:
        count = len(self.buttons)
        place, of = self.candidates.place
        words = "1 picture" if count == 1 else f"{count} pictures"
        return f"{words} · {place} of {of}" if of > 1 else words

    def head(self) -> int:
        return self.theme.dp(24)

    def foot(self) -> int:
        return FOOT_ROW * (3 if len(self.candidates.batches) > 1 else 2) + 4

    def lay_out(self, beside: QRectF, area: QRectF) -> None:
        """Place the column right of `beside`, or left of it, or at the right edge of `area` (screen px)."""
        self._place = (QRectF(beside), QRectF(area))
        count = len(self.buttons)
        if not count:
            return
        per = max(1, int((area.height() - 24 - PAD * 2 - self.head() - self.foot()) // (THUMB + GAP)))
        columns = -(-count // per)
        rows = min(count, per)
        grid = columns * (THUMB + GAP) - GAP
        words = QFontMetrics(self.theme.font("strong")).horizontalAdvance(self.title())
        size = QSize(max(grid, words, 96) + PAD * 2, self.head() + rows * (THUMB + GAP) + self.foot() + PAD * 2)
        for index, button in enumerate(self.buttons):
            column, row = divmod(index, per)
            button.setGeometry(QRect(QPoint(PAD + column * (THUMB + GAP), PAD + self.head() + row * (THUMB + GAP)),
                                     QSize(THUMB, THUMB)))
        x = beside.right() + 12
        if x + size.width() > area.right() - 4:
            left = beside.left() - 12 - size.width()
            x = left if left >= area.left() + 4 else area.right() - size.width() - 8
        y = beside.top() - PAD - self.head()
        y = max(area.top() + 8, min(y, area.bottom() - size.height() - 8))
        self.setGeometry(QRect(QPoint(round(x), round(y)), size))

    def paintEvent(self, event: QPaintEvent) -> None:
        painter, theme = QPainter(self), self.theme
        # Invisible on the bare floor; keeps the words readable where a picture lies under them.
        box(painter, self.rect(), 10, theme.color("canvas", 0.86))
        painter.setFont(theme.font("strong"))
        painter.setPen(theme.color("t1"))
        head = QRectF(PAD, PAD, self.width() - PAD, self.head() - 6)
        painter.drawText(head, Qt.AlignmentFlag.AlignVCenter, self.title())
        y = max((b.geometry().bottom() for b in self.buttons), default=0) + GAP + 2
        rows = [("Enter", "keep"), ("Del", "drop")]
        if len(self.candidates.batches) > 1:
            rows.append(("PgDn", "next batch"))
        for key, words in rows:
            self._paint_key(painter, y, key, words)
            y += FOOT_ROW

    def _paint_key(self, painter: QPainter, y: int, key: str, words: str) -> None:
        theme = self.theme
        cap = QRectF(PAD, y + 3, keycap_width(theme, key), theme.dp(18))
        paint_keycap(painter, theme, cap, key)
        painter.setPen(theme.color("t3"))
        painter.drawText(QRectF(cap.right() + 7, cap.top(), 120, cap.height()), Qt.AlignmentFlag.AlignVCenter, words)



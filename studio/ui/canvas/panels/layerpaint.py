"""How a row of the list of layers looks, and which part of it lies where."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Literal

from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFontMetrics, QImage, QPainter, QPainterPath, QPen, QPixmap
from PySide6.QtWidgets import QLineEdit, QStyledItemDelegate, QStyleOptionViewItem, QWidget

from studio.ui.canvas.panels.layermodel import Index, LayerModel, Row, line_of, tag_of
from studio.ui.canvas.panels.thumbs import cropped
from studio.ui.theme import Theme, mix
from studio.ui.widgets.base import box
from studio.ui.widgets.labels import paint_tag

if TYPE_CHECKING:
    from studio.ui.canvas.panels.layerlist import LayerList

HEIGHT, EYE, INDENT, DEEPEST = 44, 36, 14, 6
THUMB, MASK = QSize(46, 34), QSize(34, 34)
Part = Literal["", "eye", "fold", "thumbnail", "mask", "name", "alpha", "lock"]


class RowParts:
    """The rectangles of one row, in px of the viewport."""

    def __init__(self, theme: Theme, rect: QRectF, row: Row) -> None:
        middle, layer = rect.center().y(), row.layer
        self.eye = QRectF(rect.left() + 4, middle - 14, 28, 28)
        x = rect.left() + EYE + min(row.depth, DEEPEST) * INDENT
        self.clip = QRectF(x, middle - 8, 16, 16) if layer.clipped else QRectF()
        x += 18 if layer.clipped else 0
        self.fold = QRectF(x - 4, middle - 14, 20, 28) if layer.kind == "group" else QRectF()
        x += 14 if layer.kind == "group" else 0
        if layer.kind == "group":
            self.thumbnail = QRectF(x, middle - 17, 34, 34)
        else:
            self.thumbnail = QRectF(x, middle - THUMB.height() / 2, THUMB.width(), THUMB.height())
        x = self.thumbnail.right() + 6
        self.mask = QRectF()
        if layer.mask is not None:
            self.mask = QRectF(x, middle - MASK.height() / 2, MASK.width(), MASK.height())
            x = self.mask.right() + 6
        self.lock = QRectF(rect.right() - 36, middle - 14, 28, 28)
        self.alpha = QRectF(self.lock.left() - 22, middle - 14, 22, 28)
        right = self.alpha.left() if layer.alpha_locked else self.lock.left()
        tag, self.tag = tag_of(layer), QRectF()
        if tag:
            font = theme.font("caption")
            font.setWeight(font.Weight.DemiBold)
            width, height = QFontMetrics(font).horizontalAdvance(tag) + 10, theme.dp(16)
            top = middle - (theme.line_height("body") + theme.line_height("caption")) / 2
            self.tag = QRectF(right - width - 4, top + (theme.line_height("body") - height) / 2, width, height)
            right = self.tag.left()
        self.text = QRectF(x + 2, rect.top(), max(0.0, right - x - 6), rect.height())

    def at(self, point: QPointF) -> Part:
        """What lies under a point; the name where nothing else does."""
        parts: tuple[tuple[Part, QRectF], ...] = (("eye", self.eye), ("lock", self.lock), ("alpha", self.alpha),
                                                  ("fold", self.fold), ("thumbnail", self.thumbnail),
                                                  ("mask", self.mask))
        return next((name for name, area in parts if area.contains(point)), "name" if self.text.contains(point) else "")


class LayerRows(QStyledItemDelegate):
    """Paints rows and gives the field in which a name is typed."""

    def __init__(self, theme: Theme, view: LayerList) -> None:
        super().__init__(view)
        self.theme, self.view = theme, view

    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:
        return QSize(120, self.height())

    def height(self) -> int:
        lines = self.theme.line_height("body") + self.theme.line_height("caption")
        return max(HEIGHT, lines + 12)

    def parts(self, index: Index) -> RowParts:
        return RowParts(self.theme, QRectF(self.view.visualRect(index)), index.data(LayerModel.RowRole))

    def _glyph(self, area: QRectF, side: int = 16) -> QRectF:
        """The middle of an area, for an icon."""
        size = self.theme.dp(side)
        return QRectF(area.center() - QPointF(size / 2, size / 2), QSize(size, size))

    # ------------------------------------------------------------ painting

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        row: Row | None = index.data(LayerModel.RowRole)
        if row is None:
            return
        rect = QRectF(option.rect)  # type: ignore[attr-defined]
        parts = RowParts(self.theme, rect, row)
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
        self._paint_ground(painter, rect, row, index)
        self._paint_eye(painter, parts, row, index)
        self._paint_thumbnail(painter, parts, row)
        if row.layer.mask is not None:
            self._paint_mask(painter, parts, row)
        if row.layer.clipped:
            self.theme.icons.paint(painter, parts.clip, "arrow-elbow-left-down", "t3")
        if row.layer.kind == "group":
            caret = QRectF(parts.fold.center().x() - 6, parts.fold.center().y() - 6, 12, 12)
            name = "caret-right" if row.layer.folded else "caret-down"
            self.theme.icons.paint(painter, caret, name, "t3", weight="bold")
        self._paint_words(painter, parts, row, index)
        self._paint_locks(painter, parts, row, index)
        painter.restore()

    def _paint_ground(self, painter: QPainter, rect: QRectF, row: Row, index: Index) -> None:
        theme = self.theme
        if row.layer.id == self.view.active:
            painter.fillRect(rect, theme.color("spring_t"))
        elif self.view.selectionModel().isSelected(self.view.model().index(index.row(), 0)):
            painter.fillRect(rect, theme.color(mix(theme.tokens.panel, theme.tokens.spring_t, 0.55)))
        elif self.view.hovered == index.row():
            painter.fillRect(rect, theme.color("control", 0.55))
        if self.view.drop_into == row.layer.id:
            box(painter, rect.adjusted(2, 1, -2, -1), 6, None, theme.color("spring"), 2)
        elif self.view.hasFocus() and self.view.by_keyboard and self.view.currentIndex() == index:
            box(painter, rect.adjusted(1, 1, -1, -1), 6, None, theme.color("spring"), 2)

    def _paint_eye(self, painter: QPainter, parts: RowParts, row: Row, index: Index) -> None:
        hot = self.view.hot == (index.row(), "eye")
        tone = "t1" if hot else "t4" if not row.layer.visible else "t3" if row.dim else "t2"
        area = self._glyph(parts.eye)
        self.theme.icons.paint(painter, area, "eye" if row.layer.visible else "eye-slash", tone)

    def _paint_thumbnail(self, painter: QPainter, parts: RowParts, row: Row) -> None:
        theme, area = self.theme, parts.thumbnail
        shape = QPainterPath()
        shape.addRoundedRect(area, 4, 4)
        painter.save()
        painter.setClipPath(shape)
        painter.setOpacity(0.55 if row.dim else 1.0)
        if row.layer.kind == "group":
            painter.fillRect(area, theme.color("control"))
            theme.icons.paint(painter, QRectF(area.center() - QPointF(9, 9), QSize(18, 18)),
                              "folder" if row.layer.folded else "folder-open", "t2")
        else:
            paint_checker(painter, area, theme, 5)
            image = self.view.thumbs.of_layer(self.view.settled(row.layer), self.view.picture)
            if image is not None and not image.isNull():
                painter.drawImage(area, fitting(image, area, self.view.devicePixelRatioF()))
            if row.layer.kind == "text":
                box(painter, QRectF(area.right() - 17, area.bottom() - 17, 16, 16), 3, theme.color("label", 0.78))
                theme.icons.paint(painter, QRectF(area.right() - 15, area.bottom() - 15, 12, 12), "text-t", "on_label")
        painter.restore()
        target = row.layer.id == self.view.active and row.layer.mask is not None and not self.view.painting_mask
        if target:
            box(painter, area.adjusted(-2, -2, 2, 2), 6, None, theme.color("spring"), 2)
        else:
            box(painter, area, 4, None, theme.color("line2", 0.8))

    def _paint_mask(self, painter: QPainter, parts: RowParts, row: Row) -> None:
        theme, area = self.theme, parts.mask
        shape = QPainterPath()
        shape.addRoundedRect(area, 4, 4)
        painter.save()
        painter.setClipPath(shape)
        painter.setOpacity(0.55 if row.dim else 1.0)
        painter.fillRect(area, theme.color("label"))
        image = self.view.thumbs.of_mask(self.view.settled(row.layer), self.view.picture)
        if image is not None and not image.isNull():
            painter.drawImage(area, fitting(image, area, self.view.devicePixelRatioF()))
        if not row.layer.mask_on:
            painter.setOpacity(1.0)
            painter.setPen(QPen(theme.color("err"), 2))
            painter.drawLine(area.bottomLeft() + QPointF(4, -4), area.topRight() + QPointF(-4, 4))
        painter.restore()
        if row.layer.id == self.view.active and self.view.painting_mask:
            box(painter, area.adjusted(-2, -2, 2, 2), 6, None, theme.color("iris"), 2)
        else:
            box(painter, area, 4, None, theme.color("line2", 0.8))

    def _paint_words(self, painter: QPainter, parts: RowParts, row: Row, index: Index) -> None:
        theme, area = self.theme, parts.text
        above, below = theme.line_height("body"), theme.line_height("caption")
        top = area.center().y() - (above + below) / 2
        left, middle = int(area.width()), Qt.AlignmentFlag.AlignVCenter
        painter.setFont(theme.font("medium"))
        painter.setPen(theme.color("t3" if row.dim else "t1"))
        spark = bool(row.layer.result) and left > 60
        name = painter.fontMetrics().elidedText(row.layer.name or "Layer", Qt.TextElideMode.ElideRight,
                                                left - (18 if spark else 0))
        painter.drawText(QRectF(area.left(), top, left + 4, above), middle, name)
        if spark:
            x = area.left() + painter.fontMetrics().horizontalAdvance(name) + 6
            theme.icons.paint(painter, QRectF(x, top + above / 2 - 6, 12, 12), "sparkle", "iris", weight="fill")
        painter.setFont(theme.font("caption", tnum=True))
        painter.setPen(theme.color("t3"))
        wide = int(parts.lock.left() - area.left()) - (26 if row.layer.alpha_locked else 0)
        line = painter.fontMetrics().elidedText(line_of(row.layer), Qt.TextElideMode.ElideRight, wide)
        painter.drawText(QRectF(area.left(), top + above, wide + 4, below), middle, line)
        live = self.view.live == row.layer.id
        if live or tag_of(row.layer):
            text = "Live" if live else tag_of(row.layer)
            tag = parts.tag if not parts.tag.isEmpty() else \
                QRectF(parts.lock.left() - 36, area.center().y() - theme.dp(16) / 2, 32, theme.dp(16))
            paint_tag(painter, theme, tag, text, "iris", "iris_t")

    def _paint_locks(self, painter: QPainter, parts: RowParts, row: Row, index: Index) -> None:
        theme, layer = self.theme, row.layer
        if layer.alpha_locked or (self.view.hovered == index.row() and parts.tag.isEmpty() and layer.kind != "group"
                                  and self.view.live != layer.id):
            tone = "t1" if self.view.hot == (index.row(), "alpha") else "t2" if layer.alpha_locked else "t4"
            area = self._glyph(parts.alpha)
            theme.icons.paint(painter, area, "checkerboard", tone)
        tone = "t1" if self.view.hot == (index.row(), "lock") else "t2" if layer.locked else "t4"
        theme.icons.paint(painter, self._glyph(parts.lock),
                          "lock-simple" if layer.locked else "lock-simple-open", tone)

    # ------------------------------------------------------------ renaming

    def createEditor(self, parent: QWidget, option: QStyleOptionViewItem, index: Index) -> QWidget:
        field = QLineEdit(parent)
        field.setAccessibleName("Layer name")
        field.setProperty("small", True)
        field.setMaxLength(200)
        return field

    def setEditorData(self, editor: QWidget, index: Index) -> None:
        assert isinstance(editor, QLineEdit)
        if not editor.isModified():
            editor.setText(index.data(Qt.ItemDataRole.EditRole))
            editor.selectAll()

    def setModelData(self, editor: QWidget, model: object, index: Index) -> None:
        assert isinstance(editor, QLineEdit)
        row: Row = index.data(LayerModel.RowRole)
        name = " ".join(editor.text().split())
        if name and name != row.layer.name:
            self.view.renamed.emit(row.layer.id, name)

    def updateEditorGeometry(self, editor: QWidget, option: QStyleOptionViewItem, index: Index) -> None:
        text = self.parts(index).text
        height = self.theme.dp(24)
        editor.setGeometry(int(text.left()) - 6, int(text.center().y() - height / 2), int(text.width()) + 8, height)


def fitting(image: QImage, area: QRectF, ratio: float) -> QImage:
    """`image` cropped to `area` at the screen's pixel density."""
    return cropped(image, QSize(round(area.width() * ratio), round(area.height() * ratio)))


def paint_checker(painter: QPainter, area: QRectF, theme: Theme, side: int) -> None:
    """The squares that stand for transparency."""
    painter.drawTiledPixmap(area, _checker(theme.tokens.checker_a, theme.tokens.checker_b, side))


@lru_cache(maxsize=16)
def _checker(one: str, other: str, side: int) -> QPixmap:
    """Two by two squares of `side` px."""
    pixmap = QPixmap(side * 2, side * 2)
    pixmap.fill(QColor(one))
    painter = QPainter(pixmap)
    for x, y in ((0, side), (side, 0)):
        painter.fillRect(x, y, side, side, QColor(other))
    painter.end()
    return pixmap

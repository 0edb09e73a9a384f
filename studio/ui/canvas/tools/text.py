"""Write text."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from PySide6.QtCore import QPointF, Qt
from PySide6.QtGui import QColor, QCursor, QPainter, QPen, QPolygonF

from studio.project.paint.edit import add_layer, new_id, remove, translate
from studio.project.paint.errors import PaintError
from studio.project.paint.history import History
from studio.project.paint.layer import Layer
from studio.project.paint.lettering import DEFAULTS, matrix_of, rendered, set_text, text_box, title_of
from studio.project.paint.picture import Picture
from studio.ui.canvas.tools.base import CLICK, PointerEvent, Tool, ToolHost
from studio.ui.canvas.tools.textcard import TextCard

STYLE = ("family", "size", "bold", "italic", "align", "line_height")
"""What a text and the options of the bar share."""


class TextTool(Tool):
    """A click writes a new text layer or opens the text under it; a drag moves that text."""

    id, name, icon, key, order = "text", "Text", "text-t", "T", 32
    hint = "Click to write, click a text to change it, drag a text to move it."

    def __init__(self, host: ToolHost) -> None:
        super().__init__(host)
        self._card: TextCard | None = None
        self._text: dict[str, Any] = {}
        self._layer = ""
        """The layer that is written in; of a new one its id to be."""
        self._from: PointerEvent | None = None
        self._grabbed = ""
        self._moved = False
        self._loading = False
        self._history: History | None = None
        """Of the document that is written in."""

    # ------------------------------------------------------------ life

    def activate(self) -> None:
        self.host.state.changed.connect(self._restyle)
        self.host.document.history_changed.connect(self._reloaded)

    def deactivate(self) -> None:
        self.host.state.changed.disconnect(self._restyle)
        self.host.document.history_changed.disconnect(self._reloaded)
        self.finish()

    def _reloaded(self) -> None:
        """Another document was loaded: what was written for the old one is no part of it."""
        if self._history is not self.host.document.history:
            self._from = None
            self._close()

    @property
    def busy(self) -> bool:
        return self._card is not None

    @property
    def card(self) -> TextCard | None:
        """The card with the words, while they are typed."""
        return self._card

    # ------------------------------------------------------------ pointer

    def press(self, event: PointerEvent) -> None:
        if self._card is not None:
            self.finish()
            self._from = None
            return
        found = self.text_at(event.pos)
        self._from, self._grabbed, self._moved = event, found.id if found is not None else "", False

    def move(self, event: PointerEvent) -> None:
        if self._from is None or not self._grabbed:
            return
        self._moved = self._moved or (event.screen - self._from.screen).manhattanLength() >= CLICK
        if self._moved:
            try:
                self.host.document.preview(self._dragged(self.host.document.picture, event))
            except PaintError as error:
                self._from = None
                self.host.document.refused.emit(str(error))

    def release(self, event: PointerEvent) -> None:
        start = self._from
        if start is not None and self._moved:
            self.host.document.edit("Move text", lambda picture: self._dragged(picture, event))
        elif start is not None:
            self._open(self.text_at(start.pos), start.pos)
        self._from = None

    def cancel(self) -> bool:
        if self._card is None:
            was, self._from = self._from is not None and self._moved, None
            if was:
                self.host.document.preview(None)
            return was
        self._close()
        self.host.document.preview(None)
        return True

    def _dragged(self, picture: Picture, event: PointerEvent) -> Picture:
        delta = event.pos - (self._from.pos if self._from is not None else event.pos)
        return translate(picture, self._grabbed, round(delta.x()), round(delta.y())).with_active(self._grabbed)

    def hover(self, event: PointerEvent) -> None:
        self.host.refresh_cursor()

    def cursor(self) -> QCursor:
        return QCursor(Qt.CursorShape.IBeamCursor)

    def text_at(self, at: QPointF) -> Layer | None:
        """The topmost visible text whose lines lie under a document point."""
        for layer, _ in self.host.document.picture.walk():
            if layer.kind == "text" and layer.visible and layer.text is not None:
                local = matrix_of(layer.text).inverted()[0].map(at - QPointF(layer.dx, layer.dy))
                if text_box(layer.text).adjusted(-4, -4, 4, 4).contains(local):
                    return layer
        return None

    # ------------------------------------------------------------ writing

    def _open(self, layer: Layer | None, at: QPointF) -> None:
        state = self.host.state
        if layer is not None and layer.locked:
            self.host.document.refused.emit(f"“{layer.name}” is locked; unlock it first.")
            return
        self._loading, self._history = True, self.host.document.history
        if layer is not None and layer.text is not None:
            self._layer, self._text = layer.id, {**DEFAULTS, **layer.text}
            state.set_options(self.id, **{name: self._text[name] for name in STYLE})
            state.set_foreground(QColor(str(self._text["colour"])))
            self.host.document.set_active(layer.id)
        else:
            options = state.options(self.id)
            self._layer = new_id()
            self._text = {**DEFAULTS, **{name: getattr(options, name) for name in STYLE},
                          "colour": state.foreground.name(), "x": at.x(), "y": at.y() - 0.9 * options.size}
        self._loading = False
        card = self._card = TextCard(self.host.theme, str(self._text["string"]), self.host.widget)
        card.changed.connect(lambda words: self._write(string=words))
        card.done.connect(self.finish)
        card.cancelled.connect(self.cancel)
        card.place(self._outline().boundingRect().toAlignedRect())
        card.show()
        card.field.setFocus(Qt.FocusReason.OtherFocusReason)
        self.host.update()

    def finish(self) -> None:
        """Take the words over; a text without any is taken away."""
        if self._card is None:
            return
        self._close()
        document = self.host.document
        if str(self._text["string"]).strip():
            document.edit("Text", self._written)
        elif document.picture.find(self._layer) is not None:
            document.edit("Remove text", lambda picture: remove(picture, self._layer))
        else:
            document.preview(None)

    def _close(self) -> None:
        card, self._card = self._card, None
        if card is not None:
            card.hide()
            card.deleteLater()
            self.host.widget.setFocus(Qt.FocusReason.OtherFocusReason)
        self.host.update()

    def _restyle(self, what: str) -> None:
        """The bar or the colour changed: the text that is written in follows."""
        if self._card is None or self._loading or what not in (self.id, "foreground"):
            return
        options = self.host.state.options(self.id)
        self._write(colour=self.host.state.foreground.name(), **{name: getattr(options, name) for name in STYLE})

    def _write(self, **changes: Any) -> None:
        self._text.update(changes)
        document = self.host.document
        try:
            document.preview(self._written(document.picture))
        except PaintError as error:
            document.refused.emit(str(error))
        if self._card is not None:
            self._card.place(self._outline().boundingRect().toAlignedRect())
        self.host.update()

    def _written(self, picture: Picture) -> Picture:
        text: Mapping[str, Any] = self._text
        if picture.find(self._layer) is not None:
            return set_text(picture, self._layer, **text)
        layer = rendered(Layer(self._layer, title_of(text), "text"), text)
        return add_layer(picture, layer, picture.active or None)

    def _outline(self) -> QPolygonF:
        """The box around the lines, in widget px."""
        layer = self.host.document.shown.find(self._layer)
        shift = QPointF(layer.dx, layer.dy) if layer is not None else QPointF()
        corners = matrix_of(self._text).map(QPolygonF(text_box(self._text))).translated(shift)
        return self.host.camera.transform().map(corners)

    def paint(self, painter: QPainter) -> None:
        if self._card is not None:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            painter.setBrush(Qt.BrushStyle.NoBrush)
            for pen in (QPen(QColor(0, 0, 0, 110), 3), QPen(self.host.theme.color("sky"), 1.25)):
                painter.setPen(pen)
                painter.drawPolygon(self._outline())

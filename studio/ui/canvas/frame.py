"""The generation frame: where on the pasteboard the next picture will be made, in whole picture pixels."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from PySide6.QtCore import QObject, QPointF, QRect, QRectF, QSize, Qt, Signal

Handle = Literal["nw", "n", "ne", "e", "se", "s", "sw", "w"]
HANDLES: tuple[Handle, ...] = ("nw", "n", "ne", "e", "se", "s", "sw", "w")

CURSORS: dict[str, Qt.CursorShape] = {
    "nw": Qt.CursorShape.SizeFDiagCursor, "se": Qt.CursorShape.SizeFDiagCursor,
    "ne": Qt.CursorShape.SizeBDiagCursor, "sw": Qt.CursorShape.SizeBDiagCursor,
    "n": Qt.CursorShape.SizeVerCursor, "s": Qt.CursorShape.SizeVerCursor,
    "e": Qt.CursorShape.SizeHorCursor, "w": Qt.CursorShape.SizeHorCursor,
    "move": Qt.CursorShape.SizeAllCursor,
}


def handle_points(rect: QRectF) -> dict[Handle, QPointF]:
    """The centres of the eight handles of a rectangle."""
    x = {"w": rect.left(), "": rect.center().x(), "e": rect.right()}
    y = {"n": rect.top(), "": rect.center().y(), "s": rect.bottom()}
    return {name: QPointF(x[name.strip("ns")], y[name.strip("ew")]) for name in HANDLES}


def handle_at(rect: QRectF, point: QPointF, reach: float) -> Handle | None:
    """The handle of `rect` within `reach` of `point`; the corners win where handles crowd."""
    best: Handle | None = None
    nearest = reach + 0.01
    for name, centre in handle_points(rect).items():
        gap = max(abs(centre.x() - point.x()), abs(centre.y() - point.y()))
        if gap < nearest or (gap == nearest and len(name) == 2):
            best, nearest = name, gap
    return best


def resized(rect: QRectF, handle: str, delta: QPointF, keep_ratio: bool, least: float = 1.0) -> QRectF:
    """`rect` after its handle was dragged by `delta`. The opposite corner or edge stays; no side gets under `least`."""
    left, top, right, bottom = rect.left(), rect.top(), rect.right(), rect.bottom()
    if "w" in handle:
        left = min(left + delta.x(), right - least)
    if "e" in handle:
        right = max(right + delta.x(), left + least)
    if "n" in handle:
        top = min(top + delta.y(), bottom - least)
    if "s" in handle:
        bottom = max(bottom + delta.y(), top + least)
    width, height = right - left, bottom - top
    if keep_ratio and rect.width() > 0 and rect.height() > 0:
        across, down = width / rect.width(), height / rect.height()
        factor = across if handle in ("e", "w") else down if handle in ("n", "s") else max(across, down)
        factor = max(factor, least / rect.width(), least / rect.height())
        width, height = rect.width() * factor, rect.height() * factor
        left = right - width if "w" in handle else left
        top = bottom - height if "n" in handle else top
        if handle in ("n", "s"):
            left = rect.center().x() - width / 2
        if handle in ("e", "w"):
            top = rect.center().y() - height / 2
    return QRectF(left, top, width, height)


def fitted(size: QSize, into: QRect) -> QRectF:
    """Where a picture of `size` lies when it fills `into` as far as its aspect allows, centred, on whole pixels."""
    scaled = size.scaled(into.size(), Qt.AspectRatioMode.KeepAspectRatio)
    centre = QRectF(into).center()
    return QRectF(round(centre.x() - scaled.width() / 2), round(centre.y() - scaled.height() / 2), scaled.width(),
                  scaled.height())


@dataclass(frozen=True)
class Preset:
    """A named size of the frame, in pixels."""

    name: str
    width: int
    height: int


class GenerationFrame(QObject):
    """A rectangle whose sides are multiples of the model's step and stay between its bounds."""

    changed = Signal(QRect)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.step, self.least, self.most = 8, 64, 2048
        self.presets: list[Preset] = [Preset("Square", 256, 256), Preset("Landscape", 320, 256),
                                      Preset("Portrait", 256, 320)]
        self._rect = QRect(0, 0, 256, 256)

    @property
    def rect(self) -> QRect:
        return QRect(self._rect)

    def set_limits(self, step: int, least: int, most: int) -> None:
        """What the model can make: sides are multiples of `step` from `least` to `most`."""
        self.step = max(1, step)
        self.least = max(self.step, least)
        self.most = max(self.least, most)
        self.set_rect(self._rect)

    def side(self, length: float) -> int:
        """The nearest length that the model can make."""
        low = -(-self.least // self.step) * self.step
        high = max(low, self.most // self.step * self.step)
        return min(high, max(low, int(length / self.step + 0.5) * self.step))

    def set_rect(self, rect: QRect) -> None:
        new = QRect(rect.x(), rect.y(), self.side(rect.width()), self.side(rect.height()))
        if new != self._rect:
            self._rect = new
            self.changed.emit(self.rect)

    def set_size(self, width: int, height: int) -> None:
        """Change the size about the centre."""
        width, height = self.side(width), self.side(height)
        centre = QRectF(self._rect).center()
        self.set_rect(QRect(round(centre.x() - width / 2), round(centre.y() - height / 2), width, height))

    def centre_in(self, width: int, height: int) -> None:
        """Put it into the middle of an artboard of this size."""
        size = self._rect.size()
        self.set_rect(QRect((width - size.width()) // 2, (height - size.height()) // 2, size.width(), size.height()))

    def move_by(self, dx: int, dy: int) -> None:
        self.set_rect(self._rect.translated(dx, dy))

    def dragged(self, start: QRect, handle: str, delta: QPointF, keep_ratio: bool) -> QRect:
        """The rectangle after a drag of `handle` ("move" or a handle) by `delta` from `start`, snapped."""
        if handle == "move":
            return start.translated(round(delta.x()), round(delta.y()))
        free = resized(QRectF(start), handle, delta, keep_ratio)
        width, height = self.side(free.width()), self.side(free.height())
        left = start.x() + start.width() - width if "w" in handle else start.x()
        top = start.y() + start.height() - height if "n" in handle else start.y()
        if keep_ratio and handle in ("n", "s"):
            left = start.x() + (start.width() - width) // 2
        if keep_ratio and handle in ("e", "w"):
            top = start.y() + (start.height() - height) // 2
        return QRect(left, top, width, height)

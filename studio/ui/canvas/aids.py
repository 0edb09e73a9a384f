"""What helps to place things: rulers, grid, guides, and snapping to them."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any, Literal

from PySide6.QtCore import QLineF, QObject, QPointF, QRect, QRectF, Signal
from PySide6.QtGui import QPainter, QPen

from studio.ui.canvas.camera import Camera
from studio.ui.theme import Theme

Axis = Literal["x", "y"]

RULER = 20
"""Breadth of a ruler in px."""
REACH = 7.0
"""How near a point must come to snap, in px."""
FINEST = 7.0
"""Grid lines nearer together than this, in px, are left out."""
MOST_GUIDES = 200


class Aids(QObject):
    """The aids of one canvas; the project keeps them with its view.

    Guides are document coordinates: `guides["x"]` of vertical lines, `guides["y"]` of horizontal ones.
    """

    changed = Signal()

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.rulers = False
        self.grid = False
        self.grid_size = 64
        """Distance of grid lines in document pixels."""
        self.snapping = True
        self.guides: dict[Axis, list[float]] = {"x": [], "y": []}

    def set(self, **changes: Any) -> None:
        """Change rulers, grid, grid_size or snapping."""
        for name, value in changes.items():
            setattr(self, name, value)
        self.changed.emit()

    def toggle(self, name: str) -> None:
        """Switch "rulers", "grid" or "snapping"."""
        self.set(**{name: not getattr(self, name)})

    def put_guide(self, axis: Axis, place: float, old: float | None = None) -> None:
        """Add a guide, or move the one at `old`."""
        lines = [line for line in self.guides[axis] if line != old]
        if len(lines) < MOST_GUIDES:
            self.guides[axis] = sorted({*lines, place})
        self.changed.emit()

    def drop_guide(self, axis: Axis, place: float) -> None:
        self.guides[axis] = [line for line in self.guides[axis] if line != place]
        self.changed.emit()

    def clear_guides(self) -> None:
        self.guides = {"x": [], "y": []}
        self.changed.emit()

    def move_by(self, dx: int, dy: int) -> None:
        """The document's origin has moved."""
        self.guides = {"x": [x + dx for x in self.guides["x"]], "y": [y + dy for y in self.guides["y"]]}
        self.changed.emit()

    def guide_at(self, point: QPointF, camera: Camera, reach: float = 4.0) -> tuple[Axis, float] | None:
        """The guide under a point of the screen."""
        spot = camera.to_document(point)
        near = reach / camera.scale
        for axis, value in (("x", spot.x()), ("y", spot.y())):
            for line in self.guides[axis]:  # type: ignore[index]
                if abs(line - value) <= near:
                    return axis, line  # type: ignore[return-value]
        return None

    def snap(self, point: QPointF, camera: Camera, width: int, height: int) -> QPointF:
        """A document point, drawn to the nearest guide, grid line, edge or middle of the artboard within reach."""
        if not self.snapping:
            return QPointF(point)
        near = REACH / camera.scale
        return QPointF(self._drawn("x", point.x(), width, near), self._drawn("y", point.y(), height, near))

    def _drawn(self, axis: Axis, value: float, side: int, near: float) -> float:
        lines = [0.0, side / 2, float(side), *self.guides[axis]]
        if self.grid:
            lines.append(round(value / self.grid_size) * self.grid_size)
        best = min(lines, key=lambda line: abs(line - value))
        return best if abs(best - value) <= near else value

    # ------------------------------------------------------------ keeping

    def to_json(self) -> dict[str, Any]:
        return {"rulers": self.rulers, "grid": self.grid, "grid_size": self.grid_size, "snapping": self.snapping,
                "guides": {axis: list(lines) for axis, lines in self.guides.items()}}

    def restore(self, state: Mapping[str, Any]) -> None:
        """Take up what `to_json` gave; anything of another shape is passed over."""
        for name in ("rulers", "grid", "snapping"):
            if isinstance(state.get(name), bool):
                setattr(self, name, state[name])
        size = state.get("grid_size")
        if isinstance(size, int) and not isinstance(size, bool) and 1 <= size <= 4096:
            self.grid_size = size
        guides = state.get("guides")
        if isinstance(guides, Mapping):
            axes: tuple[Axis, Axis] = ("x", "y")
            self.guides = {axis: _numbers(guides.get(axis)) for axis in axes}
        self.changed.emit()


def _numbers(lines: Any) -> list[float]:
    if not isinstance(lines, list):
        return []
    good = [float(n) for n in lines if isinstance(n, (int, float)) and not isinstance(n, bool) and math.isfinite(n)]
    return good[:MOST_GUIDES]


# ---------------------------------------------------------------- painting, in widget px


def paint_grid(painter: QPainter, board: QRectF, camera: Camera, size: int, theme: Theme) -> None:
    """Grid lines inside the artboard (document pixels); single pixels from 800 % on."""
    step = float(size)
    while step * camera.scale < FINEST:
        step *= 2
    painter.save()
    painter.setTransform(camera.transform())
    if camera.scale >= 8 and step > 1:
        _paint_lines(painter, board, 1.0, theme, 0.16)
    _paint_lines(painter, board, step, theme, 0.34)
    painter.restore()


def _paint_lines(painter: QPainter, board: QRectF, step: float, theme: Theme, strength: float) -> None:
    seen = painter.transform().inverted()[0].mapRect(QRectF(painter.viewport())).intersected(board)
    if seen.isEmpty():
        return
    pen = QPen(theme.color("t3", strength), 0)  # 0: one device pixel at any scale
    painter.setPen(pen)
    lines = [QLineF(n * step, seen.top(), n * step, seen.bottom())
             for n in range(math.ceil(seen.left() / step), math.floor(seen.right() / step) + 1)]
    lines += [QLineF(seen.left(), n * step, seen.right(), n * step)
              for n in range(math.ceil(seen.top() / step), math.floor(seen.bottom() / step) + 1)]
    painter.drawLines(lines)


def paint_guides(painter: QPainter, aids: Aids, area: QRectF, camera: Camera, theme: Theme) -> None:
    """Guides right across the window."""
    seen = camera.rect_to_document(area)
    painter.setPen(QPen(theme.color("sky"), 1))
    for x in aids.guides["x"]:
        painter.drawLine(camera.to_screen(QPointF(x, seen.top())), camera.to_screen(QPointF(x, seen.bottom())))
    for y in aids.guides["y"]:
        painter.drawLine(camera.to_screen(QPointF(seen.left(), y)), camera.to_screen(QPointF(seen.right(), y)))


def tick_step(scale: float) -> float:
    """Distance of labelled ticks in document pixels: 1, 2 or 5 times a power of ten, at least 56 px apart."""
    least = 56.0 / scale
    power = 10.0 ** math.floor(math.log10(least))
    return next(power * factor for factor in (1, 2, 5, 10) if power * factor >= least)


def paint_rulers(painter: QPainter, area: QRect, camera: Camera, pointer: QPointF | None, theme: Theme) -> None:
    """Rulers at the top and at the left, in document pixels; a mark follows the pointer. Only for an upright view."""
    step = max(1.0, tick_step(camera.scale))
    painter.setFont(theme.font("caption", tnum=True))
    painter.fillRect(QRect(area.left(), area.top(), area.width(), RULER), theme.color("chrome"))
    painter.fillRect(QRect(area.left(), area.top(), RULER, area.height()), theme.color("chrome"))
    painter.setPen(QPen(theme.color("line2"), 1))
    painter.drawLine(area.left(), RULER - 1, area.right(), RULER - 1)
    painter.drawLine(RULER - 1, area.top(), RULER - 1, area.bottom())
    seen = camera.rect_to_document(QRectF(area))
    minor = step / 5
    for n in range(math.floor(seen.left() / minor), math.ceil(seen.right() / minor) + 1):
        x = camera.to_screen(QPointF(n * minor, 0)).x()
        _tick(painter, x, n % 5 == 0, f"{n * minor:g}", theme, down=False)
    for n in range(math.floor(seen.top() / minor), math.ceil(seen.bottom() / minor) + 1):
        y = camera.to_screen(QPointF(0, n * minor)).y()
        _tick(painter, y, n % 5 == 0, f"{n * minor:g}", theme, down=True)
    painter.fillRect(QRect(area.left(), area.top(), RULER - 1, RULER - 1), theme.color("chrome"))
    if pointer is not None:
        painter.setPen(QPen(theme.color("spring"), 1))
        painter.drawLine(QPointF(pointer.x(), 0), QPointF(pointer.x(), RULER - 2))
        painter.drawLine(QPointF(0, pointer.y()), QPointF(RULER - 2, pointer.y()))


def _tick(painter: QPainter, at: float, major: bool, words: str, theme: Theme, down: bool) -> None:
    if at < RULER:
        return
    painter.save()
    if down:  # the left ruler reads from the bottom up
        painter.rotate(-90)
        painter.scale(-1, 1)
    length = 9 if major else 4
    painter.setPen(QPen(theme.color("t3" if major else "line2"), 1))
    painter.drawLine(QPointF(at, RULER - 1 - length), QPointF(at, RULER - 2))
    painter.restore()
    if not major:
        return
    painter.setPen(theme.color("t3"))
    if not down:
        painter.drawText(QPointF(at + 3, 10), words)
        return
    painter.save()
    painter.translate(10, at - 3)
    painter.rotate(-90)
    painter.drawText(QPointF(0, 0), words)
    painter.restore()



"""How a brush looks as a stroke: drawn by the brush engine itself, small, off the UI thread."""

from __future__ import annotations

import math
from collections import OrderedDict

from PySide6.QtCore import QObject, QSize, Signal
from PySide6.QtGui import QColor, QImage

from studio.project.paint.brush import Brush
from studio.project.paint.dabs import Sample
from studio.project.paint.layer import Layer
from studio.project.paint.picture import Picture
from studio.project.paint.plane import to_qimage
from studio.project.paint.stroke import Stroke
from studio.project.paint.targets import ColourTarget
from studio.ui.canvas.panels.workshop import Workshop

WIDEST = 0.45
"""Of the height of the preview; thinner brushes are drawn thinner, by the logarithm of their size."""
KEPT = 200

Key = tuple[Brush, int, int, str]


def stroke_image(brush: Brush, size: QSize, colour: QColor) -> QImage:
    """A wave painted with `brush`, from light to full pressure and back, on nothing."""
    width, height = size.width(), size.height()
    drawn = min(brush.size, height * WIDEST, 1.0 + height * 0.06 * math.log2(brush.size + 1))
    brush = brush.with_(size=max(1.5, drawn), stabiliser=0.0, feather=min(brush.feather, height / 8), grow=0.0)
    picture = Picture(width, height, (Layer("stroke", "Stroke"),), "stroke")
    target = ColourTarget(picture, (colour.red(), colour.green(), colour.blue()), brush.opacity)
    stroke = Stroke(picture, target, brush)
    margin, steps = drawn / 2 + 3, 28
    swing = max(1.0, height / 2 - drawn / 2 - 2)
    samples = []
    for n in range(steps + 1):
        t = n / steps
        pressure = 0.12 + 0.88 * math.sin(math.pi * t) ** 0.8
        y = height / 2 - math.sin((t - 0.5) * 2 * math.pi) * swing * 0.8
        samples.append(Sample(margin + t * (width - 2 * margin), y, pressure, 25.0 * t, 10.0, n * 8.0))
    stroke.add(samples)
    stroke.end()
    done = stroke.picture.layers[0].plane
    return to_qimage(done.read(0, 0, width, height)).copy()


class StrokePreviews(QObject):
    """Gives the preview of a brush: at once if it is there, else None, and `ready` follows."""

    ready = Signal()

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._kept: OrderedDict[Key, QImage] = OrderedDict()
        self._asked: set[Key] = set()
        self._workshop = Workshop(self)
        self._workshop.made.connect(self._made)

    def get(self, brush: Brush, size: QSize, colour: QColor) -> QImage | None:
        """size in device pixels."""
        key = (brush, size.width(), size.height(), colour.name())
        image = self._kept.get(key)
        if image is not None:
            self._kept.move_to_end(key)
        elif not size.isEmpty() and key not in self._asked:
            self._asked.add(key)
            ink = QColor(colour)
            self._workshop.ask(key, lambda: stroke_image(brush, size, ink))
        return image

    def _made(self, key: Key, image: QImage) -> None:
        self._asked.discard(key)
        self._kept[key] = image
        while len(self._kept) > KEPT:
            self._kept.popitem(last=False)
        self.ready.emit()

"""Thumbnails of layers and masks, made off the UI thread, anew only when the pixels behind them are others."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from PySide6.QtCore import QObject, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QImage, QPainter

from studio.project.paint.layer import Layer
from studio.project.paint.picture import Picture
from studio.project.paint.plane import Plane, Rect, tile_rect, to_qimage
from studio.ui.canvas.panels.workshop import Workshop

SIDE, ASPECT = 192, 46 / 34
"""Longest side of a thumbnail in px: enough for 46 px at four times the pixel density. Aspect: width over height."""

COARSE = 8
"""How far apart the pixels are that tell where a layer's content lies."""

Name = tuple[str, str]
"""Layer id and "pixels" or "mask"; ("", "mask") is the inpaint mask."""


@dataclass
class _Entry:
    source: tuple[Any, ...]
    """What it was made of; compared by identity, and kept alive so that the identity means something."""
    image: QImage | None = None


def _same(one: tuple[Any, ...], other: tuple[Any, ...]) -> bool:
    return len(one) == len(other) and all(a is b or (isinstance(a, int | float | str) and a == b)
                                          for a, b in zip(one, other, strict=True))


class Thumbs(QObject):
    """Ask while painting; `ready` follows where the picture is still in the making. The old one is shown meanwhile."""

    ready = Signal(str, str)
    """Layer id and "pixels" or "mask"."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._entries: dict[Name, _Entry] = {}
        self._workshop = Workshop(self)
        self._workshop.made.connect(self._made)

    def of_layer(self, layer: Layer, picture: Picture) -> QImage | None:
        """What is on the layer, without its mask, as large as it will go; None while the first one is made."""
        source = (layer.plane, layer.dx, layer.dy, picture.width, picture.height)
        return self._get((layer.id, "pixels"), source, lambda: shrunk(
            layer.plane, framed(layer, picture, ASPECT), SIDE))

    def of_mask(self, layer: Layer, picture: Picture) -> QImage | None:
        """The layer's mask in greys, about what is on the layer; None while it is made or where there is none."""
        mask = layer.mask
        if mask is None:
            return None
        source = (mask, layer.plane, layer.dx, layer.dy, picture.width, picture.height)
        return self._get((layer.id, "mask"), source, lambda: shrunk(mask, framed(layer, picture, 1.0), SIDE))

    def of_plane(self, name: str, plane: Plane, picture: Picture) -> QImage | None:
        """A mask over the whole artboard in greys, such as the inpaint mask (named "")."""
        source = (plane, picture.width, picture.height)
        return self._get((name, "mask"), source, lambda: shrunk(plane, picture.rect, SIDE * 2))

    def keep(self, layers: set[str]) -> None:
        """Forget all but these layers (and the inpaint mask)."""
        for name in [n for n in self._entries if n[0] and n[0] not in layers]:
            del self._entries[name]

    def close(self) -> None:
        """Let the one under way end; drop the rest."""
        self._workshop.close()

    # ------------------------------------------------------------ inside

    def _get(self, name: Name, source: tuple[Any, ...], make: Callable[[], QImage]) -> QImage | None:
        entry = self._entries.get(name)
        if entry is None or not _same(entry.source, source):
            self._entries[name] = _Entry(source, entry.image if entry else None)
            self._workshop.ask(name, make)
        return self._entries[name].image

    def _made(self, name: Name, image: QImage) -> None:
        entry = self._entries.get(name)
        if entry is not None:
            entry.image = image
            self.ready.emit(*name)


def framed(layer: Layer, picture: Picture, aspect: float) -> Rect:
    """What of a layer its thumbnail shows, in the layer's own coordinates: all that is on it with a small rim, widened
    to `aspect` (width over height) as far as the artboard goes; the artboard itself where there is nothing."""
    board = picture.rect.translated(-layer.dx, -layer.dy)
    part = about(layer.plane).intersected(board)
    if part.empty:
        part = board
    rim = round(max(part.w, part.h) * 0.06) + 2
    width, height = part.w + 2 * rim, part.h + 2 * rim
    width, height = max(width, round(height * aspect)), max(height, round(width / aspect))
    width, height = min(width, board.w), min(height, board.h)
    left = min(max(part.x + part.w // 2 - width // 2, board.x), board.right - width)
    top = min(max(part.y + part.h // 2 - height // 2, board.y), board.bottom - height)
    return Rect(left, top, width, height)


def about(plane: Plane) -> Rect:
    """The bounds of what is on a colour plane, up to a few pixels too narrow: few pixels are looked at."""
    found = Rect(0, 0, 0, 0)
    for key, tile in plane.tiles.items():
        place = tile_rect(key)
        seen = tile[::COARSE, ::COARSE, 3] > 0
        rows, columns = np.flatnonzero(seen.any(axis=1)), np.flatnonzero(seen.any(axis=0))
        if rows.size:
            x, y = place.x + int(columns[0]) * COARSE, place.y + int(rows[0]) * COARSE
            right, bottom = place.x + (int(columns[-1]) + 1) * COARSE, place.y + (int(rows[-1]) + 1) * COARSE
            found = found.united(Rect(x, y, right - x, bottom - y))
    return found


def shrunk(plane: Plane, rect: Rect, side: int) -> QImage:
    """A rectangle of a plane, at most `side` pixels a side, tile by tile."""
    scale = min(1.0, side / max(1, rect.w, rect.h))
    size = QSize(max(1, round(rect.w * scale)), max(1, round(rect.h * scale)))
    colour = plane.channels == 4
    image = QImage(size, QImage.Format.Format_ARGB32_Premultiplied if colour else QImage.Format.Format_Grayscale8)
    image.fill(Qt.GlobalColor.transparent if colour else QColor(plane.default, plane.default, plane.default))
    painter = QPainter(image)
    painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
    painter.setCompositionMode(QPainter.CompositionMode.CompositionMode_Source)
    step = max(1, int(1 / scale / 2))  # skip pixels that smoothing would hardly show
    for key in rect.tiles():
        tile = plane.tiles.get(key)
        if tile is None:
            continue
        place = tile_rect(key)
        x, y = (place.x - rect.x) * scale, (place.y - rect.y) * scale
        pixels = np.ascontiguousarray(tile[::step, ::step])  # held by a name while the image reads it
        part = to_qimage(pixels) if colour else QImage(
            pixels.data, pixels.shape[1], pixels.shape[0], pixels.shape[1], QImage.Format.Format_Grayscale8)
        target = QSize(max(1, round(place.w * scale)), max(1, round(place.h * scale)))
        part = part.scaled(target, Qt.AspectRatioMode.IgnoreAspectRatio, Qt.TransformationMode.SmoothTransformation)
        painter.drawImage(QRectF(x, y, place.w * scale, place.h * scale), part)
    painter.end()
    return image


def cropped(image: QImage, size: QSize) -> QImage:
    """The middle of a picture, scaled to cover `size`."""
    scaled = image.scaled(size, Qt.AspectRatioMode.KeepAspectRatioByExpanding,
                          Qt.TransformationMode.SmoothTransformation)
    left, top = (scaled.width() - size.width()) // 2, (scaled.height() - size.height()) // 2
    return scaled.copy(left, top, size.width(), size.height())

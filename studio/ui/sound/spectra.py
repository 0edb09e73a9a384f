"""Spectrograms of what is seen, computed on a thread tile by tile and kept."""

from __future__ import annotations

import math
from collections import OrderedDict
from concurrent.futures import ThreadPoolExecutor
from threading import Lock
from typing import TYPE_CHECKING, Any

import numpy as np
from PySide6.QtCore import QObject, QRectF, Qt, Signal
from PySide6.QtGui import QColor, QImage, QPainter

from studio.ui.relay import Relay

if TYPE_CHECKING:
    from studio.project.sound import Clip
    from studio.project.sound.source import DecodedSource
    from studio.ui.timeaxis import TimeAxis

TILE = 256
"""Columns of a tile."""
ROWS = 96
KEPT = 400
"""Tiles that are kept."""
WAITING = 48
"""Tiles that may wait to be computed; older wishes are forgotten when the view moves on."""
STOPS = ((0.0, (12, 9, 26)), (0.18, (36, 17, 78)), (0.38, (106, 27, 110)), (0.58, (183, 55, 84)),
         (0.76, (243, 120, 55)), (0.9, (252, 190, 92)), (1.0, (252, 244, 190)))
QUIET = 0.22
"""Share of the range of loudness that is as dark as silence: noise floors would else be purple."""

Key = tuple[str, int, int]
"""Medium, level (2 ** level columns a second), tile."""


def _palette() -> np.ndarray:
    places = np.linspace(0, 1, 256)
    levels = np.clip((places - QUIET) / (1 - QUIET), 0, 1)
    channels = [np.interp(levels, [at for at, _ in STOPS], [colour[n] for _, colour in STOPS]) for n in range(3)]
    return np.stack(channels, axis=1).round().astype(np.uint8)


PALETTE = _palette()
DARK = QColor(*STOPS[0][1])


class Spectra(QObject):
    """Gives what it has and computes the rest; `ready` follows."""

    ready = Signal()

    def __init__(self, source: DecodedSource, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._source = source
        self._tiles: OrderedDict[Key, QImage] = OrderedDict()
        self._asked: set[Key] = set()
        self._wanted: list[Key] = []
        self._lock = Lock()
        self._closed = False
        self._relay = Relay(self)
        self._pool: ThreadPoolExecutor | None = None

    def paint(self, painter: QPainter, body: QRectF, visible: QRectF, clip: Clip, axis: TimeAxis) -> None:
        """Draw a clip's spectrogram into `body`, of which `visible` is seen. What is not there yet is drawn from a
        coarser one, or stays dark."""
        area = body.intersected(visible)
        if area.width() < 1 or not clip.media:
            return
        painter.fillRect(body, DARK)
        level = min(max(math.ceil(math.log2(axis.scale)), -4), 12)
        per = TILE / 2.0 ** level  # seconds of a tile
        shift = clip.start - clip.offset
        first = math.floor((axis.seconds(area.left()) - shift) / per)
        last = math.floor((axis.seconds(area.right()) - shift) / per)
        painter.save()
        painter.setClipRect(area, Qt.ClipOperation.IntersectClip)
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
        for tile in range(max(first, 0), last + 1):
            left, right = axis.x(tile * per + shift), axis.x((tile + 1) * per + shift)
            self._draw(painter, QRectF(left, body.y(), right - left, body.height()), (clip.media, level, tile))
        painter.restore()

    def _draw(self, painter: QPainter, rect: QRectF, key: Key) -> None:
        image = self._get(key)
        if image is not None:
            painter.drawImage(rect, image)
            return
        media, level, tile = key
        for up in range(1, 6):  # a coarser one is stretched
            coarse = self._tiles.get((media, level - up, tile >> up))
            if coarse is not None:
                part = TILE / 2 ** up
                painter.drawImage(rect, coarse, QRectF((tile - ((tile >> up) << up)) * part, 0, part, ROWS))
                return

    def _get(self, key: Key) -> QImage | None:
        found = self._tiles.get(key)
        if found is not None:
            self._tiles.move_to_end(key)
        elif key not in self._asked and not self._closed:
            self._asked.add(key)
            with self._lock:
                self._wanted.append(key)
                for old in self._wanted[:-WAITING]:
                    self._asked.discard(old)
                del self._wanted[:-WAITING]
            if self._pool is None:
                self._pool = ThreadPoolExecutor(1, "spectra")
            self._relay(self._pool.submit(self._next), self._came, self._missed)
        return found

    def _next(self) -> tuple[Key, QImage] | None:
        """The newest wish first."""
        with self._lock:
            if self._closed or not self._wanted:
                return None
            key = self._wanted.pop()
        return key, self._compute(key)

    def _compute(self, key: Key) -> QImage:
        from studio.project.sound.spectrogram import best_size, spectrogram

        media, level, tile = key
        found = self._source.open(media)
        frames = self._source.rate * TILE / 2.0 ** level
        values = spectrogram(found, self._source.rate, tile * frames, (tile + 1) * frames, TILE, ROWS,
                             size=best_size(frames / TILE))
        return picture(values)

    def _came(self, made: tuple[Key, QImage] | None) -> None:
        if made is None:
            return
        key, image = made
        self._tiles[key] = image
        self._asked.discard(key)
        while len(self._tiles) > KEPT:
            self._tiles.popitem(last=False)
        self.ready.emit()

    def _missed(self, _error: Any) -> None:
        """The shapes tell what is wrong with a medium."""

    def close(self) -> None:
        """Compute no more."""
        self._closed = True
        self._relay.close()
        if self._pool is not None:
            self._pool.shutdown(wait=False, cancel_futures=True)

    def wait(self) -> None:
        if self._pool is not None:
            self._pool.shutdown(wait=True, cancel_futures=True)


def picture(values: np.ndarray) -> QImage:
    """Loudness (rows, columns) 0 to 255 as colours, from dark over purple to light."""
    pixels = np.empty((*values.shape, 4), np.uint8)
    pixels[..., :3] = PALETTE[values][..., ::-1]
    pixels[..., 3] = 255
    height, width = values.shape
    return QImage(pixels.tobytes(), width, height, width * 4, QImage.Format.Format_RGB32).copy()

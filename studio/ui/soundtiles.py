"""What sound and music look like in the results: the shape of a sound as bars, a score as its notes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QColor, QImage, QPainter

if TYPE_CHECKING:
    from collections.abc import Iterable

    from studio.project import Project

SIDE = 80.0
"""Units that a tile is wide and high."""
BARS = 20
FIRST = 8.0
"""Seconds of a score that are shown: more would be a blur."""
LEFT, RIGHT, TOP, BOTTOM = 9.0, 71.0, 12.0, 56.0
"""Where the shape lies; below it stands the length."""


def track_kind(generator: str, produces: str) -> str:
    """The kind of track that results of a generator belong on; it also gives their colour."""
    if produces == "score":
        return "notes"
    return {"speech": "voice", "music": "music"}.get(generator.partition(".")[0], "ambience")


class SoundTiles:
    """Draws tiles of a project's media; it decodes, so it is called off the UI thread."""

    def __init__(self, project: Project) -> None:
        self.project = project

    def __call__(self, sha: str, size: QSize, how: str) -> QImage:
        """how: "audio" or "score", and the colours of the shape and of the ground, such as "audio #6CB0FF #22354D".
        Raises what reading it raises."""
        kind, ink, ground = how.split(" ")
        image = QImage(size, QImage.Format.Format_RGB32)
        image.fill(QColor(ground))
        painter = QPainter(image)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.scale(size.width() / SIDE, size.height() / SIDE)
        painter.setPen(Qt.PenStyle.NoPen)
        try:
            if kind == "score":
                _paint_notes(painter, self.notes(sha), QColor(ink))
            else:
                _paint_bars(painter, self.levels(sha), QColor(ink))
        finally:
            painter.end()
        return image

    def levels(self, sha: str) -> list[float]:
        """How loud a sound is in each bar, the loudest 1."""
        peaks = self.project.sound_peaks(sha) or _decoded(self.project.media(sha)[0])
        bins = peaks.view(0, max(peaks.frames, 1), BARS)
        loud = bins[:, :, 2].max(axis=1)  # peaks would stand in one block
        most = float(loud.max(initial=0))
        return [float(value) / most if most > 1e-4 else 0.0 for value in loud]

    def notes(self, sha: str) -> list[tuple[float, float, int]]:
        """Start, end (seconds) and pitch of the notes of a score at its beginning."""
        from studio.project.sound import midi

        score = midi.read(self.project.media(sha)[0])[0]
        parts = [part for part in score.parts if not part.drums] or score.parts
        found = [(score.seconds(note.start), score.seconds(note.end), note.pitch) for part in parts
                 for note in part.notes]
        return [note for note in found if note[0] < FIRST]


def _decoded(data: bytes) -> Any:
    from studio.project.sound.decode import Decoder
    from studio.project.sound.peaks import PeakBuilder

    with Decoder(data, name="This sound") as decoder:
        builder = PeakBuilder(decoder.channels, decoder.rate)
        for block in decoder.blocks():
            builder.add(*block)
        return builder.peaks()


def _paint_bars(painter: QPainter, levels: Iterable[float], ink: QColor) -> None:
    painter.setBrush(ink)
    step, middle, reach = (RIGHT - LEFT) / BARS, (TOP + BOTTOM) / 2, (BOTTOM - TOP) / 2
    for place, level in enumerate(levels):
        half = max(level * reach, 1.0)
        painter.drawRoundedRect(QRectF(LEFT + place * step + 0.5, middle - half, 2.1, 2 * half), 1.0, 1.0)


def _paint_notes(painter: QPainter, notes: list[tuple[float, float, int]], ink: QColor) -> None:
    if not notes:
        return
    low, high = min(note[2] for note in notes), max(note[2] for note in notes)
    span = max(high - low, 12)
    base = (low + high - span) / 2
    last = min(max(note[1] for note in notes), FIRST)
    scale, row = (RIGHT - LEFT) / max(last, 0.1), (BOTTOM - TOP) / span
    painter.setClipRect(QRectF(LEFT, 0, RIGHT - LEFT, SIDE))
    painter.setBrush(ink)
    for start, end, pitch in notes:
        width = max((end - start) * scale - 0.6, 1.6)
        painter.drawRoundedRect(QRectF(LEFT + start * scale, BOTTOM - (pitch - base) * row - 1.2, width, 2.4), 0.8, 0.8)

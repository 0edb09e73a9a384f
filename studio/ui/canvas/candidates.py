"""What the machine is making or has made for the frame: batches of candidates, one of them in front."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from PySide6.QtCore import QObject, QRect, QSize, Qt, Signal
from PySide6.QtGui import QImage, QPainter


class State(StrEnum):
    WAITING = "waiting"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"


@dataclass
class Candidate:
    """One picture of a batch. number: its place as asked for, from 0."""

    number: int
    state: State = State.WAITING
    preview: QImage | None = None
    result: dict[str, Any] | None = None
    step: int = 0
    of: int = 0
    message: str = ""

    @property
    def share(self) -> float:
        """How much of it is done, 0 to 1."""
        return min(1.0, self.step / self.of) if self.of else 0.0

    @property
    def words(self) -> str:
        """For people who hear it."""
        what = f"Candidate {self.number + 1}"
        if self.state is State.RUNNING and self.of:
            return f"{what}, step {self.step} of {self.of}"
        return f"{what}, {self.message or self.state}"


@dataclass
class Batch:
    """Candidates asked for together, and the part of the document that they are for.

    Attributes:
        mask: where the machine was to work (Alpha8, of any size): only there a candidate shows and is kept.
    """

    id: str
    rect: QRect
    candidates: list[Candidate] = field(default_factory=list)
    current: int = 0
    """Index into `candidates`."""
    followed: bool = True
    """The one that runs comes to the front until the person flips."""
    ended: bool = False
    dropped: set[int] = field(default_factory=set)
    mask: QImage | None = None
    _masked: tuple[int, QImage] | None = None

    def shown_image(self, image: QImage) -> QImage:
        """A candidate's picture inside the mask; the picture itself where there is no mask."""
        if self.mask is None or image.isNull():
            return image
        if self._masked is None or self._masked[0] != image.cacheKey():
            self._masked = (image.cacheKey(), inside(image, self.mask))
        return self._masked[1]

    def find(self, number: int) -> Candidate | None:
        """The candidate of this number. An interrupted one that runs again may bring any: it takes a free place."""
        found = next((c for c in self.candidates if c.number == number), None)
        if found is None and number not in self.dropped:
            found = next((c for c in self.candidates if c.state is State.WAITING), None)
            if found is not None:
                found.number = number
        return found

    def extend(self, count: int) -> None:
        """`count` more were asked for."""
        free = max((c.number for c in self.candidates), default=-1) + 1
        self.candidates += [Candidate(free + n) for n in range(count)]
        self.ended = False

    @property
    def front(self) -> Candidate | None:
        return self.candidates[self.current] if 0 <= self.current < len(self.candidates) else None


def inside(image: QImage, mask: QImage) -> QImage:
    """`image` with its alpha multiplied by `mask` (Alpha8), at the larger of both sizes."""
    size = QSize(max(image.width(), mask.width()), max(image.height(), mask.height()))
    stretch, smooth = Qt.AspectRatioMode.IgnoreAspectRatio, Qt.TransformationMode.SmoothTransformation
    out = image.convertToFormat(QImage.Format.Format_ARGB32_Premultiplied)
    if out.size() != size:
        out = out.scaled(size, stretch, smooth)
    painter = QPainter(out)
    painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
    painter.setCompositionMode(QPainter.CompositionMode.CompositionMode_DestinationIn)
    painter.drawImage(out.rect(), mask)
    painter.end()
    return out


class Candidates(QObject):
    """The open batches. One is shown; the others are a key away."""

    changed = Signal()
    """Something is to be painted anew."""
    shown_changed = Signal()
    """Another batch, or another number of candidates: the column is to be built anew."""
    flipped = Signal()
    """Another candidate is in front."""
    kept = Signal(str, int)
    dropped = Signal(str, int)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.batches: dict[str, Batch] = {}
        self.hidden = False
        self._shown = ""

    @property
    def shown(self) -> Batch | None:
        """The batch beside the frame, None if there is none or it is hidden."""
        return None if self.hidden else self.batches.get(self._shown)

    @property
    def place(self) -> tuple[int, int]:
        """Place of the shown batch among the open ones, from 1, and how many are open."""
        ids = list(self.batches)
        return (ids.index(self._shown) + 1 if self._shown in ids else 0), len(ids)

    # ------------------------------------------------------------ from the engine

    def set_mask(self, batch_id: str, mask: QImage | None) -> None:
        """Say where the machine was to work for a batch."""
        if batch_id in self.batches:
            self.batches[batch_id].mask = mask
            self.changed.emit()

    def move_by(self, dx: int, dy: int) -> None:
        """The document's origin has moved."""
        for batch in self.batches.values():
            batch.rect = batch.rect.translated(dx, dy)
        self.changed.emit()

    def begin(self, batch_id: str, count: int, rect: QRect) -> None:
        """A batch was asked for. Finished ones that nobody chose from make room: their pictures are in the results."""
        for old in [b.id for b in self.batches.values() if b.ended and b.id != batch_id]:
            del self.batches[old]
        batch = self.batches.setdefault(batch_id, Batch(batch_id, rect))
        batch.extend(max(1, count))
        shown = self.batches.get(self._shown)
        if shown is None or shown.ended:
            self._shown = batch_id
        self.hidden = False
        self.shown_changed.emit()

    def set_preview(self, batch_id: str, number: int, image: QImage | None, step: int, of: int) -> None:
        batch, candidate = self._find(batch_id, number)
        if batch is None or candidate is None or candidate.state is State.DONE:
            return
        started = candidate.state is not State.RUNNING
        candidate.state, candidate.step, candidate.of = State.RUNNING, step, of
        if image is not None and not image.isNull():
            candidate.preview = image
        if started:
            self._follow(batch, candidate)
        self.changed.emit()

    def set_result(self, batch_id: str, number: int, result: Mapping[str, Any]) -> None:
        batch, candidate = self._find(batch_id, number)
        if batch is None or candidate is None:
            return
        candidate.state, candidate.result, candidate.message = State.DONE, dict(result), ""
        self._follow(batch, candidate)
        self.changed.emit()

    def set_failed(self, batch_id: str, number: int, message: str) -> None:
        batch, candidate = self._find(batch_id, number)
        if batch is None or candidate is None or candidate.state is State.DONE:
            return
        candidate.state, candidate.message = State.FAILED, message
        self.changed.emit()

    def end(self, batch_id: str) -> None:
        """Nothing more will come for this batch. A batch with nothing to choose from closes."""
        batch = self.batches.get(batch_id)
        if batch is None:
            return
        batch.ended = True
        for candidate in batch.candidates:
            if candidate.state in (State.WAITING, State.RUNNING):
                candidate.state, candidate.message = State.FAILED, "Stopped."
        stopped = all(c.state is State.FAILED and c.message == "Stopped." for c in batch.candidates)
        if stopped:
            self.close(batch_id)
        else:
            self.changed.emit()

    # ------------------------------------------------------------ from the person

    def flip(self, by: int) -> None:
        batch = self.shown
        if batch is not None and batch.candidates:
            self.show_candidate((batch.current + by) % len(batch.candidates))

    def show_candidate(self, index: int) -> None:
        batch = self.shown
        if batch is not None and 0 <= index < len(batch.candidates):
            batch.followed = False
            batch.current = index
            self.flipped.emit()
            self.changed.emit()

    def show_batch(self, by: int) -> None:
        ids = list(self.batches)
        if len(ids) > 1 and self._shown in ids:
            self._shown = ids[(ids.index(self._shown) + by) % len(ids)]
            self.shown_changed.emit()

    def keep(self) -> tuple[Batch, Candidate] | None:
        """Choose the candidate in front; its batch closes. None while it is not finished."""
        batch = self.shown
        candidate = batch.front if batch else None
        if batch is None or candidate is None or candidate.result is None:
            return None
        self.close(batch.id)
        self.kept.emit(batch.id, candidate.number)
        return batch, candidate

    def drop(self) -> None:
        """Put the candidate in front aside. The last one closes the batch."""
        batch = self.shown
        candidate = batch.front if batch else None
        if batch is None or candidate is None:
            return
        batch.candidates.remove(candidate)
        batch.dropped.add(candidate.number)
        batch.current = min(batch.current, max(0, len(batch.candidates) - 1))
        self.dropped.emit(batch.id, candidate.number)
        if batch.candidates:
            self.shown_changed.emit()
        else:
            self.close(batch.id)

    def close(self, batch_id: str) -> None:
        if self.batches.pop(batch_id, None) is not None:
            if self._shown == batch_id:
                self._shown = next(reversed(self.batches), "")
            self.shown_changed.emit()

    def set_hidden(self, hidden: bool) -> None:
        if hidden != self.hidden:
            self.hidden = hidden
            self.shown_changed.emit()

    def clear(self) -> None:
        self.batches.clear()
        self._shown = ""
        self.shown_changed.emit()

    # ------------------------------------------------------------ inside

    def _find(self, batch_id: str, number: int) -> tuple[Batch | None, Candidate | None]:
        batch = self.batches.get(batch_id)
        return batch, batch.find(number) if batch else None

    def _follow(self, batch: Batch, candidate: Candidate) -> None:
        shown = self.batches.get(self._shown)
        if shown is not batch and (shown is None or (shown.ended and shown.followed)):
            self._shown = batch.id
            self.shown_changed.emit()
        if batch.followed:
            batch.current = batch.candidates.index(candidate)
            self.flipped.emit()

"""The open canvas document: its picture, what is shown of it, its history, and the work under way on it."""

from __future__ import annotations

import logging
from collections import deque
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

from PySide6.QtCore import QObject, Signal

from studio.project.paint.compositor import Compositor
from studio.project.paint.errors import PaintError
from studio.project.paint.history import History
from studio.project.paint.layer import Layer
from studio.project.paint.picture import Picture
from studio.ui.relay import Relay

log = logging.getLogger(__name__)

Edit = Callable[[Picture], Picture]
FAILED = "This could not be done: {}."


@dataclass(frozen=True)
class _Work:
    """An edit that runs off the UI thread."""

    label: str
    edit: Edit
    merge: str = ""


class CanvasDocument(QObject):
    """Knows no project and no engine. Every change of the picture, undo included, goes through here.

    An edit takes a picture and gives a new one; it raises PaintError with one sentence where it cannot.
    """

    changed = Signal(object)
    """set of dirty tile keys (column, row) of what is shown; None for all."""
    committed = Signal(object, str)
    """Picture and label, after an edit, undo or redo: what is to be saved."""
    layers_changed = Signal()
    active_changed = Signal(str)
    """Layer id."""
    selection_changed = Signal()
    mask_changed = Signal()
    history_changed = Signal()
    resized = Signal(int, int)
    """The artboard's size has changed, and its content lies so much further right and down than before."""
    busy_changed = Signal(str)
    """The label of the work under way, "" when it is done."""
    refused = Signal(str)
    """One sentence: why an edit was not made."""

    def __init__(self, picture: Picture, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.picture = picture
        """As committed."""
        self.shown = picture
        """As committed, or a preview of an edit."""
        self.history = History(picture)
        self.compositor = Compositor()
        self.closed_because = ""
        """While this is not "", nothing can be changed: the sentence that says why."""
        self.painting_mask = False
        """Tools paint on the active layer's mask, not on its pixels."""
        self._works: deque[_Work] = deque()
        self._running: _Work | None = None
        self._waiting_result: tuple[_Work, Picture, Picture] | None = None
        self._pool: ThreadPoolExecutor | None = None
        self._relay = Relay(self)
        self.load(picture)

    # ------------------------------------------------------------ reading

    @property
    def active(self) -> Layer | None:
        """The layer that tools work on."""
        return self.shown.find(self.shown.active) if self.shown.active else None

    @property
    def busy(self) -> bool:
        return self._running is not None

    @property
    def previewing(self) -> bool:
        """What is shown is not committed yet."""
        return self.shown is not self.picture

    def can_undo(self) -> bool:
        return self.history.can_undo

    def can_redo(self) -> bool:
        return self.history.can_redo

    # ------------------------------------------------------------ changing

    def load(self, picture: Picture, label: str = "Open") -> None:
        """Show another picture; its history begins anew, and work under way is dropped."""
        self._works.clear()
        self._running = self._waiting_result = None
        self.history = History(picture, label)
        self.picture = picture
        self._show(picture, everything=True)
        self.busy_changed.emit("")
        self.history_changed.emit()

    def edit(self, label: str, edit: Edit, merge: str = "") -> bool:
        """Change the picture at once, as one step of the history. Steps with the same `merge` in a row are one.

        Returns False, after `refused`, where the edit cannot be made. Meant for what takes milliseconds: see `run`.
        """
        if self.closed_because:
            self.refused.emit(self.closed_because)
            return False
        try:
            after = edit(self.picture)
        except PaintError as error:
            self.preview(None)
            self.refused.emit(str(error))
            return False
        self._commit(label, after, merge)
        return True

    def preview(self, picture: Picture | None) -> None:
        """Show a picture that is not committed (a stroke while the pen is down); None takes it back."""
        self._show(self.picture if picture is None or self.closed_because else picture)
        if picture is None:
            self._settle()

    def run(self, label: str, edit: Edit, merge: str = "") -> None:
        """Change the picture off the UI thread; such edits are made in the order in which they were asked for.

        An edit of the person that comes first stays: the function is called again with the newer picture.
        """
        if self.closed_because:
            self.refused.emit(self.closed_because)
            return
        self._works.append(_Work(label, edit, merge))
        if self._running is None:
            self._next()

    def undo(self) -> None:
        self._step(self.history.undo(), "Undo")

    def redo(self) -> None:
        self._step(self.history.redo(), "Redo")

    def jump(self, index: int) -> None:
        """Go to a step of the history, from 0."""
        if 0 <= index < len(self.history.labels()) and index != self.history.index:
            self._step(self.history.jump(index), "History")

    def set_active(self, layer: str) -> None:
        """Choose the layer that tools work on. No step of the history, yet saved."""
        if layer != self.picture.active and self.picture.find(layer) is not None:
            picture = self.picture.with_active(layer)
            self._show_committed(picture)
            self.committed.emit(picture, "")

    def set_painting_mask(self, on: bool) -> None:
        """Let tools paint on the active layer's mask."""
        if on != self.painting_mask:
            self.painting_mask = on
            self.active_changed.emit(self.shown.active)

    def close(self) -> None:
        """Let running work end; what has not begun is dropped."""
        self._works.clear()
        self._relay.close()
        if self._pool is not None:
            self._pool.shutdown(wait=True, cancel_futures=True)
            self._pool = None

    # ------------------------------------------------------------ inside: showing

    def _commit(self, label: str, picture: Picture, merge: str) -> None:
        if picture is self.picture:
            self.preview(None)
            return
        self.history.push(label, picture, merge)
        self._show_committed(picture)
        self.history_changed.emit()
        self.committed.emit(picture, label)
        self._settle()

    def _step(self, picture: Picture | None, label: str) -> None:
        if picture is None:
            return
        self._show_committed(picture)
        self.history_changed.emit()
        self.committed.emit(picture, label)
        self._settle()

    def _show_committed(self, picture: Picture) -> None:
        self.picture = picture
        self._show(picture)

    def _show(self, picture: Picture, everything: bool = False) -> None:
        before, self.shown = self.shown, picture
        dirty = self.compositor.show(picture)
        if everything or (before.width, before.height) != (picture.width, picture.height):
            self.changed.emit(None)
            if not everything:
                self.resized.emit(*shift_between(before, picture))
        elif dirty or before is not picture:
            self.changed.emit(dirty)
        self._tell(before, picture, everything)

    def _tell(self, before: Picture, picture: Picture, everything: bool) -> None:
        """Say what differs, by identity."""
        if everything or before.layers is not picture.layers:
            self.layers_changed.emit()
        if everything or before.active != picture.active:
            layer = picture.find(picture.active) if picture.active else None
            self.painting_mask = self.painting_mask and layer is not None and layer.mask is not None
            self.active_changed.emit(picture.active)
        if everything or before.selection is not picture.selection:
            self.selection_changed.emit()
        if everything or before.mask is not picture.mask:
            self.mask_changed.emit()

    # ------------------------------------------------------------ inside: work off the UI thread

    def _next(self) -> None:
        if not self._works:
            if self._running is not None:
                self._running = None
                self.busy_changed.emit("")
            return
        self._running = self._works.popleft()
        self.busy_changed.emit(self._running.label)
        self._start(self._running)

    def _start(self, work: _Work) -> None:
        if self._pool is None:
            self._pool = ThreadPoolExecutor(1, "paint")
        base = self.picture
        future: Future[Any] = self._pool.submit(work.edit, base)
        self._relay(future, lambda after: self._ended(work, base, after), lambda error: self._failed(work, error))

    def _ended(self, work: _Work, base: Picture, after: Picture) -> None:
        if work is not self._running:
            return  # another picture was loaded meanwhile
        if self.previewing:
            self._waiting_result = (work, base, after)  # the pen is down: it is taken up when that is over
        elif base is not self.picture:
            self._start(work)
        else:
            self._commit(work.label, after, work.merge)
            self._next()

    def _settle(self) -> None:
        """Nothing is previewed any more: take up a result that waited for that."""
        if self._waiting_result is not None and not self.previewing:
            waiting, self._waiting_result = self._waiting_result, None
            self._ended(*waiting)

    def _failed(self, work: _Work, error: BaseException) -> None:
        if work is not self._running:
            return
        if isinstance(error, PaintError):
            self.refused.emit(str(error))
        else:
            log.warning("%s failed", work.label, exc_info=error)
            self.refused.emit(FAILED.format(str(error) or type(error).__name__))
        self._next()


def shift_between(before: Picture, after: Picture) -> tuple[int, int]:
    """How much further right and down the content of a picture lies than before, by a layer that is in both."""
    for layer, _ in after.walk():
        old = before.find(layer.id)
        if old is not None and layer.kind != "group" and old.plane is layer.plane:
            return layer.dx - old.dx, layer.dy - old.dy
    return 0, 0

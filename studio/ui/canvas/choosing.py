"""Choosing among candidates: flip, look at one large, keep one as a layer, or put them aside."""

from __future__ import annotations

from PySide6.QtCore import QObject, QRect
from PySide6.QtGui import QAccessible, QAccessibleAnnouncementEvent, QImage

from studio.ui.canvas.candidates import Batch, Candidate, State
from studio.ui.canvas.making import grown, layer_at, put_layer
from studio.ui.canvas.view import CanvasView
from studio.ui.preview import PreviewOverlay


class Chooser(QObject):
    """What the person does with the candidates over a view."""

    def __init__(self, view: CanvasView, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.view, self.candidates, self.document = view, view.candidates, view.document
        self.choosing = False
        """Keys flip, keep and drop candidates; a press on the picture ends it, one on the column brings it back."""
        self._keeping: dict[str, list[tuple[Batch, Candidate, bool]]] = {}
        """Kept candidates whose picture is still being decoded, by media."""
        self._preview: PreviewOverlay | None = None
        self.candidates.shown_changed.connect(lambda: self.set_choosing(True))
        self.candidates.flipped.connect(self._flipped)
        view.pressed.connect(lambda: self.set_choosing(False))
        view.loader.ready.connect(self._decoded)
        view.loader.failed.connect(self._not_decoded)

    def set_choosing(self, choosing: bool) -> None:
        self.choosing = choosing and self.candidates.shown is not None

    def show(self) -> bool:
        """Bring hidden candidates back; whether there were any."""
        if not self.candidates.batches:
            return False
        self.candidates.set_hidden(False)
        self.set_choosing(True)
        return True

    def clear(self) -> None:
        """Another document is shown."""
        self.candidates.clear()
        self._keeping.clear()

    def preview(self) -> bool:
        """Show the candidate in front as large as the window allows; whether there is a picture of it."""
        batch = self.candidates.shown
        image = self.view.candidate_image(batch) if batch is not None else None
        if image is None:
            return False
        if self._preview is None:
            self._preview = PreviewOverlay(self.view.theme, self.view)
            self._preview.stepped.connect(self.candidates.flip)
            self._preview.closed.connect(self.view.setFocus)
        self._preview.show_image(image, self._caption())
        return True

    def keep(self, whole: bool = False) -> bool:
        """Make the candidate in front a layer at its place, as one step of the history: only inside the mask where
        there was one, unless `whole`. False while it is not finished."""
        kept = self.candidates.keep()
        if kept is None:
            return False
        batch, candidate = kept
        media = str((candidate.result or {}).get("media", ""))
        image = self.view.loader.image(media)
        if image is None:
            self._keeping.setdefault(media, []).append((batch, candidate, whole))
        else:
            self._put(batch, candidate, whole, image)
        return True

    def _put(self, batch: Batch, candidate: Candidate, whole: bool, image: QImage) -> None:
        result, rect = candidate.result or {}, QRect(batch.rect)
        layer = layer_at(image, rect, str(result.get("name") or ""), str(result.get("result") or ""),
                         None if whole else batch.mask)
        if self.document.edit("Keep picture", lambda picture: grown(put_layer(picture, layer), rect)):
            self._announce("Kept")

    def _decoded(self, media: str, image: QImage) -> None:
        for batch, candidate, whole in self._keeping.pop(media, []):
            self._put(batch, candidate, whole, image)

    def _not_decoded(self, media: str, reason: str) -> None:
        if self._keeping.pop(media, None):
            self.document.refused.emit(reason)

    def _flipped(self) -> None:
        batch = self.candidates.shown
        if batch is None or batch.front is None:
            return
        if not batch.followed:
            self.set_choosing(True)
            self._announce(batch.front.words)
        if self._preview is not None and self._preview.isVisible() and batch.front.state is not State.WAITING:
            self.preview()

    def _caption(self) -> str:
        batch = self.candidates.shown
        if batch is None or batch.front is None:
            return ""
        name = (batch.front.result or {}).get("name") or batch.front.words
        return f"{batch.current + 1} of {len(batch.candidates)} · {name}"

    def _announce(self, words: str) -> None:
        if QAccessible.isActive():
            QAccessible.updateAccessibility(QAccessibleAnnouncementEvent(self.view, words))

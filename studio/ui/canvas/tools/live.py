"""Previews that take longer than a frame: worked out on a thread, the newest wish first."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor

from studio.project.paint.errors import PaintError
from studio.project.paint.picture import Picture
from studio.ui.canvas.document import CanvasDocument
from studio.ui.relay import Relay

Edit = Callable[[Picture], Picture]


class LivePreview:
    """`ask` shows what an edit would give, `commit` makes the last one asked for a step of the history, without a
    flicker between. What is outdated before it was begun never is."""

    def __init__(self, document: CanvasDocument) -> None:
        self.document = document
        self._base: Picture | None = None
        self._wanted: Edit | None = None
        self._running: Edit | None = None
        self._done: tuple[Edit, Picture] | None = None
        self._label = ""
        self._relay = Relay(document)

    @property
    def active(self) -> bool:
        """Something is previewed or waits to be committed."""
        return self._wanted is not None

    @property
    def base(self) -> Picture:
        """What the edits are applied to: the committed picture when the first was asked for."""
        return self._base or self.document.picture

    def ask(self, edit: Edit) -> None:
        if self._wanted is None or self._label:
            self._flush()
            self._base = self.document.picture
        self._wanted = edit
        if self._running is None:
            self._start()

    def commit(self, label: str) -> None:
        """Make the last wish a step, now or as soon as it is worked out. Without a wish nothing happens."""
        if self._wanted is None:
            return
        self._label = label
        if self._running is None:
            self._finish()

    def cancel(self) -> bool:
        """Take the preview back; whether there was one. A step that was committed is made."""
        if self._wanted is None or self._label:
            return False
        self._end()
        self.document.preview(None)
        return True

    def _flush(self) -> None:
        """A commit that still waits is made at once, on this thread: the next preview must begin on it."""
        if self._wanted is not None and self._label:
            self._finish()

    def _start(self) -> None:
        edit = self._wanted
        if edit is None:
            return
        self._running = edit
        pool = ThreadPoolExecutor(1, "preview")
        future: Future[Picture] = pool.submit(edit, self.base)
        pool.shutdown(wait=False)  # the thread ends with its work, whether or not anybody hears of it
        self._relay(future, lambda picture: self._ended(edit, picture), lambda error: self._ended(edit, None, error))

    def _ended(self, edit: Edit, picture: Picture | None, error: BaseException | None = None) -> None:
        if edit is not self._running:
            return  # it was cancelled, or committed on the spot
        self._running = None
        if error is not None and not isinstance(error, PaintError):
            self._end()
            self.document.preview(None)
            raise error
        if picture is not None:
            self._done = (edit, picture)
        newest = edit is self._wanted
        if newest and self._label:
            self._finish()
            return
        if picture is not None:
            self.document.preview(picture)
        if not newest:
            self._start()

    def _finish(self) -> None:
        edit, base, done, label = self._wanted, self._base, self._done, self._label
        self._end()
        if edit is None:
            return

        def step(picture: Picture) -> Picture:
            return done[1] if done is not None and done[0] is edit and picture is base else edit(picture)

        self.document.edit(label, step)

    def _end(self) -> None:
        self._wanted = self._running = self._done = self._base = None
        self._label = ""

"""What comes onto the page by clipboard or drag, and what leaves it so."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from PySide6.QtCore import QMimeData, Signal
from PySide6.QtGui import QImage
from PySide6.QtWidgets import QTextEdit

from studio.project.manuscript.rows import Prose
from studio.ui.widgets.media import RESULT_MIME, TYPES
from studio.ui.write.clipboard import MAX_HTML, PROSE_MIME, from_html, looks_binary, to_mime, whole_prose
from studio.ui.write.story import Story
from studio.ui.write.text import MAX_PASTE, clean

SPANS_MIME = "application/x-pieria-spans"
"""Which stretches of copied text a machine wrote: cutting and pasting does not change who wrote it."""


class Pasting(QTextEdit):
    """The part of the page that gives and takes."""

    notice = Signal(str)
    result_dropped = Signal(dict, int)
    """A text or picture result of the project, and the position (UTF-16 units)."""
    picture_given = Signal(object)
    """A QImage of the clipboard, or the path of a picture file, for the caret."""
    story: Story

    def go(self, position: int | None) -> None:
        raise NotImplementedError

    def canInsertFromMimeData(self, source: QMimeData) -> bool:
        return source.hasText() or source.hasHtml() or source.hasImage() or source.hasFormat(RESULT_MIME)

    def createMimeDataFromSelection(self) -> QMimeData:
        cursor = self.textCursor()
        start, end = cursor.selectionStart(), cursor.selectionEnd()
        return to_mime(self.story.part(start, end), self.story.carried(start, end), SPANS_MIME)

    def insertFromMimeData(self, source: QMimeData) -> None:
        if source.hasFormat(RESULT_MIME):
            self._take_result(source)
            return
        if self._take_picture(source):
            return
        whole = whole_prose(_json(source, PROSE_MIME)) if source.hasFormat(PROSE_MIME) else None
        if whole is not None and (whole.marks or any(b.style != "body" for b in whole.blocks)):
            self._paste_prose(whole)
            return
        text = source.text()
        if looks_binary(text):
            self.notice.emit("What was pasted is no text, so nothing was put in; save it to a file and import that.")
            return
        if len(text) > MAX_PASTE:
            text = text[:MAX_PASTE]
            self.notice.emit(f"The text was too long to paste whole: its first {MAX_PASTE:,} characters were taken; "
                             "import it from a file to have all of it.")
        elif source.hasHtml() and not source.hasFormat(SPANS_MIME) and not self.plain_paste:
            rich = source.html()
            prose = from_html(rich) if len(rich) <= MAX_HTML else Prose(text)
            if prose.marks or any(b.style != "body" for b in prose.blocks):
                self._paste_prose(prose)
                return
        text = clean(text)
        if text:
            self.story.paste(self.textCursor(), text, _json(source, SPANS_MIME))
            self.ensureCursorVisible()

    plain_paste = False

    def paste_plain(self) -> None:
        """Paste without the looks."""
        self.plain_paste = True
        try:
            self.paste()
        finally:
            self.plain_paste = False

    def _paste_prose(self, prose: Prose) -> None:
        cursor = self.textCursor()
        inline = "\n" not in prose.text
        if inline and all(b.style == "body" for b in prose.blocks):
            prose = Prose(prose.text, (), prose.marks, prose.spans)
        self.go(self.story.replace(cursor.selectionStart(), cursor.selectionEnd(), prose))

    def _take_picture(self, source: QMimeData) -> bool:
        """A picture file, or a picture with no text beside it, as a browser copies it."""
        files = [Path(url.toLocalFile()) for url in source.urls() if url.isLocalFile()]
        if files and all(file.suffix.lower() in TYPES["image"][2] for file in files):
            for file in files:
                self.picture_given.emit(file)
            return True
        if source.hasImage() and not source.text().strip():
            image = QImage(source.imageData())
            if not image.isNull():
                self.picture_given.emit(image)
                return True
        return False

    def _take_result(self, source: QMimeData) -> None:
        result = _json(source, RESULT_MIME)
        if isinstance(result, dict) and result.get("kind") in ("text", "image"):
            self.result_dropped.emit(result, self.textCursor().position())


def _json(source: QMimeData, mime: str) -> Any:
    """What a drag or the clipboard carries as JSON, None if it carries none."""
    try:
        return json.loads(bytes(source.data(mime).data()).decode("utf-8"))
    except ValueError:
        return None

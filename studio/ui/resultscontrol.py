"""Join the results strip to the session: search, star, delete and undo, export, drag out, run again."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Callable
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

from PySide6.QtCore import QObject, QTimer, Signal, Slot
from PySide6.QtGui import QGuiApplication, QImage, QUndoCommand, QUndoStack
from PySide6.QtWidgets import QFileDialog

from studio.engine.job import Job
from studio.project import ProjectError, ResultQuery, ResultRow
from studio.project.export import export_result
from studio.ui.results import ResultsStrip
from studio.ui.session import Session

PAGE = 400
"""How many results are read at a time; more follow as the strip is scrolled."""
SUFFIX = {"image/png": ".png", "image/jpeg": ".jpg", "image/webp": ".webp", "text/plain": ".txt", "audio/wav": ".wav"}


def suffix_of(media_type: str) -> str:
    return SUFFIX.get(media_type.partition(";")[0].strip(), ".bin")


def file_stem(row: ResultRow) -> str:
    """A file name made of the prompt: letters, digits and dashes, at most 48 characters."""
    words = "".join(c if c.isalnum() else " " for c in row.prompt or row.title).split()
    return "-".join(words)[:48].strip("-") or "result"


class DeleteResult(QUndoCommand):
    def __init__(self, session: Session, result: str) -> None:
        super().__init__("Delete result")
        self._session, self._result = session, result

    def redo(self) -> None:
        self._session.delete(self._result)

    def undo(self) -> None:
        self._session.restore(self._result)


class ResultsControl(QObject):
    """One strip, one session."""

    picked = Signal(object)
    """ResultRow in front, for the details."""
    place_wanted = Signal(object)
    start_wanted = Signal(object)
    """ResultRow to start the next picture from"""
    recipe_wanted = Signal(object)
    notice = Signal(str, object)
    """a sentence, and what Undo does (or None)"""

    def __init__(self, session: Session, strip: ResultsStrip, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.session, self.strip = session, strip
        self.undo = QUndoStack(self)
        self._query = ResultQuery(limit=PAGE)
        self._drag_folder: tempfile.TemporaryDirectory[str] | None = None
        self._search = QTimer(self, singleShot=True, interval=120)
        self._search.timeout.connect(self.fill)
        strip.set_export_for_drag(self.export_for_drag)
        strip.read_text = self.text_of
        strip.query_changed.connect(self._query_changed)
        strip.starred.connect(session.star)
        strip.liked.connect(session.like)
        strip.deleted.connect(self.delete)
        strip.more_wanted.connect(self._more)
        strip.run_again.connect(self._with_row(lambda row: session.run_again(row)))
        strip.export_requested.connect(self._with_row(self.export))
        strip.copy_requested.connect(self._with_row(self.copy))
        strip.activated.connect(self._with_row(self.place_wanted.emit))
        strip.use_as_input.connect(self._with_row(self.start_wanted.emit))
        strip.recipe_requested.connect(self._with_row(self.recipe_wanted.emit))
        strip.current_changed.connect(self._with_row(self.picked.emit))
        session.result_stored.connect(self._stored)
        session.result_changed.connect(self._changed)
        self.fill()

    # ------------------------------------------------------------ the list

    @Slot()
    def fill(self) -> None:
        project, query = self.session.project, self._query

        def fetch() -> tuple[list[dict[str, Any]], int]:
            return [asdict(row) for row in project.results(query)], project.count_results(query)

        self.session.read(fetch, lambda found: query == self._query and self.strip.set_results(*found))

    @Slot(int)
    def _more(self, loaded: int) -> None:
        project, query = self.session.project, replace(self._query, offset=loaded)
        self.session.read(lambda: [asdict(row) for row in project.results(query)],
                          lambda rows: replace(query, offset=0) == self._query and self.strip.append(rows))

    @Slot(dict)
    def _query_changed(self, query: dict[str, Any]) -> None:
        self._query = ResultQuery(text=str(query.get("text", "")), kinds=tuple(query.get("kinds", ())),
                                  starred=bool(query.get("starred")), limit=PAGE)
        self._search.start()

    @Slot(object, object)
    def _stored(self, row: ResultRow, _job: Job) -> None:
        if self._query.text:
            self._search.start()
        else:
            self.strip.prepend(asdict(row))

    @Slot(object)
    def _changed(self, row: ResultRow) -> None:
        if row.deleted is not None:
            self.strip.remove(row.id)
        elif self.strip.result(row.id) is None:
            self.fill()
        else:
            self.strip.update_result(asdict(row))

    # ------------------------------------------------------------ what a person does

    def delete(self, result: str) -> None:
        self.undo.push(DeleteResult(self.session, result))
        self.notice.emit("Result deleted.", self.undo.undo)

    def copy(self, row: ResultRow) -> None:
        data, _ = self.session.project.media(row.media)
        if row.kind == "image":
            QGuiApplication.clipboard().setImage(QImage.fromData(data))
        elif row.kind == "text":
            QGuiApplication.clipboard().setText(data.decode("utf-8", "replace"))

    def copy_recipe(self, row: ResultRow) -> None:
        QGuiApplication.clipboard().setText(json.dumps(row.recipe, indent=2, ensure_ascii=False, sort_keys=True))
        self.notice.emit("Recipe copied.", None)

    def export(self, row: ResultRow) -> None:
        name = str(Path.home() / (file_stem(row) + suffix_of(row.media_type)))
        kinds = "Pictures (*.png *.jpg *.webp)" if row.kind == "image" else "All files (*)"
        path, _ = QFileDialog.getSaveFileName(self.strip.window(), "Export", name, kinds)
        if path:
            self.write(row, Path(path))

    def write(self, row: ResultRow, path: Path) -> Path | None:
        """Write a result with its recipe; a failure becomes a sentence."""
        try:
            data, _ = self.session.project.media(row.media)
            export_result(row, data, path, metadata=self.session.export_metadata())
        except (OSError, ProjectError, ValueError, KeyError) as error:
            self.notice.emit(str(error) if isinstance(error, ProjectError) else
                             f"{path.name} could not be written: {error}", None)
            return None
        self.notice.emit(f"Exported {path.name}.", None)
        return path

    def text_of(self, result: str) -> str:
        """The whole text of a text result."""
        return self.session.project.media(self.session.project.result(result).media)[0].decode("utf-8", "replace")

    def export_for_drag(self, result: str) -> str:
        """A file of this result that another program can take; it lives as long as the window."""
        row = self.session.project.result(result)
        if self._drag_folder is None:
            self._drag_folder = tempfile.TemporaryDirectory(prefix="pieria-")
        path = Path(self._drag_folder.name) / (f"{file_stem(row)}-{row.seed or 0}{suffix_of(row.media_type)}")
        if not path.exists():
            data, _ = self.session.project.media(row.media)
            export_result(row, data, path, metadata=self.session.export_metadata())
        return str(path)

    def close(self) -> None:
        self._search.stop()
        if self._drag_folder is not None:
            self._drag_folder.cleanup()

    def _with_row(self, act: Callable[[ResultRow], object]) -> Callable[..., None]:
        def call(result: str, *_: Any) -> None:
            try:
                row = self.session.project.result(result)
            except (KeyError, ProjectError):
                return
            act(row)

        return call

"""Import and export of manuscripts in the window."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

from PySide6.QtCore import QObject
from PySide6.QtWidgets import QFileDialog, QHBoxLayout, QVBoxLayout, QWidget

from studio.ui.relay import Relay
from studio.ui.widgets import Check, Choice, Label, Option, Popup, PushButton, TextField

if TYPE_CHECKING:
    from studio.project.manuscript.rows import NodeKind
    from studio.ui.write.desk import WriteDesk

FORMATS = (Option("docx", "Word (.docx)"), Option("odt", "OpenDocument (.odt)"), Option("pdf", "PDF (.pdf)"),
           Option("epub", "EPUB book (.epub)"), Option("html", "Web page (.html)"), Option("md", "Markdown (.md)"),
           Option("txt", "Plain text (.txt)"))
READABLE = "Texts (*.md *.markdown *.txt *.text *.docx *.odt *.epub *.html *.htm *.xhtml)"


def fonts() -> tuple[str, ...]:
    """The studio's own, so that a PDF looks the same on every machine."""
    folder = Path(__file__).parent.parent / "fonts"
    return tuple(str(file) for file in sorted(folder.glob("*.ttf")) if file.name.startswith(("Literata", "JetBrains")))


class ExportForm(QWidget):
    """Content of a popup: format, title page, who wrote it; then the file is chosen."""

    popup: Popup | None = None

    def __init__(self, files: Files) -> None:
        super().__init__()
        self.files = files
        theme, memory = files.desk.theme, files.desk.control.memory
        kept = memory.get("export", {})
        self.setAccessibleName("Export the manuscript")
        self.setMinimumWidth(theme.dp(320))
        self.format = Choice(theme, "Format", FORMATS, key=kept.get("format", "docx"))
        self.title = TextField(theme, "Title", text=kept.get("title", ""), placeholder="Title of the book")
        self.author = TextField(theme, "Author", text=kept.get("author", ""), placeholder="Author")
        self.title_page = Check(theme, "Title page")
        self.title_page.setChecked(bool(kept.get("title_page", True)))
        self.authorship = Check(theme, "Say who wrote what (report, and marks where the format can)")
        self.authorship.setChecked(bool(kept.get("authorship", False)))
        self.synopses = Check(theme, "Synopses, as comments (Word, OpenDocument, HTML, Markdown)")
        self.synopses.setChecked(bool(kept.get("synopses", False)))
        self.said = Label(theme, "", "body", "t3", wrap=True)
        self.said.hide()
        self.button = PushButton(theme, "Export…", variant="primary")
        self.button.clicked.connect(lambda *_: self._choose())
        foot = QHBoxLayout()
        foot.addStretch(1)
        foot.addWidget(self.button)
        column = QVBoxLayout(self)
        column.setContentsMargins(10, 8, 10, 10)
        column.setSpacing(8)
        column.addWidget(Label(theme, "Export the manuscript", "strong"))
        for widget in (self.format, self.title, self.author, self.title_page, self.authorship, self.synopses,
                       self.said):
            column.addWidget(widget)
        column.addLayout(foot)

    def values(self) -> dict[str, Any]:
        return {"format": self.format.key(), "title": self.title.text().strip(), "author": self.author.text().strip(),
                "title_page": self.title_page.isChecked(), "authorship": self.authorship.isChecked(),
                "synopses": self.synopses.isChecked()}

    def say(self, text: str, tone: str = "t3") -> None:
        self.said.setText(text)
        self.said.set_tone(tone)
        self.said.show()
        if self.popup is not None:
            self.popup.place()

    def _choose(self) -> None:
        values = self.values()
        self.files.desk.control.remember(export=values)
        name = values["title"] or self.files.desk.session.project.title or "Manuscript"
        safe = "".join(c if c.isalnum() or c in " -_" else "_" for c in name).strip() or "Manuscript"
        path, _ = QFileDialog.getSaveFileName(self, "Export the manuscript", f"{safe}.{values['format']}",
                                              f"*.{values['format']}")
        if path:
            place = Path(path)
            if place.suffix.lower() != f".{values['format']}":
                place = place.with_name(f"{place.name}.{values['format']}")
            self.files.export(place, values, self)


class Files(QObject):
    """Writes and reads on a thread of its own."""

    def __init__(self, desk: WriteDesk) -> None:
        super().__init__(desk)
        self.desk, self.session = desk, desk.session
        self._relay = Relay(self)
        self._busy = False

    def show_export(self) -> None:
        self.desk.pop(ExportForm(self), self.desk.pane.bar.export)

    def _work(self, run: Any, done: Any, failed: Any) -> None:
        if self._busy:
            self.desk.room.said.emit("Another file is still being read or written; wait a moment.")
            return
        self._busy = True
        pool = ThreadPoolExecutor(1, "manuscript-file")

        def ended(call: Any) -> Any:
            def run_it(value: Any) -> None:
                self._busy = False
                call(value)

            return run_it

        self._relay(pool.submit(run), ended(done), ended(failed))
        pool.shutdown(wait=False)

    def export(self, place: Path, values: dict[str, Any], form: ExportForm | None = None) -> None:
        """Write the whole manuscript; progress and errors are told in the form, or as notices."""
        self.desk.pane.flush()
        project, document = self.session.project, self.desk.control.document
        open_ = [form] if form is not None else []
        if form is not None:
            form.destroyed.connect(open_.clear)
            form.say("Writing…")
            form.button.set_available(False, "Writing")

        def work() -> Path:
            from dataclasses import replace

            from studio.project.manuscript import authorship
            from studio.project.manuscript.book import book_of
            from studio.project.manuscript.formats import files
            from studio.project.manuscript.formats.options import WriteOptions

            project.flush()
            book = book_of(project, document, title=values["title"], author=values["author"])
            found = authorship.report(book.parts, lambda result: _generator(project, result))
            if values["authorship"]:
                book = authorship.with_report(book, found)
            source = found.source if self.session.export_metadata() else ""
            options = WriteOptions(title_page=values["title_page"], authorship=values["authorship"],
                                   synopses=bool(values.get("synopses")), fonts=fonts())
            files.write(book, place, replace(options, source=source))
            return place

        def done(path: Path) -> None:
            self.desk.room.said.emit(f"The manuscript was written to {path.name}.")
            if open_ and open_[0].popup is not None:
                open_[0].popup.dismiss()

        def failed(error: BaseException) -> None:
            if open_:
                open_[0].button.set_available(True)
                open_[0].say(str(error), "err")
            else:
                self.desk.room.said.emit(str(error))

        self._work(work, done, failed)

    def ask_import(self) -> None:
        path, _ = QFileDialog.getOpenFileName(self.desk.pane, "Import a text", "", READABLE)
        if path:
            self.bring(Path(path))

    def bring(self, path: Path) -> None:
        """Put a text behind the manuscript: its chapters and scenes, as one step of undo."""
        self.desk.pane.flush()
        project, document = self.session.project, self.desk.control.document
        self.desk.room.said.emit(f"Reading {path.name}…")

        def work() -> tuple[list[str], list[str]]:
            from studio.project.manuscript.book import with_pictures
            from studio.project.manuscript.formats import files

            book = files.read(path)
            names = {name: project.put_media(picture.data, picture.media_type).result()
                     for name, picture in book.pictures.items()}
            above: list[str] = []
            tops: list[str] = []
            for part in book.parts:
                del above[part.depth:]
                kind = cast("NodeKind", part.kind)
                planned = part.kind == "scene" and part.synopsis and not part.prose.text.strip()
                node = project.add_node(document, kind, part.title, above[-1] if above else "", synopsis=part.synopsis,
                                        status="planned" if planned else "draft").result()
                if part.kind == "scene":
                    project.set_prose(node.id, with_pictures(part.prose, names), 0).result()
                if not above:
                    tops.append(node.id)
                above.append(node.id)
            return tops, list(book.messages)

        def done(found: tuple[list[str], list[str]]) -> None:
            tops, messages = found
            self.desk.structure.brought_in(tops)
            said = f"“{path.name}” was put behind the manuscript."
            self.desk.room.said.emit(" ".join([said, *messages[:2]]))

        self._work(work, done, lambda error: self.desk.room.said.emit(str(error)))


def _generator(project: Any, result: str) -> str:
    try:
        row = project.result(result)
    except KeyError:
        return ""
    return str(row.title or row.generator)

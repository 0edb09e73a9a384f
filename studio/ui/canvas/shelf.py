"""The canvases of a project: switch between them, make, name, size, export and take in from files."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QObject, QPoint, Qt, Signal
from PySide6.QtWidgets import QFileDialog, QWidget

from studio.project import DocumentRow
from studio.project.paint.edit import flip, resize_canvas, resize_image, rotate90
from studio.project.paint.picture import Picture
from studio.ui.canvas.controller import CanvasController
from studio.ui.canvas.making import new_picture
from studio.ui.canvas.sizecard import NameCard, SizeCard
from studio.ui.widgets.popup import Menu, Popup

LAST = "canvas.document"
"""State of the project: the canvas that was open last."""


class CanvasShelf(QObject):
    """What can be done with whole canvases. The controller shows one of them."""

    said = Signal(str)
    """One sentence for the person."""

    def __init__(self, control: CanvasController, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.control, self.pane, self.session = control, control.pane, control.session
        self.project = control.session.project
        self.pane.label_clicked.connect(self.show_menu)

    # ------------------------------------------------------------ switching

    def canvases(self) -> list[DocumentRow]:
        return self.project.documents("canvas")

    def open(self, document: str) -> None:
        """Show another canvas of the project."""
        if document == self.control.document:
            return
        self.control.leave()
        self.control.open(document)
        if not self.project.read_only:
            self.session.store(self.project.set_state(LAST, document))

    def add(self, title: str, picture: Picture) -> None:
        """A new canvas, which is then shown."""
        number = len(self.canvases()) + 1
        future = self.project.add_document("canvas", title or f"Canvas {number}")
        self.session.store(future, lambda row: self._fill(row.id, picture))

    def _fill(self, document: str, picture: Picture) -> None:
        self.session.store(self.project.put_paint(document, None, picture), lambda _: self.open(document))

    def rename(self, title: str) -> None:
        self.pane.set_title(title)
        self.session.store(self.project.rename_document(self.control.document, title))

    def step(self, by: int) -> None:
        """The next canvas, or the one before."""
        ids = [row.id for row in self.canvases()]
        if len(ids) > 1 and self.control.document in ids:
            self.open(ids[(ids.index(self.control.document) + by) % len(ids)])

    # ------------------------------------------------------------ asking the person

    def menu(self) -> Menu:
        """All canvases, and what can be done with the open one."""
        menu = Menu(self.pane.theme, "Canvases", self.pane)
        for row in self.canvases():
            action = menu.addAction(row.title)
            action.setCheckable(True)
            action.setChecked(row.id == self.control.document)
            action.triggered.connect(lambda _=False, name=row.id: self.open(name))
        menu.addSeparator()
        for words, run in (("New canvas…", self.ask_new), ("Rename…", self.ask_title),
                           ("Canvas size…", self.ask_size), ("Open a picture as a canvas…", self.ask_import),
                           ("Export canvas…", self.ask_export)):
            menu.addAction(words).triggered.connect(lambda _=False, what=run: what())
        return menu

    def show_menu(self, at: QPoint) -> None:
        menu = self.menu()
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        menu.popup(at)

    def ask_new(self) -> None:
        picture = self.pane.document.picture
        title = f"Canvas {len(self.canvases()) + 1}"
        card = SizeCard(self.pane.theme, "New canvas", "Make", picture.width, picture.height, title)
        card.chosen.connect(lambda name, width, height, _: self.add(name, new_picture(width, height)))
        self._show(card)

    def ask_size(self) -> None:
        picture = self.pane.document.picture
        card = SizeCard(self.pane.theme, "Canvas size", "Apply", picture.width, picture.height)
        card.chosen.connect(lambda _, width, height, how: self.set_size(width, height, scale=how == "scale"))
        self._show(card)

    def _show(self, card: QWidget) -> None:
        Popup(self.pane.theme, self.pane, card, place="centre", dim=True, keep=False).open()

    def ask_title(self) -> None:
        card = NameCard(self.pane.theme, "Rename the canvas", self.pane.view.title)
        card.chosen.connect(self.rename)
        self._show(card)

    # ------------------------------------------------------------ the whole picture

    def set_size(self, width: int, height: int, *, scale: bool = False) -> None:
        """Give the artboard another size about its middle: crop or add space, or scale everything."""
        if scale:
            self.pane.document.run("Scale picture", lambda picture: resize_image(picture, width, height))
        else:
            self.pane.document.edit("Canvas size", lambda picture: resize_canvas(picture, width, height))

    def flip(self, horizontal: bool) -> None:
        self.pane.document.run("Flip picture", lambda picture: flip(picture, horizontal))

    def rotate(self, turns: int) -> None:
        """By quarter turns, clockwise."""
        self.pane.document.run("Rotate picture", lambda picture: rotate90(picture, turns))

    # ------------------------------------------------------------ files

    def ask_export(self) -> None:
        """Write the open canvas as a file of another program, by its ending."""
        kinds = "OpenRaster (*.ora);;Photoshop (*.psd);;PNG (*.png);;JPEG (*.jpg);;WebP (*.webp);;TIFF (*.tiff)"
        path, chosen = QFileDialog.getSaveFileName(self.pane, "Export canvas", f"{self.pane.view.title}.png", kinds,
                                                   "PNG (*.png)")
        if path:
            place = Path(path)
            self.export(place if place.suffix else place.with_suffix(chosen.partition("*")[2].rstrip(")")))

    def export(self, path: Path) -> None:
        """Write the open canvas to a file; a sentence says how that went."""
        picture = self.pane.document.picture
        self.session.read(lambda: self._write(picture, path), self.said.emit)

    def _write(self, picture: Picture, path: Path) -> str:
        from studio.project.formats import files
        from studio.project.formats.common import WriteOptions
        from studio.project.formats.limits import FormatError
        from studio.project.origin import origin

        try:
            told = self.session.export_metadata()
            made_by = origin(picture, self.project.result, lambda sha: self.project.media(sha)[0]) if told else {}
            notes = files.write(picture, path, WriteOptions(metadata=made_by))
        except (FormatError, OSError) as error:
            return str(error)
        return " ".join([f"Exported as {path.name}.", *notes])

    def ask_import(self) -> None:
        path, _ = QFileDialog.getOpenFileName(self.pane, "Open a picture as a canvas", "", "Pictures ("
                                              "*.ora *.psd *.png *.jpg *.jpeg *.webp *.tif *.tiff)")
        if path:
            self.bring(Path(path))

    def bring(self, path: Path) -> None:
        """Open a picture of another program as a new canvas, with its layers."""
        self.session.read(lambda: read(path), lambda read_: self._brought(path, *read_))

    def _brought(self, path: Path, picture: Picture | None, notes: list[str]) -> None:
        if notes:
            self.said.emit(" ".join(notes))
        if picture is not None:
            self.add(path.stem, picture)


def read(path: Path) -> tuple[Picture | None, list[str]]:
    """The picture in a file and what is to be said of it; no picture, and why, where it cannot be read."""
    from studio.project.formats import files
    from studio.project.formats.limits import FormatError

    try:
        return files.read(path)
    except FormatError as error:
        return None, [str(error)]
    except OSError as error:
        return None, [f"{path.name} cannot be read: {error.strerror}."]

"""Footnotes, links and pictures of the page: put in, looked at, changed; each as one step of undo."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QObject, Qt
from PySide6.QtWidgets import QWidget

from studio.project.manuscript.rows import picture_of
from studio.ui.widgets import Menu
from studio.ui.widgets.notices import announce
from studio.ui.write.popups import AskText

if TYPE_CHECKING:
    from studio.ui.write.desk import WriteDesk


class PageObjects(QObject):
    """Acts on the story of the page; popups stand at the caret."""

    def __init__(self, desk: WriteDesk) -> None:
        super().__init__(desk)
        self.desk, self.pane, self.theme = desk, desk.pane, desk.theme
        page = self.pane.page
        page.object_asked.connect(self.open_object)
        page.picture_given.connect(self.insert)
        self.pane.caret_moved.connect(self._tell)

    def at_caret(self) -> tuple[int, str, str] | None:
        """The footnote or picture beside the caret: its place, kind and value."""
        cursor = self.pane.page.textCursor()
        for at in (cursor.position(), cursor.position() - 1):
            for kind, value in self.pane.story.runs.at(at) if at >= 0 else ():
                if kind in ("footnote", "image"):
                    return at, kind, value
        return None

    def _tell(self) -> None:
        """A screen reader hears nothing of an object but its place."""
        looks = dict(self.pane.story.runs.at(self.pane.page.textCursor().position()))
        if "footnote" in looks:
            announce(self.pane.page, f"Footnote: {looks['footnote']}")
        elif "image" in looks:
            announce(self.pane.page, f"Picture: {picture_of(looks['image'])[1] or 'not described'}")

    def fill_menu(self, menu: Menu) -> None:
        """What can be done with the object at the caret."""
        found = self.at_caret()
        if found is not None:
            title = "Change the footnote…" if found[1] == "footnote" else "Change the picture…"
            menu.addAction(title).triggered.connect(lambda *_: self.open_object(found[0]))

    # ------------------------------------------------------------ footnotes and links

    def add_footnote(self) -> None:
        """A new one at the caret; the one that stands there is opened."""
        found = self.at_caret()
        if found is not None and found[1] == "footnote":
            self.open_object(found[0])
            return
        self.desk.pop(AskText(self.theme, "Footnote", "", "What the note says", lambda text: text and self.pane.page
                              .editing.insert_object("footnote", text)), self.spot())

    def open_object(self, at: int) -> None:
        """What was clicked on the page: a footnote or a picture to be changed, a link to be opened."""
        looks = dict(self.pane.story.runs.at(at))
        if "footnote" in looks:
            def keep(text: str) -> None:
                if text:
                    self.pane.story.set_look(at, at + 1, "footnote", text)
                else:
                    self.pane.story.change([(at, 1, "", "")])

            self.desk.pop(AskText(self.theme, "Footnote", looks["footnote"], "Empty removes the note", keep),
                          self.spot(at))
        elif "image" in looks:
            self._change_picture(at, looks["image"])
        elif "link" in looks:
            from PySide6.QtCore import QUrl
            from PySide6.QtGui import QDesktopServices

            QDesktopServices.openUrl(QUrl(looks["link"]))

    def ask_link(self) -> None:
        editing, cursor = self.pane.page.editing, self.pane.page.textCursor()
        start, _ = editing.stretch_of("link", cursor.selectionStart())
        known = dict(self.pane.story.runs.at(start)).get("link", "")

        def keep(text: str) -> None:
            url = text.strip()
            if url and "://" not in url and not url.startswith("mailto:"):
                url = f"https://{url}"
            editing.set_link(url)

        self.desk.pop(AskText(self.theme, "Link", known, "https://… (empty removes the link)", keep, lines=1),
                      self.spot())

    def spot(self, at: int | None = None) -> QWidget:
        """A widget at the caret, for a popup to stand at."""
        page = self.pane.page
        rect = (page.caret_rect() if at is None else page.rect_of(at, at + 1)).toRect()
        spot = self.pane.findChild(QWidget, "spot") or QWidget(page.viewport())
        spot.setObjectName("spot")
        spot.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        spot.setGeometry(rect.adjusted(0, 0, 4, 0))
        spot.show()
        return spot

    # ------------------------------------------------------------ pictures

    def ask_picture(self) -> None:
        """A picture of the results or from a file, with what it shows; the one that stands at the caret is changed."""
        from studio.ui.write.pictures import PicturePanel

        found = self.at_caret()
        if found is not None and found[1] == "image":
            self.open_object(found[0])
            return
        if not self.pane.node:
            return
        at = self.pane.page.textCursor().selectionEnd()
        anchor = self.pane.story.anchor(at, at)
        panel = PicturePanel(self.desk)
        panel.chosen.connect(lambda value: self._put(anchor, value))
        self.desk.pop(panel, self.spot(), width=self.theme.dp(448))

    def insert(self, given: Any) -> None:
        """A picture that was pasted or dropped: a QImage, or the path of a file."""
        from studio.ui.write.pictures import keep_picture

        at = self.pane.page.textCursor().selectionEnd()
        anchor = self.pane.story.anchor(at, at)

        def kept(found: tuple[str, str]) -> None:
            value, problem = found
            if problem:
                self.desk.room.said.emit(problem)
            else:
                self._put(anchor, value)

        self.desk.session.read(lambda: keep_picture(self.desk.session.project, given), kept)

    def _put(self, anchor: Any, value: str) -> None:
        from studio.project.manuscript.rows import OBJECT, Mark, Prose

        self.pane.replace(anchor, Prose(OBJECT, (), (Mark(0, 1, "image", value),)))
        self.pane.page.setFocus()

    def _change_picture(self, at: int, value: str) -> None:
        from studio.ui.write.pictures import DescribePicture

        story = self.pane.story
        anchor = story.anchor(at, at + 1)

        def keep(fresh: str) -> None:
            if anchor.alive and anchor.end == anchor.start + 1:
                if fresh:
                    story.set_look(anchor.start, anchor.end, "image", fresh)
                else:
                    story.change([(anchor.start, 1, "", "")])

        panel = DescribePicture(self.theme, value)
        panel.kept.connect(keep)
        self.desk.pop(panel, self.spot(at), width=self.theme.dp(360))

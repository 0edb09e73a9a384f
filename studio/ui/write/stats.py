"""The popup with figures: words, sentences, reading time, dialogue, readability, and who wrote it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QGridLayout, QVBoxLayout, QWidget

from studio.project.manuscript.statistics import Statistics, statistics
from studio.ui.theme import Theme
from studio.ui.widgets import Label, Popup, Segmented

if TYPE_CHECKING:
    from studio.ui.write.desk import WriteDesk


class Figures(QWidget):
    """Of the selection or the scene, or of the whole manuscript; counted off the UI thread."""

    popup: Popup | None = None

    def __init__(self, theme: Theme, desk: WriteDesk) -> None:
        super().__init__()
        self.theme, self.desk = theme, desk
        self.setAccessibleName("Figures")
        self.setMinimumWidth(theme.dp(300))
        self._open = [True]
        self.destroyed.connect(self._open.clear)
        selected = desk.pane.selected_text()
        self._text = selected or desk.pane.text()
        self._spans = desk.pane.spans()
        items = [("here", "Selection" if selected else "Scene"), ("all", "Manuscript")]
        self.which = Segmented(theme, "What is counted", items)
        self.which.changed.connect(self._count)
        self.grid = QGridLayout()
        self.grid.setHorizontalSpacing(24)
        self.grid.setVerticalSpacing(6)
        column = QVBoxLayout(self)
        column.setContentsMargins(10, 8, 10, 10)
        column.setSpacing(10)
        column.addWidget(self.which)
        column.addLayout(self.grid)
        self._count("here")

    def _count(self, which: str) -> None:
        session, document, text, open_ = self.desk.session, self.desk.control.document, self._text, self._open

        def work() -> tuple[Statistics, int]:
            if which == "here":
                return statistics(text, 8), -1
            session.project.flush()
            proses = session.project.proses(document).values()
            machine = sum(span["length"] for prose in proses for span in prose.spans)
            return statistics("\n".join(p.text for p in proses), 8), machine

        session.read(work, lambda found: self._show(*found) if open_ else None)

    def _show(self, found: Statistics, machine: int) -> None:
        if machine < 0:
            machine = sum(s["length"] for s in self._spans) if self._text == self.desk.pane.text() else -1
        while self.grid.count():
            widget = self.grid.takeAt(0).widget()
            if widget is not None:
                widget.deleteLater()
        minutes = max(1, round(found.reading_minutes)) if found.words else 0
        rows = [("Words", f"{found.words:,}"), ("Characters", f"{found.characters:,}"),
                ("Without spaces", f"{found.letters:,}"), ("Sentences", f"{found.sentences:,}"),
                ("Paragraphs", f"{found.paragraphs:,}"), ("Words a sentence", f"{found.words_a_sentence:.1f}"),
                ("Time to read", f"{minutes:,} min"), ("In quotation marks", f"{found.dialogue * 100:.0f} %")]
        if found.readability is not None:
            rows.append(("Reading ease (Flesch)", f"{found.readability:.0f} of 100"))
        if machine >= 0 and found.characters:
            rows.append(("From a model", f"{100 * machine / found.characters:.0f} %"))
        if found.most_used:
            rows.append(("Most used", ", ".join(f"{w} {n}" for w, n in found.most_used[:5])))
        for number, (name, value) in enumerate(rows):
            self.grid.addWidget(Label(self.theme, name, "body", "t2"), number, 0)
            self.grid.addWidget(Label(self.theme, value, "strong", "t1", tnum=True), number, 1,
                                Qt.AlignmentFlag.AlignRight)
        if self.popup is not None:
            self.popup.place()

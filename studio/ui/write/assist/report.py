"""The report of who wrote what: for each scene and in all, and what the machine's words come from."""

from __future__ import annotations

from typing import Any

from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QGridLayout, QWidget

from studio.project.manuscript.authorship import Report, report, told
from studio.ui.theme import Theme
from studio.ui.widgets.buttons import PushButton
from studio.ui.widgets.labels import ElidedLabel, Label
from studio.ui.widgets.ring import Ring
from studio.ui.write.assist.figures import ShareBar, percents
from studio.ui.write.assist.parts import column, row, scrolled


def as_markdown(found: Report) -> str:
    """The report as a text."""
    lines = ["# Who wrote what", "", told(found), "", "| Scene | You | Edited | Machine |",
             "| --- | ---: | ---: | ---: |"]
    for title, share in found.scenes:
        name = title.replace("|", "\\|")
        lines.append(f"| {name} | " + " | ".join(f"{part} %" for part in percents(share)) + " |")
    if found.generators:
        lines += ["", "The machine's words come from:", "",
                  *(f"- {name}: {count:,} characters" for name, count in found.generators)]
    return "\n".join(lines) + "\n"


def make_report(project: Any, document: str) -> Report:
    """Read all scenes; called off the UI thread."""
    from studio.project.manuscript.book import book_of

    project.flush()

    def generator(result: str) -> str:
        try:
            row = project.result(result)
        except KeyError:
            return ""
        models = (row.recipe.get("models") or {}).values()
        named = [str(m.get("name") or "") for m in models if isinstance(m, dict) and m.get("name")]
        return f"{row.title} with {', '.join(named)}" if named else str(row.title)

    return report(book_of(project, document).parts, generator)


class ReportView(QWidget):
    """The content of a popup."""

    delete_on_close = True

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.theme = theme
        self.setAccessibleName("Who wrote what")
        self.report = Report()
        self.ring = Ring(theme)
        self.ring.set_progress(0, 0)
        self.sum = Label(theme, "Counting…", "body", "t2", tnum=True, wrap=True)
        self.bar = ShareBar(theme)
        self.made = Label(theme, "", "body", "t3", wrap=True)
        self.copy = PushButton(theme, "Copy as Markdown", icon="copy")
        self.copy.set_available(False, "It is still being counted")
        self.copy.clicked.connect(lambda: QGuiApplication.clipboard().setText(as_markdown(self.report)))
        self._holder = QWidget()
        self._grid = QGridLayout(self._holder)
        self._grid.setContentsMargins(0, 0, 8, 0)
        self._grid.setHorizontalSpacing(14)
        self._grid.setVerticalSpacing(8)
        self._grid.setColumnStretch(0, 1)
        area = scrolled(self._holder)
        area.setMinimumHeight(theme.dp(220))
        lines = column((10, 8, 10, 10), 10)
        lines.addLayout(row(Label(theme, "Who wrote what", "title"), 1, self.ring))
        lines.addWidget(self.sum)
        lines.addWidget(self.bar)
        lines.addWidget(area, 1)
        lines.addWidget(self.made)
        lines.addLayout(row(1, self.copy))
        self.setLayout(lines)
        self.setMinimumWidth(theme.dp(560))

    def show_report(self, found: Report) -> None:
        self.report = found
        self.ring.clear()
        self.sum.setText(told(found))
        self.bar.set_share(found.whole)
        for at, name in enumerate(("Scene", "You", "Edited", "Machine")):
            self._grid.addWidget(Label(self.theme, name, "caption", "t3"), 0, at)
        for number, (title, share) in enumerate(found.scenes, 1):
            self._grid.addWidget(ElidedLabel(self.theme, title), number, 0)
            for at, part in enumerate(percents(share), 1):
                self._grid.addWidget(Label(self.theme, f"{part} %", "body", "t2", tnum=True), number, at)
        self._grid.setRowStretch(len(found.scenes) + 1, 1)
        made = "; ".join(f"{name}, {count:,} characters" for name, count in found.generators)
        self.made.setText(f"The machine's words come from: {made}." if made else "")
        self.copy.set_available(True)

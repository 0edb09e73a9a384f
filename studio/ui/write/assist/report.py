"""The report of who wrote what: for each scene and in all, and with which models."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QGridLayout, QWidget

from studio.ui.theme import Theme
from studio.ui.widgets.buttons import PushButton
from studio.ui.widgets.labels import ElidedLabel, Label
from studio.ui.widgets.ring import Ring
from studio.ui.write.assist.figures import Share, ShareBar, share_of
from studio.ui.write.assist.parts import column, row, scrolled
from studio.ui.write.text import words


@dataclass(frozen=True)
class SceneShare:
    title: str
    words: int
    share: Share


@dataclass(frozen=True)
class Report:
    """scenes: in reading order. makers: (title of the generator and model, passages) of what stands in the text."""

    scenes: tuple[SceneShare, ...] = ()
    makers: tuple[tuple[str, int], ...] = ()
    share: Share = field(default_factory=Share)

    def text(self) -> str:
        """As Markdown."""
        you, edited, machine = self.share.percents()
        lines = ["# Who wrote what", "", f"You {you} %, machine then edited by you {edited} %, machine {machine} %, of "
                 f"{self.share.total:,} characters without white space.", "",
                 "| Scene | Words | You | Edited | Machine |", "| --- | ---: | ---: | ---: | ---: |"]
        for scene in self.scenes:
            a, b, c = scene.share.percents()
            title = scene.title.replace("|", "\\|")
            lines.append(f"| {title} | {scene.words:,} | {a} % | {b} % | {c} % |")
        if self.makers:
            lines += ["", "## Made with", "", *(f"- {name}: {count} passages" for name, count in self.makers)]
        return "\n".join(lines) + "\n"


def make_report(project: Any, document: str) -> Report:
    """Read all scenes; called off the UI thread."""
    scenes, total, recipes = [], Share(), dict[str, int]()
    proses = project.proses(document)
    for node in project.manuscript_nodes(document):
        prose = proses.get(node.id)
        if prose is None:
            continue
        share = share_of(prose.text, prose.spans)
        total = total + share
        scenes.append(SceneShare(node.title or "Untitled", words(prose.text), share))
        for span in prose.spans:
            recipes[str(span.get("recipe") or "")] = recipes.get(str(span.get("recipe") or ""), 0) + 1
    return Report(tuple(scenes), tuple(_makers(project, recipes)), total)


def _makers(project: Any, recipes: dict[str, int]) -> list[tuple[str, int]]:
    out: dict[str, int] = {}
    for result, count in recipes.items():
        try:
            row = project.result(result)
        except KeyError:
            name = "A result that is no longer in the project"
        else:
            models = row.recipe.get("models") or {}
            named = [str(m.get("name") or "") for m in models.values() if isinstance(m, dict)]
            name = f"{row.title} with {', '.join(n for n in named if n)}" if any(named) else row.title
        out[name] = out.get(name, 0) + count
    return sorted(out.items(), key=lambda entry: -entry[1])


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
        self.sum = Label(theme, "Counting…", "body", "t2", tnum=True)
        self.bar = ShareBar(theme)
        self.made = Label(theme, "", "body", "t3", wrap=True)
        self.copy = PushButton(theme, "Copy as Markdown", icon="copy")
        self.copy.set_available(False, "It is still being counted")
        self.copy.clicked.connect(lambda: QGuiApplication.clipboard().setText(self.report.text()))
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

    def show_report(self, report: Report) -> None:
        self.report = report
        self.ring.clear()
        you, edited, machine = report.share.percents()
        self.sum.setText(f"You {you} %   ·   edited by you {edited} %   ·   machine {machine} %")
        self.bar.set_share(report.share)
        for at, name in enumerate(("Scene", "Words", "You", "Edited", "Machine")):
            self._grid.addWidget(Label(self.theme, name, "caption", "t3"), 0, at)
        for number, scene in enumerate(report.scenes, 1):
            self._grid.addWidget(ElidedLabel(self.theme, scene.title), number, 0)
            shares = scene.share.percents()
            for at, text in enumerate((f"{scene.words:,}", *(f"{part} %" for part in shares)), 1):
                self._grid.addWidget(Label(self.theme, text, "body", "t2", tnum=True), number, at)
        self._grid.setRowStretch(len(report.scenes) + 1, 1)
        made = "; ".join(f"{name} ({count})" for name, count in report.makers)
        self.made.setText(f"Made with {made}." if made else "")
        self.copy.set_available(True)

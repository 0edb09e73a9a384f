"""The models panel: which weights there are, what each is for, under which licence; install, stop, remove."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QScrollArea, QVBoxLayout, QWidget

from studio.ui.installer import Installer
from studio.ui.theme import Theme
from studio.ui.widgets import Icon, Label, PushButton, Ring, Separator, Tag

ICONS = {"stable-diffusion": "paint-brush", "gguf": "pen-nib", "causal-lm": "pen-nib"}


def megabytes(size: int) -> str:
    """"98 MB", "1.1 GB"."""
    return f"{size / 1e9:.1f} GB" if size >= 1e9 else f"{max(1, round(size / 1e6))} MB"


class ModelRow(QWidget):
    """One model: title, summary, size and licence, and the one thing to do with it."""

    def __init__(self, theme: Theme, record: dict[str, Any], installer: Installer) -> None:
        super().__init__()
        self.name = record["name"]
        self._installer = installer
        self.setAccessibleName(record["title"])
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 8, 0, 8)
        row.setSpacing(12)
        row.addWidget(Icon(theme, ICONS.get(record["kind"], "cube"), size=20), 0, Qt.AlignmentFlag.AlignTop)
        words = QVBoxLayout()
        words.setSpacing(2)
        head = QHBoxLayout()
        head.setSpacing(8)
        head.addWidget(Label(theme, record["title"], "strong"))
        if record.get("default"):
            head.addWidget(Tag(theme, "starter", "starter"))
        head.addStretch(1)
        words.addLayout(head)
        words.addWidget(Label(theme, record.get("summary", ""), "body", "t2", wrap=True))
        self.fact = Label(theme, " · ".join(filter(None, (megabytes(record["size"]), record.get("licence", "")))),
                          "caption", "t3", tnum=True)
        words.addWidget(self.fact)
        if record.get("problem"):
            words.addWidget(Label(theme, record["problem"], "body", "err", wrap=True))
        row.addLayout(words, 1)
        self.ring = Ring(theme, f"Installing {record['title']}")
        self.ring.hide()
        row.addWidget(self.ring)
        self.button = PushButton(theme, "Install")
        row.addWidget(self.button)
        self._mode = ""
        self.button.clicked.connect(self._act)
        self.show_mode("stop" if self.name in installer.busy else record["action"])

    def show_mode(self, mode: str) -> None:
        """"install", "stop", "remove" or "" (comes with Pieria, or lies in a folder of the person's own)."""
        self._mode = mode
        self.button.setVisible(bool(mode))
        if mode:
            self.button.set_text(mode.capitalize())
        self.ring.setVisible(mode == "stop")

    def show_progress(self, progress: Any) -> None:
        self.show_mode("stop")
        self.ring.set_progress(progress.done, progress.of)
        share = f"{megabytes(progress.done)} of {megabytes(progress.of)}" if progress.of else megabytes(progress.done)
        self.fact.setText(f"{progress.stage.capitalize()} · {share}")

    def _act(self) -> None:
        if self._mode == "install":
            self._installer.install(self.name)
            self.show_mode("stop")
        elif self._mode == "stop":
            self._installer.stop(self.name)
        elif self._mode == "remove":
            self._installer.remove(self.name)


class ModelsPanel(QWidget):
    """`records` gives plain dicts: name, title, kind, summary, size, licence, default, action, problem."""

    add_folder = Signal()
    delete_on_close = True

    def __init__(self, theme: Theme, records: Callable[[], Sequence[dict[str, Any]]], installer: Installer) -> None:
        super().__init__()
        self.theme, self._records, self._installer = theme, records, installer
        self._rows: dict[str, ModelRow] = {}
        self.setAccessibleName("Models")
        self.setFixedWidth(theme.dp(560))
        column = QVBoxLayout(self)
        column.setContentsMargins(14, 10, 14, 12)
        head = QHBoxLayout()
        head.addWidget(Label(theme, "Models", "title"))
        head.addStretch(1)
        own = PushButton(theme, "Add a folder…", icon="folder-open")
        own.clicked.connect(self.add_folder)
        head.addWidget(own)
        column.addLayout(head)
        self.problem = Label(theme, "", "body", "err", wrap=True)
        self.problem.hide()
        column.addWidget(self.problem)
        self._area = QScrollArea()
        self._area.setWidgetResizable(True)
        self._area.setFrameShape(QScrollArea.Shape.NoFrame)
        self._area.setMinimumHeight(theme.dp(360))
        column.addWidget(self._area)
        installer.progressed.connect(self._progressed)
        installer.failed.connect(self._failed)
        self.fill()

    def fill(self) -> None:
        page = QWidget()
        column = QVBoxLayout(page)
        column.setContentsMargins(0, 0, 10, 0)
        column.setSpacing(0)
        self._rows.clear()
        for record in self._records():
            if self._rows:
                column.addWidget(Separator(self.theme))
            row = self._rows[record["name"]] = ModelRow(self.theme, record, self._installer)
            column.addWidget(row)
        column.addStretch(1)
        self._area.setWidget(page)

    def _progressed(self, pack: str, progress: Any) -> None:
        if pack in self._rows:
            self._rows[pack].show_progress(progress)

    def _failed(self, _pack: str, sentence: str) -> None:
        self.fill()
        self.show_problem(sentence)

    def show_problem(self, sentence: str) -> None:
        """One sentence above the list, "" to take it away."""
        self.problem.setText(sentence)
        self.problem.setVisible(bool(sentence))

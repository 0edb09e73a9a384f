"""The head of the results strip: how many there are, chips and a search that choose among them, and the fold."""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtWidgets import QHBoxLayout, QSizePolicy, QWidget

from studio.ui.theme import Theme
from studio.ui.widgets.buttons import Chip, IconButton
from studio.ui.widgets.labels import Label, Separator
from studio.ui.widgets.text import TextField

KINDS = {"image": ["image"], "text": ["text"], "audio": ["audio", "score"]}
"""What the chips show, in kinds of results."""
SEARCH_MS = 150


def everything() -> dict[str, Any]:
    """The query that every result fits."""
    return {"kinds": [], "starred": False, "text": ""}


class ResultsHead(QWidget):
    """Holds the query, as `ResultsStrip.query_changed` describes it."""

    query_changed = Signal(dict)
    searched = Signal()
    """Enter in the search."""
    fold_pressed = Signal()

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)  # a folded strip leaves little more
        self._query = everything()
        self.count = Label(theme, "0", "body", "t3", tnum=True)
        self.chips: dict[str, Chip] = {}
        row = QHBoxLayout(self)
        row.setContentsMargins(12, 4, 10, 4)
        row.setSpacing(7)
        row.addWidget(Label(theme, "Results", "strong"))
        row.addWidget(self.count)
        row.addSpacing(4)
        row.addWidget(Separator(theme, vertical=True, length=18, tone="line2"))
        row.addSpacing(4)
        for key, text, icon in (("", "All", ""), ("image", "Pictures", "image"), ("text", "Text", "text-aa"),
                                ("audio", "Sound", "waveform"), ("starred", "Starred", "star")):
            chip = self.chips[key] = Chip(theme, text, icon=icon, name=f"Show {text.lower()}")
            chip.clicked.connect(lambda _=False, k=key: self._chip(k))
            row.addWidget(chip)
        self.chips["audio"].hide()
        self.chips[""].setChecked(True)
        row.addSpacing(8)
        row.addStretch(1)
        self.search = TextField(theme, "Search prompts and results", placeholder="Search prompts and results",
                                icon="magnifying-glass", clearable=True)
        self.search.setMinimumWidth(80)
        self.search.setMaximumWidth(theme.dp(232))
        row.addWidget(self.search, 2)
        self._fold = IconButton(theme, "caret-down", "Hide results", key="Ctrl+J")
        row.addWidget(self._fold)
        self._timer = QTimer(self, singleShot=True, interval=SEARCH_MS)
        self._timer.timeout.connect(self._take_words)
        self.search.textChanged.connect(lambda _: self._timer.start())
        self.search.returnPressed.connect(self._search_now)
        self._fold.clicked.connect(lambda _=False: self.fold_pressed.emit())

    # ------------------------------------------------------------ query

    def query(self) -> dict[str, Any]:
        return dict(self._query)

    def filtered(self) -> bool:
        """Whether some results are left out."""
        return any(self._query.values())

    def clear_query(self) -> None:
        self._query = everything()
        for key, chip in self.chips.items():
            chip.setChecked(key == "")
        self.search.clear()
        self._timer.stop()
        self.query_changed.emit(self.query())

    def focus_search(self) -> None:
        self.search.setFocus(Qt.FocusReason.ShortcutFocusReason)
        self.search.selectAll()

    def _chip(self, key: str) -> None:
        if key == "starred":
            self._query["starred"] = self.chips["starred"].isChecked()
        else:
            self._query["kinds"] = KINDS.get(key, [])
        for kind, chip in self.chips.items():
            if kind != "starred":
                chip.setChecked(KINDS.get(kind, []) == self._query["kinds"])
        self.query_changed.emit(self.query())

    def _search_now(self) -> None:
        self._timer.stop()
        self._take_words()
        self.searched.emit()

    def _take_words(self) -> None:
        text = self.search.text().strip()
        if text != self._query["text"]:
            self._query["text"] = text
            self.query_changed.emit(self.query())

    # ------------------------------------------------------------ what it shows

    def show_count(self, total: int) -> None:
        self.count.setText(f"{total:,}")

    def show_fold(self, collapsed: bool) -> None:
        self._fold.set_icon("caret-up" if collapsed else "caret-down")
        self._fold.set_name("Show results" if collapsed else "Hide results")

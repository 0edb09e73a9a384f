"""What a scene, chapter or part is to be: its synopsis, how far it is, its goal."""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import QEvent, QTimer, Signal
from PySide6.QtWidgets import QWidget

from studio.project.manuscript.rows import STATUSES, Node
from studio.ui.theme import Theme
from studio.ui.widgets.choice import Choice, Option, Switch
from studio.ui.widgets.fold import FoldSection
from studio.ui.widgets.labels import Label
from studio.ui.widgets.number import NumberField
from studio.ui.widgets.text import TextArea
from studio.ui.write.assist.parts import column, labelled, row
from studio.ui.write.outlinetree import STATUS_TITLES

SAVE_MS = 400
MOST_SYNOPSIS, MOST_GOAL = 10_000, 10_000_000
KINDS = {"scene": "This scene", "chapter": "This chapter", "part": "This part"}


class SceneForm(QWidget):
    """Shows a node of the manuscript. `changed` gives its id and what the person changed, at most 400 ms later, with a
    mark that is the same for all that was typed into one field without leaving it."""

    changed = Signal(str, dict, str)
    told = Signal(bool)
    """Whether the machine is to know the synopsis."""
    folded = Signal(bool)

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.node: Node | None = None
        self._visit = 0
        self._filling = self._untold = False
        self.fold = FoldSection(theme, KINDS["scene"], open_=True)
        self.title = Label(theme, "", "body", "t3")
        self.synopsis = TextArea(theme, "Synopsis", least=3, most=8,
                                 placeholder="What happens here, in a few sentences")
        self.status = Choice(theme, "Status", [Option(key, STATUS_TITLES[key]) for key in STATUSES])
        self.goal = NumberField(theme, "Goal in words", minimum=0, maximum=MOST_GOAL, step=100, whole=True)
        self.goal.setToolTip("0 is no goal")
        self.tell = Switch(theme, "Tell the machine the synopsis")
        self._status_row = QWidget()
        self._status_row.setLayout(labelled(theme, "Status", self.status))
        self.fold.body.setSpacing(6)
        self.fold.body.addWidget(self.title)
        self.fold.body.addWidget(self.synopsis)
        self.fold.body.addLayout(row(Label(theme, "Tell the machine", "body", "t2"), self.tell, 1))
        self.fold.body.addWidget(self._status_row)
        self.fold.body.addLayout(labelled(theme, "Goal", self.goal))
        lines = column((12, 6, 12, 2), 0)
        lines.addWidget(self.fold)
        self.setLayout(lines)
        self._timer = QTimer(self, singleShot=True, interval=SAVE_MS)
        self._timer.timeout.connect(self.flush)
        self.synopsis.installEventFilter(self)
        self.synopsis.textChanged.connect(self._typed)
        self.status.chosen.connect(lambda key: self._give(status=key))
        self.goal.value_changed.connect(lambda value: self._give(goal=int(value)))
        self.tell.toggled.connect(lambda on: None if self._filling else self.told.emit(on))
        self.fold.folded.connect(self.folded)

    def show_node(self, node: Node | None) -> None:
        """Fill the form; what was typed for the node before is handed out first. Silent."""
        if node is None or self.node is None or node.id != self.node.id:
            self.flush()
            self._visit += 1
        self._filling = True
        self.node = node
        self.setEnabled(node is not None)
        self.fold.head.setText(KINDS[node.kind if node is not None else "scene"])
        self.title.setText(node.title if node is not None else "")
        self.title.setVisible(node is not None)
        synopsis = node.synopsis if node is not None else ""
        if not self._untold and _kept(self.synopsis.text()) != synopsis:
            self.synopsis.set_text(synopsis)
        self._status_row.setVisible(node is not None and node.kind == "scene")
        if node is not None:
            self.status.set_key(node.status)
            self.goal.set_value(node.goal)
        self._filling = False

    def set_told(self, on: bool) -> None:
        self._filling = True
        self.tell.setChecked(on)
        self._filling = False

    def eventFilter(self, watched: Any, event: QEvent) -> bool:
        if event.type() == QEvent.Type.FocusOut:
            self.flush()
            self._visit += 1  # what is typed from here on is another step of undo
        return False

    def _typed(self) -> None:
        # Not restarted by each key: who types without a pause must not lose more than this.
        if not self._filling and self.node is not None:
            self._untold = True
            if not self._timer.isActive():
                self._timer.start()

    def flush(self) -> None:
        """Give out what was typed and is not told yet."""
        self._timer.stop()
        if self._untold:
            self._untold = False
            self._give(f"synopsis:{self._visit}", synopsis=_kept(self.synopsis.text()))

    def _give(self, visit: str = "", **values: Any) -> None:
        if self.node is not None and not self._filling:
            self.changed.emit(self.node.id, values, f"{self.node.id}:{visit}" if visit else "")


def _kept(typed: str) -> str:
    """A synopsis as it is kept: a new line that is begun is no part of it yet."""
    return typed[:MOST_SYNOPSIS].strip("\n")

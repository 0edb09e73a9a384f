"""Plans: an outline from an idea, scenes from an outline, names; what is chosen goes into the manuscript's tree."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QSizePolicy, QVBoxLayout, QWidget

from studio.ui.theme import Theme
from studio.ui.widgets.buttons import PushButton
from studio.ui.widgets.choice import Check
from studio.ui.widgets.labels import Label
from studio.ui.widgets.number import NumberField
from studio.ui.widgets.ring import Ring
from studio.ui.widgets.segmented import Segmented
from studio.ui.widgets.text import TextArea, TextField
from studio.ui.write.assist.parts import column, labelled, row, scrolled

Task = Literal["outline", "scenes", "names"]
HINTS = {"outline": "The idea of the story, in a sentence or two",
         "scenes": "The chapter, or an outline, to be told in scenes", "names": "What the names are for"}
INTO = {"outline": "Add as chapters", "scenes": "Add as scenes", "names": "Add as story notes"}
MOST_ITEMS = 60
MOST_PROMPT = 20_000


@dataclass(frozen=True)
class PlanItem:
    title: str
    text: str = ""


def items_of(meta: Any, text: str) -> list[PlanItem]:
    """The entries of a plan; where the meta data has none, the lines of the text."""
    found = meta.get("items") if isinstance(meta, dict) else None
    out = []
    for entry in found if isinstance(found, list) else []:
        if isinstance(entry, dict) and str(entry.get("title") or entry.get("text") or "").strip():
            title = str(entry.get("title") or "").strip()
            about = str(entry.get("text") or "").strip()
            out.append(PlanItem(title or about[:80], about))
    if not out:
        lines = [line.strip(" -*•\t") for line in text.splitlines()]
        out = [PlanItem(line[:120], line if len(line) > 120 else "") for line in lines if line]
    return out[:MOST_ITEMS]


class _Entry(QWidget):
    def __init__(self, theme: Theme, item: PlanItem, number: int) -> None:
        super().__init__()
        self.check = Check(theme, "", checked=True)
        self.check.setAccessibleName(f"Take entry {number}")
        self.title = TextField(theme, f"Title of entry {number}", text=item.title)
        self.title.setCursorPosition(0)
        self.about = TextArea(theme, f"Text of entry {number}", text=item.text, least=1, most=5)
        self.about.setVisible(bool(item.text))
        lines = QVBoxLayout(self)
        lines.setContentsMargins(0, 0, 6, 0)
        lines.setSpacing(4)
        lines.addLayout(row(self.check, self.title))
        inner = row(self.about)
        inner.setContentsMargins(28, 0, 0, 0)
        lines.addLayout(inner)

    def item(self) -> PlanItem | None:
        title = " ".join(self.title.text().split())
        return PlanItem(title, self.about.text().strip()) if self.check.isChecked() and title else None


class PlanPanel(QWidget):
    """Signals ``asked(task, prompt, count)``, ``stopped()`` and ``taken(task, list[PlanItem])``."""

    asked = Signal(str, str, int)
    stopped = Signal()
    taken = Signal(str, list)

    def __init__(self, theme: Theme, task: Task = "outline", prompt: str = "", parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.theme = theme
        self.setAccessibleName("Plan")
        self.entries: list[_Entry] = []
        self.tasks = Segmented(theme, "What to plan", [("outline", "Outline from an idea"), ("scenes", "Scenes"),
                                                       ("names", "Names")], stretch=True)
        self.prompt = TextArea(theme, "Idea", text=prompt, least=3, most=8)
        self.count = NumberField(theme, "How many", minimum=1, maximum=30, step=1, whole=True)
        self.count.set_value(6)
        self.go = PushButton(theme, "Plan", variant="primary", icon="sparkle")
        self.stop = PushButton(theme, "Stop", icon="stop")
        self.ring = Ring(theme, tone="iris")
        self.told = Label(theme, "", "body", "t3", wrap=True)
        self.told.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Minimum)
        self.take = PushButton(theme, "", variant="primary", icon="check")
        self._holder = QWidget()
        self._list = column((0, 0, 0, 0), 8)
        self._list.addStretch(1)
        self._holder.setLayout(self._list)
        self.area = scrolled(self._holder)
        self._lay_out(theme)
        self.tasks.changed.connect(lambda _: self._show_task())
        self.prompt.textChanged.connect(self._show_task)
        self.go.clicked.connect(self._ask)
        self.stop.clicked.connect(self.stopped)
        self.take.clicked.connect(self._take)
        self.tasks.set_current(task)
        self.set_running(False)
        self._show_task()
        self.setFocusProxy(self.prompt)

    def _lay_out(self, theme: Theme) -> None:
        lines = column((10, 8, 10, 10), 8)
        lines.addWidget(Label(theme, "Plan", "title"))
        lines.addWidget(self.tasks)
        lines.addWidget(self.prompt)
        lines.addLayout(row(Label(theme, "Entries", "body", "t2"), self.count, 1, self.ring, self.stop, self.go))
        lines.addWidget(self.told)
        self.area.setMinimumHeight(theme.dp(300))
        lines.addWidget(self.area, 1)
        lines.addLayout(row(1, self.take))
        self.setLayout(lines)
        self.setMinimumWidth(theme.dp(560))

    @property
    def task(self) -> str:
        return self.tasks.current() or "outline"

    def _show_task(self) -> None:
        self.prompt.setPlaceholderText(HINTS[self.task])
        self.take.set_text(INTO[self.task])
        self.go.set_available(bool(self.prompt.text().strip()), f"{HINTS[self.task]}, first")
        self.take.set_available(bool(self.entries), "Plan something first")

    def set_running(self, on: bool) -> None:
        self.stop.setVisible(on)
        self.go.setVisible(not on)
        if on:
            self.ring.set_progress(0, 0)
        else:
            self.ring.clear()

    def _ask(self) -> None:
        self.show_items([])
        self.told.setText("")
        self.asked.emit(self.task, self.prompt.text()[:MOST_PROMPT], int(self.count.value()))

    def append(self, text: str) -> None:
        """What comes, until the entries are known."""
        self.told.setText((self.told.text() + text)[-600:])

    def show_items(self, items: list[PlanItem]) -> None:
        """The entries, to be edited and chosen."""
        for entry in self.entries:
            self._list.removeWidget(entry)
            entry.hide()
            entry.deleteLater()
        self.entries = [_Entry(self.theme, item, number + 1) for number, item in enumerate(items)]
        for number, entry in enumerate(self.entries):
            self._list.insertWidget(number, entry)
        if items:
            self.told.setText("Change what you like, and leave out what you do not want.")
        self._show_task()

    def show_problem(self, sentence: str) -> None:
        self.told.setText(sentence)

    def chosen(self) -> list[PlanItem]:
        return [item for entry in self.entries if (item := entry.item()) is not None]

    def _take(self) -> None:
        items = self.chosen()
        if items:
            self.taken.emit(self.task, items)


class DialoguePanel(QWidget):
    """Ask for a dialogue in the voice of a note's character. Signal ``asked(note id, what is spoken of)``."""

    delete_on_close = True
    asked = Signal(str, str)

    def __init__(self, theme: Theme, characters: list[tuple[str, str]], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        from studio.ui.widgets.choice import Choice, Option

        self.setAccessibleName("Dialogue in a voice")
        self.who = Choice(theme, "Character", [Option(key, name) for key, name in characters])
        self.about = TextArea(theme, "What is spoken of", least=2, most=6,
                              placeholder="What is spoken of, and with whom")
        self.go = PushButton(theme, "Write", variant="primary", icon="sparkle")
        lines = column((10, 8, 10, 10), 8)
        lines.addWidget(Label(theme, "Dialogue in a character's voice", "title"))
        lines.addLayout(labelled(theme, "Character", self.who))
        lines.addWidget(self.about)
        lines.addLayout(row(1, self.go))
        self.setLayout(lines)
        self.setMinimumWidth(theme.dp(420))
        self.setFocusProxy(self.about)
        self.go.set_available(bool(characters), "Add a story note of kind “character” first")
        self.go.clicked.connect(lambda: self.asked.emit(self.who.key(), self.about.text()[:MOST_PROMPT]))

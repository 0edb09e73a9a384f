"""One story note as a form: name, kind, keys, text, picture, how it is used."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from PySide6.QtCore import QTimer, Signal
from PySide6.QtWidgets import QWidget

from studio.ui.form import FormPickers
from studio.ui.theme import Theme
from studio.ui.widgets.buttons import IconButton, PushButton
from studio.ui.widgets.choice import Choice, Option, Switch
from studio.ui.widgets.labels import Label
from studio.ui.widgets.media import MediaWell
from studio.ui.widgets.number import NumberField
from studio.ui.widgets.text import TextArea, TextField
from studio.ui.write.assist.parts import column, labelled, row
from studio.ui.write.assist.steering import KINDS

SAVE_MS = 400
MOST_TITLE, MOST_TEXT = 200, 20_000


def keys_of(text: str) -> tuple[str, ...]:
    """What was typed into the field of keys: words, with commas between them."""
    out: list[str] = []
    for part in text.replace("\n", ",").split(","):
        key = " ".join(part.split())
        if key and key not in out:
            out.append(key)
    return tuple(out)


class NoteForm(QWidget):
    """Shows a note; `changed` gives it as it is now, at most 400 ms after a change. `deleted` gives its id."""

    changed = Signal(object)
    deleted = Signal(str)
    closed = Signal()
    problem = Signal(str)

    def __init__(self, theme: Theme, pickers: FormPickers, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.note: Any = None
        self._filling = self._untold = False
        self.title = TextField(theme, "Name")
        self.title.setMaxLength(MOST_TITLE)
        self.kind = Choice(theme, "Kind", [Option(kind, kind.capitalize()) for kind in KINDS])
        self.keys = TextField(theme, "Keys")
        self.keys.setPlaceholderText("Words that bring it in, comma between")
        self.text = TextArea(theme, "What the machine should know", least=4, most=14,
                             placeholder="What the machine should know of it")
        self.picture = MediaWell(theme, "Picture", "image", store=pickers.store, fetch=pickers.fetch)
        self.priority = NumberField(theme, "Priority", minimum=-1000, maximum=1000, step=1, whole=True)
        self.pinned = Switch(theme, "Always told")
        self.enabled = Switch(theme, "Used")
        self.back = IconButton(theme, "arrow-left", "Back to the notes")
        self.delete = PushButton(theme, "Delete", variant="quiet", icon="trash", name="Delete the note")
        self._timer = QTimer(self, singleShot=True, interval=SAVE_MS)
        self._timer.timeout.connect(self.flush)
        self._lay_out(theme)
        self._connect()

    def _lay_out(self, theme: Theme) -> None:
        lines = column((12, 8, 12, 12), 6)
        lines.addLayout(row(self.back, 1, self.delete))
        for name, control in (("Name", self.title), ("Kind", self.kind), ("Keys", self.keys)):
            lines.addLayout(labelled(theme, name, control))
        lines.addWidget(self.text)
        lines.addLayout(labelled(theme, "Picture", self.picture))
        lines.addLayout(labelled(theme, "Priority", self.priority))
        lines.addLayout(row(Label(theme, "Always told", "body", "t2"), self.pinned, 1,
                            Label(theme, "Used", "body", "t2"), self.enabled))
        lines.addWidget(Label(theme, "Without keys its name brings it in. Higher priority comes first where room is "
                                     "short.", "caption", "t3", wrap=True))
        lines.addStretch(1)
        self.setLayout(lines)

    def _connect(self) -> None:
        for signal in (self.title.textChanged, self.keys.textChanged, self.text.textChanged, self.kind.chosen,
                       self.priority.value_changed, self.pinned.toggled, self.enabled.toggled, self.picture.changed):
            signal.connect(lambda *_: self._touched())
        self.picture.failed.connect(self.problem)
        self.back.clicked.connect(self.close_note)
        self.delete.clicked.connect(lambda: self.note is not None and self.deleted.emit(self.note.id))

    def show_note(self, note: Any) -> None:
        """Fill the form; what was typed into the one before is handed out first."""
        self.flush()
        self._filling = True
        self.note = note
        self.title.setText(note.title)
        self.kind.set_key(note.kind)
        self.keys.setText(", ".join(note.keys))
        self.text.set_text(note.text)
        self.picture.set_reference({"media": note.picture, "type": "image/png"} if note.picture else None)
        self.priority.set_value(note.priority)
        self.pinned.setChecked(note.pinned)
        self.enabled.setChecked(note.enabled)
        self._filling = False

    def _touched(self) -> None:
        if not self._filling and self.note is not None:
            self._untold = True
            if not self._timer.isActive():  # who types without a pause must not lose more than this
                self._timer.start()

    def flush(self) -> None:
        """Give out what was changed and is not told yet."""
        self._timer.stop()
        if not self._untold or self.note is None:
            return
        self._untold = False
        reference = self.picture.reference()
        self.note = replace(self.note, title=self.title.text(), kind=self.kind.key() or "other",
                            keys=keys_of(self.keys.text()), text=self.text.text()[:MOST_TEXT],
                            picture=reference["media"] if reference else "", priority=int(self.priority.value()),
                            pinned=self.pinned.isChecked(), enabled=self.enabled.isChecked())
        self.changed.emit(self.note)

    def forget(self) -> None:
        """The note is gone, and what was typed into it."""
        self.note, self._untold = None, False

    def close_note(self) -> None:
        self.flush()
        self.note = None
        self.closed.emit()

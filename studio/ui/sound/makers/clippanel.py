"""The chosen clip in numbers."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtWidgets import QGridLayout, QVBoxLayout, QWidget

from studio.project.sound import Arrangement, Clip, edits
from studio.ui.sound.document import SoundDocument
from studio.ui.theme import Theme
from studio.ui.widgets.choice import Choice, Option
from studio.ui.widgets.labels import Label
from studio.ui.widgets.number import NumberField
from studio.ui.widgets.text import TextField

Change = Callable[[Arrangement, str, float], Arrangement]
FIELDS: tuple[tuple[str, str, float, float, float, str, Change], ...] = (
    ("start", "Start", 0, 360_000, 0.1, "s", lambda old, clip, value: edits.move_to(old, clip, value)),
    ("length", "Length", 0.001, 360_000, 0.1, "s",
     lambda old, clip, value: edits.trim_end(old, clip, old.clip(clip).start + value)),
    ("gain", "Gain", -96, 24, 0.5, "dB", lambda old, clip, value: edits.set_gain(old, [clip], value)),
    ("fade_in", "Fade in", 0, 3600, 0.1, "s", lambda old, clip, value: edits.set_fade_in(old, [clip], value)),
    ("fade_out", "Fade out", 0, 3600, 0.1, "s", lambda old, clip, value: edits.set_fade_out(old, [clip], value)),
)
"""Attribute, title, least, most, step, unit, and the edit."""


class ClipPanel(QWidget):
    """For the first of the chosen clips; each change is a step of the history."""

    def __init__(self, theme: Theme, document: SoundDocument, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.document = document
        self.setAccessibleName("Clip")
        column = QVBoxLayout(self)
        column.setContentsMargins(12, 12, 12, 12)
        column.setSpacing(8)
        self.none = Label(theme, "Choose a clip on the timeline to see it in numbers.", "body", "t3", wrap=True)
        column.addWidget(self.none)
        self.box = QWidget()
        grid = QGridLayout(self.box)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setVerticalSpacing(8)
        self.name = TextField(theme, "Name of the clip")
        self.text = Label(theme, "", "manuscript", "t2", wrap=True)
        grid.addWidget(Label(theme, "Name", "body", "t2"), 0, 0)
        grid.addWidget(self.name, 0, 1)
        self.fields: dict[str, NumberField] = {}
        for row, (key, title, least, most, step, unit, change) in enumerate(FIELDS, 1):
            field = NumberField(theme, title, minimum=least, maximum=most, step=step, unit=unit)
            field.value_changed.connect(lambda value, key=key, title=title, change=change: self._edit(
                key, title, change, value))
            grid.addWidget(Label(theme, title, "body", "t2"), row, 0)
            grid.addWidget(field, row, 1)
            self.fields[key] = field
        self.take, self.take_label = Choice(theme, "Take", []), Label(theme, "Take", "body", "t2")
        grid.addWidget(self.take_label, len(FIELDS) + 1, 0)
        grid.addWidget(self.take, len(FIELDS) + 1, 1)
        grid.addWidget(self.text, len(FIELDS) + 2, 0, 1, 2)
        self.take.chosen.connect(self._set_take)
        column.addWidget(self.box)
        column.addStretch(1)
        self.name.editingFinished.connect(self._rename)
        document.changed.connect(self.refresh)
        document.chosen_changed.connect(self.refresh)
        self.refresh()

    @property
    def clip(self) -> Clip | None:
        return next(iter(self.document.chosen_clips), None)

    def refresh(self) -> None:
        """Take over what the clip is now."""
        clip = self.clip
        self.none.setVisible(clip is None)
        self.box.setVisible(clip is not None)
        if clip is None:
            return
        for key, field in self.fields.items():
            if not field.hasFocus():
                field.set_value(round(getattr(clip, key), 3))
        if not self.name.hasFocus():
            self.name.setText(clip.name)
            self.name.setCursorPosition(0)
        self.text.setText(clip.text)
        self._show_takes(clip)

    def _show_takes(self, clip: Clip) -> None:
        for widget in (self.take, self.take_label):
            widget.setVisible(bool(clip.takes))
        if self.take.count() != len(clip.takes):
            self.take.set_options([Option(str(n), f"{n + 1} of {len(clip.takes)}") for n in range(len(clip.takes))])
        self.take.set_key(str(clip.take))

    def _set_take(self, key: str) -> None:
        clip = self.clip
        if clip is not None:
            self.document.edit(f"Take {int(key) + 1}", lambda old: edits.set_take(old, clip.id, int(key)))

    def _edit(self, key: str, title: str, change: Change, value: float) -> None:
        clip = self.clip
        if clip is not None and abs(getattr(clip, key) - value) > 1e-4:
            self.document.edit(title, lambda old: change(old, clip.id, value), merge=f"{key}:{clip.id}")

    def _rename(self) -> None:
        clip, name = self.clip, " ".join(self.name.text().split())
        if clip is not None and name and name != clip.name:
            self.document.edit("Rename", lambda old: old.map_clips([clip.id], lambda c: c.with_(name=name)))

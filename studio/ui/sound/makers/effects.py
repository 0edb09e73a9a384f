"""The tools of sound, each with its form, for the chosen clip or what of it is selected."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from PySide6.QtWidgets import QScrollArea, QVBoxLayout, QWidget

from studio.engine.job import Discovery
from studio.ui.form import FormPickers, SchemaForm
from studio.ui.theme import Theme
from studio.ui.widgets.buttons import PushButton
from studio.ui.widgets.choice import Choice, Option
from studio.ui.widgets.labels import Label

TOOLS = ("sound.denoise", "sound.normalise", "sound.stretch", "sound.silence", "sound.transcribe", "sound.to_midi")


class EffectsPanel(QWidget):
    """apply: gets the generator and the values of its form."""

    def __init__(self, theme: Theme, pickers: FormPickers, apply: Callable[[str, dict[str, Any]], object]) -> None:
        super().__init__()
        self.theme, self._pickers, self._apply = theme, pickers, apply
        self._forms: dict[str, SchemaForm] = {}
        self._schemas: dict[str, tuple[str, dict[str, Any]]] = {}
        self.setAccessibleName("Effects")
        column = QVBoxLayout(self)
        column.setContentsMargins(12, 12, 12, 12)
        column.setSpacing(10)
        self.tool = Choice(theme, "Effect", [])
        self.none = Label(theme, "No tools for sound are installed.", "body", "t3", wrap=True)
        self.button = PushButton(theme, "Apply to the clip", variant="primary", icon="sparkle")
        self._place = QVBoxLayout()
        inner = QWidget()
        inner.setLayout(self._place)
        self._place.setContentsMargins(0, 0, 0, 0)
        scroll = QScrollArea()
        scroll.setWidgetResizable(True)
        scroll.setFrameShape(QScrollArea.Shape.NoFrame)
        scroll.setWidget(inner)
        self._place.addStretch(1)
        column.addWidget(self.tool)
        column.addWidget(self.none)
        column.addWidget(scroll, 1)
        column.addWidget(self.button)
        self.tool.chosen.connect(lambda _: self._show())
        self.button.clicked.connect(lambda _=False: self.apply())

    def take(self, discovery: Discovery) -> None:
        """Offer the tools that there are."""
        found = [info for name in TOOLS if (info := discovery.find(name)) is not None]
        schemas = {info.id: (info.title, info.schema) for info in found}
        if schemas == self._schemas:
            return
        for form in self._forms.values():
            form.deleteLater()
        self._schemas, self._forms, key = schemas, {}, self.tool.key()
        self.tool.set_options([Option(info.id, info.title) for info in found])
        if key in schemas:
            self.tool.set_key(key)
        self._show()

    def apply(self) -> None:
        """Let the tool work with the values of its form."""
        form = self._forms.get(self.tool.key())
        if form is not None:
            self._apply(self.tool.key(), form.values())

    def _show(self) -> None:
        key = self.tool.key()
        self.none.setVisible(not self._schemas)
        self.tool.setVisible(bool(self._schemas))
        self.button.setVisible(bool(self._schemas))
        if key in self._schemas and key not in self._forms:
            form = SchemaForm(self._schemas[key][1], self.theme, self._pickers, exclude_roles=("audio",))
            self._forms[key] = form
            self._place.insertWidget(0, form)
        for name, form in self._forms.items():
            form.setVisible(name == key)

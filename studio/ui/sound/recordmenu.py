"""How it is recorded: from which input, whether a bar is counted in, how late the devices are."""

from __future__ import annotations

from PySide6.QtCore import QObject, QPoint, Qt
from PySide6.QtWidgets import QWidget

from studio.ui.sound.numbercard import NumberCard
from studio.ui.sound.recording import Recording
from studio.ui.widgets.popup import Menu, Popup

MOST_LATE = 1000.0
"""Milliseconds."""


class RecordMenu(QObject):
    """The menu beside the record button."""

    def __init__(self, recording: Recording) -> None:
        super().__init__(recording)
        self.recording = recording

    def menu(self) -> Menu:
        recording, choices = self.recording, self.recording.choices
        menu = Menu(recording.pane.theme, "Recording", recording.pane)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        inputs = recording.microphone.inputs()
        wanted = choices.get("microphone", "")
        chosen = wanted if wanted in dict(inputs) else ""
        for device, name in [("", "The system's microphone"), *inputs] if inputs else ():
            action = menu.addAction(name)
            action.setCheckable(True)
            action.setChecked(device == chosen)
            action.setEnabled(not recording.on)
            action.triggered.connect(lambda _=False, device=device: recording.choose(device))
        if not inputs:
            menu.addAction("There is no microphone").setEnabled(False)
        menu.addSeparator()
        count = menu.addAction("Count in one bar")
        count.setCheckable(True)
        count.setChecked(choices.get("count_in", False))
        count.toggled.connect(lambda on: choices.put("count_in", on))
        late = round(choices.get("latency", 0.0) * 1000)
        menu.addAction(f"Latency: {late} ms…").triggered.connect(lambda: self.ask_latency())
        return menu

    def open(self, beside: QWidget) -> None:
        self.menu().popup(beside.mapToGlobal(QPoint(0, beside.height() + 4)))

    def toggle_count_in(self) -> None:
        """Count a bar in before a recording, or no longer."""
        on = not self.recording.choices.get("count_in", False)
        self.recording.choices.put("count_in", on)
        self.recording.said.emit("A bar is counted in before each recording." if on else "Recording begins at once.")

    def ask_latency(self) -> NumberCard:
        """Ask by how much what is recorded comes late."""
        pane, choices = self.recording.pane, self.recording.choices
        card = NumberCard(pane.theme, "Latency of the recording", (
            ("Recorded sound is moved earlier by", choices.get("latency", 0.0) * 1000, 0.0, MOST_LATE, 1.0, "ms"),))
        card.taken.connect(lambda values: choices.put("latency", values[0] / 1000))
        Popup(pane.theme, pane, card, place="centre", width=pane.theme.dp(380)).open()
        return card

"""One caption: when it stands, who says it, and the words."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject, Qt, QTimer, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from studio.project.sound import Label as Caption
from studio.ui.sound.captions.times import TimeField
from studio.ui.theme import Theme
from studio.ui.widgets.buttons import IconButton
from studio.ui.widgets.labels import Label
from studio.ui.widgets.text import TextArea, TextField

WAIT_MS = 400
NO_TIME = "Write a time as 1:02.5, or as seconds."
BACKWARDS = "A caption ends after it begins."


class CaptionEditor(QWidget):
    """Signal ``changed(id, field, value)`` for "start", "end", "text" and "speaker". Words are told while they are
    typed, and when another caption is shown. Attributes: start, end, speaker, text, buttons."""

    changed = Signal(str, str, object)
    left = Signal()
    """Esc: back to the list."""

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self.caption: Caption | None = None
        self._told = ""
        """The words as the arrangement has them; where the field says more, that is being typed."""
        self.start, self.end = TimeField(theme, "Start"), TimeField(theme, "End")
        self.speaker = TextField(theme, "Speaker", placeholder="Nobody")
        self.text = TextArea(theme, "Words of the caption", least=3, most=6, placeholder="What is said here")
        self.problem = Label(theme, "", "caption", "err", wrap=True)
        self.split = IconButton(theme, "scissors", "Split at the playhead")
        self.merge = IconButton(theme, "arrows-merge", "Merge with the next caption")
        self.delete = IconButton(theme, "trash", "Delete the caption", key="Del")
        self._wait = QTimer(self, singleShot=True, interval=WAIT_MS)
        self._wait.timeout.connect(self.flush)
        self._lay_out(theme)
        for name, field in (("start", self.start), ("end", self.end)):
            field.taken.connect(lambda value, name=name: self._time(name, value))
            field.refused.connect(lambda: self._complain(NO_TIME))
            field.restored.connect(lambda: self._complain(""))
        self.speaker.editingFinished.connect(self._speaker)
        self.text.textChanged.connect(self._typed)
        self.text.installEventFilter(self)

    def _lay_out(self, theme: Theme) -> None:
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(8)
        times = QHBoxLayout()
        times.setSpacing(4)
        times.addWidget(self.start, 1)
        times.addWidget(Label(theme, "to", "body", "t3"))
        times.addWidget(self.end, 1)
        for button in (self.split, self.merge, self.delete):
            times.addWidget(button)
        who = QHBoxLayout()
        who.setSpacing(8)
        who.addWidget(Label(theme, "Speaker", "body", "t2"))
        who.addWidget(self.speaker, 1)
        column.addLayout(times)
        column.addWidget(self.problem)
        column.addWidget(self.text)
        column.addLayout(who)
        self.problem.hide()

    def show_caption(self, caption: Caption | None) -> None:
        """Show another one, or what has become of it; what is being typed in the words stays."""
        other = self.caption is None or caption is None or caption.id != self.caption.id
        if other:
            self.flush()
            self._complain("")
        self.caption = caption
        if caption is None:
            return
        self.start.set_value(caption.start)
        self.end.set_value(caption.end)
        if not (self.start.hasFocus() or self.end.hasFocus()):
            self._complain("")
        if not self.speaker.hasFocus():
            self.speaker.setText(caption.speaker)
        if other or caption.text != self._told:
            self._wait.stop()
            self._told = caption.text
            self.text.set_text(caption.text)

    def flush(self) -> None:
        """Tell of the words that have been typed."""
        self._wait.stop()
        words = self.text.toPlainText().strip()
        if self.caption is not None and words != self._told.strip():
            self._told = words
            self.changed.emit(self.caption.id, "text", words)

    def _typed(self) -> None:
        # Not restarted by each key: who types without a pause must not lose more than this.
        if self.caption is not None and self.text.toPlainText() != self._told and not self._wait.isActive():
            self._wait.start()

    def _time(self, name: str, value: float) -> None:
        caption = self.caption
        if caption is None:
            return
        backwards = value <= caption.start if name == "end" else value >= caption.end
        self._complain(BACKWARDS if backwards else "")
        (self.end if name == "end" else self.start).set_invalid(backwards)
        if not backwards:
            self.changed.emit(caption.id, name, value)

    def _speaker(self) -> None:
        name = " ".join(self.speaker.text().split())
        if self.caption is not None and name != self.caption.speaker:
            self.changed.emit(self.caption.id, "speaker", name)

    def _complain(self, sentence: str) -> None:
        self.problem.setText(sentence)
        self.problem.setVisible(bool(sentence))

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.FocusOut:
            self.flush()
        elif is_done(event):
            if event.type() == QEvent.Type.KeyPress:
                self.flush()
                self.left.emit()
            event.accept()  # before Generate hears of it
            return True
        return False


def is_done(event: QEvent) -> bool:
    """Esc or Ctrl+Enter, also where it asks whether a shortcut may have it."""
    if not isinstance(event, QKeyEvent) or event.type() not in (QEvent.Type.KeyPress, QEvent.Type.ShortcutOverride):
        return False
    ctrl = event.modifiers() & Qt.KeyboardModifier.ControlModifier
    return event.key() == Qt.Key.Key_Escape or bool(ctrl and event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter))

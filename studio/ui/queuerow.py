"""One job in the queue: what it is, how far it is, and what can be done with it."""

from __future__ import annotations

import math

from PySide6.QtCore import QPoint, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QFocusEvent, QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QHBoxLayout, QSizePolicy, QVBoxLayout, QWidget

from studio.engine.job import GeneratorInfo, Job, JobState
from studio.ui.theme import Theme
from studio.ui.widgets.base import Themed, box
from studio.ui.widgets.buttons import IconButton, PushButton
from studio.ui.widgets.labels import ElidedLabel, Label

ICONS = {"image": "image", "text": "text-aa", "audio": "waveform", "score": "music-notes", "video": "film-slate",
         "mesh": "cube"}
UNITS = {"text": "tokens"}


def left_words(seconds: float | None) -> str:
    """How long it will take, as people say it; "" if unknown."""
    if seconds is None or not math.isfinite(seconds) or seconds < 0:
        return ""
    if seconds < 60:
        return f"{max(1, round(seconds))} s left"
    if seconds < 3600:
        return f"{round(seconds / 60)} min left"
    return f"{seconds / 3600:.1f} h left"


def rate_words(rate: float, produces: str) -> str:
    """Speed in the generator's unit, "" while unknown; slow ones as seconds for each step."""
    if not math.isfinite(rate) or rate <= 0:
        return ""
    unit = UNITS.get(produces, "steps")
    if rate < 0.5:
        return f"{1 / rate:.1f} s a {unit.rstrip('s')}"
    return f"{rate:.0f} {unit}/s" if rate >= 20 else f"{rate:.1f} {unit}/s"


def status_words(job: Job, produces: str) -> str:
    """The second line of a job."""
    if job.state is JobState.RUNNING:
        name = "Token" if UNITS.get(produces) else "Step"
        parts = [f"{name} {job.step}/{job.of}" if job.of else job.message or "Starting"]
        if job.of and job.message and not job.step:
            parts = [job.message]
        parts += [rate_words(job.rate, produces), left_words(job.seconds_left)]
        return " · ".join(p for p in parts if p)
    if job.state is JobState.FAILED:
        return job.error.message if job.error else "This job failed."
    if job.state is JobState.INTERRUPTED:
        return "The engine crashed when it ran last" if job.error else "Interrupted when the studio closed"
    return "Waiting" if job.state is JobState.WAITING else ""


class _Progress(Themed, QWidget):
    """A bar of 4 px that moves only with real progress."""

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self.share = 0.0
        self.setFixedHeight(4)
        self.init_theme(theme)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter, area = QPainter(self), QRectF(self.rect())
        box(painter, area, 2, self.theme.color("line2"))
        if self.share > 0:
            box(painter, QRectF(0, 0, max(4.0, area.width() * self.share), 4), 2, self.theme.color("iris"))


class JobRow(Themed, QWidget):
    """Shows one job and follows it. Waiting ones can be dragged; the view decides where they go."""

    cancelled = Signal(str)
    retried = Signal(str)
    discarded = Signal(str)
    nudged = Signal(str, int)
    """Alt+Up or Alt+Down: -1 or 1."""
    stepped = Signal(int)
    """Up or Down: the focus goes to a neighbour."""
    drag_moved = Signal(str, QPoint)
    drag_ended = Signal(str, bool)
    """False: the drag was given up."""

    def __init__(self, theme: Theme, job: Job, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.job = job
        self.info: GeneratorInfo | None = None
        self.dragged = False
        self._grip: QPoint | None = None
        self._icon = "sparkle"
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setAttribute(Qt.WidgetAttribute.WA_Hover)
        self._title = ElidedLabel(theme, "", "medium")
        self._status = Label(theme, "", "body", "t3", tnum=True, wrap=True)
        self._details = Label(theme, "", "mono", "t3", wrap=True)
        self._details.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self._details.hide()
        self._progress = _Progress(theme)
        self._retry = PushButton(theme, "Try again", icon="arrow-clockwise")
        self._show = PushButton(theme, "Details", variant="quiet", checkable=True)
        self._close = IconButton(theme, "x", "Cancel", key="Del")
        self._build()
        self._retry.clicked.connect(lambda _=False: self.retried.emit(self.job.id))
        self._show.toggled.connect(self._details.setVisible)
        self._close.clicked.connect(lambda _=False: self._give_up())
        self.init_theme(theme)
        self.show_job(job, None)

    def _build(self) -> None:
        self._actions = QWidget()
        actions = QHBoxLayout(self._actions)
        actions.setContentsMargins(0, 4, 0, 0)
        actions.setSpacing(6)
        actions.addWidget(self._retry)
        actions.addWidget(self._show)
        actions.addStretch(1)
        words = QVBoxLayout()
        words.setSpacing(2)
        for widget in (self._title, self._status, self._actions, self._details):
            words.addWidget(widget)
        words.addSpacing(3)
        words.addWidget(self._progress)
        row = QHBoxLayout(self)
        row.setContentsMargins(44, 8, 6, 8)
        row.setSpacing(8)
        row.addLayout(words, 1)
        row.addWidget(self._close, 0, Qt.AlignmentFlag.AlignTop)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Minimum)

    # ------------------------------------------------------------ showing

    def show_job(self, job: Job, info: GeneratorInfo | None) -> None:
        """Take up the job's present state. info: its generator, if it is known."""
        self.job, self.info = job, info
        produces = info.produces if info else ""
        name = info.title if info else job.request.generator
        prompt = str(job.request.params.get("prompt") or "").strip().replace("\n", " ")
        self._icon = ICONS.get(produces, "sparkle")
        if self._title.whole_text() != (prompt[:300] or name):
            self._title.setText(prompt[:300] or name)
        status = status_words(job, produces)
        if prompt and job.state in (JobState.WAITING, JobState.INTERRUPTED):
            status = f"{name} · {status}"
        self._status.setText(status)
        failed, again = job.state is JobState.FAILED, job.state in (JobState.FAILED, JobState.INTERRUPTED)
        self._status.set_tone("err" if failed else "t3")
        self._progress.share = min(1.0, job.step / job.of) if job.of else 0.0
        self._progress.setVisible(job.state is JobState.RUNNING)
        self._progress.update()
        details = job.error.details if job.error else ""
        self._details.setText(details[-4000:])
        self._show.setVisible(bool(details) and again)
        self._actions.setVisible(again)
        self._retry.set_text("Try again" if failed else "Run again")
        self._close.set_name({JobState.RUNNING: "Stop", JobState.FAILED: "Remove",
                              JobState.INTERRUPTED: "Discard"}.get(job.state, "Cancel"))
        self.setAccessibleName(f"{prompt or name}, {status}")
        self.setCursor(Qt.CursorShape.OpenHandCursor if self.movable else Qt.CursorShape.ArrowCursor)
        self.update()

    @property
    def movable(self) -> bool:
        return self.job.state is JobState.WAITING

    def paintEvent(self, event: QPaintEvent) -> None:
        painter, theme = QPainter(self), self.theme
        area = QRectF(self.rect()).adjusted(0, 1, 0, -1)
        if self.dragged:
            box(painter, area, 6, theme.color("hover"), theme.color("spring"))
        elif self.underMouse():
            box(painter, area, 6, theme.color("control"))
        tile = QRectF(8, 10, 28, 28)
        running = self.job.state is JobState.RUNNING
        box(painter, tile, 6, theme.color("iris_t" if running else "control"))
        ink = "iris" if running else "err" if self.job.state is JobState.FAILED else "t2"
        icon = "warning-circle" if self.job.state is JobState.FAILED else self._icon
        theme.icons.paint(painter, tile.adjusted(6, 6, -6, -6), icon, ink)
        if self.job.state is JobState.WAITING:
            painter.setPen(QPen(theme.color("line2"), 1, Qt.PenStyle.DashLine))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            painter.drawRoundedRect(tile.adjusted(0.5, 0.5, -0.5, -0.5), 6, 6)
        if self.hasFocus():
            box(painter, area, 6, None, theme.color("spring"), 2)

    def focusInEvent(self, event: QFocusEvent) -> None:
        super().focusInEvent(event)
        self.update()

    def focusOutEvent(self, event: QFocusEvent) -> None:
        super().focusOutEvent(event)
        self.update()

    def minimumSizeHint(self) -> QSize:
        return QSize(200, super().minimumSizeHint().height())

    # ------------------------------------------------------------ doing

    def _give_up(self) -> None:
        (self.discarded if self.job.state is JobState.INTERRUPTED else self.cancelled).emit(self.job.id)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        down = {Qt.Key.Key_Up: -1, Qt.Key.Key_Down: 1}.get(Qt.Key(event.key()), 0)
        if down and event.modifiers() & Qt.KeyboardModifier.AltModifier:
            if self.movable:
                self.nudged.emit(self.job.id, down)
        elif down:
            self.stepped.emit(down)
        elif event.key() in (Qt.Key.Key_Delete, Qt.Key.Key_Backspace):
            self._give_up()
        elif event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and self.job.state in (
                JobState.FAILED, JobState.INTERRUPTED):
            self.retried.emit(self.job.id)
        elif event.key() == Qt.Key.Key_Escape and self._grip is not None:
            self._end_drag(False)
        else:
            super().keyPressEvent(event)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        self.setFocus(Qt.FocusReason.MouseFocusReason)
        if event.button() == Qt.MouseButton.LeftButton and self.movable:
            self._grip = event.globalPosition().toPoint()
        event.accept()

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        if self._grip is None:
            return
        at = event.globalPosition().toPoint()
        if not self.dragged and (at - self._grip).manhattanLength() < 5:
            return
        self.dragged = True
        self.update()
        self.drag_moved.emit(self.job.id, at)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        self._end_drag(True)

    def _end_drag(self, done: bool) -> None:
        dragged, self.dragged, self._grip = self.dragged, False, None
        self.update()
        if dragged:
            self.drag_ended.emit(self.job.id, done)

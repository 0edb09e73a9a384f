"""The queue: what runs, what waits, what failed, and what was interrupted when the studio closed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from PySide6.QtCore import QPoint, QSize, Qt, Signal
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QHBoxLayout, QScrollArea, QVBoxLayout, QWidget

from studio.engine.job import GeneratorInfo, Job, JobState
from studio.ui.queuerow import JobRow
from studio.ui.theme import Theme
from studio.ui.widgets.base import Themed
from studio.ui.widgets.buttons import PushButton
from studio.ui.widgets.labels import Label

SHOWN = (JobState.RUNNING, JobState.WAITING, JobState.FAILED, JobState.INTERRUPTED)
MOST_HEIGHT = 440


def summary(jobs: Sequence[Job]) -> str:
    """"1 running, 2 waiting", "" for none."""
    count = {state: sum(1 for j in jobs if j.state is state) for state in SHOWN}
    words = ((JobState.RUNNING, "running"), (JobState.WAITING, "waiting"), (JobState.FAILED, "failed"))
    return ", ".join(f"{count[state]} {word}" for state, word in words if count[state])


class _Rows(Themed, QWidget):
    """Holds the rows and draws the line where a dragged one would go."""

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self.mark: int | None = None
        self.init_theme(theme)

    def set_mark(self, y: int | None) -> None:
        if y != self.mark:
            self.mark = y
            self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        if self.mark is not None:
            QPainter(self).fillRect(6, self.mark - 1, self.width() - 12, 2, self.theme.color("spring"))


class QueueView(Themed, QWidget):
    """Rows follow `set_jobs`; waiting ones are put in another order by dragging or by Alt+Up and Alt+Down."""

    cancelled = Signal(str)
    retried = Signal(str)
    """A failed or interrupted job is to run again."""
    discarded = Signal(str)
    """An interrupted job is to be forgotten."""
    paused = Signal(bool)
    moved = Signal(str, int)
    """A waiting job and its new place among the waiting ones: 0 is next."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.jobs: list[Job] = []
        self.is_paused = False
        self._generators: dict[str, GeneratorInfo] = {}
        self._rows: dict[str, JobRow] = {}
        self._place = 0
        self.setAccessibleName("Queue")
        self._title = Label(theme, "Queue", "strong")
        self._summary = Label(theme, "", "body", "t3", tnum=True)
        self._pause = PushButton(theme, "Pause", variant="quiet", icon="pause", name="Pause the queue")
        self._empty = Label(theme, "Nothing is waiting.", "body", "t3")
        self._interrupted = Label(theme, "Interrupted", "strong", "t2")
        self._list = _Rows(theme)
        self._column = QVBoxLayout(self._list)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.setSpacing(0)
        self._column.addWidget(self._interrupted)
        self._column.addStretch(1)
        self._scroll = QScrollArea()
        self._scroll.setWidget(self._list)
        self._scroll.setWidgetResizable(True)
        self._scroll.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._scroll.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self._scroll.viewport().setAutoFillBackground(False)
        self._list.setAutoFillBackground(False)
        self._interrupted.setContentsMargins(8, 10, 0, 4)
        head = QHBoxLayout()
        head.setContentsMargins(8, 2, 2, 2)
        head.setSpacing(8)
        for widget in (self._title, self._summary):
            head.addWidget(widget)
        head.addStretch(1)
        head.addWidget(self._pause)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(4)
        column.addLayout(head)
        self._empty.setContentsMargins(8, 4, 8, 10)
        column.addWidget(self._empty)
        column.addWidget(self._scroll, 1)
        self._pause.clicked.connect(lambda _=False: self.paused.emit(not self.is_paused))
        self.setFocusProxy(self._pause)
        self.init_theme(theme)
        self._arrange()

    # ------------------------------------------------------------ showing

    def set_generators(self, generators: Mapping[str, GeneratorInfo]) -> None:
        """Titles and kinds by generator id."""
        self._generators = dict(generators)
        self.set_jobs(self.jobs)

    def set_paused(self, paused: bool) -> None:
        """Say whether the queue is paused; silent."""
        self.is_paused = paused
        self._pause.set_icon("play" if paused else "pause")
        self._pause.set_text("Resume" if paused else "Pause")
        self._pause.set_name("Resume the queue" if paused else "Pause the queue")
        self._tell()

    def set_jobs(self, jobs: Sequence[Job]) -> None:
        """Show these jobs in this order; done and cancelled ones are left out."""
        self.jobs = [job for job in jobs if job.state in SHOWN]
        for gone in self._rows.keys() - {job.id for job in self.jobs}:
            self._drop(self._rows.pop(gone))
        for job in self.jobs:
            row = self._rows.get(job.id) or self._add(job)
            row.show_job(job, self._generators.get(job.request.generator))
        self._arrange()

    def _add(self, job: Job) -> JobRow:
        row = self._rows[job.id] = JobRow(self.theme, job, self._list)
        row.cancelled.connect(self.cancelled)
        row.retried.connect(self.retried)
        row.discarded.connect(self.discarded)
        row.nudged.connect(self._nudge)
        row.stepped.connect(lambda by, r=row: self._step(r, by))
        row.drag_moved.connect(self._dragging)
        row.drag_ended.connect(self._dropped)
        return row

    def _drop(self, row: JobRow) -> None:
        if row.hasFocus():
            self._step(row, 1)
        self._column.removeWidget(row)
        row.hide()
        row.deleteLater()

    def rows(self) -> list[JobRow]:
        """The rows as they are shown: running and waiting, failed, then interrupted ones."""
        rank = {JobState.RUNNING: 0, JobState.WAITING: 1, JobState.FAILED: 2, JobState.INTERRUPTED: 3}
        order = sorted(self.jobs, key=lambda job: rank[job.state])
        return [self._rows[job.id] for job in order]

    def _arrange(self) -> None:
        rows = self.rows()
        wanted: list[QWidget] = [r for r in rows if r.job.state is not JobState.INTERRUPTED]
        wanted.append(self._interrupted)
        wanted += [r for r in rows if r.job.state is JobState.INTERRUPTED]
        for place, widget in enumerate(wanted):
            if self._column.indexOf(widget) != place:
                self._column.insertWidget(place, widget)
            if widget is not self._interrupted:
                widget.show()
        self._interrupted.setVisible(any(j.state is JobState.INTERRUPTED for j in self.jobs))
        self._empty.setVisible(not self.jobs)
        self._scroll.setVisible(bool(self.jobs))
        self._tell()
        self.updateGeometry()

    def _tell(self) -> None:
        parts = ["Paused" if self.is_paused else "", summary(self.jobs)]
        self._summary.setText(" · ".join(p for p in parts if p))

    def sizeHint(self) -> QSize:
        head = self._pause.sizeHint().height() + 8
        if not self.jobs:
            return QSize(380, head + self._empty.sizeHint().height() + 4)
        self._list.ensurePolished()
        width = max(self._scroll.viewport().width(), 360)
        tall = self._column.heightForWidth(width) if self._column.hasHeightForWidth() else -1
        tall = tall if tall > 0 else self._column.sizeHint().height()
        return QSize(380, min(MOST_HEIGHT, head + tall + 16))

    # ------------------------------------------------------------ order

    def waiting(self) -> list[str]:
        """Ids of the waiting jobs, the next one first."""
        return [job.id for job in self.jobs if job.state is JobState.WAITING]

    def _nudge(self, job_id: str, by: int) -> None:
        waiting = self.waiting()
        place = waiting.index(job_id) + by
        if 0 <= place < len(waiting):
            self.moved.emit(job_id, place)

    def _step(self, row: JobRow, by: int) -> None:
        rows = self.rows()
        if row in rows:
            at = rows.index(row) + by
            if 0 <= at < len(rows):
                rows[at].setFocus(Qt.FocusReason.OtherFocusReason)
        elif rows:
            rows[0].setFocus(Qt.FocusReason.OtherFocusReason)

    def place_at(self, job_id: str, y: int) -> int:
        """Place among the waiting jobs for a drop of `job_id` at height `y` of the list."""
        others = [self._rows[i] for i in self.waiting() if i != job_id]
        return sum(1 for row in others if y > row.geometry().center().y())

    def _dragging(self, job_id: str, at: QPoint) -> None:
        y = self._list.mapFromGlobal(at).y()
        others = [self._rows[i] for i in self.waiting() if i != job_id]
        place = self.place_at(job_id, y)
        if others:
            row = others[min(place, len(others) - 1)]
            self._list.set_mark(row.geometry().bottom() + 1 if place == len(others) else row.geometry().top())
        self._place = place

    def _dropped(self, job_id: str, done: bool) -> None:
        self._list.set_mark(None)
        waiting = self.waiting()
        if done and job_id in waiting and waiting.index(job_id) != self._place:
            self.moved.emit(job_id, self._place)

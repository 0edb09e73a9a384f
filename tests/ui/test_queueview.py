"""The queue view: rows follow jobs, order by drag and key, retry, discard, pause."""

from __future__ import annotations

from dataclasses import replace

import pytest
from PySide6.QtCore import QEvent, QPoint, QPointF, Qt
from PySide6.QtGui import QMouseEvent
from PySide6.QtWidgets import QApplication, QWidget

from studio.engine.job import ErrorReport, GeneratorInfo, Job, JobState, Request
from studio.ui.queuerow import left_words, rate_words, status_words
from studio.ui.queueview import QueueView, summary
from studio.ui.theme import Theme

INFO = {"test.picture": GeneratorInfo("test.picture", "Pictures", "image", "test", "1", "1"),
        "test.text": GeneratorInfo("test.text", "Writer", "text", "test", "1", "1")}


def job(name: str, state: JobState = JobState.WAITING, generator: str = "test.picture", **more) -> Job:
    return Job(Request(generator, {"prompt": f"prompt of {name}"}), id=name, state=state, **more)


@pytest.fixture
def view(qtbot):
    window = QWidget()  # the offscreen platform warns about top-level widgets with a least size
    qtbot.addWidget(window)
    window.resize(420, 500)
    view = QueueView(Theme("dark"), window)
    view.set_generators(INFO)
    view.resize(420, 500)
    window.show()
    yield view
    window.close()


def names(view: QueueView) -> list[str]:
    return [row.job.id for row in view.rows()]


def test_rows_follow_the_jobs(view):
    view.set_jobs([job("a", JobState.RUNNING, step=12, of=20, rate=3.1, seconds_left=2.6), job("b"), job("c")])
    assert names(view) == ["a", "b", "c"]
    first = view.rows()[0]
    assert first._title.whole_text() == "prompt of a"
    assert first._status.text() == "Step 12/20 · 3.1 steps/s · 3 s left"
    assert first._progress.share == 0.6
    assert view._summary.text() == "1 running, 2 waiting"
    view.set_jobs([job("c"), job("b", JobState.DONE)])
    assert names(view) == ["c"]
    assert view.rows()[0] is not first
    view.set_jobs([])
    assert view._empty.isVisible()
    assert view._empty.text() == "Nothing is waiting."


def test_a_row_is_kept_while_its_job_moves_on(view):
    view.set_jobs([job("a", JobState.RUNNING, of=20)])
    row = view.rows()[0]
    view.set_jobs([job("a", JobState.RUNNING, step=5, of=20)])
    assert view.rows()[0] is row
    assert row._progress.share == 0.25


@pytest.mark.parametrize(("seconds", "words"), [
    (None, ""), (0.2, "1 s left"), (6, "6 s left"), (90, "2 min left"), (7200, "2.0 h left"), (float("nan"), ""),
    (-1, ""),
])
def test_time_left(seconds, words):
    assert left_words(seconds) == words


@pytest.mark.parametrize(("rate", "produces", "words"), [
    (3.14, "image", "3.1 steps/s"), (92.4, "text", "92 tokens/s"), (0.1, "image", "10.0 s a step"), (0, "image", ""),
    (float("inf"), "text", ""),
])
def test_speed(rate, produces, words):
    assert rate_words(rate, produces) == words


def test_status_of_text_and_of_loading():
    assert status_words(job("a", JobState.RUNNING, step=40, of=200, rate=92), "text") == "Token 40/200 · 92 tokens/s"
    assert status_words(job("a", JobState.RUNNING, message="Loading the model"), "image") == "Loading the model"
    assert status_words(job("a"), "image") == "Waiting"


def test_cancel_by_button_and_key(qtbot, view):
    view.set_jobs([job("a", JobState.RUNNING), job("b")])
    heard = []
    view.cancelled.connect(heard.append)
    view.rows()[0]._close.click()
    qtbot.keyClick(view.rows()[1], Qt.Key.Key_Delete)
    assert heard == ["a", "b"]


def test_a_failed_job_says_why_and_can_be_tried_again(qtbot, view):
    error = ErrorReport("memory", "The model ran out of memory.", "Traceback: deep inside")
    view.set_jobs([job("a", JobState.FAILED, error=error)])
    row = view.rows()[0]
    assert row._status.text() == "The model ran out of memory."
    assert not row._details.isVisible()
    row._show.click()
    assert row._details.isVisible()
    assert "deep inside" in row._details.text()
    with qtbot.waitSignal(view.retried) as caught:
        row._retry.click()
    assert caught.args == ["a"]
    with qtbot.waitSignal(view.retried):
        qtbot.keyClick(row, Qt.Key.Key_Return)


def test_interrupted_jobs_can_run_again_or_be_discarded(qtbot, view):
    view.set_jobs([job("a", JobState.INTERRUPTED), job("b")])
    assert names(view) == ["b", "a"]
    assert view._interrupted.isVisible()
    row = view.rows()[1]
    assert row._retry.text() == "Run again"
    with qtbot.waitSignal(view.retried) as caught:
        row._retry.click()
    assert caught.args == ["a"]
    with qtbot.waitSignal(view.discarded) as caught:
        row._close.click()
    assert caught.args == ["a"]


def test_alt_arrows_reorder_the_waiting(qtbot, view):
    view.set_jobs([job("r", JobState.RUNNING), job("a"), job("b"), job("c")])
    heard = []
    view.moved.connect(lambda *args: heard.append(args))
    rows = {row.job.id: row for row in view.rows()}
    qtbot.keyClick(rows["b"], Qt.Key.Key_Up, Qt.KeyboardModifier.AltModifier)
    qtbot.keyClick(rows["b"], Qt.Key.Key_Down, Qt.KeyboardModifier.AltModifier)
    qtbot.keyClick(rows["a"], Qt.Key.Key_Up, Qt.KeyboardModifier.AltModifier)  # it is first already
    qtbot.keyClick(rows["r"], Qt.Key.Key_Down, Qt.KeyboardModifier.AltModifier)  # it runs
    assert heard == [("b", 0), ("b", 2)]


def test_arrows_walk_the_rows(qtbot, view):
    view.set_jobs([job("a"), job("b")])
    rows = view.rows()
    rows[0].setFocus()
    qtbot.keyClick(rows[0], Qt.Key.Key_Down)
    assert rows[1].hasFocus()


def test_dragging_reorders(qtbot, view):
    view.set_jobs([job("r", JobState.RUNNING), job("a"), job("b"), job("c")])
    qtbot.waitUntil(lambda: view.rows()[-1].geometry().top() > view.rows()[1].geometry().bottom() - 5)
    rows = {row.job.id: row for row in view.rows()}
    below = rows["c"].geometry().bottom() - 2
    above = rows["a"].geometry().top() + 2
    heard = []
    view.moved.connect(lambda *args: heard.append(args))
    for name, y in (("a", below), ("c", above)):
        row, grip = rows[name], QPoint(100, 10)
        target = row.mapFrom(view._list, QPoint(100, y))
        qtbot.mousePress(row, Qt.MouseButton.LeftButton, pos=grip)
        QApplication.sendEvent(row, QMouseEvent(QEvent.Type.MouseMove, QPointF(target),
                                                QPointF(row.mapToGlobal(target)), Qt.MouseButton.NoButton,
                                                Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier))
        assert row.dragged
        assert view._list.mark is not None
        qtbot.mouseRelease(row, Qt.MouseButton.LeftButton, pos=target)
        assert view._list.mark is None
    assert heard == [("a", 2), ("c", 0)]


def test_a_running_job_cannot_be_dragged(qtbot, view):
    view.set_jobs([job("r", JobState.RUNNING)])
    row = view.rows()[0]
    assert not row.movable
    qtbot.mousePress(row, Qt.MouseButton.LeftButton, pos=QPoint(60, 10))
    assert row._grip is None


def test_pause(qtbot, view):
    view.set_jobs([job("a")])
    with qtbot.waitSignal(view.paused) as caught:
        view._pause.click()
    assert caught.args == [True]
    view.set_paused(True)
    assert view._pause.text() == "Resume"
    assert view._summary.text() == "Paused · 1 waiting"
    with qtbot.waitSignal(view.paused) as caught:
        view._pause.click()
    assert caught.args == [False]


def test_a_job_that_changes_state_changes_its_row(view):
    waiting = job("a")
    view.set_jobs([waiting])
    view.set_jobs([replace(waiting, state=JobState.FAILED, error=ErrorReport("crash", "It crashed."))])
    row = view.rows()[0]
    assert row._actions.isVisible()
    assert row.accessibleName() == "prompt of a, It crashed."


def test_hundreds_of_jobs_scroll(view):
    view.set_jobs([job(str(n)) for n in range(300)])
    assert len(view.rows()) == 300
    assert view.sizeHint().height() <= 440
    assert summary(view.jobs) == "300 waiting"

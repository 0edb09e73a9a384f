"""The one thread that writes: it takes all changes that wait, commits them together, then tells each how it went."""

from __future__ import annotations

import logging
import queue
import sqlite3
import threading
import traceback
from collections.abc import Callable
from concurrent.futures import Future
from pathlib import Path
from typing import Any, Generic, TypeVar

from studio.project import errors
from studio.project.errors import ProjectError

T = TypeVar("T")
log = logging.getLogger("studio.project")

MAX_GROUP = 500
"""Changes in one transaction at most, so that the first of a long list does not wait for the last."""


class Change(Future[T], Generic[T]):
    """The future of one change. When it failed and is thrown away without anyone having asked how it went, the failure
    is reported (see `fail`)."""

    _heard = False
    _report: Callable[[ProjectError], None] | None = None
    _error: ProjectError | None = None

    def result(self, timeout: float | None = None) -> T:
        self._heard = True
        return super().result(timeout)

    def exception(self, timeout: float | None = None) -> BaseException | None:
        self._heard = True
        return super().exception(timeout)

    def add_done_callback(self, fn: Callable[[Future[T]], object]) -> None:
        self._heard = True
        super().add_done_callback(fn)

    def fail(self, error: ProjectError, report: Callable[[ProjectError], None]) -> None:
        """End with `error`; `report` is called with it once nobody can ask any more and nobody has."""
        self._error, self._report = error, report
        self.set_exception(error)

    def __del__(self) -> None:
        if self._report is not None and self._error is not None and not self._heard:
            self._report(self._error)


def failed(error: ProjectError, report: Callable[[ProjectError], None]) -> Change[Any]:
    """A change that has failed already."""
    change: Change[Any] = Change()
    change.set_running_or_notify_cancel()
    change.fail(error, report)
    return change


class _Task:
    def __init__(self, apply: Callable[..., Any], prepare: Callable[[], Any] | None) -> None:
        self.apply, self.prepare = apply, prepare
        self.future: Change[Any] = Change()
        self.value: Any = None
        self.error: ProjectError | None = None
        self.prepared: tuple[Any, ...] = ()


class _Lost(Exception):
    """SQLite gave up the whole transaction (a full disk, an I/O error), not only the change that met it."""


class Writer:
    """Owns the writing connection and its thread.

    A change is a function of the connection. It may be called twice (when a transaction broke because of another
    change), so whatever must not differ between the two, such as ids and times, is made by whoever submits it.
    """

    def __init__(self, connection: sqlite3.Connection, path: Path,
                 on_error: Callable[[ProjectError], None] | None = None,
                 trouble: Callable[[], ProjectError | None] = lambda: None) -> None:
        self.on_error = on_error
        self._trouble = trouble
        self._connection = connection
        self._path = path
        self._inbox: queue.SimpleQueue[_Task | None] = queue.SimpleQueue()
        self._gate = threading.Lock()
        self._closed = False
        # A daemon, so that a window that failed to close its project still ends; `Project` closes it at exit.
        self._thread = threading.Thread(target=self._run, name="project-writer", daemon=True)
        self._thread.start()

    def submit(self, apply: Callable[..., T], prepare: Callable[[], Any] | None = None) -> Change[T]:
        """Queue ``apply(connection)``. With `prepare`, its value, made on the writer's thread before the transaction
        begins, is the second argument. The future ends when the change is on disk; it fails with `ProjectError`."""
        task = _Task(apply, prepare)
        with self._gate:
            if not self._closed:
                self._inbox.put(task)
                return task.future
        return failed(errors.closed(self._path), self.report)

    def report(self, error: ProjectError) -> None:
        """Tell `on_error`, or else the log, of a failure that nobody awaits."""
        if self.on_error is None:
            log.error("A change was not saved: %s", error)
            return
        try:
            self.on_error(error)
        except Exception:
            log.exception("the error callback failed")

    def close(self) -> None:
        """Write what waits, then end the thread. The connection stays open, for the caller to close."""
        with self._gate:
            if not self._closed:
                self._closed = True
                self._inbox.put(None)
        self._thread.join()

    # ---------------------------------------------------------------- on the writer's thread

    def _run(self) -> None:
        last = False
        while not last:
            first = self._inbox.get()
            tasks, last = ([], True) if first is None else self._drain(first)
            first = None  # else its picture stays in memory until the next change comes
            tasks = [task for task in tasks if task.future.set_running_or_notify_cancel()]
            self._prepare(tasks)
            self._commit(tasks)
            while tasks:
                self._resolve(tasks.pop(0))

    def _drain(self, first: _Task) -> tuple[list[_Task], bool]:
        tasks = [first]
        while len(tasks) < MAX_GROUP:
            try:
                task = self._inbox.get_nowait()
            except queue.Empty:
                break
            if task is None:
                return tasks, True
            tasks.append(task)
        return tasks, False

    def _prepare(self, tasks: list[_Task]) -> None:
        trouble = self._trouble()
        for task in tasks:
            if trouble is not None:
                task.error = ProjectError(str(trouble), kind=trouble.kind)
                continue
            try:
                task.prepared = (task.prepare(),) if task.prepare is not None else ()
            except Exception as error:
                task.error = self._sentence(error)

    def _commit(self, tasks: list[_Task]) -> None:
        ready = [task for task in tasks if task.error is None]
        try:
            self._transaction(ready)
        except (_Lost, sqlite3.Error) as error:
            self._roll_back()
            if len(ready) == 1:
                ready[0].error = ready[0].error or self._sentence(error)
                return
            for task in ready:  # one of them broke it: let the others through
                task.error = None
                self._commit([task])

    def _transaction(self, tasks: list[_Task]) -> None:
        if not tasks:
            return
        run = self._connection.execute
        run("BEGIN IMMEDIATE")
        for task in tasks:
            run("SAVEPOINT change")
            try:
                task.value = task.apply(self._connection, *task.prepared)
            except Exception as error:
                task.error = self._sentence(error)
                if not self._connection.in_transaction:
                    raise _Lost from error
                run("ROLLBACK TO change")
            run("RELEASE change")
        run("COMMIT")

    def _roll_back(self) -> None:
        try:
            if self._connection.in_transaction:
                self._connection.execute("ROLLBACK")
        except sqlite3.Error:
            log.info("rolling back failed", exc_info=True)

    def _sentence(self, error: Exception) -> ProjectError:
        if isinstance(error, ProjectError):
            return error
        if isinstance(error, sqlite3.Error):
            told = errors.from_sqlite(error, self._path)
        elif isinstance(error, OSError):
            told = errors.from_os(error, self._path)
        else:
            told = ProjectError(f"This change could not be saved ({type(error).__name__}: {error}).")
        told.details = "".join(traceback.format_exception(error))
        told.__cause__ = error
        return told

    def _resolve(self, task: _Task) -> None:
        if task.error is None:
            task.future.set_result(task.value)
            return
        # A traceback holds the frames, they hold the task, and it its future, which shall go when nobody wants it.
        error: BaseException | None = task.error
        while error is not None:
            error.__traceback__ = None
            error = error.__cause__ or error.__context__
        task.future.fail(task.error, self.report)

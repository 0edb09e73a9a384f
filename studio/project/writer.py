"""The one thread that writes: it takes all changes that wait, commits them together, then tells each how it went."""

from __future__ import annotations

import logging
import queue
import sqlite3
import threading
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
    """The future of one change. It knows whether anyone wants to hear how it went."""

    heard = False

    def result(self, timeout: float | None = None) -> T:
        self.heard = True
        return super().result(timeout)

    def exception(self, timeout: float | None = None) -> BaseException | None:
        self.heard = True
        return super().exception(timeout)

    def add_done_callback(self, fn: Callable[[Future[T]], object]) -> None:
        self.heard = True
        super().add_done_callback(fn)


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
                 on_error: Callable[[ProjectError], None] | None = None) -> None:
        self.on_error = on_error
        self._connection = connection
        self._path = path
        self._inbox: queue.SimpleQueue[_Task | None] = queue.SimpleQueue()
        self._gate = threading.Lock()
        self._closed = False
        self._thread = threading.Thread(target=self._run, name="project-writer")
        self._thread.start()

    def submit(self, apply: Callable[..., T], prepare: Callable[[], Any] | None = None) -> Change[T]:
        """Queue ``apply(connection)``. With `prepare`, its value, made on the writer's thread before the transaction
        begins, is the second argument. The future ends when the change is on disk; it fails with `ProjectError`."""
        task = _Task(apply, prepare)
        with self._gate:
            if not self._closed:
                self._inbox.put(task)
                return task.future
        task.future.set_running_or_notify_cancel()
        task.future.set_exception(errors.closed(self._path))
        return task.future

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
            tasks = [task for task in tasks if task.future.set_running_or_notify_cancel()]
            for task in tasks:
                self._prepare(task)
            self._commit(tasks)
            for task in tasks:
                self._resolve(task)
            del first, tasks  # else the last picture stays in memory until the next one comes

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

    def _prepare(self, task: _Task) -> None:
        if task.prepare is None:
            return
        try:
            task.prepared = (task.prepare(),)
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
        told.__cause__ = error
        return told

    def _resolve(self, task: _Task) -> None:
        if task.error is None:
            task.future.set_result(task.value)
            return
        heard = task.future.heard
        task.future.set_exception(task.error)
        if heard:
            return
        if self.on_error is None:
            log.error("A change was not saved: %s", task.error)
            return
        try:
            self.on_error(task.error)
        except Exception:
            log.exception("the error callback failed")

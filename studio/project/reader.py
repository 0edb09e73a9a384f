"""Read-only connections, one for each thread that asks."""

from __future__ import annotations

import sqlite3
import threading
import weakref
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from studio.project import errors


class _Reader:
    """A connection and the lock that keeps `Readers.close` from pulling it away during a read."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self.connection = connection
        self.lock = threading.RLock()

    def close(self) -> None:
        with self.lock:
            self.connection.close()

    def __del__(self) -> None:  # its thread has ended
        self.connection.close()


class Readers:
    """Hands each thread its own connection; closes all of them at once."""

    def __init__(self, connect: Callable[[], sqlite3.Connection], path: Path) -> None:
        self._connect = connect
        self._path = path
        self._local = threading.local()
        self._all: weakref.WeakSet[_Reader] = weakref.WeakSet()
        self._gate = threading.Lock()
        self._closed = False

    @contextmanager
    def read(self) -> Iterator[sqlite3.Connection]:
        """This thread's connection. Errors of SQLite inside come out as `ProjectError`."""
        try:
            reader = self._mine()
            with reader.lock:
                if self._closed:
                    raise errors.closed(self._path)
                yield reader.connection
        except sqlite3.Error as error:
            raise errors.from_sqlite(error, self._path) from error

    def _mine(self) -> _Reader:
        reader: _Reader | None = getattr(self._local, "reader", None)
        if reader is None:
            with self._gate:
                if self._closed:
                    raise errors.closed(self._path)
                reader = self._local.reader = _Reader(self._connect())
                self._all.add(reader)
        return reader

    def close(self) -> None:
        with self._gate:
            self._closed = True
            readers = list(self._all)
        for reader in readers:
            reader.close()

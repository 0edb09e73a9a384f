"""One window per project: a lock of the operating system on a file beside it.

The system lets go of it when the process dies, however it dies. The lock is not taken on the project itself: closing
any descriptor of a database drops SQLite's own locks in the whole process.
"""

from __future__ import annotations

import errno
import os
import sys
import time
from pathlib import Path


class LockedElsewhere(Exception):
    """Someone else holds the lock."""


def lock_path(project: Path) -> Path:
    return project.with_name(project.name + "-lock")


def _acquire(fd: int) -> None:
    """Raises OSError when someone else, in this process too, holds the lock."""
    if sys.platform == "win32":
        import msvcrt

        msvcrt.locking(fd, msvcrt.LK_NBLCK, 1)
    else:
        import fcntl

        fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)


class FileLock:
    """An exclusive lock on `<project>-lock`, from construction until `release`.

    Raises:
        LockedElsewhere: another window, of this process or another, holds it.
        OSError: the folder cannot be written.
    """

    def __init__(self, project: Path) -> None:
        self._path = lock_path(project)
        for _ in range(3):  # `is_locked` holds it for a moment
            try:
                self._fd = self._take()
                return
            except LockedElsewhere:
                time.sleep(0.02)
        self._fd = self._take()

    def _take(self) -> int:
        while True:
            fd = os.open(self._path, os.O_RDWR | os.O_CREAT | getattr(os, "O_CLOEXEC", 0), 0o644)
            try:
                _acquire(fd)
            except OSError as error:
                if error.errno in (errno.ENOLCK, errno.EOPNOTSUPP):  # some network drives have no locks
                    return fd
                os.close(fd)
                raise LockedElsewhere from error
            if self._is_current(fd):
                return fd
            os.close(fd)  # the holder removed the file between our open and our lock: take the new one

    def _is_current(self, fd: int) -> bool:
        if sys.platform == "win32":
            return True
        try:
            there = self._path.stat()
        except FileNotFoundError:
            return False
        here = os.fstat(fd)
        return (there.st_dev, there.st_ino) == (here.st_dev, here.st_ino)

    def release(self) -> None:
        """Let go and remove the file. Does nothing the second time."""
        if self._fd < 0:
            return
        fd, self._fd = self._fd, -1
        if sys.platform == "win32":
            os.close(fd)
        try:
            self._path.unlink(missing_ok=True)
        except OSError:
            pass  # the lock goes with the descriptor; a leftover file does no harm
        if sys.platform != "win32":
            os.close(fd)


def is_locked(project: Path) -> bool:
    """Whether a window has the project open now. Takes no lock for longer than the question, and makes no file."""
    try:
        fd = os.open(lock_path(project), os.O_RDWR)
    except OSError:
        return False
    try:
        _acquire(fd)
    except OSError as error:
        return error.errno not in (errno.ENOLCK, errno.EOPNOTSUPP)
    finally:
        os.close(fd)
    return False

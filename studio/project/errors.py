"""What can go wrong with a project file, each as one sentence for the person."""

from __future__ import annotations

import errno
import sqlite3
from pathlib import Path
from typing import Literal

ProjectErrorKind = Literal[
    "damaged", "newer", "locked", "read-only", "full", "missing", "not-a-project", "exists", "closed", "failed",
]


class ProjectError(Exception):
    """A project that cannot be opened, read or changed. `str(error)` is one sentence for the person.

    Attributes:
        kind: "damaged", "newer" (made by a later Pieria), "locked" (open elsewhere), "read-only", "full" (the disk),
            "missing" (the file, or something a change refers to), "not-a-project", "exists", "closed", "failed".
        details: the traceback behind a change that failed, where there is one.
    """

    def __init__(self, message: str, *, kind: ProjectErrorKind = "failed") -> None:
        super().__init__(message)
        self.message = message
        self.kind: ProjectErrorKind = kind
        self.details = ""


def damaged(path: Path) -> ProjectError:
    return ProjectError(
        f"The project {path.name} is damaged; run “studio project check {path.name}” to see what is wrong, "
        "and open a copy from a backup.", kind="damaged")


def not_a_project(path: Path) -> ProjectError:
    return ProjectError(f"{path.name} is not a Pieria project.", kind="not-a-project")


def missing(path: Path) -> ProjectError:
    return ProjectError(f"There is no project at {path}; it may have been moved or renamed.", kind="missing")


def read_only(path: Path) -> ProjectError:
    return ProjectError(f"The project {path.name} is read-only; save a copy of it elsewhere to change it.",
                        kind="read-only")


def full(path: Path) -> ProjectError:
    return ProjectError(
        f"The disk is full, so the last change was not saved in {path.name}; free some space and try again.",
        kind="full")


def locked(path: Path) -> ProjectError:
    return ProjectError(f"The project {path.name} is already open in another Pieria window; close it there first.",
                        kind="locked")


def closed(path: Path) -> ProjectError:
    return ProjectError(f"The project {path.name} is closed; open it again to work on it.", kind="closed")


def from_sqlite(error: sqlite3.Error, path: Path) -> ProjectError:
    """The sentence for an error of SQLite."""
    code = getattr(error, "sqlite_errorcode", None)
    primary = code & 0xFF if isinstance(code, int) else -1
    known = {
        sqlite3.SQLITE_CORRUPT: damaged, sqlite3.SQLITE_NOTADB: damaged, sqlite3.SQLITE_FULL: full,
        sqlite3.SQLITE_READONLY: read_only, sqlite3.SQLITE_BUSY: locked, sqlite3.SQLITE_LOCKED: locked,
    }.get(primary)
    if known is None and "decode to UTF-8" in str(error):
        known = damaged
    if known is not None:
        return known(path)
    if isinstance(error, sqlite3.IntegrityError):
        return ProjectError("This change refers to something that is no longer in the project; undo it and try again.",
                            kind="missing")
    if isinstance(error, sqlite3.DataError):
        return ProjectError("This is too large to keep in a project; one piece may have 1 GB at most.", kind="failed")
    if primary == sqlite3.SQLITE_CANTOPEN:
        return ProjectError(f"The project {path.name} could not be opened; check that its folder can be read.",
                            kind="missing" if not path.exists() else "failed")
    return ProjectError(f"The project {path.name} could not be read or written ({error}); check its disk.")


def from_os(error: OSError, path: Path) -> ProjectError:
    """The sentence for an error of the operating system."""
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        return full(path)
    if isinstance(error, FileNotFoundError):
        return ProjectError(f"The folder {path.parent} does not exist; choose another place.", kind="missing")
    if isinstance(error, FileExistsError):
        return ProjectError(f"There is already a file called {path.name}; choose another name.", kind="exists")
    if isinstance(error, PermissionError) or error.errno == errno.EROFS:
        return ProjectError(f"{path} cannot be written; choose another place or change its permissions.",
                            kind="read-only")
    return ProjectError(f"{path} could not be read or written ({error.strerror or error}); check its disk.")

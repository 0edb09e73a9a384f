"""Opening and closing the SQLite database of a project: for writing under a lock, or for reading alone."""

from __future__ import annotations

import os
import secrets
import shutil
import sqlite3
import tempfile
from dataclasses import dataclass, field
from pathlib import Path

from studio.project import errors, schema
from studio.project.errors import ProjectError
from studio.project.lock import FileLock, LockedElsewhere, is_locked

MAGIC = b"SQLite format 3\0"
BUSY_SECONDS = 10.0
SIDECARS = ("-wal", "-shm", "-journal")


@dataclass
class Database:
    """An open project file. `writing` is None where it is read-only; `source` is what readers open."""

    path: Path
    writing: sqlite3.Connection | None
    source: Path
    immutable: bool = False
    lock: FileLock | None = None
    copy: tempfile.TemporaryDirectory[str] | None = field(default=None, repr=False)
    witness: int = -1
    """A descriptor of the file, which tells whether it still has a name."""

    def connect(self) -> sqlite3.Connection:
        """A read-only connection that any thread may use, one at a time."""
        return connect_read_only(self.source, immutable=self.immutable)

    def trouble(self) -> ProjectError | None:
        """Why no change would last: the file was deleted while it is open. (One that was moved is written on.)"""
        if self.witness < 0 or os.fstat(self.witness).st_nlink > 0:
            return None
        return ProjectError(f"The project {self.path.name} was deleted while it was open; save a copy to keep it.",
                            kind="missing")

    def close(self) -> None:
        """Leave one single file behind, if nobody else reads it, and let go of the lock."""
        if self.writing is not None:
            _settle(self.writing)
        if self.witness >= 0:
            os.close(self.witness)  # only now: it would drop SQLite's locks
        if self.lock is not None:
            self.lock.release()
        if self.copy is not None:
            self.copy.cleanup()


def can_write(path: Path) -> bool:
    """Whether the file and its folder (for SQLite's journals) take changes."""
    return os.access(path, os.W_OK) and os.access(path.parent, os.W_OK)


def connect_read_only(path: Path, *, immutable: bool = False) -> sqlite3.Connection:
    uri = f"{path.as_uri()}?mode=ro{'&immutable=1' if immutable else ''}"
    connection = sqlite3.connect(uri, uri=True, timeout=BUSY_SECONDS, isolation_level=None, check_same_thread=False)
    _set(connection, "query_only = 1", "cache_size = -16000")
    return connection


def _connect_writing(path: Path, mode: str) -> sqlite3.Connection:
    connection = sqlite3.connect(f"{path.as_uri()}?mode={mode}", uri=True, timeout=BUSY_SECONDS, isolation_level=None,
                                 check_same_thread=False)
    _set(connection, "foreign_keys = 1", "synchronous = FULL",
         "fullfsync = 1")  # on macOS nothing less reaches the disk
    return connection


def _set(connection: sqlite3.Connection, *pragmas: str) -> None:
    try:
        for pragma in pragmas:
            connection.execute(f"PRAGMA {pragma}")
    except UnicodeDecodeError as error:  # SQLite quotes what it found in a damaged schema, which may be no text
        connection.close()
        raise sqlite3.DatabaseError("could not decode to UTF-8: a damaged schema") from error


def _settle(connection: sqlite3.Connection) -> None:
    try:
        connection.execute("PRAGMA busy_timeout = 500")
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        connection.execute("PRAGMA journal_mode = DELETE")
    except sqlite3.Error:
        pass  # someone reads it, or the disk is full: the journal beside the file keeps what is missing in it
    finally:
        connection.close()


def check_place(path: Path) -> None:
    """Raises `ProjectError` where there is no file."""
    if path.is_dir():
        raise errors.not_a_project(path)
    if not path.exists():
        raise errors.missing(path)


def check_header(path: Path) -> None:
    """Raises `ProjectError` where the file cannot be a project, without opening it as a database.

    Never call it for a file that this process has open: closing any descriptor of a database drops SQLite's locks on it
    in the whole process.
    """
    try:
        with path.open("rb") as file:
            start = file.read(100)
            size = file.seek(0, os.SEEK_END)
    except FileNotFoundError as error:
        raise errors.missing(path) from error
    except OSError as error:
        raise ProjectError(f"The project {path.name} cannot be read; check its permissions.", kind="failed") from error
    if not start.startswith(MAGIC):
        raise errors.damaged(path) if path.suffix == ".pieria" else errors.not_a_project(path)
    page = int.from_bytes(start[16:18], "big")
    # SQLite fills a last page that is cut off with zeros. With a journal beside it, it may be about to be mended.
    if size < 512 or (page > 1 and size % page and not has_journal(path)):
        raise errors.damaged(path)


def open_database(path: Path, *, read_only: bool = False) -> Database:
    """Open an existing project, migrated to the present version.

    Raises:
        ProjectError: "missing", "not-a-project", "damaged", "newer" or "locked".
    """
    check_place(path)
    try:
        if not read_only and can_write(path):
            return _open_writing(path)
        return _open_reading(path)
    except sqlite3.Error as error:
        raise errors.from_sqlite(error, path) from error


def _open_writing(path: Path) -> Database:
    try:
        lock = FileLock(path)
    except LockedElsewhere as error:
        raise errors.locked(path) from error
    except OSError:
        return _open_reading(path)
    connection: sqlite3.Connection | None = None
    witness = -1
    try:
        check_header(path)
        witness = os.open(path, os.O_RDONLY) if os.name == "posix" else -1
        connection = _connect_writing(path, "rw")
        schema.migrate(connection, schema.version_of(connection, path))
        _probe(connection)
        connection.execute("PRAGMA journal_mode = WAL")  # stays as it is where the file system has no shared memory
        connection.execute("PRAGMA journal_size_limit = 67108864")
    except BaseException:
        if connection is not None:
            connection.close()
        if witness >= 0:
            os.close(witness)
        lock.release()
        raise
    return Database(path, connection, path, lock=lock, witness=witness)


def _open_reading(path: Path) -> Database:
    if not is_locked(path):
        check_header(path)
    database = Database(path, None, path)
    try:
        try:
            _probe_reading(database)
        except sqlite3.OperationalError:
            # SQLite may not make its journals here. Without one the file is complete; else read a copy of both.
            if has_journal(path):
                database.copy = tempfile.TemporaryDirectory(prefix="pieria-")
                database.source = copy_with_journal(path, Path(database.copy.name))
            else:
                database.immutable = True
            _probe_reading(database)
    except BaseException:
        database.close()
        raise
    return database


def _probe_reading(database: Database) -> None:
    connection = database.connect()
    try:
        version = schema.version_of(connection, database.path)
        if version < schema.VERSION:
            raise ProjectError(f"The project {database.path.name} was made by an older Pieria and is read-only; "
                               "copy it to a place where it can be changed.", kind="read-only")
        _probe(connection)
    finally:
        connection.close()


def _probe(connection: sqlite3.Connection) -> None:
    """Touch what every start needs, so that damage there shows now and not in the middle of the work."""
    connection.execute("SELECT count(*) FROM meta").fetchone()
    connection.execute("SELECT count(*) FROM document").fetchone()
    connection.execute("SELECT max(seq) FROM result").fetchone()
    connection.execute("SELECT rowid FROM result_fts LIMIT 1").fetchone()


def has_journal(path: Path) -> bool:
    for ending in ("-wal", "-journal"):
        side = path.with_name(path.name + ending)
        if side.exists() and side.stat().st_size > 0:
            return True
    return False


def copy_with_journal(path: Path, folder: Path) -> Path:
    for ending in ("", "-wal", "-journal"):
        side = path.with_name(path.name + ending)
        if side.exists():
            shutil.copyfile(side, folder / side.name)
    copied = folder / path.name
    connection = _connect_writing(copied, "rw")
    try:
        connection.execute("SELECT count(*) FROM sqlite_master").fetchone()  # replays the journal
    finally:
        _settle(connection)
    return copied


def create_database(path: Path, project_id: str, title: str, created: float) -> None:
    """Make a new project file. It appears under its name only when it is complete.

    Raises:
        ProjectError: "exists", "read-only", "full", "missing" (the folder).
    """
    if path.exists():
        raise errors.from_os(FileExistsError(), path)
    draft = path.with_name(f".{path.name}.{secrets.token_hex(4)}.new")
    try:
        draft.touch(exist_ok=False)
        connection = _connect_writing(draft, "rw")
        try:
            schema.create_tables(connection)
            schema.fill(connection, project_id, title, created)
        finally:
            connection.close()
        _move_orphans(path)
        publish(draft, path, replace=False)
    except sqlite3.Error as error:
        raise errors.from_sqlite(error, path) from error
    except OSError as error:
        raise errors.from_os(error, path) from error
    finally:
        for ending in ("", *SIDECARS):
            draft.with_name(draft.name + ending).unlink(missing_ok=True)


def _move_orphans(path: Path) -> None:
    """A journal whose project is gone must not be applied to a new file of the same name."""
    for ending in SIDECARS:
        side = path.with_name(path.name + ending)
        if side.exists():
            side.replace(side.with_name(f"{side.name}-{secrets.token_hex(3)}.orphan"))


def publish(draft: Path, path: Path, *, replace: bool) -> None:
    """Give a finished file its name, durably. Raises FileExistsError where it is taken and `replace` is false."""
    with draft.open("rb+") as file:
        os.fsync(file.fileno())
    if replace:
        draft.replace(path)
    else:
        try:
            path.hardlink_to(draft)
        except FileExistsError:
            raise
        except OSError:  # a file system without hard links
            if path.exists():
                raise FileExistsError(path) from None
            draft.replace(path)
        draft.unlink(missing_ok=True)
    sync_folder(path.parent)


def sync_folder(folder: Path) -> None:
    """Make a new or renamed entry of a folder survive a power cut, where the system can."""
    try:
        fd = os.open(folder, os.O_RDONLY)
    except OSError:
        return  # Windows opens no folders
    try:
        os.fsync(fd)
    except OSError:
        pass
    finally:
        os.close(fd)

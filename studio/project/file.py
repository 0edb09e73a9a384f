"""One open `.pieria` file."""

from __future__ import annotations

import atexit
import secrets
import sqlite3
import threading
import time
from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path
from sqlite3 import Connection
from types import TracebackType
from typing import Any, Self, TypeVar

from studio.project import compact, errors
from studio.project.database import SIDECARS, Database, create_database, open_database, publish
from studio.project.documents import Jobs, interrupt_running
from studio.project.errors import ProjectError
from studio.project.lock import is_locked
from studio.project.manuscript.store import Manuscripts
from studio.project.paintings import Paintings, Revisions
from studio.project.reader import Readers
from studio.project.rows import dumps, loads
from studio.project.search import clean
from studio.project.sounds import Sounds
from studio.project.writer import Change, Writer, failed

T = TypeVar("T")


class Project(Paintings, Manuscripts, Sounds, Jobs):
    """The user's work, all in one file. Make it with `open`, `create` or `open_or_create`; end it with `close`.

    Every method that changes something returns at once with a `concurrent.futures.Future`, which ends when the change
    is on disk or fails with `ProjectError`. Reading methods may be called from any thread, see what is on disk, and
    raise `ProjectError` where the file turns out to be damaged. Changes take effect in the order of the calls.

    Attributes:
        path: the file.
        read_only: changes fail with kind "read-only".
    """

    def __init__(self, database: Database, on_error: Callable[[ProjectError], None] | None = None) -> None:
        self.path = database.path
        self.read_only = database.writing is None
        self._database = database
        self._readers = Readers(database.connect, self.path)
        self._revisions = Revisions()
        self._on_error = on_error
        self._threads: list[threading.Thread] = []
        self._told_read_only = False
        self._lent, self._put = {}, set()
        self._opened = time.time()
        self._closed = False
        self.id = self._find_id()
        self._writer: Writer | None = None
        if database.writing is not None:
            interrupt_running(database.writing)
            compact.watch(database.writing)
            self._writer = Writer(database.writing, self.path, on_error, database.trouble)
        atexit.register(self.close)

    # ------------------------------------------------------------ open and close

    @classmethod
    def open(cls, path: str | Path, *, read_only: bool = False,
             on_error: Callable[[ProjectError], None] | None = None) -> Project:
        """Open an existing project; one that cannot be written opens read-only.

        Args:
            read_only: only look; works while another window has it open.
            on_error: called on the writer's thread with each failed change whose future nobody listens to.

        Raises:
            ProjectError: "missing", "not-a-project", "damaged", "newer" or "locked".
        """
        place = Path(path).expanduser().resolve()
        database = open_database(place, read_only=read_only)
        try:
            return cls(database, on_error)
        except BaseException as error:
            database.close()
            if isinstance(error, sqlite3.Error):
                raise errors.from_sqlite(error, place) from error
            raise

    @classmethod
    def create(cls, path: str | Path, title: str = "Untitled", *,
               on_error: Callable[[ProjectError], None] | None = None) -> Project:
        """Make a new project with one canvas and one manuscript, and open it.

        Raises:
            ProjectError: "exists", "missing" (the folder), "read-only" or "full".
        """
        place = Path(path).expanduser().resolve()
        create_database(place, secrets.token_hex(16), clean(title), time.time())
        return cls.open(place, on_error=on_error)

    @classmethod
    def open_or_create(cls, path: str | Path, title: str = "Untitled", *,
                       on_error: Callable[[ProjectError], None] | None = None) -> Project:
        """Open it if it is there, otherwise make it."""
        if Path(path).expanduser().exists():
            return cls.open(path, on_error=on_error)
        return cls.create(path, title, on_error=on_error)

    def flush(self, timeout: float | None = None) -> bool:
        """Wait until all changes asked for so far are on disk or have failed; False if `timeout` seconds pass first."""
        if self._writer is None or self._closed:
            return True
        try:
            self._writer.submit(lambda _: None).exception(timeout)
        except TimeoutError:
            return False
        return True

    def close(self) -> None:
        """Write what waits and leave one single file behind. Does nothing the second time."""
        if self._closed:
            return
        self._closed = True
        atexit.unregister(self.close)
        for thread in self._threads:
            thread.join()
        if self._writer is not None:
            self._writer.close()
        self._readers.close()
        self._database.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None,
                 trace: TracebackType | None) -> None:
        self.close()

    # ------------------------------------------------------------ reading and changing

    def _read(self) -> AbstractContextManager[Connection]:
        return self._readers.read()

    def _change(self, apply: Callable[..., T], prepare: Callable[[], Any] | None = None) -> Change[T]:
        if self._writer is not None:
            return self._writer.submit(apply, prepare)
        return failed(errors.closed(self.path) if self._closed else errors.read_only(self.path), self._refuse)

    def _refuse(self, error: ProjectError) -> None:
        """Tell of the first change to a read-only project alone: a pane saves its view all the time."""
        if self._on_error is not None and not self._told_read_only:
            self._told_read_only = True
            self._on_error(error)

    # ------------------------------------------------------------ the project itself

    def _find_id(self) -> str:
        try:
            with self._read() as connection:
                row = connection.execute("SELECT value FROM meta WHERE key = 'id'").fetchone()
        except BaseException:
            self._readers.close()
            raise
        if row is None:
            self._readers.close()
            raise errors.damaged(self.path)
        return str(row[0])

    @property
    def title(self) -> str:
        with self._read() as connection:
            row = connection.execute("SELECT value FROM meta WHERE key = 'title'").fetchone()
        return str(row[0]) if row else self.path.stem

    def set_title(self, text: str) -> Change[None]:
        """Rename the project (not its file)."""
        return self._set_meta("title", clean(text))

    def get_state(self, key: str, default: Any = None) -> Any:
        """What `set_state` last stored under `key`."""
        with self._read() as connection:
            row = connection.execute("SELECT value FROM meta WHERE key = ?", (f"state.{key}",)).fetchone()
        return loads(row[0], None) if row else default

    def set_state(self, key: str, value: Any) -> Change[None]:
        """Keep a JSON value: a view position, a prompt draft."""
        return self._set_meta(f"state.{key}", dumps(value))

    def _set_meta(self, key: str, value: str) -> Change[None]:
        def apply(connection: Connection) -> None:
            connection.execute("INSERT INTO meta VALUES (?, ?) ON CONFLICT (key) DO UPDATE SET value = excluded.value",
                               (key, value))

        return self._change(apply)

    def stats(self) -> dict[str, Any]:
        """Counts of what is in it, and its size on disk in bytes."""
        with self._read() as connection:
            run = connection.execute
            kinds = dict(run("SELECT kind, count(*) FROM result WHERE deleted IS NULL GROUP BY kind").fetchall())
            one = run("SELECT (SELECT count(*) FROM result WHERE deleted IS NOT NULL), (SELECT count(*) FROM media), "
                      "(SELECT count(*) FROM document), (SELECT count(*) FROM canvas_item), "
                      "(SELECT count(*) FROM job), (SELECT value FROM meta WHERE key = 'created'), "
                      "(SELECT user_version FROM pragma_user_version), (SELECT count(*) FROM paint_document), "
                      "(SELECT count(*) FROM paint_tile), "
                      "(SELECT count(*) FROM manuscript_node WHERE kind = 'scene' AND trashed IS NULL), "
                      "(SELECT coalesce(sum(words), 0) FROM manuscript_node WHERE trashed IS NULL), "
                      "(SELECT count(*) FROM story_note), (SELECT count(*) FROM chat), "
                      "(SELECT count(*) FROM sound_piece WHERE kind = 'track'), "
                      "(SELECT count(*) FROM sound_piece WHERE kind = 'clip')").fetchone()
        return {"id": self.id, "title": self.title, "version": one[6], "created": float(one[5] or 0),
                "bytes": compact.size_of(self.path), "results": sum(kinds.values()), "kinds": kinds,
                "deleted": one[0], "media": one[1], "documents": one[2], "canvas_items": one[3], "jobs": one[4],
                "paintings": one[7], "tiles": one[8], "scenes": one[9], "words": one[10], "notes": one[11],
                "chats": one[12], "tracks": one[13], "clips": one[14]}

    # ------------------------------------------------------------ copies

    def save_copy(self, path: str | Path) -> Change[Path]:
        """Write all that is in the project now to another file, which replaces what is there, and is a project of its
        own. Reading and writing go on meanwhile."""
        target = Path(path).expanduser().resolve()
        return self._beside(lambda: self._copy(target), target)

    def compact(self, days: float = compact.DAYS) -> Change[compact.Compaction]:
        """Throw out results that were thrown away more than `days` days ago (0: all of the bin), and media that nothing
        refers to; then make the file as small as it can be. What was thrown away or put since the project was opened
        stays, and what Undo or the queue may still need. Reading goes on meanwhile; changes wait."""
        before = min(time.time() - days * 86400, self._opened)

        def run() -> compact.Compaction:
            compact.check_room(self.path)
            size = self._settled_size()
            results, media = self._change(lambda connection: compact.purge(connection, before, self._put)).result()
            # A preparation runs on the writer's thread while no transaction is open, which VACUUM needs.
            self._change(lambda *_: None, self._squeeze).result()
            return compact.Compaction(results, media, size, self._settled_size())

        return self._beside(run, self.path)

    def _settled_size(self) -> int:
        """Bytes of the file once its journal is in it."""
        with self._read() as connection:
            row = connection.execute("SELECT page_count * page_size FROM pragma_page_count, pragma_page_size")
            return int(row.fetchone()[0])

    def _squeeze(self) -> None:
        if self._database.writing is not None:
            compact.squeeze(self._database.writing)

    def _beside(self, work: Callable[[], T], path: Path) -> Change[T]:
        """Do something long on a thread of its own, which `close` waits for. path: the file that errors are about."""
        done: Change[T] = Change()
        done.set_running_or_notify_cancel()

        def run() -> None:
            try:
                done.set_result(work())
            except ProjectError as error:
                done.set_exception(error)
            except sqlite3.Error as error:
                done.set_exception(errors.from_sqlite(error, path))
            except OSError as error:
                done.set_exception(errors.from_os(error, path))

        thread = threading.Thread(target=run, name="project-beside")
        self._threads = [t for t in self._threads if t.is_alive()] + [thread]
        thread.start()
        return done

    def _copy(self, target: Path) -> Path:
        if target == self.path:
            raise ProjectError("A copy needs a name of its own; choose another.", kind="exists")
        if is_locked(target):
            raise errors.locked(target)
        self.flush()
        draft = target.with_name(f".{target.name}.{secrets.token_hex(4)}.new")
        try:
            draft.touch(exist_ok=False)
            self._vacuum_into(draft)
            own = sqlite3.connect(draft, isolation_level=None)
            try:
                own.execute("UPDATE meta SET value = ? WHERE key = 'id'", (secrets.token_hex(16),))
            finally:
                own.close()
            publish(draft, target, replace=True)
            return target
        finally:
            for ending in ("", *SIDECARS):
                draft.with_name(draft.name + ending).unlink(missing_ok=True)

    def _vacuum_into(self, draft: Path) -> None:
        if self._database.writing is not None and self._database.trouble() is not None:
            # No new connection finds the file any more. The writer's own does, and idles: changes are refused.
            self._database.writing.execute("VACUUM INTO ?", (str(draft),))
            return
        with self._read() as connection:
            connection.execute("PRAGMA query_only = 0")
            try:
                connection.execute("VACUUM INTO ?", (str(draft),))
            finally:
                connection.execute("PRAGMA query_only = 1")

"""Documents, the items of canvases, and the queue that survives a kill."""

from __future__ import annotations

import secrets
import time
from collections.abc import Iterable, Sequence
from concurrent.futures import Future
from sqlite3 import Connection, OperationalError
from typing import Any

from studio.project.errors import ProjectError
from studio.project.migration3 import add_first_scene
from studio.project.rows import CanvasItem, DocumentKind, DocumentRow, Json, dumps, loads
from studio.project.search import clean
from studio.project.store import Store

_ITEM_COLUMNS = "id, document, media, x, y, width, height, z, name, opacity, visible, locked, result"
ENDED = ("done", "failed", "cancelled")
"""Job states after which nothing is left to do."""


def touch(connection: Connection, document: str, now: float, kind: str | None = None) -> None:
    """Note that a document changed. Raises ProjectError where there is none, or it is of another kind."""
    done = connection.execute("UPDATE document SET updated = ? WHERE id = ? AND kind = coalesce(?, kind)",
                              (now, document, kind))
    if done.rowcount == 0:
        raise ProjectError("This document is no longer in the project.", kind="missing")


class Documents(Store):
    """The part of `Project` that keeps documents."""

    def documents(self, kind: DocumentKind | None = None) -> list[DocumentRow]:
        """All documents, or those of a kind, in their order."""
        with self._read() as connection:
            rows = connection.execute("SELECT id, kind, title, position, state, updated FROM document "
                                      "WHERE ? IS NULL OR kind = ? ORDER BY position, id", (kind, kind)).fetchall()
        return [DocumentRow(i, k, t, p, loads(s, {}), u) for i, k, t, p, s, u in rows]

    def add_document(self, kind: DocumentKind, title: str, key: str = "") -> Future[DocumentRow]:
        """Add a canvas, a manuscript (with a chapter and a scene) or a sound document behind the others. key: its id,
        for those who cannot wait for it."""
        key, now, title = key or secrets.token_hex(8), time.time(), clean(title)

        def apply(connection: Connection) -> DocumentRow:
            position = connection.execute("SELECT coalesce(max(position) + 1, 0) FROM document").fetchone()[0]
            connection.execute("INSERT INTO document VALUES (?, ?, ?, ?, '{}', ?)", (key, kind, title, position, now))
            if kind == "manuscript":
                add_first_scene(connection, key, now)
            return DocumentRow(key, kind, title, position, {}, now)

        return self._change(apply)

    def rename_document(self, document: str, title: str) -> Future[None]:
        """Give it another title."""
        return self._set_document(document, "title", clean(title))

    def set_document_state(self, document: str, state: Json) -> Future[None]:
        """Replace what its pane keeps: view, frame, selection."""
        return self._set_document(document, "state", dumps(state))

    def _set_document(self, document: str, column: str, value: str) -> Future[None]:
        now = time.time()

        def apply(connection: Connection) -> None:
            touch(connection, document, now)
            connection.execute(f"UPDATE document SET {column} = ? WHERE id = ?", (value, document))

        return self._change(apply)

    # ------------------------------------------------------------ canvas

    def canvas_items(self, document: str) -> list[CanvasItem]:
        """The items of a canvas, the rearmost first."""
        with self._read() as connection:
            rows = connection.execute(f"SELECT {_ITEM_COLUMNS} FROM canvas_item WHERE document = ? ORDER BY z, id",
                                      (document,)).fetchall()
        return [CanvasItem(i, d, media or "", x, y, w, h, z, name, opacity, bool(visible), bool(locked), result or "")
                for i, d, media, x, y, w, h, z, name, opacity, visible, locked, result in rows]

    def put_canvas_items(self, items: Sequence[CanvasItem]) -> Future[None]:
        """Add these items, or change those that are there, all at once. Their media must be in the project."""
        now = time.time()
        values = [(i.id, i.document, i.media or None, float(i.x), float(i.y), float(i.width), float(i.height),
                   float(i.z), clean(i.name), float(i.opacity), int(i.visible), int(i.locked), i.result or None)
                  for i in items]

        def apply(connection: Connection) -> None:
            connection.executemany(
                f"INSERT INTO canvas_item ({_ITEM_COLUMNS}) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) "
                "ON CONFLICT (id) DO UPDATE SET document = excluded.document, media = excluded.media, x = excluded.x, "
                "y = excluded.y, width = excluded.width, height = excluded.height, z = excluded.z, "
                "name = excluded.name, opacity = excluded.opacity, visible = excluded.visible, "
                "locked = excluded.locked, result = excluded.result", values)
            for document in sorted({value[1] for value in values}):
                touch(connection, document, now)

        return self._change(apply)

    def remove_canvas_items(self, ids: Iterable[str]) -> Future[None]:
        """Take these items off their canvas; unknown ids are no error."""
        gone = [(key,) for key in ids]

        def apply(connection: Connection) -> None:
            connection.executemany("DELETE FROM canvas_item WHERE id = ?", gone)

        return self._change(apply)


class Jobs(Store):
    """The part of `Project` that keeps the queue."""

    def save_jobs(self, jobs: Sequence[Json]) -> Future[None]:
        """Keep the whole queue in this order; each is ``Job.to_json()``. Unfinished jobs that are not in it are
        forgotten; finished ones stay as history."""
        now = time.time()
        rows = [(str(job["id"]), place, str(job.get("lane", "foreground")), str(job.get("state", "waiting")),
                 dumps(job.get("request", {})), dumps(job["error"]) if job.get("error") else None)
                for place, job in enumerate(jobs)]
        kept = dumps([row[0] for row in rows])

        def apply(connection: Connection) -> None:
            connection.execute(
                f"DELETE FROM job WHERE state NOT IN {ENDED} AND id NOT IN (SELECT value FROM json_each(?))", (kept,))
            connection.executemany(
                "INSERT INTO job (id, position, lane, state, request, error, created) VALUES (?, ?, ?, ?, ?, ?, ?) "
                "ON CONFLICT (id) DO UPDATE SET position = excluded.position, lane = excluded.lane, "
                "state = excluded.state, request = excluded.request, error = excluded.error",
                [(*row, now) for row in rows])
            _stamp(connection, now)

        return self._change(apply)

    def jobs(self) -> list[Json]:
        """The unfinished jobs in order, as ``Job.to_json()`` gave them. One that was running when the studio went away,
        or whose engine crashed before, is "interrupted"."""
        with self._read() as connection:
            rows = connection.execute("SELECT id, lane, state, request, error FROM job "
                                      f"WHERE state NOT IN {ENDED} ORDER BY position, created").fetchall()
        return [{"id": key, "lane": lane, "state": state, "request": loads(request, {}),
                 "error": loads(error, None) if error else None} for key, lane, state, request, error in rows]

    def mark_job(self, job_id: str, state: str, error: Any = None) -> Future[None]:
        """Note a job's new state, with ``ErrorReport.to_json()`` if it failed. An unknown job is no error: it may have
        been cleared meanwhile."""
        now, stored = time.time(), dumps(error) if error else None

        def apply(connection: Connection) -> None:
            connection.execute("UPDATE job SET state = ?, error = ? WHERE id = ?", (str(state), stored, job_id))
            _stamp(connection, now)

        return self._change(apply)


def _stamp(connection: Connection, now: float) -> None:
    connection.execute("UPDATE job SET started = ? WHERE state = 'running' AND started IS NULL", (now,))
    connection.execute(f"UPDATE job SET finished = ? WHERE state IN {ENDED} AND finished IS NULL", (now,))


def interrupt_running(connection: Connection) -> None:
    """Jobs that ran when the project was last open run no more. Those whose engine crashed then were interrupted too:
    they keep the error, and are offered until somebody runs or discards them."""
    try:
        connection.execute("UPDATE job SET state = 'interrupted' WHERE state = 'running'")
        connection.execute("UPDATE job SET state = 'interrupted', finished = NULL WHERE state = 'failed' AND "
                           "CASE WHEN json_valid(error) THEN json_extract(error, '$.kind') END = 'crash'")
    except OperationalError:
        pass  # a full disk: the project opens all the same

"""Paintings in the project: the layers of a canvas, read and written. numpy and Qt come only when one is asked for."""

from __future__ import annotations

import secrets
import threading
import time
import weakref
from concurrent.futures import Future
from sqlite3 import Connection
from typing import TYPE_CHECKING, NamedTuple

from studio.project.documents import Documents
from studio.project.errors import ProjectError
from studio.project.migration import artboard, frame_of, tree_of
from studio.project.results import Results
from studio.project.rows import Json, loads

if TYPE_CHECKING:
    from studio.project.paint.picture import Picture
    from studio.project.paint.plane import Plane
    from studio.project.paint.store import Delta, Row
    from studio.project.sound.arrangement import Arrangement

EMPTY_SIDE = 512
"""Pixels a side of the artboard of a canvas on which nothing was painted yet."""


class _Kept(NamedTuple):
    """A painting as the file holds it."""

    width: int
    height: int
    tree: Json
    revision: str
    rows: list[Row]


class Revisions:
    """Names for contents. A picture or an arrangement never changes, so one name holds for it as long as it lives; the
    file notes the name of what it holds. A change that builds on something else than what is in the file is thereby
    found out."""

    def __init__(self) -> None:
        self._names: weakref.WeakKeyDictionary[object, str] = weakref.WeakKeyDictionary()
        self._lock = threading.Lock()

    def of(self, picture: Picture | Arrangement | None) -> str:
        """The value's name; "" of nothing."""
        if picture is None:
            return ""
        with self._lock:
            return self._names.setdefault(picture, secrets.token_hex(8))

    def note(self, picture: Picture | Arrangement, revision: str) -> None:
        """`picture` was read from the file, where it has this name."""
        if revision:
            with self._lock:
                self._names[picture] = revision


class Paintings(Results, Documents):
    """The part of `Project` that keeps what is painted. (What version 1 laid on a canvas is among the media.)"""

    _revisions: Revisions

    def paint(self, document: str) -> Picture:
        """The painting of a canvas. See `paint_with_notes`."""
        return self.paint_with_notes(document)[0]

    def paint_with_notes(self, document: str) -> tuple[Picture, list[str]]:
        """The painting of a canvas and what could not be read of it, one sentence each. An empty one where nothing was
        painted yet. All pixels are decoded before it returns: call it off the window's thread. Raises KeyError where
        there is no such canvas."""
        from studio.project.paint.store import picture_of

        kept = self._kept(document)
        notes: list[str] = []
        if kept is None:
            return _empty(), notes
        picture = picture_of(kept.width, kept.height, kept.tree, kept.rows, self._draw, notes)
        self._revisions.note(picture, kept.revision)
        return picture, notes

    def painted(self) -> set[str]:
        """The canvases on which there is something."""
        with self._read() as connection:
            rows = connection.execute("SELECT document FROM paint_document UNION SELECT document FROM canvas_item")
            return {row[0] for row in rows.fetchall()}

    def put_paint(self, document: str, before: Picture | None, after: Picture) -> Future[None]:
        """Keep `after`. Only the tiles in which it differs from `before` (what was last put or read; None: everything
        is written) are compressed, on the writer's thread. Should the file hold something else than `before`, as after
        a change that failed, everything is written."""
        base, revision, now = self._revisions.of(before), self._revisions.of(after), time.time()

        def prepare() -> Delta:
            from studio.project.paint.store import delta

            return delta(before, after)

        def apply(connection: Connection, change: Delta) -> None:
            done = connection.execute("UPDATE document SET updated = ? WHERE id = ? AND kind = 'canvas'",
                                      (now, document))
            if done.rowcount == 0:
                raise ProjectError("This canvas is no longer in the project.", kind="missing")
            row = connection.execute("SELECT revision FROM paint_document WHERE document = ?", (document,)).fetchone()
            if before is not None and (row is None or row[0] != base):
                change = _whole(after)
            if before is None or row is None or row[0] != base:
                connection.execute("DELETE FROM paint_tile WHERE document = ?", (document,))
            _apply(connection, document, change, revision)

        return self._change(apply, prepare)

    # ------------------------------------------------------------ inside

    def _kept(self, document: str) -> _Kept | None:
        """What the file holds; of a canvas with the pictures of version 1 what they amount to."""
        with self._read() as connection:
            connection.execute("BEGIN")  # tree and tiles from the same moment
            try:
                state = connection.execute("SELECT state FROM document WHERE id = ? AND kind = 'canvas'",
                                           (document,)).fetchone()
                if state is None:
                    raise KeyError(document)
                row = connection.execute("SELECT width, height, tree, revision FROM paint_document WHERE document = ?",
                                         (document,)).fetchone()
                rows = connection.execute("SELECT plane, tx, ty, data FROM paint_tile WHERE document = ?",
                                          (document,)).fetchall()
            finally:
                connection.execute("COMMIT")
        if row is not None:
            tree = loads(row[2], None)
            if not isinstance(tree, dict):  # an empty picture in its place would be saved over what is still there
                raise ProjectError("The layers of this canvas are damaged; run “studio project check”, and open a copy "
                                   "from a backup.", kind="damaged")
            return _Kept(row[0], row[1], tree, row[3], rows)
        items = self.canvas_items(document)
        board = artboard(items, frame_of(loads(state[0], {})))
        return None if board is None else _Kept(board.w, board.h, tree_of(items, board), "", [])

    def _draw(self, source: Json) -> Plane:
        """A medium at the size that the tree names."""
        from studio.project.formats.pictures import decode_scaled
        from studio.project.paint.plane import Plane

        data, _ = self.media(str(source.get("media", "")))
        return Plane.from_array(decode_scaled(data, int(source["width"]), int(source["height"])))


def _empty() -> Picture:
    from studio.project.paint.layer import Layer, new_id
    from studio.project.paint.picture import Picture

    layer = Layer(new_id(), "Layer 1")
    return Picture(EMPTY_SIDE, EMPTY_SIDE, (layer,), layer.id)


def _whole(picture: Picture) -> Delta:
    from studio.project.paint.store import delta

    return delta(None, picture)


def _apply(connection: Connection, document: str, change: Delta, revision: str) -> None:
    connection.execute(
        "INSERT INTO paint_document VALUES (?, ?, ?, ?, ?) ON CONFLICT (document) DO UPDATE SET "
        "width = excluded.width, height = excluded.height, tree = excluded.tree, revision = excluded.revision",
        (document, change.width, change.height, change.tree, revision))
    connection.executemany("DELETE FROM paint_tile WHERE document = ? AND plane = ?",
                           [(document, plane) for plane in change.gone])
    connection.executemany("DELETE FROM paint_tile WHERE document = ? AND plane = ? AND tx = ? AND ty = ?",
                           [(document, *place) for place in change.removed])
    connection.executemany(
        "INSERT INTO paint_tile VALUES (?, ?, ?, ?, ?) ON CONFLICT (document, plane, tx, ty) DO UPDATE SET "
        "data = excluded.data", [(document, *row) for row in change.put])

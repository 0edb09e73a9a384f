"""From version 1 to 2: the pictures on a canvas become the layers of a painting.

Only numbers move here. The pixels stay in `media` until the painting is read for the first time (see `paint.store`), so
a project full of pictures opens as fast as ever and nothing has to be decoded inside the transaction.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from sqlite3 import Connection
from typing import Any, NamedTuple

from studio.project.rows import CanvasItem, Json, dumps, loads

MAX_SIDE = 16384
"""Longest side of an artboard and of a layer's picture (`paint.picture.MAX_SIDE`, which would bring Qt along)."""

PAINT_TABLES = """
CREATE TABLE paint_document (
  document TEXT PRIMARY KEY REFERENCES document(id), width INTEGER NOT NULL, height INTEGER NOT NULL,
  tree TEXT NOT NULL, revision TEXT NOT NULL);
CREATE TABLE paint_tile (
  document TEXT NOT NULL REFERENCES paint_document(document), plane TEXT NOT NULL, tx INTEGER NOT NULL,
  ty INTEGER NOT NULL, data BLOB NOT NULL, PRIMARY KEY (document, plane, tx, ty));
"""


class Box(NamedTuple):
    """A rectangle in canvas pixels."""

    x: int
    y: int
    w: int
    h: int

    def united(self, other: Box) -> Box:
        x, y = min(self.x, other.x), min(self.y, other.y)
        return Box(x, y, max(self.x + self.w, other.x + other.w) - x, max(self.y + self.h, other.y + other.h) - y)


def to_version_2(connection: Connection) -> None:
    """Add the tables of paintings; each canvas that holds pictures becomes one. Inside the caller's transaction."""
    for statement in PAINT_TABLES.split(";"):
        connection.execute(statement)
    canvases = connection.execute("SELECT id, state FROM document WHERE kind = 'canvas'").fetchall()
    for document, state in canvases:
        _convert(connection, document, loads(state, {}))


def _convert(connection: Connection, document: str, state: Json) -> None:
    rows = connection.execute("SELECT id, document, media, x, y, width, height, z, name, opacity, visible, locked, "
                              "result FROM canvas_item WHERE document = ? ORDER BY z, id", (document,)).fetchall()
    items = [CanvasItem(i, d, m or "", x, y, w, h, z, name, opacity, bool(visible), bool(locked), result or "")
             for i, d, m, x, y, w, h, z, name, opacity, visible, locked, result in rows]
    board = artboard(items, frame_of(state))
    if board is None:  # nothing was there: the pane chooses artboard and view anew
        moved = {key: value for key, value in state.items() if key not in ("frame", "scale", "x", "y")}
    else:
        connection.execute("INSERT INTO paint_document VALUES (?, ?, ?, ?, '')",
                           (document, board.w, board.h, dumps(tree_of(items, board))))
        moved = _moved(state, board)
    if moved != state:
        connection.execute("UPDATE document SET state = ? WHERE id = ?", (dumps(moved), document))


def frame_of(state: Json) -> Box | None:
    """The generation frame that the pane remembered."""
    frame = state.get("frame")
    if not isinstance(frame, list) or len(frame) != 4 or not all(isinstance(v, int) for v in frame):
        return None
    return Box(*frame) if 0 < frame[2] <= MAX_SIDE and 0 < frame[3] <= MAX_SIDE else None


def artboard(items: Sequence[CanvasItem], frame: Box | None) -> Box | None:
    """The rectangle around all items and the frame, in the items' coordinates; None where there are no items. At most
    `MAX_SIDE` a side, around the frame where not everything fits: the rest then lies outside, as layers may."""
    boxes = [box_of(item) for item in items]
    if not boxes:
        return None
    whole = boxes[0]
    for box in boxes[1:]:
        whole = whole.united(box)
    if frame is not None:
        whole = whole.united(frame)
    near = frame or boxes[-1]
    x, w = _within(whole.x, whole.w, near.x, near.w)
    y, h = _within(whole.y, whole.h, near.y, near.h)
    return Box(x, y, w, h)


def _within(start: int, length: int, near: int, size: int) -> tuple[int, int]:
    """`start`, `length` cut to `MAX_SIDE` such that `near`, `size` lies in it."""
    if length <= MAX_SIDE:
        return start, length
    middle = near + size // 2 - MAX_SIDE // 2
    return min(max(start, middle), start + length - MAX_SIDE), MAX_SIDE


def box_of(item: CanvasItem) -> Box:
    """Where an item lies in whole pixels; what cannot be a place or a size becomes 0 or 1."""
    x, y, width, height = (v if math.isfinite(v) and abs(v) < 1e9 else 0.0
                           for v in (item.x, item.y, item.width, item.height))
    return Box(round(x), round(y), min(max(round(width), 1), MAX_SIDE), min(max(round(height), 1), MAX_SIDE))


def tree_of(items: Iterable[CanvasItem], board: Box) -> Json:
    """The tree of a painting with a layer for each item; `source` says which medium its pixels are."""
    layers: list[Json] = []
    for item in items:
        box = box_of(item)
        layer: dict[str, Any] = {"id": item.id, "name": item.name or f"Picture {len(layers) + 1}",
                                 "dx": box.x - board.x, "dy": box.y - board.y, "visible": item.visible,
                                 "locked": item.locked, "result": item.result,
                                 "opacity": min(max(item.opacity, 0.0), 1.0) if math.isfinite(item.opacity) else 1.0}
        if item.media:
            layer["source"] = {"media": item.media, "width": box.w, "height": box.h}
        layers.append(layer)
    return {"layers": layers, "active": layers[-1]["id"] if layers else ""}


def _moved(state: Json, board: Box) -> Json:
    """The pane's state with frame and view in the coordinates of the artboard."""
    moved = dict(state)
    frame = frame_of(state)
    if frame is not None:
        moved["frame"] = [frame.x - board.x, frame.y - board.y, frame.w, frame.h]
    else:
        moved.pop("frame", None)
    for key, offset in (("x", board.x), ("y", board.y)):
        if isinstance(state.get(key), (int, float)):
            moved[key] = state[key] - offset
    return moved

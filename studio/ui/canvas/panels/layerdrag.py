"""Dragging rows of the list of layers: where they would land, and the line that shows it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import QPointF

from studio.project.paint.picture import Picture
from studio.project.paint.tree import children
from studio.ui.canvas.panels.layermodel import Row
from studio.ui.canvas.panels.layerpaint import DEEPEST, EYE, INDENT


@dataclass(frozen=True)
class Landing:
    """Where dragged layers go: among the children of `parent` ("" for the top), `index` from the rearmost.

    gap: the line is drawn above this row; -1 where the layers go into the group `parent` itself. depth: of the line.
    """

    parent: str
    index: int
    gap: int
    depth: int


def landing_at(picture: Picture, rows: Sequence[Row], at: QPointF, height: int,
               dragged: Sequence[str]) -> Landing | None:
    """What a drop at a point of the list means (y from the top of the first row, x from its left); None for nothing.

    A drop on the middle of a group goes into it, on top; between rows, x chooses how deep. Nothing goes into itself.
    """
    if not rows:
        return None
    place = max(0.0, at.y()) / height
    over, share = int(place), place % 1.0
    if over < len(rows) and rows[over].layer.kind == "group" and 0.28 < share < 0.72:
        target = rows[over].layer
        if set(picture.path(target.id)) & set(dragged):
            return None
        return Landing(target.id, len(target.children), -1, rows[over].depth + 1)
    gap = min(len(rows), over + (1 if share >= 0.5 else 0)) if over < len(rows) else len(rows)
    depth = _depth_at(rows, gap, at.x())
    found = _between(picture, rows, gap, depth)
    if found.parent and set(picture.path(found.parent)) & set(dragged):
        return None
    return found


def _depth_at(rows: Sequence[Row], gap: int, x: float) -> int:
    """How deep a layer between two rows lies: as x says, within what is possible there."""
    above, below = rows[gap - 1] if gap else None, rows[gap] if gap < len(rows) else None
    most = 0 if above is None else above.depth + int(above.layer.kind == "group" and not above.layer.folded)
    least = min(most, below.depth if below is not None else 0)
    wished = int((x - EYE) // INDENT) if x > EYE else 0
    return max(least, min(most, wished, DEEPEST))


def _between(picture: Picture, rows: Sequence[Row], gap: int, depth: int) -> Landing:
    if gap < len(rows) and rows[gap].depth == depth:
        below = rows[gap].layer.id
        parent = picture.parent(below)
        siblings = [layer.id for layer in children(picture, parent)]
        return Landing(parent, siblings.index(below) + 1, gap, depth)
    above = rows[gap - 1]
    path = picture.path(above.layer.id)
    parent = path[depth - 1] if depth else ""
    return Landing(parent, 0, gap, depth)  # deeper than what follows: the rearmost of that group

"""The pictures on the pasteboard: plain records, in z order, with their undo commands."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, fields, replace
from typing import Any
from uuid import uuid4

from PySide6.QtCore import QObject, QPointF, QRectF, Signal
from PySide6.QtGui import QUndoCommand, QUndoStack

_STACKING = {"up": "Raise", "down": "Lower", "front": "Bring to front", "back": "Send to back"}

EDGE = 10_000_000.0
"""Coordinates are kept within this distance of the origin."""


def _number(value: Any, default: float, low: float, high: float) -> float:
    try:
        number = float(value)
    except (TypeError, ValueError):
        return default
    return min(high, max(low, number)) if math.isfinite(number) else default


@dataclass(frozen=True)
class Item:
    """One picture on the pasteboard.

    Attributes:
        media: content hash of the encoded picture.
        x, y, width, height: place in scene pixels.
        z: order; the higher lies on top.
        opacity: 0 to 1.
        result: id of the result it came from, "" for a picture of the person's own.
    """

    id: str
    media: str
    x: float = 0.0
    y: float = 0.0
    width: float = 1.0
    height: float = 1.0
    z: float = 0.0
    name: str = ""
    opacity: float = 1.0
    visible: bool = True
    locked: bool = False
    result: str = ""

    @property
    def rect(self) -> QRectF:
        return QRectF(self.x, self.y, self.width, self.height)

    def at(self, rect: QRectF) -> Item:
        return replace(self, x=rect.x(), y=rect.y(), width=rect.width(), height=rect.height())

    def to_dict(self) -> dict[str, Any]:
        return asdict(self)

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> Item:
        """Read a record; numbers that are missing, infinite or no numbers fall back to the defaults."""
        known = {f.name: data[f.name] for f in fields(cls) if data.get(f.name) is not None}
        own = dict(known) | {
            "id": str(known.get("id") or uuid4().hex[:16]),
            "media": str(known.get("media", "")),
            "name": str(known.get("name", "")),
            "result": str(known.get("result", "")),
            "visible": bool(known.get("visible", True)),
            "locked": bool(known.get("locked", False)),
            "opacity": _number(known.get("opacity"), 1.0, 0.0, 1.0),
        }
        own |= {key: _number(known.get(key), 0.0, -EDGE, EDGE) for key in ("x", "y", "z")}
        own |= {key: _number(known.get(key), 1.0, 1.0, EDGE) for key in ("width", "height")}
        return cls(**own)


class Board(QObject):
    """All items of a canvas and what is selected. Changes made through `undo` tell the project about themselves."""

    changed = Signal()
    """Something is to be painted anew."""
    items_changed = Signal(list)
    """list[dict] of items that were added or changed, for the project file."""
    items_removed = Signal(list)
    """list[str] of item ids."""
    selection_changed = Signal()

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.undo = QUndoStack(self)
        self._items: dict[str, Item] = {}
        self._order: list[Item] | None = None
        self.selected: list[str] = []

    # ------------------------------------------------------------ reading

    def __len__(self) -> int:
        return len(self._items)

    def get(self, item_id: str) -> Item | None:
        return self._items.get(item_id)

    def items(self) -> list[Item]:
        """From the bottom up."""
        if self._order is None:
            self._order = sorted(self._items.values(), key=lambda item: item.z)
        return self._order

    def selection(self) -> list[Item]:
        """The selected items from the bottom up."""
        return [item for item in self.items() if item.id in self.selected]

    def top_z(self) -> float:
        return max((item.z for item in self._items.values()), default=0.0)

    def bounds(self) -> QRectF:
        """What all visible items cover."""
        rect = QRectF()
        for item in self._items.values():
            if item.visible:
                rect = rect.united(item.rect)
        return rect

    def item_at(self, point: QPointF) -> Item | None:
        """The topmost visible item under a scene point."""
        return next((i for i in reversed(self.items()) if i.visible and i.rect.contains(point)), None)

    # ------------------------------------------------------------ changing without undo

    def load(self, items: Iterable[Mapping[str, Any]]) -> None:
        """Replace everything, as read from the project file."""
        self.undo.clear()
        self._items = {item.id: item for item in map(Item.from_dict, items)}
        self._order = None
        self.selected = []
        self.selection_changed.emit()
        self.changed.emit()

    def show(self, items: Iterable[Item]) -> None:
        """Draw items as they would be, during a drag; nothing is recorded."""
        self._items |= {item.id: item for item in items if item.id in self._items}
        self._order = None
        self.changed.emit()

    def select(self, ids: Iterable[str]) -> None:
        chosen = [i for i in dict.fromkeys(ids) if i in self._items]
        if chosen != self.selected:
            self.selected = chosen
            self.selection_changed.emit()
            self.changed.emit()

    # ------------------------------------------------------------ changing with undo

    def add(self, items: list[Item], text: str = "Add picture") -> None:
        self.undo.push(_Change(self, [], items, text))
        self.select(item.id for item in items)

    def remove(self, ids: Iterable[str]) -> None:
        gone = [self._items[i] for i in ids if i in self._items and not self._items[i].locked]
        if gone:
            self.undo.push(_Change(self, gone, [], "Delete picture" if len(gone) == 1 else "Delete pictures"))

    def change(self, before: list[Item], after: list[Item], text: str, merge: int = -1) -> None:
        """Record a change. Changes of the same items with the same `merge` number become one step."""
        if before != after:
            self.undo.push(_Change(self, before, after, text, merge))

    def restack(self, ids: list[str], where: str) -> None:
        """Move items in z order. where: "up", "down", "front" or "back"."""
        order = [item.id for item in self.items()]
        chosen = [i for i in order if i in ids]
        rest = [i for i in order if i not in ids]
        if not chosen or not rest:
            return
        place = {"front": len(rest), "back": 0}.get(where)
        if place is None:
            below = sum(1 for i in rest if order.index(i) < order.index(chosen[0]))
            above = sum(1 for i in rest if order.index(i) < order.index(chosen[-1]))
            place = min(len(rest), above + 1) if where == "up" else max(0, below - 1)
        rest[place:place] = chosen
        before, after = [], []
        for z, item_id in enumerate(rest, start=1):
            item = self._items[item_id]
            if item.z != z:
                before.append(item)
                after.append(replace(item, z=float(z)))
        self.change(before, after, _STACKING[where])

    # ------------------------------------------------------------ for the commands

    def apply(self, gone: list[Item], come: list[Item]) -> None:
        removed = [item.id for item in gone if item.id not in {i.id for i in come}]
        for item_id in removed:
            self._items.pop(item_id, None)
        self._items |= {item.id: item for item in come}
        self._order = None
        if any(i in removed for i in self.selected):
            self.selected = [i for i in self.selected if i not in removed]
            self.selection_changed.emit()
        if removed:
            self.items_removed.emit(removed)
        if come:
            self.items_changed.emit([item.to_dict() for item in come])
        self.changed.emit()


class _Change(QUndoCommand):
    """Items before and after; either list may be empty."""

    def __init__(self, board: Board, before: list[Item], after: list[Item], text: str, merge: int = -1) -> None:
        super().__init__(text)
        self.board, self.before, self.after, self.merge = board, before, after, merge

    def redo(self) -> None:
        self.board.apply(self.before, self.after)

    def undo(self) -> None:
        self.board.apply(self.after, self.before)

    def id(self) -> int:
        return self.merge

    def mergeWith(self, other: QUndoCommand) -> bool:
        if not isinstance(other, _Change) or [i.id for i in other.before] != [i.id for i in self.before]:
            return False
        self.after = other.after
        return True

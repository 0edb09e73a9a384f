"""The layers of the open document as rows: topmost first, folded groups shut."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from PySide6.QtCore import QAbstractListModel, QModelIndex, QObject, QPersistentModelIndex, Qt

from studio.project.paint.blend import BLEND_MODES
from studio.project.paint.layer import Layer
from studio.project.paint.picture import Picture
from studio.ui.canvas.controls import KINDS

Index = QModelIndex | QPersistentModelIndex
TITLES = {mode.id: mode.title for mode in BLEND_MODES}
CONTROL_WORDS = {kind.id: kind.title for kind in KINDS}


@dataclass(frozen=True)
class Row:
    """A layer as it stands in the list. dim: it or a group around it is hidden."""

    layer: Layer
    depth: int
    dim: bool

    def look(self) -> tuple[Any, ...]:
        """All that its row shows but the thumbnails."""
        own = self.layer
        return (own.id, own.name, own.kind, own.opacity, own.blend, own.visible, own.locked, own.alpha_locked,
                own.clipped, own.mask is not None, own.mask_on, len(own.children), own.folded, own.result, own.prompt,
                own.control, self.depth, self.dim)


def rows_of(picture: Picture) -> list[Row]:
    """The rows of a picture, topmost first, without what lies in folded groups."""
    rows: list[Row] = []
    _collect(picture.layers, 0, False, rows)
    return rows


def _collect(layers: tuple[Layer, ...], depth: int, dim: bool, rows: list[Row]) -> None:
    for layer in reversed(layers):
        rows.append(Row(layer, depth, dim or not layer.visible))
        if layer.kind == "group" and not layer.folded:
            _collect(layer.children, depth + 1, dim or not layer.visible, rows)


def line_of(layer: Layer) -> str:
    """The second line of a row: "Normal · 100 %"."""
    parts = [TITLES.get(layer.blend, layer.blend), f"{round(layer.opacity * 100)} %"]
    if layer.kind == "group":
        count = len(layer.children)
        parts.append(f"{count} layer" if count == 1 else f"{count} layers")
    return " · ".join(parts)


def tag_of(layer: Layer) -> str:
    """The tag of a row: what the layer steers, or that it has a prompt of its own; "" for none."""
    return CONTROL_WORDS.get(layer.control, "Prompt" if layer.prompt else "")


def words_of(row: Row) -> str:
    """A row as people hear it: "Ringed planet, Normal · 100 %, locked"."""
    layer = row.layer
    states = {"group": layer.kind == "group", "text": layer.kind == "text", "hidden": not layer.visible,
              "locked": layer.locked, "transparency locked": layer.alpha_locked,
              "clipped to the layer below": layer.clipped,
              "with a mask": layer.mask is not None and layer.mask_on,
              "mask off": layer.mask is not None and not layer.mask_on,
              "folded": layer.kind == "group" and layer.folded}
    extra = [tag_of(layer)] if tag_of(layer) else []
    return ", ".join([layer.name or "Layer", line_of(layer), *extra, *(word for word, on in states.items() if on)])


class LayerModel(QAbstractListModel):
    """Follows pictures by identity: rows that look the same are not told as changed."""

    RowRole = int(Qt.ItemDataRole.UserRole) + 1

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.rows: list[Row] = []

    def show(self, picture: Picture, pixels: bool = True) -> bool:
        """Take the rows of `picture`; True when there are others or in another order, so that the view is anew.

        pixels: other pixels count as a change of a row, so that it is painted again.
        """
        rows, before = rows_of(picture), self.rows
        if [r.layer.id for r in rows] != [r.layer.id for r in before]:
            self.beginResetModel()
            self.rows = rows
            self.endResetModel()
            return True
        self.rows = rows
        for place, (old, new) in enumerate(zip(before, rows, strict=True)):
            if old.look() != new.look() or (pixels and not _same_pixels(old.layer, new.layer)):
                index = self.index(place, 0)
                self.dataChanged.emit(index, index)
        return False

    def row(self, index: Index) -> Row | None:
        return self.rows[index.row()] if index.isValid() and index.row() < len(self.rows) else None

    def place_of(self, layer: str) -> int:
        """The row of a layer, -1 where it is not shown."""
        return next((n for n, row in enumerate(self.rows) if row.layer.id == layer), -1)

    def rowCount(self, parent: Index = QModelIndex()) -> int:
        return 0 if parent.isValid() else len(self.rows)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        row = self.row(index)
        if row is None:
            return None
        if role == self.RowRole:
            return row
        if role in (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.EditRole):
            return row.layer.name
        if role == Qt.ItemDataRole.AccessibleTextRole:
            return words_of(row)
        return None

    def flags(self, index: Index) -> Qt.ItemFlag:
        return super().flags(index) | Qt.ItemFlag.ItemIsEditable if index.isValid() else Qt.ItemFlag.NoItemFlags


def _same_pixels(one: Layer, other: Layer) -> bool:
    return one.plane is other.plane and one.mask is other.mask and one.children is other.children \
        and (one.dx, one.dy) == (other.dx, other.dy)

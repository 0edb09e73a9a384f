"""Vary this: more pictures like one that is there, from its recipe with other seeds, or from itself by a little."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from secrets import randbelow
from typing import Any

from PySide6.QtCore import QObject, QRect, QSize

from studio.project import ResultRow
from studio.ui.canvas.asking import start_field
from studio.ui.canvas.controller import CanvasController
from studio.ui.canvas.frame import fitted
from studio.ui.prompt import MAX_SEED, field_of_role
from studio.ui.requests import Ask

COUNT = 4
SUBTLE = 0.35
"""Strength of a variation that stays near the picture it comes from."""


class CannotVary(ValueError):
    """One sentence: why there are no variations of a result."""


@dataclass(frozen=True)
class Varied:
    """A result to vary, and where in the document it is shown (None: the frame's place)."""

    row: ResultRow
    rect: QRect | None


def again(row: ResultRow, schema: Mapping[str, Any], seed: int) -> dict[str, Any]:
    """The parameters of a result's recipe with another seed. Raises CannotVary."""
    name = field_of_role(dict(schema), "seed")
    if not name:
        raise CannotVary(f"{row.title} gives the same picture each time; choose one that was drawn from a prompt.")
    return {**known(row, schema), name: seed}


def subtle(row: ResultRow, schema: Mapping[str, Any], seed: int) -> dict[str, Any]:
    """Image to image from the result itself, with its own prompt, at low strength. Raises CannotVary."""
    params = again(row, schema, seed)
    start, strength = start_field(schema), field_of_role(dict(schema), "strength")
    if not start or not strength:
        raise CannotVary(f"{row.title} cannot start from a picture; vary it with other seeds instead.")
    if mask := field_of_role(dict(schema), "mask"):
        params.pop(mask, None)
    for role in ("width", "height"):
        if (name := field_of_role(dict(schema), role)) and row.meta.get(role):
            params[name] = int(row.meta[role])
    return params | {start: {"media": row.media, "type": row.media_type}, strength: SUBTLE}


def known(row: ResultRow, schema: Mapping[str, Any]) -> dict[str, Any]:
    """The recipe's parameters that the generator still has."""
    params = row.recipe.get("params", {})
    return {name: value for name, value in params.items() if name in schema.get("properties", {})}


class Variations(QObject):
    """Asks for variations; they come as candidates where their picture is."""

    def __init__(self, control: CanvasController, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.control, self.session, self.pane = control, control.session, control.pane

    def current(self, result: str = "") -> Varied | None:
        """The candidate in front, else the active layer where it came from a result, else `result`."""
        batch = self.pane.candidates.shown
        front = batch.front if batch is not None else None
        if batch is not None and front is not None and front.result:
            return self._found(str(front.result.get("result", "")), batch.rect)
        layer = self.pane.document.active
        bounds = layer.bounds() if layer is not None and layer.result else None
        if layer is not None and bounds is not None and (found := self._found(layer.result, QRect(*bounds))):
            return found
        return self._found(result, None) if result else None

    def vary(self, result: str = "", *, a_little: bool = False) -> bool:
        """Four variations of what is in front (see `current`)."""
        found = self.current(result)
        if found is None:
            self.session.notice.emit("Choose a result first: a candidate, a layer made from one, or one in the strip.")
            return False
        return self._vary(found, a_little)

    def vary_result(self, result: str, *, a_little: bool = False) -> bool:
        """Four variations of a result of the project, where the frame is."""
        found = self._found(result, None)
        return found is not None and self._vary(found, a_little)

    def _vary(self, found: Varied, a_little: bool) -> bool:
        row = found.row
        info = self.session.discovery.find(row.generator)
        if info is None or row.kind != "image":
            self.session.notice.emit("Only pictures whose generator is installed can be varied.")
            return False
        try:
            params = (subtle if a_little else again)(row, info.schema, randbelow(MAX_SEED))
        except CannotVary as error:
            self.session.notice.emit(str(error))
            return False
        rect = found.rect or self._place(row)
        target = {"document": self.control.document, "kind": "frame", "x": rect.x(), "y": rect.y(),
                  "width": rect.width(), "height": rect.height()}
        parents = (row.media,) if a_little else tuple(row.recipe.get("parents", ()))
        self.session.generate(Ask(row.generator, params, COUNT, {}, parents, target))
        return True

    def _place(self, row: ResultRow) -> QRect:
        frame = self.pane.frame_rect()
        width, height = int(row.meta.get("width") or 0), int(row.meta.get("height") or 0)
        return fitted(QSize(width, height), frame).toRect() if width and height else frame

    def _found(self, result: str, rect: QRect | None) -> Varied | None:
        try:
            return Varied(self.session.project.result(result), rect)
        except KeyError:
            return None

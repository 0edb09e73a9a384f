"""The tools of the canvas, and what a drag with each of them does."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from PySide6.QtCore import QPointF, QRect, QRectF, Qt

from studio.ui.canvas.board import Item
from studio.ui.canvas.frame import CURSORS, handle_at, resized
from studio.ui.canvas.painting import badge_rect, paint_marquee

if TYPE_CHECKING:
    from PySide6.QtGui import QPainter

    from studio.ui.canvas.pasteboard import Pasteboard

REACH = 9.0
"""How near the pointer must be to a handle, in px."""
EDGE_REACH = 5.0
CLICK = 4.0
"""A press that moves less than this is a click."""

Mods = Qt.KeyboardModifier


@dataclass(frozen=True)
class Tool:
    """One tool for the strip. id: "select", "frame", "hand" or "zoom"; icon: a Phosphor name; key: a single letter."""

    id: str
    name: str
    icon: str
    key: str
    hint: str = ""


TOOLS = (
    Tool("select", "Select and move", "cursor", "V", "Click a picture, drag to move it, drag a corner to resize it."),
    Tool("frame", "Generation frame", "frame-corners", "F", "Drag the frame to where the next picture will be made."),
    Tool("hand", "Hand", "hand", "H", "Drag to move the pasteboard; Space does the same for a moment."),
    Tool("zoom", "Zoom", "magnifying-glass-plus", "Z", "Click to come nearer, Alt+click to go away."),
)


class Drag:
    """From a press to its release. Positions are screen px of the pasteboard."""

    def __init__(self, view: Pasteboard, start: QPointF) -> None:
        self.view, self.start = view, start
        self.moved = False

    def move(self, at: QPointF, mods: Mods) -> None:
        if not self.moved and (at - self.start).manhattanLength() < CLICK:
            return
        self.moved = True
        self.drag(at, mods)

    def scene_delta(self, at: QPointF) -> QPointF:
        return (at - self.start) / self.view.camera.scale

    def drag(self, at: QPointF, mods: Mods) -> None: ...

    def release(self, at: QPointF, mods: Mods) -> None: ...

    def cancel(self) -> None: ...

    def paint(self, painter: QPainter) -> None: ...


class Pan(Drag):
    def __init__(self, view: Pasteboard, start: QPointF) -> None:
        super().__init__(view, start)
        self.last = start

    def drag(self, at: QPointF, mods: Mods) -> None:
        self.view.pan(at - self.last)
        self.last = at


class ZoomDrag(Drag):
    """A click zooms by 2; a drag to the right or left zooms smoothly."""

    def __init__(self, view: Pasteboard, start: QPointF) -> None:
        super().__init__(view, start)
        self.scale = view.camera.scale

    def drag(self, at: QPointF, mods: Mods) -> None:
        self.view.zoom_at(self.start, self.scale * 2.0 ** ((at.x() - self.start.x()) / 120))

    def release(self, at: QPointF, mods: Mods) -> None:
        if not self.moved:
            self.view.zoom_at(at, self.scale * (0.5 if mods & Mods.AltModifier else 2.0))


class MoveItems(Drag):
    def __init__(self, view: Pasteboard, start: QPointF) -> None:
        super().__init__(view, start)
        self.before = [item for item in view.board.selection() if not item.locked]
        self.after = self.before

    def drag(self, at: QPointF, mods: Mods) -> None:
        delta = self.scene_delta(at)
        dx, dy = round(delta.x()), round(delta.y())
        if mods & Mods.ShiftModifier:
            dx, dy = (dx, 0) if abs(dx) >= abs(dy) else (0, dy)
        self.after = [replace(i, x=i.x + dx, y=i.y + dy) for i in self.before]
        self.view.board.show(self.after)

    def release(self, at: QPointF, mods: Mods) -> None:
        self.view.board.change(self.before, self.after, "Move")

    def cancel(self) -> None:
        self.view.board.show(self.before)


class ResizeItems(Drag):
    """All selected pictures scale with the rectangle around them; Shift lets go of the aspect."""

    def __init__(self, view: Pasteboard, start: QPointF, rect: QRectF, handle: str) -> None:
        super().__init__(view, start)
        self.rect, self.handle = rect, handle
        self.before = [item for item in view.board.selection() if not item.locked]
        self.after = self.before

    def drag(self, at: QPointF, mods: Mods) -> None:
        free = bool(mods & Mods.ShiftModifier)
        new = resized(self.rect, self.handle, self.scene_delta(at), not free, least=8.0)
        across, down = new.width() / self.rect.width(), new.height() / self.rect.height()
        self.after = [
            item.at(QRectF(new.x() + (item.x - self.rect.x()) * across, new.y() + (item.y - self.rect.y()) * down,
                           max(1.0, item.width * across), max(1.0, item.height * down)))
            for item in self.before
        ]
        self.view.board.show(self.after)

    def release(self, at: QPointF, mods: Mods) -> None:
        self.view.board.change(self.before, self.after, "Resize")

    def cancel(self) -> None:
        self.view.board.show(self.before)


class Marquee(Drag):
    def __init__(self, view: Pasteboard, start: QPointF, mods: Mods) -> None:
        super().__init__(view, start)
        self.kept = list(view.board.selected) if mods & Mods.ShiftModifier else []
        self.rect = QRectF()
        view.board.select(self.kept)

    def drag(self, at: QPointF, mods: Mods) -> None:
        self.rect = QRectF(self.start, at).normalized()
        scene = self.view.camera.rect_to_document(self.rect)
        touched = [i.id for i in self.view.board.items() if i.visible and not i.locked and i.rect.intersects(scene)]
        self.view.board.select([*self.kept, *touched])
        self.view.update()

    def paint(self, painter: QPainter) -> None:
        if self.moved:
            paint_marquee(painter, self.rect, self.view.theme)


class FrameDrag(Drag):
    """Move or resize the generation frame; a click on it asks for the size menu."""

    def __init__(self, view: Pasteboard, start: QPointF, handle: str, on_badge: bool = False) -> None:
        super().__init__(view, start)
        self.handle, self.on_badge = handle, on_badge
        self.before = view.frame.rect

    def drag(self, at: QPointF, mods: Mods) -> None:
        keep = bool(mods & Mods.ShiftModifier)
        self.view.frame.set_rect(self.view.frame.dragged(self.before, self.handle, self.scene_delta(at), keep))

    def release(self, at: QPointF, mods: Mods) -> None:
        if not self.moved and self.on_badge:
            self.view.sizes_asked.emit()

    def cancel(self) -> None:
        self.view.frame.set_rect(self.before)


class FrameDraw(Drag):
    """With the frame tool on empty ground: draw a frame anew."""

    def __init__(self, view: Pasteboard, start: QPointF) -> None:
        super().__init__(view, start)
        self.before = view.frame.rect

    def drag(self, at: QPointF, mods: Mods) -> None:
        corner = self.view.camera.to_document(self.start)
        delta = self.scene_delta(at)
        handle = ("n" if delta.y() < 0 else "s") + ("w" if delta.x() < 0 else "e")
        seed = QRect(round(corner.x()), round(corner.y()), 0, 0)
        self.view.frame.set_rect(self.view.frame.dragged(seed, handle, delta, False))

    def release(self, at: QPointF, mods: Mods) -> None:
        if not self.moved:
            spot, rect = self.view.camera.to_document(at), self.view.frame.rect
            self.view.frame.set_rect(QRect(round(spot.x() - rect.width() / 2), round(spot.y() - rect.height() / 2),
                                           rect.width(), rect.height()))

    def cancel(self) -> None:
        self.view.frame.set_rect(self.before)


# ---------------------------------------------------------------- what lies under the pointer


def selection_handle(view: Pasteboard, at: QPointF) -> str | None:
    """The corner handle of the selection under the pointer."""
    rect = view.selection_rect()
    if rect is None or all(item.locked for item in view.board.selection()):
        return None
    handle = handle_at(view.camera.rect_to_screen(rect), at, REACH)
    return handle if handle is not None and len(handle) == 2 else None


def frame_handle(view: Pasteboard, at: QPointF, inside: bool) -> str | None:
    """The handle of the frame under the pointer; "move" on its edge or badge, or anywhere in it where `inside`."""
    rect = view.frame_on_screen()
    if badge_rect(rect, view.frame_words(), view.theme).contains(at):
        return "move"
    if min(rect.width(), rect.height()) >= 24 and (handle := handle_at(rect, at, REACH)) is not None:
        return handle
    near = rect.adjusted(-EDGE_REACH, -EDGE_REACH, EDGE_REACH, EDGE_REACH).contains(at)
    deep = rect.adjusted(EDGE_REACH, EDGE_REACH, -EDGE_REACH, -EDGE_REACH).contains(at)
    return "move" if near and (inside or not deep) else None


def drag_for(view: Pasteboard, at: QPointF, mods: Mods) -> Drag:
    """The drag that a left press starts with the tool in hand."""
    if view.hand_held or view.tool == "hand":
        return Pan(view, at)
    if view.tool == "zoom":
        return ZoomDrag(view, at)
    on_badge = badge_rect(view.frame_on_screen(), view.frame_words(), view.theme).contains(at)
    if view.tool == "frame":
        handle = frame_handle(view, at, inside=True)
        return FrameDrag(view, at, handle, on_badge) if handle else FrameDraw(view, at)
    rect = view.selection_rect()
    if rect is not None and (corner := selection_handle(view, at)):
        return ResizeItems(view, at, rect, corner)
    if handle := frame_handle(view, at, inside=False):
        return FrameDrag(view, at, handle, on_badge)
    item = view.board.item_at(view.camera.to_document(at))
    if item is None:
        return Marquee(view, at, mods)
    _select(view, item, mods)
    return MoveItems(view, at)


def _select(view: Pasteboard, item: Item, mods: Mods) -> None:
    selected = list(view.board.selected)
    if mods & Mods.ShiftModifier:
        selected = [i for i in selected if i != item.id] if item.id in selected else [*selected, item.id]
        view.board.select(selected)
    elif item.id not in selected:
        view.board.select([item.id])


def cursor_for(view: Pasteboard, at: QPointF) -> Qt.CursorShape:
    if view.hand_held or view.tool == "hand":
        return Qt.CursorShape.OpenHandCursor
    if view.tool == "zoom":
        return Qt.CursorShape.PointingHandCursor
    if view.tool == "frame":
        return CURSORS.get(frame_handle(view, at, inside=True) or "", Qt.CursorShape.CrossCursor)
    handle = selection_handle(view, at) or frame_handle(view, at, inside=False)
    return CURSORS.get(handle or "", Qt.CursorShape.ArrowCursor)

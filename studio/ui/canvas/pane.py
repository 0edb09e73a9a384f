"""The Canvas workspace: a pasteboard with pictures and the frame in which the next one is made."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from PySide6.QtCore import QPoint, QPointF, QRect, QRectF, Qt, Signal
from PySide6.QtGui import (
    QAccessible,
    QAccessibleAnnouncementEvent,
    QGuiApplication,
    QImage,
    QKeyEvent,
    QResizeEvent,
    QUndoStack,
)
from PySide6.QtWidgets import QWidget

from studio.ui.canvas.board import Board
from studio.ui.canvas.boardtools import TOOLS, Tool
from studio.ui.canvas.candidates import Candidates, State
from studio.ui.canvas.column import CandidateColumn
from studio.ui.canvas.contextbar import CanvasBar
from studio.ui.canvas.drops import Dropped, read_drop
from studio.ui.canvas.frame import GenerationFrame, Preset
from studio.ui.canvas.keys import handle_key
from studio.ui.canvas.making import copies_of, make_item, sizes_menu
from studio.ui.canvas.pasteboard import Pasteboard
from studio.ui.canvas.zoombadge import ZoomBadge
from studio.ui.preview import PreviewOverlay
from studio.ui.theme import Theme
from studio.ui.thumbnails import ImageLoader
from studio.ui.widgets.popup import Menu

OPACITY = 7002
LAID_OUT = 300
"""Narrower than this, in px, the pane has not been given its place yet."""


class CanvasPane(QWidget):
    """Everything a canvas document shows. Plain records go in, signals come out; it knows no project and no engine.

    An item record has the keys id, media (content hash), x, y, width, height, z, name, opacity, visible, locked,
    result.
    """

    items_changed = Signal(list)
    """list[dict]: items added or changed, by the person, by undo or by redo."""
    items_removed = Signal(list)
    """list[str]: ids."""
    frame_changed = Signal(QRect)
    candidate_kept = Signal(str, int)
    """Batch and index."""
    candidate_dropped = Signal(str, int)
    files_dropped = Signal(list, QPointF)
    """Paths, and where in scene pixels."""
    picture_pasted = Signal(QImage, QPointF)
    tool_changed = Signal(str)
    view_changed = Signal(float)
    """The scale."""
    selection_changed = Signal(list)
    """list[dict] of the selected items, from the bottom up."""

    def __init__(self, theme: Theme, loader: ImageLoader, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.theme, self.loader = theme, loader
        self.board = Board(self)
        self.frame = GenerationFrame(self)
        self.candidates = Candidates(self)
        self.choosing = False
        """Keys flip, keep and drop candidates; a press on the pasteboard ends it, one on the column brings it back."""
        self.pasteboard = Pasteboard(theme, loader, self.board, self.frame, self.candidates, self)
        self.pasteboard.setAccessibleName("Canvas")
        self.column = CandidateColumn(theme, loader, self.candidates, self.pasteboard)
        self.badge = ZoomBadge(theme, self)
        self.bar = CanvasBar(theme)
        self._preview: PreviewOverlay | None = None
        self._space_spent = False
        self._bar_left = 10_000
        self._waiting_view: dict[str, Any] | None = None
        """What to look at once the pane has its size."""
        self.setFocusProxy(self.pasteboard)
        self._connect()

    def _connect(self) -> None:
        board, candidates, view, badge, bar = self.board, self.candidates, self.pasteboard, self.badge, self.bar
        board.items_changed.connect(self.items_changed)
        board.items_removed.connect(self.items_removed)
        board.selection_changed.connect(self._selected)
        board.changed.connect(self._show_bar)
        self.frame.changed.connect(self._framed)
        candidates.shown_changed.connect(self._candidates_changed)
        candidates.changed.connect(self._place_column)
        candidates.flipped.connect(self._flipped)
        candidates.kept.connect(self.candidate_kept)
        candidates.dropped.connect(self.candidate_dropped)
        self.column.keep_asked.connect(self.keep_candidate)
        view.view_changed.connect(self._viewed)
        view.key_pressed.connect(self._key)
        view.dropped.connect(self._dropped)
        view.sizes_asked.connect(self.show_sizes)
        view.pressed.connect(lambda: self._set_choosing(False))
        badge.zoom_in.connect(self.zoom_in)
        badge.zoom_out.connect(self.zoom_out)
        badge.reset.connect(self.zoom_to_100)
        badge.fit.connect(self.zoom_to_fit)
        bar.opacity_changed.connect(self._set_opacity)
        bar.restacked.connect(lambda where: board.restack(board.selected, where))
        bar.deleted.connect(lambda: board.remove(board.selected))
        bar.locked.connect(self._set_locked)
        bar.size_chosen.connect(self.frame.set_size)
        bar.sizes_asked.connect(self.show_sizes)
        bar.zoomed.connect(self._zoom_command)
        self.loader.failed.connect(self._show_bar)
        self._show_bar()

    # ------------------------------------------------------------ items

    def load_items(self, items: Iterable[Mapping[str, Any]]) -> None:
        """Replace everything, as read from the project; undo starts anew."""
        self.candidates.clear()
        self.board.load(items)
        self._look({})

    def items(self) -> list[dict[str, Any]]:
        """All items from the bottom up."""
        return [item.to_dict() for item in self.board.items()]

    def add_picture(self, picture: Mapping[str, Any], at: QPointF | None = None) -> str:
        """Add a picture as one undoable step and select it; returns its item id.

        picture: media, and as known result, name, width, height. Without `at` (centre, scene pixels) it takes the
        frame's place, scaled to fit into it.
        """
        item = make_item(self.board, self.loader, picture, self.frame.rect, at)
        self.board.add([item])
        return item.id

    def undo_stack(self) -> QUndoStack:
        return self.board.undo

    def undo(self) -> None:
        self.board.undo.undo()

    def redo(self) -> None:
        self.board.undo.redo()

    def deselect(self) -> bool:
        had = bool(self.board.selected)
        self.board.select([])
        return had

    def duplicate_selection(self) -> None:
        copies = copies_of(self.board)
        if copies:
            self.board.add(copies, "Duplicate")

    def copy_selection(self) -> None:
        """Put the topmost selected picture onto the clipboard."""
        chosen = self.board.selection()
        image = self.loader.image(chosen[-1].media) if chosen else None
        if image is not None:
            QGuiApplication.clipboard().setImage(image)

    def paste(self) -> None:
        dropped = read_drop(QGuiApplication.clipboard().mimeData())
        if dropped is not None:
            self._dropped(dropped, self.pasteboard.camera.to_document(self.pasteboard.centre()))

    def _dropped(self, dropped: Dropped, at: QPointF) -> None:
        if dropped.result:
            meta = dropped.result.get("meta") or {}
            picture = {"width": meta.get("width"), "height": meta.get("height"), "name": dropped.result.get("prompt"),
                       "result": dropped.result.get("id"), **dropped.result}
            self.add_picture(picture, at)
            self.setFocus()
        elif dropped.paths:
            self.files_dropped.emit(dropped.paths, at)
        elif dropped.image is not None:
            self.picture_pasted.emit(dropped.image, at)

    # ------------------------------------------------------------ frame

    def frame_rect(self) -> QRect:
        """The generation frame in scene pixels."""
        return self.frame.rect

    def set_frame_rect(self, rect: QRect) -> None:
        self.frame.set_rect(rect)

    def set_frame_size(self, width: int, height: int) -> None:
        """Change the size about the centre; snapped to what the model can make."""
        self.frame.set_size(width, height)

    def set_frame_limits(self, step: int, least: int, most: int) -> None:
        """Sides are multiples of `step` from `least` to `most` px."""
        self.frame.set_limits(step, least, most)

    def set_presets(self, presets: Sequence[tuple[str, int, int]]) -> None:
        """Sizes that the menu offers: name, width, height."""
        self.frame.presets = [Preset(*p) for p in presets]

    def frame_image(self) -> QImage:
        """What lies under the frame, in its size; transparent where there is nothing."""
        return self.pasteboard.picture_of(self.frame.rect)

    def frame_covers(self) -> float:
        """Share of the frame's pixels that are not wholly transparent, 0 to 1."""
        alpha = self.frame_image().convertToFormat(QImage.Format.Format_Alpha8)
        rows, wide = bytes(alpha.constBits()), alpha.bytesPerLine()
        empty = sum(rows.count(0, y * wide, y * wide + alpha.width()) for y in range(alpha.height()))
        return 1.0 - empty / max(1, alpha.width() * alpha.height())

    def sizes_menu(self) -> Menu:
        """The sizes that the frame can take at a click."""
        return sizes_menu(self.theme, self.frame, self)

    def show_sizes(self) -> None:
        """Open the menu of frame sizes at the badge."""
        menu = self.sizes_menu()
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        corner = self.pasteboard.frame_on_screen().topLeft().toPoint()
        menu.popup(self.pasteboard.mapToGlobal(QPoint(max(8, corner.x()), max(8, corner.y() + 4))))

    def _framed(self, rect: QRect) -> None:
        self.bar.show_frame(rect.width(), rect.height(), self.frame.step, self.frame.least, self.frame.most)
        self._place_column()
        self.frame_changed.emit(rect)

    # ------------------------------------------------------------ candidates

    def begin_batch(self, batch_id: str, count: int, rect: QRect | None = None) -> None:
        """`count` pictures were asked for at `rect` (default: where the frame is)."""
        self.candidates.begin(batch_id, count, rect if rect is not None else self.frame.rect)
        self.board.select([])
        self._set_choosing(True)

    def set_preview(self, batch_id: str, index: int, image: QImage, step: int, of: int) -> None:
        """The picture so far (a null image leaves the last one) after `step` of `of` steps."""
        self.candidates.set_preview(batch_id, index, image, step, of)

    def set_result(self, batch_id: str, index: int, result: Mapping[str, Any]) -> None:
        """A finished picture: media, and as known result (id), name, width, height."""
        self.candidates.set_result(batch_id, index, result)

    def set_failed(self, batch_id: str, index: int, message: str) -> None:
        self.candidates.set_failed(batch_id, index, message)

    def end_batch(self, batch_id: str) -> None:
        """Nothing more will come for this batch."""
        self.candidates.end(batch_id)

    def keep_candidate(self) -> bool:
        """Put the candidate in front onto the pasteboard, as one undoable step. False while it is not finished."""
        kept = self.candidates.keep()
        if kept is None:
            return False
        batch, candidate = kept
        self.board.add([make_item(self.board, self.loader, candidate.result or {}, batch.rect)], "Keep picture")
        self._announce("Kept")
        return True

    def hide_candidates(self) -> None:
        self.candidates.set_hidden(True)

    def show_candidates(self) -> bool:
        """Bring hidden candidates back; whether there were any."""
        if not self.candidates.batches:
            return False
        self.candidates.set_hidden(False)
        self._set_choosing(True)
        return True

    def preview_candidate(self) -> bool:
        """Show the candidate in front as large as the window allows."""
        batch = self.candidates.shown
        image = self.pasteboard.candidate_image(batch) if batch is not None else None
        if image is None:
            return False
        if self._preview is None:
            self._preview = PreviewOverlay(self.theme, self)
            self._preview.stepped.connect(self.candidates.flip)
            self._preview.closed.connect(self.setFocus)
        self._preview.show_image(image, self._caption())
        return True

    def _caption(self) -> str:
        batch = self.candidates.shown
        if batch is None or batch.front is None:
            return ""
        name = (batch.front.result or {}).get("name") or batch.front.words
        return f"{batch.current + 1} of {len(batch.candidates)} · {name}"

    def _set_choosing(self, choosing: bool) -> None:
        self.choosing = choosing and self.candidates.shown is not None

    def _candidates_changed(self) -> None:
        self._set_choosing(self.candidates.shown is not None)
        self._place_column()

    def _flipped(self) -> None:
        batch = self.candidates.shown
        if batch is None or batch.front is None:
            return
        if not batch.followed:
            self._set_choosing(True)
            self._announce(batch.front.words)
        if self._preview is not None and self._preview.isVisible() and batch.front.state is not State.WAITING:
            self.preview_candidate()

    def _place_column(self) -> None:
        batch = self.candidates.shown
        if batch is not None:
            beside = self.pasteboard.camera.rect_to_screen(QRectF(batch.rect))
            self.column.lay_out(beside, self.pasteboard.area())

    # ------------------------------------------------------------ tools and view

    def tools(self) -> list[Tool]:
        """The tools of this workspace, for the strip."""
        return list(TOOLS)

    @property
    def tool(self) -> str:
        return self.pasteboard.tool

    def set_tool(self, tool: str) -> None:
        if tool != self.tool and any(t.id == tool for t in TOOLS):
            self.pasteboard.cancel_drag()
            self.pasteboard.tool = tool
            self.pasteboard.update()
            self._show_bar()
            self.tool_changed.emit(tool)

    def context_bar(self) -> QWidget:
        """Options of the active tool, for the context bar (40 px high)."""
        return self.bar

    def set_bottom_inset(self, px: int, left: int = 10_000) -> None:
        """How much at the bottom lies under the prompt bar, which begins at `left`: fitting, candidates and the zoom
        badge keep clear of it."""
        self.pasteboard.bottom_inset, self._bar_left = px, left
        self._place_badge()
        self._place_column()

    def scale(self) -> float:
        return self.pasteboard.camera.scale

    def zoom_in(self) -> None:
        self.pasteboard.zoom_at(self.pasteboard.centre(), self.scale() * 1.25)

    def zoom_out(self) -> None:
        self.pasteboard.zoom_at(self.pasteboard.centre(), self.scale() / 1.25)

    def zoom_to_100(self) -> None:
        self.pasteboard.zoom_at(self.pasteboard.centre(), 1.0)
        self.pasteboard.pan(QPointF(0, 0))

    def zoom_to_fit(self) -> None:
        self.pasteboard.fit()

    def view_state(self) -> dict[str, Any]:
        """Scale, scene point in the middle, frame: what reopening restores."""
        if self._waiting_view is not None:  # never shown: what was to be restored still holds
            rect = self.frame.rect
            return self._waiting_view | {"frame": [rect.x(), rect.y(), rect.width(), rect.height()]}
        centre, rect = self.pasteboard.camera.to_document(self.pasteboard.centre()), self.frame.rect
        return {"scale": self.scale(), "x": centre.x(), "y": centre.y(),
                "frame": [rect.x(), rect.y(), rect.width(), rect.height()]}

    def restore_view(self, state: Mapping[str, Any]) -> None:
        """Take up what `view_state` gave; anything of another shape is passed over."""
        frame = state.get("frame")
        if isinstance(frame, list) and len(frame) == 4 and all(isinstance(v, int) for v in frame):
            self.frame.set_rect(QRect(*frame))
        self._look(state)

    def _look(self, state: Mapping[str, Any]) -> None:
        """Look where the state says, at everything if it says nothing; as soon as the pane has its size."""
        if self.width() < LAID_OUT or self.pasteboard.size() != self.size():
            self._waiting_view = dict(state)
            return
        self._waiting_view = None
        numbers = [state.get(key) for key in ("scale", "x", "y")]
        if all(isinstance(n, (int, float)) for n in numbers):
            scale, x, y = (float(n) for n in numbers if n is not None)
            self.pasteboard.look_at(QPointF(x, y), scale)
        else:
            self.pasteboard.fit()

    # ------------------------------------------------------------ inside

    def _key(self, event: QKeyEvent) -> None:
        event.setAccepted(handle_key(self, event))

    def space_down(self) -> None:
        """Space pans while it is held; with candidates in front it shows them large."""
        if not (self.choosing and self.preview_candidate()):
            self.pasteboard.hold_hand(True)

    def _viewed(self) -> None:
        self.badge.set_scale(self.scale())
        self._place_column()
        self.view_changed.emit(self.scale())

    def _zoom_command(self, where: str) -> None:
        {"in": self.zoom_in, "out": self.zoom_out, "100": self.zoom_to_100, "fit": self.zoom_to_fit}[where]()

    def _selected(self) -> None:
        chosen = self.board.selection()
        if chosen:
            self._set_choosing(False)
        self._show_bar()
        self.selection_changed.emit([item.to_dict() for item in chosen])
        words = ", ".join(item.name or "picture" for item in chosen[:3])
        self.pasteboard.setAccessibleDescription(f"Selected: {words}" if chosen else "Nothing selected")
        if chosen and self.pasteboard.hasFocus():
            self._announce(f"Selected {words}")

    def _show_bar(self, *_: object) -> None:
        self.bar.show_tool(self.tool, [item.to_dict() for item in self.board.selection()])

    def _set_opacity(self, value: float) -> None:
        before = [item for item in self.board.selection() if not item.locked]
        self.board.change(before, [replace(item, opacity=value) for item in before], "Opacity", OPACITY)

    def _set_locked(self, locked: bool) -> None:
        before = self.board.selection()
        self.board.change(before, [replace(item, locked=locked) for item in before], "Lock" if locked else "Unlock")

    def _announce(self, words: str) -> None:
        if QAccessible.isActive():
            QAccessible.updateAccessibility(QAccessibleAnnouncementEvent(self.pasteboard, words))

    def resizeEvent(self, event: QResizeEvent) -> None:
        self.pasteboard.setGeometry(self.rect())
        self._place_badge()
        if self._waiting_view is not None and self.width() >= LAID_OUT:
            self._look(self._waiting_view)
        self._place_column()

    def _place_badge(self) -> None:
        """Bottom left; above the prompt bar where that reaches so far."""
        size = self.badge.sizeHint()
        under = self.pasteboard.bottom_inset if self._bar_left < 16 + size.width() + 8 else 0
        self.badge.setGeometry(16, self.height() - size.height() - 16 - under, size.width(), size.height())

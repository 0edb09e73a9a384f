"""What the keys do while the pasteboard has the focus."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from PySide6.QtCore import QPoint, QRect, Qt
from PySide6.QtGui import QKeyEvent, QKeySequence

from studio.ui.canvas.boardtools import TOOLS

if TYPE_CHECKING:
    from studio.ui.canvas.pane import CanvasPane

Key, Mods = Qt.Key, Qt.KeyboardModifier

ARROWS = {Key.Key_Left: QPoint(-1, 0), Key.Key_Right: QPoint(1, 0), Key.Key_Up: QPoint(0, -1),
          Key.Key_Down: QPoint(0, 1)}
NUDGE = 7001
"""Merge number of moves by arrow keys: a run of them is one step of undo."""


def handle_key(pane: CanvasPane, event: QKeyEvent) -> bool:
    """Do what a key asks for; False if it means nothing here."""
    return (_with_control(pane, event) if event.modifiers() & Mods.ControlModifier
            else _arrows(pane, event) or _choosing(pane, event) or _plain(pane, event))


def _with_control(pane: CanvasPane, event: QKeyEvent) -> bool:
    board, key = pane.board, event.key()
    shift = bool(event.modifiers() & Mods.ShiftModifier)
    if key in ARROWS and pane.tool == "frame":
        step = pane.frame.step
        grow = ARROWS[Key(key)] * step
        rect = pane.frame.rect
        pane.frame.set_rect(QRect(rect.x(), rect.y(), rect.width() + grow.x(), rect.height() + grow.y()))
    elif key == Key.Key_A:
        board.select([] if shift else [i.id for i in board.items() if i.visible and not i.locked])
    elif key in (Key.Key_BracketRight, Key.Key_BraceRight):
        board.restack(board.selected, "front" if shift else "up")
    elif key in (Key.Key_BracketLeft, Key.Key_BraceLeft):
        board.restack(board.selected, "back" if shift else "down")
    elif event.matches(QKeySequence.StandardKey.Copy):
        pane.copy_selection()
    elif event.matches(QKeySequence.StandardKey.Paste):
        pane.paste()
    elif key == Key.Key_D:
        pane.duplicate_selection()
    elif key in (Key.Key_Plus, Key.Key_Equal):
        pane.zoom_in()
    elif key == Key.Key_Minus:
        pane.zoom_out()
    else:
        return False
    return True


def _arrows(pane: CanvasPane, event: QKeyEvent) -> bool:
    direction = ARROWS.get(Key(event.key()))
    if direction is None:
        return False
    shift = bool(event.modifiers() & Mods.ShiftModifier)
    if pane.tool == "frame":
        # Alt moves by single pixels; otherwise by the model's step, so that frames line up.
        one = bool(event.modifiers() & Mods.AltModifier)
        step = direction * (1 if one else pane.frame.step * (8 if shift else 1))
        pane.frame.move_by(step.x(), step.y())
    elif pane.choosing:
        pane.candidates.flip(direction.x() + direction.y())
    elif pane.board.selected:
        step = direction * (10 if shift else 1)
        before = [item for item in pane.board.selection() if not item.locked]
        after = [replace(item, x=item.x + step.x(), y=item.y + step.y()) for item in before]
        pane.board.change(before, after, "Move", NUDGE)
    else:
        pane.pasteboard.pan(-(direction * (160 if shift else 40)).toPointF())
    return True


def _choosing(pane: CanvasPane, event: QKeyEvent) -> bool:
    if not pane.choosing:
        return False
    match event.key():
        case Key.Key_Return | Key.Key_Enter:
            pane.keep_candidate()
        case Key.Key_Delete | Key.Key_Backspace:
            pane.candidates.drop()
        case Key.Key_Escape:
            pane.hide_candidates()
        case Key.Key_PageDown:
            pane.candidates.show_batch(1)
        case Key.Key_PageUp:
            pane.candidates.show_batch(-1)
        case _:
            return False
    return True


def _plain(pane: CanvasPane, event: QKeyEvent) -> bool:
    if event.modifiers() & Mods.AltModifier:
        return False
    tool = next((t for t in TOOLS if event.key() == ord(t.key)), None)
    if tool is not None:
        pane.set_tool(tool.id)
        return True
    match event.key():
        case Key.Key_Space:
            if not event.isAutoRepeat():
                pane.space_down()
        case Key.Key_0:
            pane.zoom_to_fit()
        case Key.Key_1:
            pane.zoom_to_100()
        case Key.Key_Plus | Key.Key_Equal:
            pane.zoom_in()
        case Key.Key_Minus:
            pane.zoom_out()
        case Key.Key_Delete | Key.Key_Backspace if pane.board.selected:
            pane.board.remove(pane.board.selected)
        case Key.Key_Escape:
            return pane.pasteboard.cancel_drag() or pane.deselect() or pane.show_candidates()
        case _:
            return False
    return True

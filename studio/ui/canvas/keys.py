"""What the keys do while the canvas has the focus and the tool in hand has no use for them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QPoint, QRect, Qt
from PySide6.QtGui import QKeyEvent, QKeySequence

if TYPE_CHECKING:
    from studio.ui.canvas.pane import CanvasPane

Key, Mods = Qt.Key, Qt.KeyboardModifier

ARROWS = {Key.Key_Left: QPoint(-1, 0), Key.Key_Right: QPoint(1, 0), Key.Key_Up: QPoint(0, -1),
          Key.Key_Down: QPoint(0, 1)}
TURN = 15.0
"""Degrees by which 4 and 6 turn the view."""


def handle_key(pane: CanvasPane, event: QKeyEvent) -> bool:
    """Do what a key asks for; False if it means nothing here."""
    return (_with_control(pane, event) if event.modifiers() & Mods.ControlModifier
            else _arrows(pane, event) or _choosing(pane, event) or _view(pane, event) or _plain(pane, event))


def _with_control(pane: CanvasPane, event: QKeyEvent) -> bool:
    key = event.key()
    shift = bool(event.modifiers() & Mods.ShiftModifier)
    if key in ARROWS and pane.tool == "frame":
        grow = ARROWS[Key(key)] * pane.frame.step
        rect = pane.frame.rect
        pane.frame.set_rect(QRect(rect.x(), rect.y(), rect.width() + grow.x(), rect.height() + grow.y()))
    elif key == Key.Key_A:
        pane.clipping.select_nothing() if shift else pane.clipping.select_everything()
    elif key == Key.Key_D:
        pane.clipping.select_nothing()
    elif key == Key.Key_I and shift:
        pane.clipping.invert_selection()
    elif key == Key.Key_C and shift:
        pane.clipping.copy(merged=True)
    elif event.matches(QKeySequence.StandardKey.Copy):
        pane.clipping.copy()
    elif event.matches(QKeySequence.StandardKey.Cut):
        pane.clipping.cut()
    elif event.matches(QKeySequence.StandardKey.Paste):
        pane.paste()
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
    else:
        pane.view.pan(-(direction * (160 if shift else 40)).toPointF())
    return True


def _choosing(pane: CanvasPane, event: QKeyEvent) -> bool:
    if not pane.choosing:
        return False
    match event.key():
        case Key.Key_Return | Key.Key_Enter:
            pane.chooser.keep(whole=bool(event.modifiers() & Mods.ShiftModifier))
        case Key.Key_Delete | Key.Key_Backspace:
            pane.candidates.drop()
        case Key.Key_Escape:
            pane.candidates.set_hidden(True)
        case Key.Key_PageDown:
            pane.candidates.show_batch(1)
        case Key.Key_PageUp:
            pane.candidates.show_batch(-1)
        case _:
            return False
    return True


def _view(pane: CanvasPane, event: QKeyEvent) -> bool:
    if event.modifiers() & Mods.AltModifier:
        return False
    if event.key() == Key.Key_M and event.modifiers() & Mods.ShiftModifier:
        pane.mirror_view()
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
        case Key.Key_4:
            pane.turn_view(-TURN)
        case Key.Key_6:
            pane.turn_view(TURN)
        case Key.Key_5:
            pane.reset_turn()
        case _:
            return False
    return True


def _plain(pane: CanvasPane, event: QKeyEvent) -> bool:
    if event.modifiers() & (Mods.AltModifier | Mods.ShiftModifier):
        return False
    if pane.take_tool_key(event.text().upper()):
        return True
    match event.key():
        case Key.Key_X:
            pane.state.swap_colours()
        case Key.Key_D:
            pane.state.reset_colours()
        case Key.Key_Delete | Key.Key_Backspace:
            pane.clipping.clear()
        case Key.Key_Escape:
            return pane.view.cancel() or pane.clipping.select_nothing() or pane.chooser.show()
        case _:
            return False
    return True

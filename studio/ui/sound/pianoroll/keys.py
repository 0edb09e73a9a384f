"""The keys of the piano roll."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtGui import QKeyEvent

from studio.project.sound import notes

if TYPE_CHECKING:
    from studio.ui.sound.pianoroll.roll import PianoRoll

Key = Qt.Key
ARROWS = {Key.Key_Up: (0, 1), Key.Key_Down: (0, -1), Key.Key_Right: (1, 0), Key.Key_Left: (-1, 0)}


def press(roll: PianoRoll, event: QKeyEvent) -> bool:
    """Do what a key says; False where it says nothing."""
    key = Key(event.key())
    ctrl = bool(event.modifiers() & Qt.KeyboardModifier.ControlModifier)
    shift = bool(event.modifiers() & Qt.KeyboardModifier.ShiftModifier)
    if ctrl and key in (Key.Key_Up, Key.Key_Down):
        roll.zoom_rows(2 if key == Key.Key_Up else -2)
        return True
    run = _with_ctrl(roll, key) if ctrl else _plain(roll, key)
    if run is None and roll.bars is not None and not ctrl:
        run = _of_bars(roll, key, shift)
    if run is not None:
        run()
        return True
    return bool(roll.chosen) and not ctrl and _of_notes(roll, event)


def _with_ctrl(roll: PianoRoll, key: Key) -> Callable[[], object] | None:
    """Copying is of bars where bars are selected, else of notes; pasting is of what was copied last."""
    if key == Key.Key_A:
        return roll.notes.choose_all
    if key == Key.Key_V:
        return roll.work.paste if roll.work.count else roll.notes.paste
    if roll.bars is not None:
        return {Key.Key_C: roll.work.copy, Key.Key_X: roll.work.cut, Key.Key_D: roll.work.duplicate}.get(key)
    return {Key.Key_C: roll.notes.copy, Key.Key_X: roll.notes.cut, Key.Key_D: roll.notes.duplicate}.get(key)


def _plain(roll: PianoRoll, key: Key) -> Callable[[], object] | None:
    return {Key.Key_Escape: roll.step_back, Key.Key_Q: roll.notes.quantise, Key.Key_R: roll.work.regenerate,
            Key.Key_I: roll.show_instruments, Key.Key_B: roll.select_bar_here, Key.Key_L: roll.work.loop,
            Key.Key_Space: roll.pane.player.toggle, Key.Key_M: roll.toggle_mute}.get(key)


def _of_bars(roll: PianoRoll, key: Key, shift: bool) -> Callable[[], object] | None:
    if key in (Key.Key_Delete, Key.Key_Backspace):
        return roll.work.remove if shift else roll.work.clear
    if key == Key.Key_Insert:
        return roll.work.insert
    by = ARROWS.get(key, (0, 0))[0]
    if by and not roll.chosen and roll.bars is not None:
        first, last = roll.bars
        moved = (first, max(last + by, first + 1)) if shift else (max(first + by, 0), max(last + by, last - first))
        return lambda: roll.select_bars(moved)
    return None


def _of_notes(roll: PianoRoll, event: QKeyEvent) -> bool:
    """What a key does to the chosen notes."""
    key, part, chosen, grid = Key(event.key()), roll.part, roll.chosen, roll.grid
    alt = bool(event.modifiers() & Qt.KeyboardModifier.AltModifier)
    shift = bool(event.modifiers() & Qt.KeyboardModifier.ShiftModifier)
    right, up = ARROWS.get(key, (0, 0))
    if up and alt:
        roll.edit("Velocity", lambda s: notes.add_velocity(s, part, chosen, 8 * up))
    elif up:
        roll.edit("Transpose", lambda s: notes.move(s, part, chosen, 0, up * (12 if shift else 1)))
        roll.hear(max(note.pitch for note in roll.chosen))
    elif right and shift:
        roll.edit("Pull notes", lambda s: notes.resize(s, part, chosen, right * grid, least=max(grid // 2, 1)))
    elif right:
        roll.edit("Move notes", lambda s: notes.move(s, part, chosen, right * grid))
    elif key in (Key.Key_Delete, Key.Key_Backspace):
        roll.edit("Delete notes", lambda s: notes.delete(s, part, chosen))
    else:
        return False
    return True

"""One interface for all tools: a tool hears the pointer and the keys, and draws its overlay."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, ClassVar, Protocol, Self

from PySide6.QtCore import QPointF, Qt
from PySide6.QtGui import QCursor

if TYPE_CHECKING:
    from collections.abc import Sequence

    from PySide6.QtGui import QKeyEvent, QPainter
    from PySide6.QtWidgets import QWidget

    from studio.ui.canvas.camera import Camera
    from studio.ui.canvas.document import CanvasDocument
    from studio.ui.canvas.frame import GenerationFrame
    from studio.ui.canvas.toolstate import ToolState
    from studio.ui.theme import Theme

CLICK = 4.0
"""A press that moves less than this, in widget px, is a click."""

Mods = Qt.KeyboardModifier


@dataclass(frozen=True)
class PointerEvent:
    """The pen or the mouse at one moment.

    Attributes:
        pos: document pixels, with fractions.
        screen: widget px.
        pressure: 0-1; a mouse presses with 1.
        tilt_x, tilt_y: degrees from upright, -60 to 60; rotation: of the pen about itself, degrees.
        button: the one that was pressed; of a move the one that is held, NoButton while hovering.
        eraser: the pen's other end.
        time: ms, from any start.
        clicks: 2 of the press that ends a double click.
    """

    pos: QPointF
    screen: QPointF
    pressure: float = 1.0
    tilt_x: float = 0.0
    tilt_y: float = 0.0
    rotation: float = 0.0
    modifiers: Mods = Mods.NoModifier
    button: Qt.MouseButton = Qt.MouseButton.LeftButton
    eraser: bool = False
    time: int = 0
    clicks: int = 1

    @property
    def shift(self) -> bool:
        return bool(self.modifiers & Mods.ShiftModifier)

    @property
    def ctrl(self) -> bool:
        return bool(self.modifiers & Mods.ControlModifier)

    @property
    def alt(self) -> bool:
        return bool(self.modifiers & Mods.AltModifier)

    def with_(self, **changes: Any) -> Self:
        return replace(self, **changes)


class ToolHost(Protocol):
    """What a tool works on and through: the view gives it."""

    @property
    def document(self) -> CanvasDocument: ...
    @property
    def state(self) -> ToolState: ...
    @property
    def camera(self) -> Camera: ...
    @property
    def frame(self) -> GenerationFrame: ...
    @property
    def theme(self) -> Theme: ...
    @property
    def widget(self) -> QWidget: ...

    def update(self, *rect: Any) -> None:
        """Paint the overlay anew; no argument means all of it, else a QRect in widget px."""

    def snap(self, point: QPointF) -> QPointF:
        """A document point, drawn to grid, guides and edges where snapping is on."""

    def set_tool(self, tool: str) -> None: ...

    def pan(self, delta: QPointF) -> None:
        """Move the view, in widget px."""

    def zoom_at(self, anchor: QPointF, scale: float) -> None:
        """Set the scale about a widget point."""

    def show_sizes(self) -> None:
        """Open the menu of frame sizes."""

    def refresh_cursor(self) -> None:
        """The tool's cursor has changed."""


class Tool:
    """One tool of the strip. Each is a class of its own in a file of its own; `registry.tool_classes` finds it.

    From press to release the pointer belongs to the tool; `hover` comes in between. Positions may lie anywhere, also
    off the artboard. Nothing here may take longer than a frame: heavy work goes to `document.run`.

    Class attributes:
        id, name: for the program and for the person.
        icon: a Phosphor name. key: a single letter; pressed again it takes the next tool of the group.
        hint: one sentence on what the pointer and the modifiers do.
        group: tools with the same group share a slot of the strip.
        order: place in the strip. separated: a line stands before it.
    """

    id: ClassVar[str]
    name: ClassVar[str]
    icon: ClassVar[str]
    key: ClassVar[str] = ""
    hint: ClassVar[str] = ""
    group: ClassVar[str] = ""
    order: ClassVar[int] = 0
    separated: ClassVar[bool] = False

    def __init__(self, host: ToolHost) -> None:
        self.host = host

    # ------------------------------------------------------------ what the host calls

    def activate(self) -> None:
        """The person has chosen this tool."""

    def deactivate(self) -> None:
        """Another tool takes over: what is pending is applied or dropped, overlays and timers end."""
        self.cancel()

    def press(self, event: PointerEvent) -> None: ...

    def move(self, event: PointerEvent) -> None:
        """While a button is held."""

    def moves(self, events: Sequence[PointerEvent]) -> None:
        """A batch of moves that came since the last frame, oldest first; none may be lost."""
        for event in events:
            self.move(event)

    def release(self, event: PointerEvent) -> None: ...

    def hover(self, event: PointerEvent) -> None:
        """While no button is held."""

    def leave(self) -> None:
        """The pointer has left the view."""

    def cancel(self) -> bool:
        """Take back what is under way; whether there was anything."""
        return False

    def key_press(self, event: QKeyEvent) -> bool:
        """A key, before the shortcuts of the canvas; True if the tool has used it."""
        return False

    def key_release(self, event: QKeyEvent) -> bool:
        return False

    def paint(self, painter: QPainter) -> None:
        """The overlay, in widget px, over everything."""

    def cursor(self) -> QCursor:
        return QCursor(Qt.CursorShape.CrossCursor)

    @property
    def busy(self) -> bool:
        """Something is under way that Esc would take back."""
        return False

"""One interface for all tools of the timeline: a tool hears the pointer and draws its overlay."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar, Literal

from PySide6.QtCore import QPointF, Qt
from PySide6.QtGui import QPainter

from studio.project.sound import Clip

if TYPE_CHECKING:
    from studio.ui.sound.timeline import Timeline

Part = Literal["body", "start", "end", "fade-in", "fade-out"]
CLICK = 4.0
"""A press that moves less than this, in px, is a click."""


@dataclass(frozen=True)
class Hit:
    """What lies under the pointer.

    Attributes:
        seconds: the time there, not snapped.
        track: id, "" below the last track.
        clip: the clip there, or None; part: which part of it.
    """

    pos: QPointF
    seconds: float
    track: str = ""
    clip: Clip | None = None
    part: Part = "body"
    modifiers: Qt.KeyboardModifier = Qt.KeyboardModifier.NoModifier

    @property
    def shift(self) -> bool:
        return bool(self.modifiers & Qt.KeyboardModifier.ShiftModifier)

    @property
    def ctrl(self) -> bool:
        return bool(self.modifiers & Qt.KeyboardModifier.ControlModifier)

    @property
    def alt(self) -> bool:
        return bool(self.modifiers & Qt.KeyboardModifier.AltModifier)


class TimelineTool:
    """Base of the tools. `press` to `release` is one drag; `cancel` (Escape) ends it without a change."""

    id: ClassVar[str]
    name: ClassVar[str]
    icon: ClassVar[str]
    key: ClassVar[str] = ""
    group: ClassVar[str] = ""
    separated: ClassVar[bool] = False
    at_edges: str = "time"
    """What a drag near an edge of the timeline scrolls: "time", "time and lanes", or "" for nothing."""

    def __init__(self, timeline: Timeline) -> None:
        self.timeline = timeline

    def cursor(self, hit: Hit) -> Qt.CursorShape:
        """The pointer's shape over something."""
        return Qt.CursorShape.ArrowCursor

    def press(self, hit: Hit) -> None: ...

    def move(self, hit: Hit) -> None: ...

    def release(self, hit: Hit) -> None: ...

    def cancel(self) -> None: ...

    def left(self) -> None:
        """The pointer left the timeline."""

    def double(self, hit: Hit) -> bool:
        """A double click; True where the tool took it."""
        return False

    def paint(self, painter: QPainter) -> None:
        """Over everything, in the timeline's pixels."""

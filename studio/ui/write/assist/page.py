"""What the co-author asks of the page, in one place. Positions and lengths are the page's own: UTF-16 units."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from PySide6.QtCore import QRectF
from PySide6.QtGui import QFont
from PySide6.QtWidgets import QWidget


class Place(Protocol):
    """A stretch of text that follows edits; not `alive` once all of it has been deleted."""

    @property
    def alive(self) -> bool: ...
    def range(self) -> tuple[int, int]:
        """Start and length now."""


class Room(Protocol):
    """Room below a paragraph that is no part of the text."""

    def set_height(self, px: int) -> None: ...
    def remove(self) -> None: ...
    def rect(self) -> QRectF:
        """Where it is, in the viewport's coordinates."""


@dataclass(frozen=True)
class Change:
    """`length` characters at `start` give way to `text`. recipe: the result that it came from, "" for a person's."""

    start: int
    length: int
    text: str
    recipe: str = ""


class PageSide(Protocol):
    """The page as the co-author sees it; `studio.ui.write.assist.joined` has the real one."""

    def widget(self) -> QWidget:
        """On which is painted, and cards lie."""

    def caret(self) -> int: ...
    def set_caret(self, at: int) -> None: ...
    def selection(self) -> tuple[int, int]:
        """Start and length; length 0 where nothing is selected."""

    def length(self) -> int: ...
    def to_chars(self, at: int) -> int:
        """Code points before a position, as the project counts."""

    def from_chars(self, at: int) -> int:
        """The position behind so many code points; past the end it is the end."""

    def text(self, start: int, end: int) -> str: ...
    def paragraph(self, at: int) -> tuple[int, int]:
        """Start and length of the paragraph around a position."""

    def focused(self) -> bool: ...
    def place(self, start: int, length: int) -> Place: ...
    def change(self, changes: Sequence[Change]) -> None:
        """All of them as one step of undo; their positions are those before it, and they do not overlap."""

    def credit(self, old: str, new: str) -> None:
        """What was marked with the recipe `old` came from `new`."""

    def room(self, at: int) -> Room: ...
    def caret_rect(self) -> QRectF: ...
    def rect(self, start: int, length: int) -> QRectF:
        """Around a stretch of text, in the viewport's coordinates."""

    def margins(self, at: int = -1) -> tuple[float, float]:
        """Left and right edge of the text, or of the paragraph around a position, in the viewport's coordinates."""

    def font(self, at: int) -> QFont: ...
    def line_height(self, at: int) -> int: ...
    def is_code(self, at: int) -> bool:
        """Whether the paragraph around a position is code."""

    def reveal(self, rect: QRectF) -> None:
        """Scroll so that it is seen."""

    def repaint(self) -> None: ...

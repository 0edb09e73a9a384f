"""The context bar of each tool: `bar_for(tool, state, document, theme)`, and `CanvasBars`, which holds them all."""

from __future__ import annotations

from studio.ui.canvas.bars.base import ToolBar
from studio.ui.canvas.bars.stack import CanvasBars, bar_for

__all__ = ["CanvasBars", "ToolBar", "bar_for"]

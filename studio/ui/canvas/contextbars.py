"""The context bar of the canvas: a bar for each tool, made when the tool is first taken."""

from __future__ import annotations

from studio.ui.canvas.bars.stack import CanvasBars as ContextBars

__all__ = ["ContextBars"]

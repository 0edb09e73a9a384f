"""The panels of the canvas: layers, masks, colours, history, brushes."""

from studio.ui.canvas.panels.dock import StructureDock

__all__ = ["StructureDock"]

"""The Canvas workspace."""

from studio.ui.canvas.drops import RESULT_MIME
from studio.ui.canvas.pane import CanvasPane

__all__ = ["RESULT_MIME", "CanvasPane"]

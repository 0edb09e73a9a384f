"""The Canvas workspace. Its commands are known at the start; the rest is imported when it is first shown."""

from __future__ import annotations

from typing import Any

__all__ = ["RESULT_MIME", "CanvasPane"]


def __getattr__(name: str) -> Any:
    if name == "CanvasPane":
        from studio.ui.canvas.pane import CanvasPane

        return CanvasPane
    if name == "RESULT_MIME":
        from studio.ui.widgets.media import RESULT_MIME

        return RESULT_MIME
    raise AttributeError(name)

"""The shared small controls. Every constructor takes the theme first."""

from studio.ui.widgets.buttons import Chip, IconButton, PushButton, ToolButton

__all__ = ["Chip", "IconButton", "PushButton", "ToolButton"]

"""The tools of the timeline, a file each. Adding one is adding a file and naming it here."""

from __future__ import annotations

from studio.ui.sound.tools.base import TimelineTool
from studio.ui.sound.tools.select import SelectTool
from studio.ui.sound.tools.zoom import HandTool, ZoomTool

TOOLS: tuple[type[TimelineTool], ...] = (SelectTool, HandTool, ZoomTool)
"""In the order of the strip."""

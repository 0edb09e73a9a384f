"""The tools of the timeline, a file each. Adding one is adding a file and naming it here."""

from __future__ import annotations

from studio.ui.sound.tools.automation import AutomationTool
from studio.ui.sound.tools.base import TimelineTool
from studio.ui.sound.tools.region import RegionTool
from studio.ui.sound.tools.scissors import ScissorsTool
from studio.ui.sound.tools.select import SelectTool
from studio.ui.sound.tools.zoom import HandTool, ZoomTool

TOOLS: tuple[type[TimelineTool], ...] = (SelectTool, ScissorsTool, RegionTool, AutomationTool, HandTool,
                                        ZoomTool)
"""In the order of the strip."""

"""The commands of the window, by which palette, menu and keys reach the same thing."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING

from studio.ui.canvascommands import canvas_commands
from studio.ui.commandset import Command
from studio.ui.rooms import ROOMS
from studio.ui.soundcommands import sound_commands
from studio.ui.write.assist.commands import assist_commands
from studio.ui.write.commands import write_commands

if TYPE_CHECKING:
    from studio.ui.desk import Desk

Row = tuple[str, str, str, str, str, Callable[[], object]]


def always(desk: Desk) -> list[Row]:
    """id, title, group, key, icon, what it does: those that need no open project."""
    window = desk.window
    return [
        ("project.new", "New project", "Project", "Ctrl+N", "file-plus", desk.new_project),
        ("project.open", "Open a project…", "Project", "Ctrl+O", "folder-open", desk.choose_project),
        ("project.start", "Start screen", "Project", "", "house", desk.show_start),
        *((f"workspace.{room.id}", room.title, "Go to", room.key, room.icon, partial(desk.go, room.id))
          for room in ROOMS),
        ("palette.show", "Search or run a command", "Go to", "Ctrl+K", "magnifying-glass", desk.show_palette),
        ("models.show", "Models…", "Studio", "", "cube", desk.show_models),
        ("settings.show", "Settings…", "Studio", "Ctrl+,", "gear", desk.show_settings),
        ("theme.dark", "Dark theme", "Studio", "", "moon", lambda: desk.set_theme("dark")),
        ("theme.light", "Light theme", "Studio", "", "sun", lambda: desk.set_theme("light")),
        ("theme.system", "Theme of the system", "Studio", "", "circle-half", lambda: desk.set_theme("system")),
        ("help.shortcuts", "Shortcuts…", "Help", "F1", "keyboard", desk.show_shortcuts),
        ("help.diagnostics", "Collect diagnostics…", "Help", "", "stethoscope", desk.collect_diagnostics),
        ("help.about", "About Pieria", "Help", "", "info", desk.show_about),
        ("studio.quit", "Quit", "Studio", "Ctrl+Q", "power", window.close),
    ]


def with_project(desk: Desk) -> list[Row]:
    """Those that act upon the project in front."""
    window = desk.window

    def on(method: str) -> Callable[[], object]:
        return lambda: getattr(desk.open, method)() if desk.open is not None else None

    return [
        ("generate", "Generate", "Make", "Ctrl+Return", "sparkle", on("generate")),
        ("stop", "Stop", "Make", "Ctrl+.", "stop", on("stop")),
        ("prompt.focus", "Go to the prompt", "Make", "Ctrl+L", "textbox", on("focus_prompt")),
        ("prompt.negative", "Negative prompt", "Make", "Ctrl+Shift+N", "prohibit", on("toggle_negative")),
        ("seed.lock", "Lock or unlock the seed", "Make", "Ctrl+Shift+L", "lock-simple", on("toggle_seed")),
        ("queue.show", "Show the queue", "Make", "Ctrl+Shift+J", "queue", on("show_queue")),
        ("queue.pause", "Pause or resume the queue", "Make", "", "pause", on("toggle_pause")),
        ("edit.undo", "Undo", "Edit", "Ctrl+Z", "arrow-u-up-left", on("undo")),
        ("edit.redo", "Redo", "Edit", "Ctrl+Shift+Z", "arrow-u-up-right", on("redo")),
        ("results.search", "Search results, or find in the text", "Results", "Ctrl+F", "magnifying-glass",
         on("search")),
        ("results.show", "Show or hide the results", "View", "Ctrl+J", "rows", on("toggle_results")),
        ("inspector.show", "Show or hide the inspector", "View", "Ctrl+I", "sidebar-simple", on("toggle_inspector")),
        ("panels.hide", "Hide or show all panels", "View", "Ctrl+\\", "corners-out", on("toggle_panels")),
        ("result.export", "Export the result in front…", "Results", "Ctrl+E", "export", on("export_current")),
        ("project.copy", "Save a copy…", "Project", "Ctrl+Shift+S", "copy", on("save_copy")),
        ("project.compact", "Compact the project", "Project", "", "archive", on("compact")),
        ("project.empty", "Empty the bin and compact the project", "Project", "", "trash", on("empty_bin")),
        ("region.next", "Next region", "Go to", "F6", "arrow-right", lambda: window.next_region(1)),
        ("region.previous", "Previous region", "Go to", "Shift+F6", "arrow-left", lambda: window.next_region(-1)),
    ]


MENU = ("project.new", "project.open", "project.copy", "", "result.export", "", "models.show", "settings.show", "",
        "help.shortcuts", "help.diagnostics", "help.about", "", "studio.quit")
"""What the menu under the mark holds; "" is a line."""


def window_commands(desk: Desk) -> list[Command]:
    return [
        *(Command(id_, title, group, key, run, icon=icon) for id_, title, group, key, icon, run in always(desk)),
        *(Command(id_, title, group, key, run, desk.has_project, icon, "Open a project first")
          for id_, title, group, key, icon, run in with_project(desk)),
        *canvas_commands(desk),
        *write_commands(desk),
        *sound_commands(desk),
        *assist_commands(desk),
    ]

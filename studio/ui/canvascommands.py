"""The commands of the canvas: what palette and keys do with the picture and its view."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, cast

from studio.ui.canvas.improvements import IMPROVEMENTS
from studio.ui.commandset import Command

if TYPE_CHECKING:
    from studio.ui.canvas.room import CanvasRoom
    from studio.ui.desk import Desk

Run = Callable[["CanvasRoom"], object]
Row = tuple[str, str, str, str, Run]

PICTURE: list[Row] = [
    ("canvas.new", "New canvas…", "", "file-plus", lambda at: at.shelf.ask_new()),
    ("canvas.next", "Next canvas", "Ctrl+PgDown", "arrow-right", lambda at: at.shelf.step(1)),
    ("canvas.previous", "Previous canvas", "Ctrl+PgUp", "arrow-left", lambda at: at.shelf.step(-1)),
    ("canvas.rename", "Rename the canvas…", "", "textbox", lambda at: at.shelf.ask_title()),
    ("canvas.size", "Canvas size…", "Ctrl+Alt+C", "resize", lambda at: at.shelf.ask_size()),
    ("canvas.flip", "Flip the picture left to right", "", "flip-horizontal", lambda at: at.shelf.flip(True)),
    ("canvas.flip-down", "Flip the picture top to bottom", "", "flip-vertical",
     lambda at: at.shelf.flip(False)),
    ("canvas.rotate", "Rotate the picture right", "", "arrow-clockwise", lambda at: at.shelf.rotate(1)),
    ("canvas.rotate-left", "Rotate the picture left", "", "arrow-counter-clockwise",
     lambda at: at.shelf.rotate(3)),
    ("canvas.import", "Open a picture as a canvas…", "", "folder-open", lambda at: at.shelf.ask_import()),
    ("canvas.export", "Export the canvas…", "Ctrl+Shift+E", "export", lambda at: at.shelf.ask_export()),
    ("canvas.copy-merged", "Copy what is seen", "", "copy", lambda at: at.pane.clipping.copy(merged=True)),
    ("canvas.select-all", "Select all", "", "selection-all", lambda at: at.pane.clipping.select_everything()),
    ("canvas.deselect", "Deselect", "", "selection-slash", lambda at: at.pane.clipping.select_nothing()),
    ("canvas.invert", "Invert the selection", "", "selection-inverse",
     lambda at: at.pane.clipping.invert_selection()),
]
MACHINE: list[Row] = [
    ("canvas.vary", "Vary this", "Ctrl+Alt+V", "shuffle", lambda at: at.variations.vary(at.results.current_id())),
    ("canvas.vary-little", "Vary it a little", "", "shuffle-simple",
     lambda at: at.variations.vary(at.results.current_id(), a_little=True)),
    ("live.accept", "Keep the live picture as a layer", "", "check", lambda at: at.live.accept()),
    ("live.drop", "Drop the live picture", "", "x", lambda at: at.live.drop()),
]
LAYERS: list[tuple[str, str, str, str]] = [
    ("add", "New layer", "Ctrl+Alt+N", "plus"),
    ("add-group", "New group", "", "folder"),
    ("duplicate", "Duplicate the layer", "Ctrl+Alt+J", "copy"),
    ("delete", "Delete the layer", "", "trash"),
    ("group", "Group the layers", "Ctrl+G", "folder-plus"),
    ("ungroup", "Ungroup", "Ctrl+Shift+G", "folder-minus"),
    ("merge-down", "Merge down", "Ctrl+Alt+E", "arrow-line-down"),
    ("merge-visible", "Merge visible layers", "", "stack"),
    ("flatten", "Flatten the picture", "", "stack-simple"),
    ("rasterize", "Turn the layer into pixels", "", "grid-nine"),
    ("raise", "Raise the layer", "", "arrow-up"),
    ("lower", "Lower the layer", "", "arrow-down"),
    ("visible", "Show or hide the layer", "", "eye"),
    ("lock", "Lock or unlock the layer", "", "lock-simple"),
    ("alpha", "Keep the layer's transparency", "", "checkerboard"),
    ("clip", "Clip to the layer below", "", "arrow-elbow-left-down"),
    ("mask", "Add a layer mask", "", "mask-happy"),
    ("mask-invert", "Invert the layer mask", "", "circle-half"),
    ("mask-apply", "Apply the layer mask", "", "check"),
    ("mask-delete", "Delete the layer mask", "", "x"),
    ("select", "Select what the layer shows", "", "selection"),
    ("rename", "Rename the layer…", "", "textbox"),
]
"""Command of the layers panel, title, key, icon."""
VIEW: list[Row] = [
    ("view.fit", "Show the whole canvas", "", "corners-out", lambda at: at.pane.zoom_to_fit()),
    ("view.100", "Show at 100 %", "", "magnifying-glass", lambda at: at.pane.zoom_to_100()),
    ("view.left", "Turn the view left", "", "arrow-counter-clockwise", lambda at: at.pane.turn_view(-15)),
    ("view.right", "Turn the view right", "", "arrow-clockwise", lambda at: at.pane.turn_view(15)),
    ("view.upright", "Reset turn and mirror", "", "arrow-up", lambda at: at.pane.reset_turn()),
    ("view.mirror", "Mirror the view", "", "flip-horizontal", lambda at: at.pane.mirror_view()),
    ("view.no-guides", "Remove all guides", "", "eraser", lambda at: at.pane.aids.clear_guides()),
]
TOGGLES: list[tuple[str, str, str, str, str]] = [
    ("view.rulers", "Rulers", "Ctrl+Shift+R", "ruler", "rulers"),
    ("view.grid", "Grid", "Ctrl+'", "grid-four", "grid"),
    ("view.snap", "Snap to guides, grid and edges", "Ctrl+Shift+;", "magnet", "snapping"),
]


def canvas_commands(desk: Desk) -> list[Command]:
    """Their keys work while the canvas is in front."""

    def at_canvas() -> bool:
        return desk.has_project() and desk.open is not None and desk.open.workbench.workspace == "canvas"

    def on(run: Run) -> Callable[[], object]:
        return lambda: run(desk.open.workbench.canvas_room) if desk.open is not None else None

    def made() -> CanvasRoom | None:
        """The canvas where it has been shown already: a check mark is no reason to make it."""
        return cast("CanvasRoom | None", desk.open.workbench.rooms.get("canvas")) if desk.open is not None else None

    def live() -> bool:
        room = made()
        return room is not None and room.live.on

    def is_on(name: str) -> Callable[[], bool]:
        def on_canvas() -> bool:
            room = made()
            return room is not None and bool(getattr(room.pane.aids, name))

        return on_canvas

    def toggle(name: str) -> Callable[[], object]:
        return on(lambda at: at.pane.aids.toggle(name))

    def layer(name: str) -> Callable[[], object]:
        return on(lambda at: at.dock.layers.do(name))

    def improve(name: str) -> Callable[[], object]:
        return on(lambda at: at.improver.start(name))

    reason = "Go to the canvas first"
    rows = [*((row, "Canvas") for row in (*PICTURE, *MACHINE)), *((row, "View") for row in VIEW)]
    return [
        *(Command(id_, title, group, key, on(run), at_canvas, icon, reason, scope="canvas")
          for (id_, title, key, icon, run), group in rows),
        *(Command(f"layer.{name}", title, "Layers", key, layer(name), at_canvas, icon, reason, scope="canvas")
          for name, title, key, icon in LAYERS),
        *(Command(f"improve.{what.id}", what.title, "Improve", "", improve(what.id), at_canvas, what.icon, reason,
                  scope="canvas") for what in IMPROVEMENTS),
        Command("live.toggle", "Paint live", "Canvas", "Alt+L", on(lambda at: at.live.toggle()), at_canvas, "lightning",
                reason, scope="canvas", checked=live),
        *(Command(id_, title, "View", key, toggle(name), at_canvas, icon, reason, scope="canvas", checked=is_on(name))
          for id_, title, key, icon, name in TOGGLES),
    ]

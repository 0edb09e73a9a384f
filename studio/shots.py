"""Render every screen with real content: `python -m studio.shots FOLDER`. Pictures and text are made on the spot by
the starter models, in a project that is thrown away afterwards."""

from __future__ import annotations

import datetime
import math
import os
import sys
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from PySide6.QtCore import QEvent, QEventLoop, QPointF, QRect, Qt, QTimer
from PySide6.QtGui import QColor, QInputDevice, QPointingDevice, QPointingDeviceUniqueId, QTabletEvent
from PySide6.QtWidgets import QApplication

from studio.project.paint import Layer, Picture, new_id
from studio.project.paint.edit import add_layer, mask_from_selection, set_props
from studio.project.paint.selecting import grow, invert, select_none, select_similar

SIZE = (1600, 1000)
THINGS = (("a yellow star", "Star", (256, 8)), ("a green tree", "Tree", (490, 150)),
          ("a red apple", "Apple", (40, 216)))
"""Prompt, name of the layer, and where its left upper corner comes to lie."""
SKY = ((-30, "#141F44"), (40, "#1B2A57"), (110, "#3A4D8F"), (200, "#8A6FB0"), (290, "#E59A8B"), (350, "#F6C58F"))
HILLS = ((400, "#4A3B6B"), (470, "#33294F"))
"""Height in pixels, and colour, of the strokes that a scene begins with."""
BOOK = (
    ("The Drawer", (("The last drawer", "done", "The drawer had been painted shut for longer than the house had been "
                     "standing, which nobody could explain and everybody had stopped trying to."),)),
    ("Brass and Milk", (("The lamp wakes", "done", "The lamp woke first, as lamps do, and complained about the oil."),
                        ("Four small planets", "revised", "There were four of them, no larger than plums."),
                        ("Lift", "draft", "The engine found its low brass note and held it."))),
    ("The Blank Chart", (("A page with no stars", "draft", ""), ("The dark place", "planned", ""),
                         ("Something hums", "planned", ""))),
    ("The Lantern Whale", (("Warm paper", "planned", ""), ("A song in two keys", "planned", ""))),
)
"""Chapters, their scenes, how far these are, and their text."""
STORY = """The last chart in the drawer had no stars on it. Marzipan turned it over twice, as one does with a letter \
from a stranger, and found only a watermark and the brown ring of somebody’s tea.
“It isn’t empty,” said the lamp, who was old and liked to be asked. “It is a chart of somewhere nobody has been \
impressed by yet.”

Never trust a lighthouse that hums.
She spread it across the console and weighed down its corners with four small planets she had been meaning \
to return.\ufffc \
"""


class Timeout(RuntimeError):
    pass


def wait(until: Callable[[], bool], seconds: float = 180.0) -> None:
    """Run the event loop until `until()` holds. Raises Timeout."""
    loop = QEventLoop()
    poll, limit = QTimer(interval=20), QTimer(singleShot=True, interval=int(seconds * 1000))
    poll.timeout.connect(lambda: until() and loop.quit())
    limit.timeout.connect(lambda: loop.exit(1))
    poll.start()
    limit.start()
    code = 0 if until() else loop.exec()
    poll.stop()
    limit.stop()
    if code:
        raise Timeout("the studio did not get there in time")


def settle(milliseconds: int = 250) -> None:
    loop = QEventLoop()
    QTimer.singleShot(milliseconds, loop.quit)
    loop.exec()


class Pen:
    """A pen on the canvas of a real window: what it does are tablet events. `canvas` is a `CanvasPane`."""

    def __init__(self, canvas: Any) -> None:
        self.canvas = canvas
        can = QInputDevice.Capability.Position | QInputDevice.Capability.Pressure
        self._device = QPointingDevice("pen", 7, QInputDevice.DeviceType.Stylus, QPointingDevice.PointerType.Pen, can,
                                       1, 3, "", QPointingDeviceUniqueId())
        self._time = 0

    def stroke(self, points: Sequence[tuple[float, float]], pressure: float = 0.7, *, ms: int = 5) -> None:
        """Press, move through document points, lift; `ms` lie between two events by their own clock."""
        self.press(*points[0], pressure, ms=ms)
        for point in points[1:]:
            self.move(*point, pressure, ms=ms)
        self.lift(*points[-1], ms=ms)

    def press(self, x: float, y: float, pressure: float = 0.7, *, ms: int = 5) -> None:
        self._send(QEvent.Type.TabletPress, x, y, pressure, ms)

    def move(self, x: float, y: float, pressure: float = 0.7, *, ms: int = 5) -> None:
        self._send(QEvent.Type.TabletMove, x, y, pressure, ms)

    def lift(self, x: float, y: float, *, ms: int = 5) -> None:
        self._send(QEvent.Type.TabletRelease, x, y, 0.0, ms)

    def _send(self, kind: QEvent.Type, x: float, y: float, pressure: float, ms: int) -> None:
        view, left, none = self.canvas.view, Qt.MouseButton.LeftButton, Qt.MouseButton.NoButton
        at = view.camera.to_screen(QPointF(x, y))
        moving, lifting = kind == QEvent.Type.TabletMove, kind == QEvent.Type.TabletRelease
        event = QTabletEvent(kind, self._device, at, QPointF(view.mapToGlobal(at)), pressure, 0.0, 0.0, 0.0, 0.0, 0.0,
                             Qt.KeyboardModifier.NoModifier, none if moving else left, none if lifting else left)
        self._time += ms
        event.setTimestamp(self._time)
        QApplication.sendEvent(view, event)


class Photographer:
    """Drives one real window and saves what it shows."""

    def __init__(self, studio: Any, folder: Path) -> None:
        self.studio, self.folder = studio, folder
        self.window, self.desk = studio.window, studio.desk

    def save(self, name: str) -> None:
        settle()
        path = self.folder / f"{name}.png"
        self.window.grab().save(str(path))
        print(path)

    def both(self, name: str) -> None:
        for mode in ("dark", "light"):
            self.studio.theme.set_mode(mode)
            self.save(f"{name}-{mode}")
        self.studio.theme.set_mode("dark")

    def idle(self) -> bool:
        return not [j for j in self.desk.session.jobs if not j.state.ended]

    def generate(self, prompt: str, count: int = 1) -> None:
        bar = self.window.workbench.bar
        bar.prompt.set_text(prompt)
        bar._set_count(count)
        before = self.desk.session.project.count_results()
        self.desk.open.generate()
        wait(lambda: self.desk.session.project.count_results() >= before + count and self.idle())

    def take_all(self) -> None:
        self.desk.show_start()
        self.both("start")
        self.desk.go("canvas")
        wait(lambda: bool(self.desk.session.discovery.generators))
        bench = self.window.workbench
        wait(lambda: not bench.canvas.document.closed_because)
        Scene(self).paint()
        self.both("canvas")
        self._panels()
        self._running()
        self.desk.open.show_recipe(self.desk.session.project.results()[0])
        bench.inspector.show_tab("details")
        self.save("details-dark")
        bench.inspector.show_tab("generate")
        self._popups()
        self._write()

    def _panels(self) -> None:
        """The tabs of the lower half, each with a tool it goes with."""
        bench = self.window.workbench
        for tab, tool in (("masks", "mask"), ("colour", "brush"), ("history", "move")):
            bench.canvas_room.dock.show_tab(tab)
            bench.canvas.set_tool(tool)
            self.save(f"canvas-{tab}-dark")
        bench.canvas_room.dock.show_tab("layers")

    def _running(self) -> None:
        bench = self.window.workbench
        bench.bar.prompt.set_text("a purple umbrella")
        bench.bar._set_count(4)
        self.desk.open.generate()
        wait(lambda: any(j.step >= 6 for j in self.desk.session.jobs))
        self.save("canvas-running-dark")
        self.desk.open.show_queue()
        self.save("queue-dark")
        self.window.dismiss_popup()
        wait(self.idle)

    def _popups(self) -> None:
        for name, show in (("palette", self.desk.show_palette), ("models", self.desk.show_models),
                           ("settings", self.desk.show_settings), ("shortcuts", self.desk.show_shortcuts),
                           ("about", self.desk.show_about)):
            show()
            self.save(f"{name}-dark")
            self.window.dismiss_popup()
            if self.desk.palette.popup is not None:
                self.desk.palette.popup.dismiss()
            settle(150)

    def _write(self) -> None:
        self.desk.go("write")
        room = self.window.workbench.room("write")
        self._fill_book(room)
        room.control.remember(goal=800)
        room.control.remember(day={"date": datetime.date.today().isoformat(), "start": 0})
        self.generate("")
        settle(3000)  # spelling reads its dictionary
        self.both("write")
        room.coauthor.ghost.dismiss()
        room.work.show_search()
        room.work._search.query.setText("lamp")
        wait(lambda: room.work._search.list.count() > 0)
        self.save("write-search-dark")
        room.work._search.dismiss()
        room.work.take_snapshot()
        settle(400)
        room.pane.replace((room.pane.text().index("Marzipan"), 8), "The cartographer’s cat")
        room.work.show_snapshots()
        settle(600)
        self.save("write-snapshots-dark")
        self._close_popups()
        room.work.show_export()
        self.save("write-export-dark")
        self._close_popups()
        room.work.toggle_focus()
        settle(6000)  # the notice goes
        self.save("write-focus-dark")
        room.work.toggle_focus()

    def _close_popups(self) -> None:
        from studio.ui.widgets import Popup

        for popup in self.window.findChildren(Popup):
            popup.dismiss()

    def _fill_book(self, room: Any) -> None:
        """A small book, its open scene with looks of every kind."""
        from studio.project.manuscript.rows import Block, Mark, Prose

        project, document = self.desk.session.project, room.control.document
        old = [node.id for node in project.manuscript_nodes(document) if not node.parent]
        shown = ""
        for title, scenes in BOOK:
            chapter = project.add_node(document, "chapter", title).result()
            for name, status, text in scenes:
                scene = project.add_node(document, "scene", name, chapter.id, status=status).result()
                project.set_prose(scene.id, Prose(text), 0).result()
                shown = scene.id if name == "A page with no stars" else shown
        story = STORY.rstrip("\n")
        marks = (Mark(story.index("Marzipan"), 8, "bold"), Mark(story.index("somewhere"), 9, "italic"),
                 Mark(story.index("\ufffc"), 1, "footnote", "One of them was still warm."))
        blocks = (Block(), Block(), Block("break"), Block("quote"), Block())
        project.set_prose(shown, Prose(story, blocks, marks), len(story)).result()
        for node in old:
            project.trash_node(node).result()
        room.control.show(shown)
        room.control.nodes_changed()
        wait(lambda: room.control.node == shown and len(room.work.structure.nodes) == 13)
        room.pane.set_cursor_position(len(story))


class Scene:
    """A small picture with named layers, masks, a mode, an inpaint mask and candidates, made by pen and machine."""

    WIDTH, HEIGHT, FRAME = 768, 480, 256

    def __init__(self, photographer: Photographer) -> None:
        self.by = photographer
        self.bench = photographer.window.workbench
        self.canvas, self.pen = self.bench.canvas, Pen(self.bench.canvas)
        self.document = self.canvas.document

    def paint(self) -> None:
        self.bench.canvas_room.shelf.set_size(self.WIDTH, self.HEIGHT)
        self.bench.canvas_room.shelf.rename("Evening")
        self.canvas.zoom_to_fit()
        self._land()
        for prompt, name, place in THINGS:
            self._thing(prompt, name, place)
        self._glow()
        self._mask()
        self.bench.canvas_room.dock.show_tab("layers")

    def _stroke(self, colour: str, points: Sequence[tuple[float, float]], **brush: Any) -> None:
        self.canvas.set_tool("brush")
        self.canvas.state.set_brush("brush", pressure_size=False, stabiliser=0.0, **brush)
        self.canvas.state.set_foreground(QColor(colour))
        self.pen.stroke(points)

    def _name(self, name: str, **props: Any) -> None:
        self.document.edit("Rename", lambda picture: set_props(picture, picture.active, name=name, **props))

    def _layer(self, name: str, **props: Any) -> None:
        self.document.edit("New layer", lambda picture: add_layer(picture, Layer(new_id(), name, **props),
                                                                  picture.active))

    def _land(self) -> None:
        for y, colour in SKY:
            self._stroke(colour, [(x, y + 6 * math.sin(x / 50)) for x in range(-60, self.WIDTH + 60, 12)], size=170,
                         hardness=0.0, opacity=1.0, flow=0.6)
        self._name("Sky wash", locked=True)
        self._layer("Hills")
        for y, colour in HILLS:
            self._stroke(colour, [(x, y + 22 * math.sin(x / 110 + y)) for x in range(-60, self.WIDTH + 60, 12)],
                         size=110, hardness=0.9, opacity=1.0, flow=1.0)

    def _thing(self, prompt: str, name: str, place: tuple[int, int]) -> None:
        """What the machine made on white, without the white: the wand's selection, turned round, becomes the mask."""
        left, top = place
        self.canvas.set_frame_rect(QRect(left, top, self.FRAME, self.FRAME))
        self.bench.bar.start_chip.setChecked(False)
        self.by.generate(prompt)
        layers = len(self.document.picture.layers)
        wait(self.canvas.keep_candidate)
        wait(lambda: len(self.document.picture.layers) > layers)
        corner = max(0, left) + 3, max(0, top) + 3

        def without_white(picture: Picture) -> Picture:
            found = select_similar(picture, *corner, tolerance=40, all_layers=False)
            return select_none(mask_from_selection(invert(grow(found, 2)), picture.active))

        self.document.edit("Mask from selection", without_white)
        self._name(name)

    def _glow(self) -> None:
        self._layer("Glow", blend="screen", opacity=0.6)
        self._stroke("#FFD9A0", [(378, 88), (380, 90)], size=300, hardness=0.0, opacity=1.0, flow=0.8)

    def _mask(self) -> None:
        """A part to be made anew, and four pictures for it to choose from."""
        self.canvas.set_frame_rect(QRect(490, 150, self.FRAME, self.FRAME))
        self.canvas.set_tool("mask")
        self.canvas.state.set_brush("mask", size=64, hardness=0.7, feather=6)
        self.pen.stroke([(618 + 46 * math.cos(t / 6), 250 + 42 * math.sin(t / 6)) for t in range(40)])
        self.pen.stroke([(596 + n, 250) for n in range(0, 44, 4)])
        wait(lambda: "Inpaint" in self.canvas.view.frame_words())
        self.bench.composer.set_values(strength=0.85)
        self.by.generate("a red tree", 4)


def main(folder: str) -> int:
    out = Path(folder)
    out.mkdir(parents=True, exist_ok=True)
    from studio.settings import Paths

    models = Paths.from_env().models
    with tempfile.TemporaryDirectory(prefix="pieria-shots-") as home:
        data = Path(home, "data")
        data.mkdir()
        if models.is_dir():
            (data / "models").symlink_to(models, target_is_directory=True)
        os.environ["PIERIA_HOME"] = home
        from studio.app import Studio

        app = QApplication(["pieria"])
        studio = Studio(app, Paths.from_env())
        studio.theme.set_mode("dark")
        studio.window.resize(*SIZE)
        studio.window.show()
        try:
            Photographer(studio, out).take_all()
        finally:
            studio.window.close()
            app.processEvents()
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1] if len(sys.argv) > 1 else "build/shots"))

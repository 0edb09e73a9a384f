"""Render every screen with real content: `python -m studio.shots FOLDER`. Pictures and text are made on the spot by
the starter models, in a project that is thrown away afterwards."""

from __future__ import annotations

import os
import sys
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from PySide6.QtCore import QEvent, QEventLoop, QPointF, Qt, QTimer
from PySide6.QtGui import QInputDevice, QPointingDevice, QPointingDeviceUniqueId, QTabletEvent
from PySide6.QtWidgets import QApplication

SIZE = (1600, 1000)
PROMPTS = ("a red apple", "a yellow star", "a blue car", "a green tree", "a cat", "a rocket", "a pink tulip",
           "a house")
STORY = """# The Blank Chart
The last chart in the drawer had no stars on it. Marzipan turned it over twice, as one does with a letter from a \
stranger, and found only a watermark and the brown ring of somebody's tea.
She spread it across the console and weighed down its corners with four small planets she had been meaning to return. \
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
        bench.canvas.set_frame_rect(bench.canvas.frame_rect())
        for place, prompt in enumerate(PROMPTS):
            self.generate(prompt)
            if place < 3:
                wait(bench.canvas.keep_candidate)
                rect = bench.canvas.frame_rect()
                bench.canvas.set_frame_rect(rect.translated(rect.width() + 16, 0))
        bench.canvas.zoom_to_fit()
        self.generate("a golden crown", 4)
        self.desk.open.show_recipe(self.desk.session.project.results()[0])
        self.both("canvas")
        self._running()
        bench.inspector.show_tab("details")
        self.save("details-dark")
        bench.inspector.show_tab("generate")
        self._popups()
        self._write()

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
        bench = self.window.workbench
        bench.write.load(STORY, (), len(STORY))
        self.generate("")
        self.both("write")


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

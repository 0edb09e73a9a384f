"""Goes through the screens of one real window."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from studio.shots.book import Book
from studio.shots.driving import settle, wait
from studio.shots.painting import Painting
from studio.shots.tracks import Tracks


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
        """With the generator in front; returns when the results are there and nothing is under way."""
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
        Painting(self).paint()
        self.both("canvas")
        self._panels()
        self._running()
        self.desk.open.show_recipe(self.desk.session.project.results()[0])
        bench.inspector.show_tab("details")
        self.save("details-dark")
        bench.inspector.show_tab("generate")
        self._popups()
        Book(self).take()
        Tracks(self).take()

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

    def close_popups(self) -> None:
        from studio.ui.widgets import Popup

        for popup in self.window.findChildren(Popup):
            popup.dismiss()

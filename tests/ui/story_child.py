"""A real window in which a picture is painted, made anew in parts, extended and enlarged. Run by test_canvas_story.

Prints a line for each step as ``step TITLE WIDTH HEIGHT HASH``, then ``saved HASH`` once everything is in the project
file, and waits to be killed.
"""

from __future__ import annotations

import hashlib
import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from PySide6.QtCore import QRect
from PySide6.QtGui import QColor
from PySide6.QtWidgets import QApplication

from studio.app import Studio
from studio.project.paint import Picture, Rect, from_qimage
from studio.project.paint.compositor import compose
from studio.settings import Paths
from studio.shots import Pen, wait

SIDE = 256
BACKGROUND, SKETCH, SHADE = "#26497F", "#C8282D", "#7A1418"


def say(*words: Any) -> None:
    os.write(1, (" ".join(map(str, words)) + "\n").encode())


def digest(picture: Picture) -> str:
    """Of what is seen of the whole picture."""
    seen = from_qimage(compose(picture, picture.rect))
    return hashlib.sha256(f"{seen.shape}".encode() + seen.tobytes()).hexdigest()


class Story:
    """One artist. Each step is what the person does and what has to hold afterwards."""

    def __init__(self, studio: Studio) -> None:
        self.studio, self.bench = studio, studio.window.workbench
        self.session, self.canvas = studio.desk.session, self.bench.canvas
        self.document, self.pen = self.canvas.document, Pen(self.canvas)
        self.problems: list[str] = []
        self.session.notice.connect(self.problems.append)

    @property
    def picture(self) -> Picture:
        return self.document.picture

    def tell(self, title: str) -> None:
        assert not self.bench.error.isVisible(), self.bench.error.message.text()
        assert not self.problems, self.problems
        say("step", title, self.picture.width, self.picture.height, digest(self.picture))

    def seen(self, rect: Rect) -> Any:
        """(h, w, 4) int: what is seen there."""
        return from_qimage(compose(self.picture, rect)).astype(int)

    def rest(self) -> None:
        """Until no job runs and no edit is under way."""
        wait(lambda: not self.document.busy and not [job for job in self.session.jobs if not job.state.ended])

    # ------------------------------------------------------------ steps

    def sketch(self) -> None:
        """A sky with the broad brush, an apple with the fine one."""
        self.bench.canvas_room.shelf.set_size(SIDE, SIDE)
        self.canvas.set_frame_rect(QRect(0, 0, SIDE, SIDE))
        self.canvas.set_tool("brush")
        state = self.canvas.state
        state.set_brush("brush", size=120, hardness=0.9, opacity=1.0, pressure_size=False)
        state.set_foreground(QColor(BACKGROUND))
        self.pen.stroke([(x, y) for y in range(0, SIDE + 60, 60) for x in (0, 90, 180, SIDE)])
        state.set_brush("brush", size=70)
        state.set_foreground(QColor(SKETCH))
        self.pen.stroke([(100, 130), (128, 150), (156, 130), (128, 165), (110, 150)])
        state.set_brush("brush", size=9)
        state.set_foreground(QColor(SHADE))
        self.pen.stroke([(128, 110), (134, 84), (140, 66)], 0.9)
        assert [label for label in self.document.history.labels() if label == "Brush stroke"] == ["Brush stroke"] * 3
        middle = self.seen(Rect(128, 140, 1, 1))[0, 0]
        assert middle[2] > 150 > middle[1], f"the apple is not there: {middle}"

    def from_sketch(self) -> None:
        before = digest(self.picture)
        self.bench.bar.start_chip.setChecked(True)
        self.bench.composer.set_values(quality="Draft", strength=0.6)
        self.make("a red apple", "From canvas")
        assert digest(self.picture) != before
        assert self.document.active.mask is None

    def inpaint(self) -> None:
        """A leaf: only where the mask brush has been."""
        before = self.seen(self.picture.rect)
        self.canvas.set_tool("mask")
        self.canvas.state.set_brush("mask", size=44, hardness=0.8, feather=4)
        self.pen.stroke([(120, 50), (150, 45), (175, 60)])
        mask = self.picture.mask.read(0, 0, SIDE, SIDE)
        self.make("a green tree", "Inpaint")
        after = self.seen(self.picture.rect)
        outside = mask == 0
        assert outside.mean() > 0.5
        assert (before[outside] == after[outside]).all(), "a pixel outside the mask has changed"
        assert (before[mask == 255] != after[mask == 255]).any()
        self.document.edit("Clear mask", lambda picture: picture.with_mask(None))

    def extend(self) -> None:
        """Half of the frame lies beyond the right edge: the artboard grows by that."""
        before = self.seen(self.picture.rect)
        self.bench.bar.start_chip.setChecked(False)
        self.canvas.set_frame_rect(QRect(SIDE // 2, 0, SIDE, SIDE))
        self.make("a red apple", "Extend")
        assert (self.picture.width, self.picture.height) == (SIDE * 3 // 2, SIDE)
        assert (self.seen(self.picture.rect)[..., 3] == 255).all(), "the extension has holes"
        kept = Rect(0, 0, SIDE - 40, SIDE)
        assert (self.seen(kept) == before[:, :kept.w]).all(), "what was there has changed"

    def cut_out(self) -> None:
        """The sketch's sky goes behind a mask; what the mask hides stays."""
        sketch = self.picture.layers[0]
        self.document.set_active(sketch.id)
        self.ask("improve.cutout")
        layer = self.picture.layer(sketch.id)
        assert layer.plane is sketch.plane
        assert layer.mask is not None
        apple, sky = (layer.mask.read(x - layer.dx, y - layer.dy, 1, 1)[0, 0] for x, y in ((128, 140), (20, 20)))
        assert apple > 200 > 60 > sky, (apple, sky)

    def upscale(self) -> None:
        """Twice the size, and still the same picture."""
        before, (width, height) = self.seen(self.picture.rect), (self.picture.width, self.picture.height)
        self.ask("improve.upscale-2")
        assert (self.picture.width, self.picture.height) == (width * 2, height * 2)
        after = self.seen(self.picture.rect).reshape(height, 2, width, 2, 4).mean((1, 3))
        assert abs(after - before).mean() < 8

    def ask(self, command: str) -> None:
        """Run a command of the palette that a generator carries out, until its step is in the history."""
        steps = len(self.document.history.labels())
        assert self.studio.desk.commands.run(command)
        wait(lambda: len(self.document.history.labels()) > steps or self.bench.error.isVisible()
             or bool(self.problems))
        assert not self.bench.error.isVisible(), self.bench.error.message.text()
        self.rest()

    def make(self, prompt: str, mode: str) -> None:
        """Wait until the frame says what Generate will do, generate, and keep the picture as a layer."""
        wait(lambda: mode in self.canvas.view.frame_words())
        self.bench.bar.prompt.set_text(prompt)
        self.bench.bar._set_count(1)
        before, layers = self.session.project.count_results(), len(self.picture.layers)
        self.studio.desk.open.generate()
        wait(lambda: self.session.project.count_results() > before or self.bench.error.isVisible())
        assert not self.bench.error.isVisible(), self.bench.error.message.text()
        self.rest()
        wait(self.canvas.keep_candidate)
        wait(lambda: len(self.picture.layers) > layers)

    def back_and_forth(self) -> None:
        """Undo everything, redo everything: each picture on the way back is that of the way there."""
        there = [digest(self.picture)]
        while self.document.can_undo():
            self.studio.desk.open.undo()
            there.append(digest(self.picture))
        assert len(there) == len(self.document.history.labels())
        assert not self.picture.layers[0].plane.tiles
        back = [there[-1]]
        while self.document.can_redo():
            self.studio.desk.open.redo()
            back.append(digest(self.picture))
        assert back == there[::-1]

    def save(self) -> None:
        control = self.bench.canvas_room.control
        wait(lambda: control.keeper._due is None and self.session._pending == 0)


def main(path: str) -> int:
    app = QApplication([])
    studio = Studio(app, Paths.from_env())
    studio.theme.set_reduced_motion(True)
    studio.window.resize(1440, 900)
    assert studio.desk.open_project(Path(path), create=True)
    studio.window.show()
    studio.desk.go("canvas")
    wait(lambda: bool(studio.desk.session.discovery.generators))
    wait(lambda: not studio.window.workbench.canvas.document.closed_because)
    story = Story(studio)
    steps: list[Callable[[], None]] = [story.sketch, story.from_sketch, story.inpaint, story.extend,
                                       story.cut_out, story.upscale, story.back_and_forth]
    for step in steps:
        step()
        story.rest()
        story.tell(step.__name__)
    story.save()
    say("saved", digest(story.picture))
    return app.exec()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))

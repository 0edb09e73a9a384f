"""The composition root: the one place that wires settings, project, engine and window together."""

from __future__ import annotations

import argparse
import json
import logging
import os
import signal
import sys
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

from PySide6.QtCore import Qt, QTimer
from PySide6.QtGui import QImage
from PySide6.QtWidgets import QApplication

from studio import __version__, logs, plainimports  # noqa: F401
from studio.engine import discovery as cache
from studio.engine.job import Discovery
from studio.engine.worker import InferenceWorker
from studio.garbage import Garbage
from studio.models.later import LaterLibrary
from studio.project import Project, ResultQuery
from studio.settings import Paths, SettingsFile
from studio.ui.desk import Desk
from studio.ui.theme import Theme, load_fonts
from studio.ui.window import StudioWindow

SWITCH = 0.0005
"""Seconds that another thread may keep the interpreter from the window's: each call into Qt gives it away, so that with
Python's own 5 ms a key could wait 80 ms for a thread that looks up words."""
TURN_MS = 50
"""Between two looks for garbage that is due. A thread that takes much memory leaves as much to go through in one turn
as comes in this time: 14 ms, where half a second of it took 81."""
SETTLED_MS = 5000
"""By then the threads that look for models and plugins have imported what they need."""
START_PICTURE = Path(__file__).parent / "ui" / "start.webp"


class Studio:
    """One running application: settings, library and theme once, a desk with its window."""

    def __init__(self, app: QApplication, paths: Paths) -> None:
        self.app, self.paths = app, paths
        self.settings = SettingsFile(paths.settings)
        value = self.settings.value
        self.theme = Theme(value.theme, text_scale=value.scale, reduced_motion=value.reduced_motion)
        self._background = ThreadPoolExecutor(1, "remember")
        self._closed = False
        load_fonts()
        self.theme.apply(app)
        self.window = StudioWindow(self.theme)
        self.window.restore(value.geometry)
        self.window.start.show_picture(QImage(str(START_PICTURE)))
        self.desk = Desk(self.theme, self.window, self.settings, paths, LaterLibrary(paths, value.model_folders),
                         self.make_worker, self.known, self.diagnose)
        self.window.closing.connect(self.close)

    def make_worker(self, project: Project) -> InferenceWorker:
        """Start an inference worker that reads its media from `project`."""
        environment = {} if self.settings.value.device == "auto" else {"PIERIA_DEVICE": self.settings.value.device}
        worker = InferenceWorker(media=project.media, env=environment)
        worker.discovered.connect(self._remember)
        worker.start()
        return worker

    def known(self) -> Discovery | None:
        """What the last run knew of the generators: it fills the window while a host asks anew."""
        return cache.cached(self.paths.discovery)

    def diagnose(self, discovery: Discovery) -> dict[str, Any]:
        from studio import diagnostics

        secrets: list[str] = []
        if self.desk.open is not None:
            project, drafts = self.desk.open.project, self.desk.open.workbench.composer.drafts.values()
            secrets = [row.prompt for row in project.results(ResultQuery(limit=2000))]
            secrets += [text for draft in drafts for text in (draft.prompt, draft.negative)]
        return diagnostics.collect(self.paths.log, discovery.to_json(), self.desk.models.installed(), secrets)

    def open(self, path: Path | None) -> None:
        """The project named, else the last one, else the start screen."""
        if path is not None:
            self.desk.open_project(path, create=not path.exists())
            return
        last = self.settings.value.last_project
        if last and Path(last).exists() and self.settings.value.first_run_done:
            self.desk.open_project(Path(last))
        else:
            self.desk.show_start()

    def close(self) -> None:
        """The window has closed its project: wait for what is under way beside it."""
        self._closed = True
        self._background.shutdown(wait=True)

    def _remember(self, discovery: Discovery) -> None:
        """Keep it for the next run. The fingerprint reads the times of all source files of all plugins."""
        if not self._closed:
            self._background.submit(lambda: cache.remember(self.paths.discovery, cache.fingerprint(), discovery))


def parse(argv: Sequence[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="studio", description="Open the Pieria window.")
    parser.add_argument("project", nargs="?", type=Path, help="a .pieria file")
    parser.add_argument("--exit-when-ready", action="store_true", help=argparse.SUPPRESS)
    return parser.parse_args(argv)


def main(argv: Sequence[str] = ()) -> int:
    """Open the window and run until it is closed. Returns the exit code."""
    options = parse(argv)
    garbage = Garbage()
    sys.setswitchinterval(SWITCH)
    paths = Paths.from_env()
    logs.set_up(paths.log)
    QApplication.setApplicationName("Pieria")
    QApplication.setApplicationVersion(__version__)
    QApplication.setDesktopFileName("pieria")
    # A pen and a mouse report more points than there are frames; a stroke needs them all.
    QApplication.setAttribute(Qt.ApplicationAttribute.AA_CompressHighFrequencyEvents, False)
    app = QApplication(["pieria"])
    studio = Studio(app, paths)
    # Python's signal handlers run only between bytecodes, and the event loop is C: the timer of `spare` lets Ctrl+C and
    # the end of the session through, once nothing is being opened.
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: QTimer.singleShot(0, studio.window.close))
    spare(studio, garbage)
    studio.open(options.project)
    studio.window.show()
    if options.exit_when_ready:
        QTimer.singleShot(0, lambda: (print(json.dumps({"ready": True, "pid": os.getpid()}), flush=True),
                                      studio.window.close()))
    return leave(app.exec())


def spare(studio: Studio, garbage: Garbage) -> None:
    """Collect now and then, on this thread; leave out what is there when the window comes up, and look through it after
    a project's end."""
    turns = QTimer(studio.desk, interval=TURN_MS)
    turns.timeout.connect(garbage.turn)
    turns.start()
    studio.desk.closed.connect(garbage.release)
    studio.desk.opened.connect(lambda: QTimer.singleShot(0, garbage.settle))
    QTimer.singleShot(0, garbage.settle)
    QTimer.singleShot(SETTLED_MS, garbage.settle)


def leave(code: int) -> int:
    """End the process; everything is on disk by now.

    Where the clipboard holds data made in Python, Qt deletes it after the interpreter is gone, and the exit crashes
    (seen with PySide 6.11 on Linux). So the interpreter is not taken down piece by piece there.
    """
    if sys.platform == "linux":
        logging.shutdown()
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(code)
    return code


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

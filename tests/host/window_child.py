"""A real window, offscreen, that makes things without end and says what is safe. Run by test_kill_window.

Prints one line for each thing that the project has acknowledged: ``result ID``, ``text LENGTH``, ``queued ID``.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Any

from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QApplication

from studio.app import Studio
from studio.engine.job import Failed
from studio.project.manuscript.rows import Prose
from studio.settings import Paths
from studio.ui.requests import Ask


def say(*words: Any) -> None:
    os.write(1, (" ".join(map(str, words)) + "\n").encode())


def main(path: str) -> int:
    app = QApplication([])
    studio = Studio(app, Paths.from_env())
    target = Path(path)
    if not studio.desk.open_project(target, create=not target.exists()):
        say("refused")
        return 1
    studio.window.show()
    session = studio.desk.session
    write = studio.window.workbench.write
    control = studio.window.workbench.room("write").control

    def more(*_: Any) -> None:
        session.generate(Ask("faults.echo", {"prompt": f"number {session.project.count_results()}"}, 2))

    def typed() -> None:
        text = write.text() + "x"
        future = session.project.set_prose(control.node, Prose(text), len(text))
        write.load(text, (), len(text))
        session.store(future, lambda _: say("text", len(text)))

    session.result_stored.connect(lambda row, _job: say("result", row.id))
    session.result_stored.connect(lambda _row, job: job.request.index == 1 and more())
    session.event.connect(lambda event, _job: isinstance(event, Failed) and more())
    session.batch_queued.connect(lambda jobs: [say("queued", job.id) for job in jobs])
    session.discovered.connect(lambda found: found.find("faults.echo") is not None and more())
    timer = QTimer(interval=30)
    timer.timeout.connect(typed)
    timer.start()
    say("ready", len(session.interrupted))
    return app.exec()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))

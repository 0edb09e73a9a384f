"""Key press to painted character while the model writes, in a manuscript of 100,000 words; opening it, finding in it.

Measured twice: in a manuscript of 50 scenes, and in one whose 100,000 words are a single scene.
"""

from __future__ import annotations

import os
import random
import tempfile
import time
from pathlib import Path
from typing import Any

from benchmarks.common import library, percentiles, progress, report

WORDS, SCENES, KEYS = 100_000, 50, 300
BEFORE = 1000
"""Characters before the place where the model writes on: it reads them first, and 24,000 take it minutes."""
VOCABULARY = ("the", "a", "of", "and", "to", "lamp", "keeper", "sea", "whale", "chart", "star", "tea", "brass", "gull",
              "rope", "fog", "light", "stairs", "window", "morning", "quiet", "turned", "walked", "asked", "found",
              "carried", "slowly", "under", "over", "before", "again", "nobody", "somebody", "north")
SOUGHT = "zephyr"


def main() -> None:
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    models = library().root
    with tempfile.TemporaryDirectory() as home:
        data = Path(home, "data")
        data.mkdir()
        if models.is_dir():
            (data / "models").symlink_to(models, target_is_directory=True)
        os.environ["PIERIA_HOME"] = home
        measure(home)


def prose(words: int, seed: int) -> Any:
    """Paragraphs of about 90 words with some emphasis."""
    from studio.project.manuscript.rows import Mark, Prose

    pick = random.Random(seed)
    lines, marks, at = [], [], 0
    while words > 0:
        count = min(words, pick.randint(60, 120))
        chosen = [pick.choice(VOCABULARY) for _ in range(count)]
        line = " ".join(chosen).capitalize() + "."
        marks.append(Mark(at, len(chosen[0]), "italic"))
        lines.append(line)
        at += len(line) + 1
        words -= count
    lines[len(lines) // 2] += f" {SOUGHT}"
    return Prose("\n".join(lines), (), tuple(marks))


def write_projects(home: str) -> dict[str, Path]:
    from studio.project import Project

    out = {}
    for name, count in (("scenes", SCENES), ("single", 1)):
        out[name] = Path(home, f"{name}.pieria")
        with Project.create(out[name]) as project:
            project.set_state("workspace", "write").result()
            document = project.documents("manuscript")[0].id
            nodes = project.manuscript_nodes(document)
            scene = next(n for n in nodes if n.kind == "scene")
            project.set_prose(scene.id, prose(WORDS // count, 0), 0).result()
            for number in range(1, count):
                fresh = project.add_node(document, "scene", f"Scene {number + 1}", scene.parent).result()
                project.set_prose(fresh.id, prose(WORDS // count, number), 0).result()
    return out


def measure(home: str) -> None:
    import psutil
    from PySide6.QtWidgets import QApplication

    from studio.app import Studio
    from studio.settings import Paths

    projects = write_projects(home)
    app = QApplication([])
    studio = Studio(app, Paths.from_env())
    studio.window.resize(1440, 900)
    studio.window.show()
    figures: dict[str, Any] = {}
    for name, path in projects.items():
        figures |= {f"{name}_{key}": value for key, value in one(studio, app, path).items()}
    children = psutil.Process().children(recursive=True)
    figures["window_rss_mb"] = round(psutil.Process().memory_info().rss / 1e6)
    figures["host_rss_mb"] = round(sum(c.memory_info().rss for c in children) / 1e6)
    report("manuscript", figures, "key p99 under 16 ms, opening under 1 s, finding under 1 s")
    studio.window.close()
    app.processEvents()


def one(studio: Any, app: Any, path: Path) -> dict[str, Any]:
    """One project: open it, type while the model writes, find."""
    from studio.shots import settle, wait

    progress(f"opening {path.stem}")
    begun = time.perf_counter()
    studio.desk.open_project(path)
    studio.desk.go("write")
    room = studio.window.workbench.room("write")
    app.processEvents()
    room.pane.page.viewport().repaint()
    opening = time.perf_counter() - begun
    wait(lambda: bool(studio.desk.session.discovery.generators))
    room.coauthor.ghost.set_mode("off")
    settle(4000)  # spelling reads its dictionary meanwhile
    progress("typing")
    idle, idle_own = keys(room, app, stream=None)
    room.pane.set_cursor_position(BEFORE)
    studio.window.workbench.inspector.show_tab("generate")
    studio.window.workbench.composer.set_values(max_tokens=1024)
    studio.desk.open.generate()
    progress("waiting for the model's first word")
    wait(lambda: any(p.length for p in room.pane.story.history.floating))
    room.pane.set_cursor_position(len(room.pane.text()) // 2)
    progress("typing while it writes")
    busy, busy_own = keys(room, app, stream=room)
    studio.desk.open.stop()
    settle(300)
    project, document = studio.desk.session.project, room.control.document
    project.flush()
    begun = time.perf_counter()
    hits = project.find_prose(document, SOUGHT)
    return {"opening_seconds": round(opening, 3), "key_ms": percentiles(idle), "key_own_ms": percentiles(idle_own),
            "key_while_writing_ms": percentiles(busy), "key_while_writing_own_ms": percentiles(busy_own),
            "find_seconds": round(time.perf_counter() - begun, 3), "found": len(hits)}


def keys(room: Any, app: Any, stream: Any) -> tuple[list[float], list[float]]:
    """Milliseconds from the arrival of a key to the end of the painting that shows its character; and the same without
    what the window's thread waited for a core or the interpreter."""
    from PySide6.QtCore import QEvent, QEventLoop, Qt, QTimer
    from PySide6.QtGui import QKeyEvent

    page, out, own = room.pane.page, list[float](), list[float]()
    page.setFocus()
    pick = random.Random(3)
    for number in range(KEYS):
        letter = " " if number % 6 == 5 else pick.choice("etaoinshrdlu")
        code = Qt.Key.Key_Space if letter == " " else Qt.Key(ord(letter.upper()))
        begun, busy = time.perf_counter(), time.thread_time()
        app.sendEvent(page, QKeyEvent(QEvent.Type.KeyPress, code, Qt.KeyboardModifier.NoModifier, letter))
        page.viewport().repaint()
        out.append((time.perf_counter() - begun) * 1000)
        own.append((time.thread_time() - busy) * 1000)
        loop = QEventLoop()
        QTimer.singleShot(25, loop.quit)
        loop.exec()
        if stream is not None and not stream.pane.streaming():
            break
    return out, own


if __name__ == "__main__":
    main()

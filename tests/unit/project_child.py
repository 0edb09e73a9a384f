"""Run as a program by the tests of the project file: opens a project, changes it, closes it, opens it again, and so on
for ever, and prints every change that it was told is on disk. The test kills it."""

from __future__ import annotations

import sys

from project_kit import write_text

from studio.project import Project

HEAVY = ("PySide6", "numpy", "PIL", "torch")


def main(path: str, changes: int) -> None:
    assert not [name for name in sys.modules if name.split(".")[0] in HEAVY]
    while True:
        with Project.open(path) as project:
            say("open")
            start = project.count_results()
            manuscript = project.documents("manuscript")[0].id
            for number in range(start, start + changes):
                change(project, manuscript, number)
                if number % 8 == 0:
                    project.flush()


def change(project: Project, manuscript: str, number: int) -> None:
    recipe = {"generator": "a.b", "params": {"prompt": f"word{number}", "seed": number}}
    result = project.add_result(kind="text", data=f"story {number} ".encode() * 50, media_type="text/plain", meta={},
                                recipe=recipe)
    result.add_done_callback(lambda done: say(f"result {done.result().id}"))
    spans = [{"start": 0, "length": 4, "origin": "machine"}]
    written = write_text(project, manuscript, f"line {number}\n" * (1 + number % 40), spans, number)
    written.add_done_callback(lambda _: say(f"text {number}"))


def say(line: str) -> None:
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]))

"""Run as a program by the test that kills it: writes, splits and joins scenes for ever, and prints what is on disk."""

from __future__ import annotations

import sys

from studio.project import Project
from studio.project.manuscript.rows import Mark, Prose

HEAVY = ("PySide6", "numpy", "PIL", "regex", "lxml", "docx", "markdown_it")


def text_of(number: int) -> str:
    return f"first {number}\nsecond {number}"


def main(path: str) -> None:
    with Project.open(path) as project:
        assert not [name for name in sys.modules if name.split(".")[0] in HEAVY]
        document = project.documents("manuscript")[0].id
        scene, *rest = (node.id for node in project.manuscript_nodes(document) if node.kind == "scene")
        for left in rest:  # it was killed between a split and a merge
            project.merge_scenes(scene, left).result()
        text = project.prose(scene)[0].text
        number = int(text.split()[1]) + 1 if text else 0
        while True:
            text = text_of(number)
            project.set_prose(scene, Prose(text, (), (Mark(0, 5, "bold"),)), number)
            second = project.split_scene(scene, text.index("\n"), f"Scene {number}")
            project.merge_scenes(scene, second.result().id).result()
            sys.stdout.write(f"merged {number}\n")
            sys.stdout.flush()
            number += 1


if __name__ == "__main__":
    main(sys.argv[1])

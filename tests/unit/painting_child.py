"""Run as a program by the tests of the project file: paints stroke after stroke on two layers at once, for ever, and
says which are on disk. The test kills it."""

from __future__ import annotations

import sys

import numpy as np

from studio.project import Project
from studio.project.paint.layer import Layer
from studio.project.paint.picture import Picture
from studio.project.paint.plane import Plane

SIDE = 600


def main(path: str) -> None:
    with Project.open(path) as project:
        document = project.documents("canvas")[0].id
        picture = project.paint(document)
        if not project.painted():
            fresh = Picture(SIDE, SIDE, (Layer("a", "A"), Layer("b", "B")), "a")
            project.put_paint(document, None, fresh).result()
            picture = fresh
        say("open")
        number = int(picture.layers[0].prompt or 0)
        while True:
            number += 1
            after = stroke(picture, number)
            done = project.put_paint(document, picture, after)
            done.add_done_callback(lambda future, told=number: say(f"paint {told}") if not future.exception() else None)
            picture = after
            if number % 6 == 0:
                project.flush()


def stroke(picture: Picture, number: int) -> Picture:
    """Both layers get the number as their prompt and as the colour of a patch that wanders; every tenth stroke undoes
    the shape of the tree for a moment."""
    values = np.frombuffer(number.to_bytes(4, "little"), np.uint8)
    x, y = number * 37 % (SIDE - 64), number * 61 % (SIDE - 64)
    layers = []
    for layer in sorted(picture.layers, key=lambda one: one.id, reverse=number % 10 == 0):
        plane: Plane = layer.plane.write(np.tile(values, (64, 64, 1)), x, y)
        layers.append(layer.with_(plane=plane, prompt=str(number)))
    return picture.with_(layers=tuple(layers))


def say(line: str) -> None:
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main(sys.argv[1])

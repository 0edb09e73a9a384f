"""`studio demo`: the main job without a window. One prompt in; a picture, a story and the project file out."""

from __future__ import annotations

import argparse
import time
from contextlib import ExitStack
from pathlib import Path

from studio.cli.engine import Engine
from studio.cli.generate import make, read_wish
from studio.cli.models import open_library
from studio.cli.output import Output
from studio.cli.outputs import Destination, Keeper, open_project

STORY = "Write a short story about {}."


def demo(arguments: argparse.Namespace, out: Output) -> int:
    started = time.monotonic()
    folder = Path(arguments.output).expanduser()
    library = open_library()[0]
    outputs = []
    place = folder / "demo.pieria"
    with ExitStack() as stack:
        engine = stack.enter_context(Engine.start())
        discovery = engine.discovery()
        # Both wishes are read before anything is made, so that a missing model is said at once.
        wishes = [read_wish(argparse.Namespace(generator=None, kind=kind, settings=[], inputs=[], prompt=prompt,
                                               seed=arguments.seed, count=1), discovery, library)
                  for kind, prompt in (("image", arguments.prompt), ("text", STORY.format(arguments.prompt)))]
        project = stack.enter_context(open_project(str(place)))
        for wish, name in zip(wishes, ("picture.png", "story.txt"), strict=True):
            keeper = Keeper(out, Destination(str(folder / name), several=False), project)
            make(wish.jobs(), wish, engine, keeper, out)
            outputs += keeper.outputs
    out.emit({"event": "done", "outputs": outputs, "project": str(place),
              "seconds": round(time.monotonic() - started, 3)})
    out.print(str(place))
    out.say(f"A picture, a story and the project with both are in {folder.resolve()}.")
    return 0

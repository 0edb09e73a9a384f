"""`studio grid`: one picture for each pair of values of two parameters, and all of them on one sheet."""

from __future__ import annotations

import argparse
import time
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path
from typing import Any

from studio.cli import params as p
from studio.cli.engine import Engine
from studio.cli.generate import MAX_SEED, make, read_wish, resolve
from studio.cli.models import open_library
from studio.cli.output import FAILED, CommandError, Output
from studio.cli.outputs import open_project
from studio.engine.grid import Axis, GridError, plan, read_axis
from studio.engine.job import Job, Request, Result, new_id
from studio.project import Project, ProjectError, gridsheet
from studio.project.export import export_result
from studio.project.results import facts
from studio.project.rows import ResultRow

GENERATOR = "studio.grid"


class Cells:
    """Takes the pictures of a grid as they come: into the project if there is one, and into memory for the sheet."""

    def __init__(self, project: Project | None) -> None:
        self.project, self.results = project, dict[int, Result]()

    def keep(self, event: Result, job: Job) -> None:
        """Keep one picture. Raises CommandError."""
        self.results[job.request.index] = event
        if self.project is not None:
            self.store(event.data, event.media_type, event.recipe, job.request.batch, job.request.index, event.meta)

    def store(self, data: bytes, media_type: str, recipe: dict[str, Any], batch: str, index: int,
              meta: dict[str, Any]) -> None:
        """Put a picture into the project and wait until it is on disk. Raises CommandError."""
        if self.project is None:
            return
        try:
            self.project.add_result(kind="image", data=data, media_type=media_type, meta=meta, recipe=recipe,
                                    batch=batch, index=index).result()
        except ProjectError as error:
            raise CommandError(str(error), FAILED, kind="output") from error


def grid(arguments: argparse.Namespace, out: Output) -> int:
    started = time.monotonic()
    library = open_library()[0]
    with ExitStack() as stack:
        engine = stack.enter_context(Engine.start())
        wish = read_wish(arguments, engine.discovery(), library)
        if wish.info.produces != "image":
            raise CommandError(f"{wish.info.id} makes {wish.info.produces}; a grid is made of pictures.",
                               field="--generator")
        engine.media |= wish.media
        x, y = _axis(arguments.x, wish.info.schema, "--x"), None
        if arguments.y:
            y = _axis(arguments.y, wish.info.schema, "--y")
        prompt, seed = (p.with_role(wish.info.schema, role) for role in ("prompt", "seed"))
        base = wish.params | ({} if wish.seed is None else {seed: wish.seed % MAX_SEED})
        try:
            cells = plan(base, prompt, x, y)
        except GridError as error:
            raise CommandError(str(error), field="--x") from error
        batch = new_id()
        jobs = [Job(Request(wish.info.id, cell, resolve(wish.info, cell, library), batch=batch, index=index))
                for index, cell in enumerate(cells)]
        place = _place(arguments.output)
        project = stack.enter_context(open_project(arguments.project)) if arguments.project else None
        keeper = Cells(project)
        make(jobs, replace(wish, count=len(jobs)), engine, keeper, out)
        row, data = _sheet(keeper.results, x, y, str(wish.params.get(prompt, "")))
        keeper.store(data, "image/png", row.recipe, batch, len(jobs), {})
        path = _export(row, data, place)
        out.emit({"event": "grid", "path": str(path), "columns": list(x.labels), "rows": list(y.labels) if y else [],
                  "cells": len(jobs)})
        out.print(str(path))
    out.emit({"event": "done", "seconds": round(time.monotonic() - started, 3)})
    return 0


def _axis(text: str, schema: dict[str, Any], option: str) -> Axis:
    known = p.fields(schema)

    def convert(field: str, value: str) -> Any:
        if field not in known:
            raise p.unknown(field, known)
        return p.coerced(field, value, known[field])

    try:
        return read_axis(text, convert)
    except GridError as error:
        raise CommandError(str(error), field=option) from error


def _place(given: str | None) -> Path:
    path = Path(given or "grid.png").expanduser()
    if path.is_dir():
        path = path / "grid.png"
    if path.suffix.lower() not in (".png", ".jpg", ".jpeg", ".webp"):
        raise CommandError("A grid is written as .png, .jpg or .webp.", field="--output")
    if not path.absolute().parent.is_dir():
        raise CommandError(f"There is no folder {path.absolute().parent}; make it first.", field="--output")
    return path


def _export(row: ResultRow, data: bytes, place: Path) -> Path:
    try:
        return export_result(row, data, place)
    except ProjectError as error:
        raise CommandError(str(error), FAILED, kind="output") from error


def _sheet(results: dict[int, Result], x: Axis, y: Axis | None, prompt: str) -> tuple[ResultRow, bytes]:
    """The sheet with a recipe that names its axes and the recipes of its pictures."""
    count = len(x.values) * (len(y.values) if y else 1)
    pictures = [results[i].data if i in results else None for i in range(count)]
    titles = (x.field.replace("_", " "), y.field.replace("_", " ") if y else "")
    data = gridsheet.compose(pictures, x.labels, y.labels if y else (), titles, prompt)
    axes = {"x": {"field": x.field, "values": list(x.values)}}
    if y is not None:
        axes["y"] = {"field": y.field, "values": list(y.values)}
    recipe: dict[str, Any] = {"generator": {"id": GENERATOR, "title": "Grid"}, "params": {"prompt": prompt, **axes},
                              "cells": [results[i].recipe for i in sorted(results)]}
    generator, title, said, _ = facts(recipe)
    return ResultRow(id="", created=0.0, kind="image", media="", media_type="image/png", generator=generator,
                     title=title, prompt=said, seed=None, recipe=recipe, meta={}, batch="", index=0, starred=False,
                     liked=0, deleted=None, text_preview=""), data

"""`studio project` and `studio inspect`: look into files, check them, make a result again."""

from __future__ import annotations

import argparse
import datetime
import json
import time
from dataclasses import replace
from pathlib import Path

from studio.cli.engine import Engine
from studio.cli.generate import resolve
from studio.cli.models import open_library
from studio.cli.output import BAD_ARGUMENTS, FAILED, CommandError, Output, size
from studio.cli.outputs import Destination, Keeper
from studio.engine import recipe as recipes
from studio.engine.job import Job, Request, Result
from studio.models import Library
from studio.project import Project, ProjectError, ResultQuery, ResultRow
from studio.project.check import check as check_file
from studio.project.inspect import inspect_file

SETTINGS = ("dialect", "prompt", "negative_prompt", "seed", "steps", "guidance_scale", "sampler", "width", "height",
            "model", "strength")
"""What `inspect` tells first, in this order."""

MAX_DAYS = 36_500


def _open(name: str) -> Project:
    """Read-only, so that it works while a window has the file open. Raises CommandError."""
    try:
        return Project.open(name, read_only=True)
    except ProjectError as error:
        raise CommandError(str(error), kind="project", field="FILE") from error


def info(arguments: argparse.Namespace, out: Output) -> int:
    try:
        with _open(arguments.file) as project:
            stats, documents = project.stats(), project.documents()
            rows = project.results(ResultQuery(limit=10))
    except ProjectError as error:
        raise CommandError(str(error), kind="project", field="FILE") from error
    out.emit({"event": "project", "path": str(Path(arguments.file).resolve()), **stats,
              "documents": [{"id": d.id, "kind": d.kind, "title": d.title} for d in documents]})
    for row in rows:
        out.emit({"event": "result", **_facts(row)})
    out.emit({"event": "done"})
    made = datetime.datetime.fromtimestamp(stats["created"]).astimezone()
    out.print(f"{stats['title']}: {size(stats['bytes'])}, made {made:%d %B %Y}, version {stats['version']}")
    kinds = ", ".join(f"{count} {kind}" for kind, count in sorted(stats["kinds"].items()))
    out.print(f"{stats['results']} results{f' ({kinds})' if kinds else ''}, {stats['deleted']} thrown away, "
              f"{stats['jobs']} jobs waiting, {', '.join(f'{d.kind} “{d.title}”' for d in documents)}")
    if stats["scenes"]:
        out.print(f"{stats['words']:,} words in {stats['scenes']} scenes, {stats['notes']} story notes, "
                  f"{stats['chats']} chats")
    for row in rows:
        out.print(f"  {row.id}  {row.kind:5}  {row.generator}  {' '.join(row.prompt.split())[:60]}")
    return 0


def _facts(row: ResultRow) -> dict[str, object]:
    return {"id": row.id, "kind": row.kind, "sha256": row.media, "generator": row.generator, "prompt": row.prompt,
            "seed": row.seed, "created": row.created, "starred": row.starred}


def check(arguments: argparse.Namespace, out: Output) -> int:
    """Exit code 0 where all is whole, 3 where not, 2 where there is no such file."""
    if not Path(arguments.file).expanduser().is_file():
        raise CommandError(f"There is no file {arguments.file}.", kind="project", field="FILE")
    report = check_file(arguments.file)
    for problem in report.problems:
        out.emit({"event": "problem", "message": problem})
        out.print(problem)
    out.emit({"event": "done", "ok": report.ok, "version": report.version, "counts": report.counts,
              "problems": report.problems})
    if report.ok:
        out.print(f"{arguments.file} is whole: {report.counts.get('result', 0)} results, "
                  f"{report.counts.get('media', 0)} media, every hash is right.")
    return 0 if report.ok else FAILED


def compact(arguments: argparse.Namespace, out: Output) -> int:
    """Only for a project that no window has open."""
    if not 0 <= arguments.days <= MAX_DAYS:
        raise CommandError(f"--days takes a number from 0 to {MAX_DAYS:,}.", field="--days")
    try:
        with Project.open(arguments.file) as project:
            done = project.compact(arguments.days).result()
    except ProjectError as error:
        raise CommandError(str(error), kind="project", field="FILE") from error
    out.emit({"event": "done", "results": done.results, "media": done.media, "before": done.before,
              "after": done.after})
    out.print(f"{arguments.file}: {done.results} results and {done.media} media went, {size(done.won)} won; "
              f"it is {size(done.after)} now.")
    return 0


def replay(arguments: argparse.Namespace, out: Output) -> int:
    """Exit code 0 where the bytes are the same, 3 where they differ."""
    started = time.monotonic()
    library = open_library()[0]
    with _open(arguments.file) as project, Engine.start(media=project.media) as engine:
        row = _find(project, arguments.result)
        made = _make_again(row, engine, library, out)
        before = project.media(row.media)[0]
        same = any(event.data == before for event in made)
        # A generator may give several things at once.
        event = next((event for event in made if event.data == before), made[0])
        keeper = Keeper(out, Destination(arguments.output or "", several=False))
        if arguments.output:
            keeper.keep(event, Job(Request(row.generator)))
    out.emit({"event": "done", "same": same, "result": row.id, "outputs": keeper.outputs,
              "seconds": round(time.monotonic() - started, 3)})
    if same:
        out.print(f"{row.id} came out the same, byte for byte (SHA-256 {row.media}).")
        return 0
    out.print(f"{row.id} came out different: its recipe gives other bytes here.")
    for line in _differences(row.recipe, event.recipe):
        out.print(f"  {line}")
    return FAILED


def _find(project: Project, name: str) -> ResultRow:
    """A result by id, by the beginning of one, or "last". Raises CommandError."""
    if name == "last":
        rows = project.results(ResultQuery(limit=1))
        if not rows:
            raise CommandError("The project has no results.", field="RESULT")
        return rows[0]
    try:
        return project.result(name)
    except KeyError:
        rows = [r for r in project.results(ResultQuery(limit=1_000_000)) if r.id.startswith(name)] if name else []
    if len(rows) != 1:
        what = f"{len(rows)} results that begin" if rows else "no result that begins"
        raise CommandError(f"The project has {what} with {name!r}; `studio project info` lists them.", field="RESULT")
    return rows[0]


def _make_again(row: ResultRow, engine: Engine, library: Library, out: Output) -> list[Result]:
    found = engine.discovery().find(row.generator)
    if found is None:
        raise CommandError(f"The generator {row.generator} that made it is not installed.", BAD_ARGUMENTS,
                           kind="unknown-generator", field="RESULT")
    models = resolve(found, _named_models(row), library)
    try:
        request = recipes.to_request(row.recipe, models)
    except ValueError as error:
        raise CommandError(str(error), FAILED, kind="project", field="RESULT") from error
    for name, model in models.items():
        before = row.recipe.get("models", {}).get(name, {}).get("sha256", "")
        if before and before != model["sha256"]:
            out.say(f"The model {model['name']} is not the one it was made with; expect another result.")
    collected = _Collector()
    engine.run(Job(request), collected, out, found.title)
    if not collected.events:
        raise CommandError(f"{row.generator} gave nothing.", FAILED, kind="generator")
    return collected.events


def _named_models(row: ResultRow) -> dict[str, str]:
    """The models of a recipe by their names, so that a changed default does not change the replay."""
    models = row.recipe.get("models", {})
    return {name: str(model.get("name", "")) for name, model in models.items() if isinstance(model, dict)}


class _Collector:
    """Stands where a Keeper stands, and only remembers."""

    def __init__(self) -> None:
        self.events: list[Result] = []

    def keep(self, event: Result, job: Job) -> None:
        self.events.append(replace(event, job=job.id))


def _differences(before: dict[str, object], after: dict[str, object]) -> list[str]:
    lines = []
    for part in ("generator", "models", "device", "libraries", "studio"):
        if before.get(part) != after.get(part):
            lines.append(f"{part}: {json.dumps(before.get(part))} then, {json.dumps(after.get(part))} now")
    return lines


def inspect(arguments: argparse.Namespace, out: Output) -> int:
    try:
        found = inspect_file(Path(arguments.file).expanduser())
    except ProjectError as error:
        raise CommandError(str(error), kind="project", field="FILE") from error
    out.emit({"event": "file", "path": arguments.file, **found})
    out.emit({"event": "done"})
    recipe, marks = found["recipe"], found["marks"]
    if recipe is None and not marks and not found["dialect"]:
        out.print(f"{arguments.file} says nothing about how it was made.")
        return 0
    for name in SETTINGS:
        if found[name] not in (None, ""):
            out.print(f"{name}: {found[name]}")
    for name, value in marks.items():
        out.print(f"{name}: {value}")
    if recipe is not None:
        out.print(json.dumps(recipe, indent=2, ensure_ascii=False))
    return 0



"""Where results go: files by -o, and a project by --project."""

from __future__ import annotations

import hashlib
import os
import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from studio.cli.output import FAILED, CommandError, Output
from studio.engine.job import Job, Result
from studio.project import Project, ProjectError, ResultRow, soundfiles
from studio.project.export import default_ending, export_result, sidecar_path
from studio.project.results import facts

PICTURES = (".png", ".jpg", ".jpeg", ".webp")
SOUNDS = soundfiles.ENDINGS
FIELDS = ("{n}", "{seed}", "{prompt}", "{generator}")


@dataclass
class Destination:
    """Names files: in a folder after prompt and seed, never one that is taken; a named file is replaced.

    Attributes:
        given: -o, "" for the folder out, "-" for stdout.
        several: more than one result is asked for, so a named file gets -1, -2, ...
    """

    given: str
    several: bool
    _made: int = field(default=0, init=False)

    def check(self, kind: str) -> None:
        """Refuse, before anything is made, a name that cannot work. Raises CommandError."""
        suffix = Path(self.given).suffix.lower()
        if kind == "image" and suffix and not self._folder() and suffix not in PICTURES:
            raise CommandError(f"Pictures are written as {', '.join(PICTURES)}, not as {suffix}.", field="--output")
        if kind == "audio" and suffix and not self._folder() and suffix not in SOUNDS:
            raise CommandError(f"Sound is written as {', '.join(SOUNDS)}, not as {suffix}.", field="--output")
        unknown = [f for f in re.findall(r"{[^{}]*}", self.given) if f not in FIELDS]
        if unknown:
            raise CommandError(f"-o knows {' '.join(FIELDS)} and not {unknown[0]}.", field="--output")
        place = Path(self.given or "out").absolute()
        there = next(folder for folder in ([place] if self._folder() else []) + list(place.parents) if folder.exists())
        if self.given != "-" and not (there.is_dir() and os.access(there, os.W_OK | os.X_OK)):
            raise CommandError(f"Nothing can be written into {there}; choose another place.", field="--output")

    def next(self, row: ResultRow) -> Path:
        """The place of the next result; its folder is made. Raises CommandError."""
        self._made += 1
        ending = default_ending(row.media_type)
        if self._folder():
            path = _free(Path(self.given or "out", f"{_slug(row.prompt) or row.kind}{_seed(row)}{ending}"))
        else:
            path = self._named(row, ending)
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise CommandError(f"The folder {path.parent} cannot be made ({error.strerror}).", FAILED, kind="output",
                               field="--output") from error
        return path

    def _named(self, row: ResultRow, ending: str) -> Path:
        text, values = self.given, {"{n}": str(self._made), "{seed}": str(row.seed if row.seed is not None else 0),
                                    "{prompt}": _slug(row.prompt), "{generator}": row.generator}
        for name, value in values.items():
            text = text.replace(name, value)
        path = Path(text) if Path(text).suffix else Path(text + ending)
        numbered = "{n}" in self.given or ("{seed}" in self.given and self.several)
        if (self.several or self._made > 1) and not numbered:
            path = path.with_name(f"{path.stem}-{self._made}{path.suffix}")
        return path

    def _folder(self) -> bool:
        return not self.given or self.given.endswith(("/", "\\")) or Path(self.given).is_dir()


class Keeper:
    """Takes results as they come: into the project first, then into a file. `outputs`: see the last JSON line."""

    def __init__(self, out: Output, destination: Destination, project: Project | None = None) -> None:
        self.outputs: list[dict[str, Any]] = []
        self._out, self._destination, self._project = out, destination, project

    def keep(self, event: Result, job: Job) -> None:
        """Store and write one result. Raises CommandError."""
        try:
            row = self._row(event, job)
            said: dict[str, Any] = {"kind": event.kind, "seed": row.seed, "generator": row.generator}
            if self._project is not None:
                said["result"] = row.id
            if self._destination.given == "-":
                self._out.write(event.data)
                said |= {"path": "-", "sha256": hashlib.sha256(event.data).hexdigest()}
            else:
                said |= self._write(row, event.data)
        except ProjectError as error:
            raise CommandError(str(error), FAILED, kind="output") from error
        self.outputs.append(said)
        self._out.emit({"event": "result", **said})
        if said["path"] != "-":
            self._out.print(said["path"])

    def _row(self, event: Result, job: Job) -> ResultRow:
        if self._project is not None:
            return self._project.add_result(
                kind=event.kind, data=event.data, media_type=event.media_type, meta=event.meta, recipe=event.recipe,
                job=job.id, batch=job.request.batch, index=job.request.index).result()
        return loose_row(event)

    def _write(self, row: ResultRow, data: bytes) -> dict[str, Any]:
        path = export_result(row, data, self._destination.next(row))
        said = {"path": str(path), "sha256": hashlib.sha256(path.read_bytes()).hexdigest()}
        return said | ({"recipe": str(sidecar_path(path))} if sidecar_path(path).is_file() else {})


def loose_row(event: Result) -> ResultRow:
    """A result that is in no project, as `export_result` wants it."""
    generator, title, prompt, seed = facts(event.recipe)
    return ResultRow(id="", created=0.0, kind=event.kind, media=hashlib.sha256(event.data).hexdigest(),
                     media_type=event.media_type, generator=generator, title=title, prompt=prompt, seed=seed,
                     recipe=event.recipe, meta=event.meta, batch="", index=0, starred=False, liked=0, deleted=None,
                     text_preview="")


def open_project(name: str) -> Project:
    """Open or make a project file; raises CommandError that names --project."""
    path = Path(name).expanduser()
    if not path.name or path.is_dir():
        raise CommandError(f"{name} is a folder; name a project file in it.", kind="project", field="--project")
    if not path.suffix:
        path = path.with_suffix(".pieria")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        project = Project.open_or_create(path, path.stem)
    except (ProjectError, OSError) as error:
        raise CommandError(str(error), kind="project", field="--project") from error
    if project.read_only:
        project.close()
        raise CommandError(f"{path} cannot be written to; choose another project.", kind="project", field="--project")
    return project


def _slug(text: str) -> str:
    """Words of a prompt as a file name: letters and digits of any script, at most 40 characters."""
    return re.sub(r"[^\w]+", "-", text.lower())[:40].strip("-_")


def _seed(row: ResultRow) -> str:
    return "" if row.seed is None else f"-{row.seed}"


def _free(path: Path) -> Path:
    """`path`, or with -2, -3, ... the first that is not taken."""
    place, number = path, 1
    while place.exists():
        number += 1
        place = path.with_name(f"{path.stem}-{number}{path.suffix}")
    return place

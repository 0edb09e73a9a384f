"""`studio project export` and `studio project import`: canvases as files of other programs, and back."""

from __future__ import annotations

import argparse
from pathlib import Path

from studio.cli.output import CommandError, Output
from studio.project import DocumentRow, Project, ProjectError
from studio.project.formats import files
from studio.project.formats.common import WriteOptions
from studio.project.formats.limits import FormatError
from studio.project.origin import origin
from studio.project.paint.picture import Picture


def export(arguments: argparse.Namespace, out: Output) -> int:
    """Write one canvas to a file."""
    target = Path(arguments.output).expanduser()
    if target.suffix.lower() not in files.WRITES:
        raise CommandError(f"A canvas cannot be written as “{target.suffix or target.name}”; use one of "
                           f"{', '.join(files.WRITES)}.", field="-o")
    try:
        with Project.open(arguments.file, read_only=True) as project:
            document = _choose(project, arguments.document)
            picture, notes = project.paint_with_notes(document.id)
            told = not arguments.no_metadata
            made_by = origin(picture, project.result, lambda sha: project.media(sha)[0]) if told else {}
    except ProjectError as error:
        raise CommandError(str(error), kind="project", field="FILE") from error
    try:
        notes += files.write(picture, target, WriteOptions(quality=arguments.quality, metadata=made_by))
    except (FormatError, ProjectError) as error:
        raise CommandError(str(error), kind="file", field="-o") from error
    _say(notes, out)
    out.emit({"event": "file", "path": str(target), "document": document.id, "title": document.title,
              "width": picture.width, "height": picture.height, "layers": _count(picture), "notes": notes})
    out.emit({"event": "done"})
    out.print(str(target))
    return 0


def bring(arguments: argparse.Namespace, out: Output) -> int:
    """Make a new canvas of each file; the project is made if need be."""
    opened = []
    for name in arguments.pictures:  # all of them first: a broken one shall not leave half an import behind
        try:
            opened.append((Path(name), files.read(name)))
        except FormatError as error:
            raise CommandError(str(error), kind="file", field="PICTURE") from error
    try:
        with Project.open_or_create(arguments.file, Path(arguments.file).stem) as project:
            for path, (picture, notes) in opened:
                document = project.add_document("canvas", arguments.title or path.stem).result()
                project.put_paint(document.id, None, picture).result()
                _say(notes, out)
                out.emit({"event": "document", "id": document.id, "title": document.title, "path": str(path),
                          "width": picture.width, "height": picture.height, "layers": _count(picture), "notes": notes})
                out.print(f"{path.name}: {_count(picture)} layers, {picture.width} x {picture.height} pixels, now the "
                          f"canvas “{document.title}”")
    except ProjectError as error:
        raise CommandError(str(error), kind="project", field="FILE") from error
    out.emit({"event": "done"})
    return 0


def _choose(project: Project, name: str | None) -> DocumentRow:
    """The canvas of this title or id; without a name the only one, or the only one on which there is something. Raises
    CommandError."""
    canvases, painted = project.documents("canvas"), project.painted()
    titles = ", ".join(f"“{canvas.title}”" for canvas in canvases)
    if name is None:
        full = [canvas for canvas in canvases if canvas.id in painted] or canvases
        if len(full) == 1:
            return full[0]
        raise CommandError(f"The project has {len(canvases)} canvases ({titles}); name one with --document."
                           if canvases else "The project has no canvas.", field="--document")
    found = [canvas for canvas in canvases if name in (canvas.title, canvas.id)]
    if len(found) != 1:
        what = "several canvases" if found else "no canvas"
        raise CommandError(f"The project has {what} called “{name}”; it has {titles or 'none'}, and "
                           "`studio project info --json` lists their ids.", field="--document")
    return found[0]


def _count(picture: Picture) -> int:
    return sum(1 for _ in picture.walk())


def _say(notes: list[str], out: Output) -> None:
    for note in notes:
        out.say(note)

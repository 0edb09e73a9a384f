"""Manuscripts, lorebooks and characters for `studio project export` and `studio project import`."""

from __future__ import annotations

import argparse
from dataclasses import replace
from importlib import resources
from pathlib import Path

from studio.cli.output import CommandError, Output
from studio.project import DocumentRow, Project, ProjectError
from studio.project.export import write_atomically
from studio.project.formats.limits import FormatError
from studio.project.manuscript import authorship
from studio.project.manuscript.book import Book, book_of, bring_in
from studio.project.manuscript.formats import files, lorebook
from studio.project.manuscript.formats.options import WriteOptions
from studio.project.manuscript.words import count_words


def export(arguments: argparse.Namespace, out: Output) -> int:
    """Write a manuscript; to .json its story notes, as a lorebook."""
    target = Path(arguments.output).expanduser()
    try:
        with Project.open(arguments.file, read_only=True) as project:
            document = choose(project, arguments.document)
            book = book_of(project, document.id, author=arguments.author or "")
            notes = project.notes(document.id)
            found = authorship.report(book.parts, lambda result: _generator(project, result))
    except ProjectError as error:
        raise CommandError(str(error), kind="project", field="FILE") from error
    facts: dict[str, object] = {"event": "file", "path": str(target), "document": document.id, "title": document.title}
    try:
        if target.suffix.lower() == ".json":
            write_atomically(target, lorebook.write(notes))
            facts["notes"] = len(notes)
        else:
            facts["words"] = sum(count_words(prose.text) for prose in book.proses)
            files.write(authorship.with_report(book, found) if arguments.authorship else book, target,
                        WriteOptions(authorship=arguments.authorship, synopses=arguments.synopses, fonts=_fonts(),
                                     source="" if arguments.no_metadata else found.source))
    except (FormatError, ProjectError) as error:
        raise CommandError(str(error), kind="file", field="-o") from error
    if arguments.authorship:
        out.say(authorship.told(found))
        facts["authorship"] = {"person": found.whole.person, "machine": found.whole.machine,
                               "mixed": found.whole.mixed, "generators": dict(found.generators)}
    out.emit(facts)
    out.emit({"event": "done"})
    out.print(str(target))
    return 0


def _generator(project: Project, result: str) -> str:
    try:
        row = project.result(result)
    except KeyError:
        return ""
    models = row.recipe.get("models")
    model = next((str(m.get("name") or "") for m in models.values() if isinstance(m, dict)), "") \
        if isinstance(models, dict) else ""
    return f"{row.title or row.generator}{f' ({model})' if model else ''}"


def _fonts() -> tuple[str, ...]:
    """The studio's own, so that a PDF looks the same on every machine."""
    folder = resources.files("studio") / "ui" / "fonts"
    return tuple(str(file) for file in folder.iterdir() if file.name.startswith(("Literata", "JetBrains"))
                 and file.name.endswith(".ttf"))


def bring(arguments: argparse.Namespace, out: Output) -> int:
    """Make a manuscript of each text; lorebooks and characters become story notes of a manuscript."""
    opened: list[tuple[Path, Book]] = []
    for name in arguments.files:  # all of them first: a broken one shall not leave half an import behind
        try:
            opened.append((Path(name), files.read(name)))
        except FormatError as error:
            raise CommandError(str(error), kind="file", field="FILE") from error
    try:
        with Project.open_or_create(arguments.file, Path(arguments.file).stem) as project:
            for path, book in opened:
                if path.suffix.lower() in files.NOTES:
                    _add_notes(project, path, book, arguments, out)
                else:
                    _add_book(project, path, book, arguments, out)
    except ProjectError as error:
        raise CommandError(str(error), kind="project", field="FILE") from error
    return 0


def _add_book(project: Project, path: Path, book: Book, arguments: argparse.Namespace, out: Output) -> None:
    document = bring_in(project, book, arguments.title or book.title or path.stem).result()
    nodes = project.manuscript_nodes(document.id)
    counts = {kind: sum(node.kind == kind for node in nodes) for kind in ("part", "chapter", "scene")}
    words = sum(node.words for node in nodes if node.kind == "scene")
    for message in book.messages:
        out.say(message)
    out.emit({"event": "document", "id": document.id, "kind": "manuscript", "title": document.title, "path": str(path),
              "words": words, **{f"{kind}s": count for kind, count in counts.items()}, "notes": list(book.messages)})
    out.print(f"{path.name}: {words:,} words in {counts['chapter']} chapters and {counts['scene']} scenes, now the "
              f"manuscript “{document.title}”")


def _add_notes(project: Project, path: Path, book: Book, arguments: argparse.Namespace, out: Output) -> None:
    manuscripts = project.documents("manuscript")
    document = choose(project, arguments.document) if manuscripts else \
        project.add_document("manuscript", "Manuscript").result()
    pictures = {name: project.put_media(picture.data, picture.media_type).result()
                for name, picture in book.pictures.items()}
    project.put_notes([replace(note, document=document.id, picture=pictures.get(note.picture, ""))
                       for note in book.notes]).result()
    out.emit({"event": "notes", "document": document.id, "title": document.title, "path": str(path),
              "count": len(book.notes)})
    out.print(f"{path.name}: {len(book.notes):,} story notes, now in the manuscript “{document.title}”")


def choose(project: Project, name: str | None) -> DocumentRow:
    """The manuscript of this title or id; without a name the only one, or the only one with words in it. Raises
    CommandError."""
    rows = project.documents("manuscript")
    titles = ", ".join(f"“{row.title}”" for row in rows)
    if name is None:
        full = [row for row in rows if any(node.words for node in project.manuscript_nodes(row.id))] or rows
        if len(full) == 1:
            return full[0]
        raise CommandError(f"The project has {len(rows)} manuscripts ({titles}); name one with --document."
                           if rows else "The project has no manuscript.", field="--document")
    found = [row for row in rows if name in (row.title, row.id)]
    if len(found) != 1:
        what = "several manuscripts" if found else "no manuscript"
        raise CommandError(f"The project has {what} called “{name}”; it has {titles or 'none'}, and "
                           "`studio project info --json` lists their ids.", field="--document")
    return found[0]

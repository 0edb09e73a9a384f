"""Sound documents for `studio project export` and `studio project import`: mixes, stems, scores, captions."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

from studio.cli.output import CommandError, Output
from studio.project import DocumentRow, Project, ProjectError
from studio.project.export import write_atomically
from studio.project.sound import Arrangement, SoundError, captions, edits, exporting, importing, midi, musicxml
from studio.project.sound.exporting import Exported, ExportOptions
from studio.project.sound.tags import Tags
from studio.project.sound.whole import captions_of, origin_of, score_of

T = TypeVar("T")


def export(arguments: argparse.Namespace, out: Output) -> int:
    """Write a sound document: its mix, its stems (into a folder), its notes or its captions."""
    target = Path(arguments.output).expanduser()
    try:
        with Project.open(arguments.file, read_only=True) as project:
            document = choose(project, arguments.document)
            arrangement, notes = project.sound_with_notes(document.id)
            for note in notes:
                out.say(note)
            written = _told(lambda: _write(project, document, arrangement, target, arguments, out))
    except ProjectError as error:
        raise CommandError(str(error), kind="project", field="FILE") from error
    for path, facts in written:
        out.emit({"event": "file", "path": str(path), "document": document.id, "title": document.title, **facts})
        out.print(str(path))
    out.emit({"event": "done"})
    return 0


def _write(project: Project, document: DocumentRow, arrangement: Arrangement, target: Path,
           arguments: argparse.Namespace, out: Output) -> list[tuple[Path, dict[str, object]]]:
    ending = target.suffix.lower()
    if ending in (".srt", ".vtt"):
        text = captions.write(captions_of(arrangement), ending)
        write_atomically(target, text.encode())
        return [(target, {"labels": text.count("-->")})]
    if ending in (".mid", ".midi", ".musicxml"):
        score = score_of(arrangement, lambda sha: project.media(sha)[0], document.title)
        write_atomically(target, midi.write(score) if ending != ".musicxml" else musicxml.write(score))
        return [(target, {"notes": score.note_count, "bars": score.bars})]
    return [(done.path, _say(done, out)) for done in _sounds(project, document, arrangement, target, arguments, out)]


def _sounds(project: Project, document: DocumentRow, arrangement: Arrangement, target: Path,
            arguments: argparse.Namespace, out: Output) -> list[Exported]:
    def origin(tracks: list[str] | None) -> dict[str, Any]:
        return {} if arguments.no_metadata else origin_of(arrangement, project.result, tracks=tracks)

    tags = Tags("" if arguments.no_metadata else document.title, **origin(None))
    options = ExportOptions(getattr(arguments, "depth", "16"), getattr(arguments, "loudness", None), tags=tags,
                            quality=min(max(arguments.quality, 0), 100) / 100)
    with project.sound_source(arrangement.rate) as source, out.bar():
        def progress(share: float) -> None:
            out.progress(share, 1.0, "Mixing")

        if target.suffix.lower() in exporting.ENDINGS:
            return [exporting.export_mix(arrangement, source, target, options, progress=progress)]
        return exporting.export_stems(arrangement, source, target, ".wav", options,
                                      origin=lambda track: origin([track]), progress=progress)


def _say(done: Exported, out: Output) -> dict[str, object]:
    for note in done.notes:
        out.say(note)
    found = done.loudness
    return {"seconds": round(done.seconds, 3), "gain": round(done.gain, 2), "notes": list(done.notes),
            "loudness": None if found is None else round(found.integrated + done.gain, 2)}


def bring(arguments: argparse.Namespace, out: Output) -> int:
    """Make a sound document of these files, a track each, or add them to one that is there."""
    paths = [Path(name).expanduser() for name in arguments.files]
    try:
        with Project.open_or_create(arguments.file, Path(arguments.file).stem) as project, out.bar():
            def keep(data: bytes, media_type: str) -> str:
                return project.put_media(data, media_type).result()

            brought = [_told(lambda path=path: importing.bring(  # type: ignore[misc]
                path, keep, progress=lambda share: out.progress(share, 1.0, path.name))) for path in paths]
            name = getattr(arguments, "document", None)
            document = choose(project, name) if name else project.add_document(
                "sound", arguments.title or brought[0].name).result()
            before = project.sound(document.id)
            after = before
            for one in brought:
                after = _told(lambda one=one, base=after: add(base, one))  # type: ignore[misc]
            project.put_sound(document.id, before, after).result()
    except ProjectError as error:
        raise CommandError(str(error), kind="project", field="FILE") from error
    for path, one in zip(paths, brought, strict=True):
        for note in one.notes:
            out.say(note)
        out.print(f"{path.name}: now in the sound document “{document.title}”")
    out.emit({"event": "document", "id": document.id, "title": document.title, "tracks": len(after.tracks),
              "clips": len(after.clips), "labels": len(after.labels), "seconds": round(after.length, 3),
              "notes": [note for one in brought for note in one.notes]})
    return 0


def add(arrangement: Arrangement, brought: importing.Brought) -> Arrangement:
    """What was taken in on a track of its own; captions as labels."""
    if brought.labels:
        arrangement = edits.add_labels(arrangement, brought.labels)
    if not brought.pieces:
        return arrangement
    if brought.score is not None:
        arrangement = edits.follow_tempo(arrangement, brought.score.tempo)
    arrangement, track = edits.add_track(arrangement, "notes" if brought.score is not None else "music", brought.name)
    at = 0.0
    for piece in brought.pieces:
        arrangement, clip = edits.add_clip(arrangement, track, at, piece)
        at = arrangement.clip(clip).end
    return arrangement


def choose(project: Project, name: str | None) -> DocumentRow:
    """The sound document of this title or id; without a name the only one, or the only one with a track. Raises
    CommandError."""
    documents, arranged = project.documents("sound"), project.arranged()
    titles = ", ".join(f"“{document.title}”" for document in documents)
    if name is None:
        found = [document for document in documents if document.id in arranged] or documents
        if len(found) == 1:
            return found[0]
        raise CommandError(f"The project has {len(documents)} sound documents ({titles}); name one with --document."
                           if documents else "The project has no sound document.", field="--document")
    found = [document for document in documents if name in (document.title, document.id)]
    if len(found) != 1:
        what = "several sound documents" if found else "no sound document"
        raise CommandError(f"The project has {what} called “{name}”; it has {titles or 'none'}, and "
                           "`studio project info --json` lists their ids.", field="--document")
    return found[0]


def _told(work: Callable[[], T]) -> T:
    try:
        return work()
    except SoundError as error:
        raise CommandError(str(error), kind="file") from error



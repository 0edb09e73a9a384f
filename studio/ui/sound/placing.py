"""Put results of generators onto tracks."""

from __future__ import annotations

from typing import TYPE_CHECKING

from studio.project.sound import Arrangement, edits

if TYPE_CHECKING:
    from studio.project import Project, ResultRow
    from studio.project.sound.cutting import Piece
    from studio.project.sound.source import DecodedSource

NAME = 48
"""Letters of a prompt that name a clip."""


def kind_for(row: ResultRow) -> str:
    """The kind of track that a result belongs on."""
    if row.kind == "score":
        return "notes"
    return {"speech": "voice", "music": "music"}.get(row.generator.partition(".")[0], "ambience")


def piece_of(row: ResultRow, project: Project, source: DecodedSource) -> Piece:
    """A result as something to put on a track. It may decode: call it off the window's thread. Raises SoundError."""
    words = " ".join(row.prompt.split())
    name = str(row.meta.get("title") or "") or (words if len(words) <= NAME else words[:NAME - 1].rstrip() + "…")
    name = name or row.title
    if row.kind == "score":
        from studio.project.sound import midi

        score = midi.read(project.media(row.media)[0])[0]
        return edits.Piece("", "", score.duration, name=name, result=row.id, score=row.media)
    seconds = source.facts(row.media).seconds
    spoken = words if kind_for(row) == "voice" else ""
    speaker = str(row.recipe.get("params", {}).get("voice", "")) if isinstance(row.recipe.get("params"), dict) else ""
    return edits.Piece(row.media, row.media_type, seconds, source_length=seconds, name=name, result=row.id, text=spoken,
                       speaker=speaker if spoken else "")


def put(arrangement: Arrangement, piece: Piece, kind: str, track: str, start: float, *,
        exactly: bool = False) -> tuple[Arrangement, str]:
    """On this track where it suits, else on the first of its kind, else on a new one; at the first free place from
    `start` on unless it is to lie `exactly` there."""
    track = suited(arrangement, kind, track)
    if not track:
        arrangement, track = edits.add_track(arrangement, kind)  # type: ignore[arg-type]
    if not exactly:
        for clip in arrangement.on(track):
            if clip.start < start + piece.length and clip.end > start:
                start = clip.end
    return edits.add_clip(arrangement, track, start, piece)


def suited(arrangement: Arrangement, kind: str, track: str) -> str:
    """The track that something of a kind goes to; "" where a new one is needed. Notes and sound do not mix."""
    wanted = arrangement.find_track(track)
    if wanted is not None and (wanted.kind == "notes") == (kind == "notes"):
        return track
    return next((one.id for one in arrangement.tracks if one.kind == kind), "")



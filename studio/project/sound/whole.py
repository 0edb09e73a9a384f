"""What a whole arrangement amounts to besides its sound: captions, one score, and how it was made."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace
from typing import Any

from studio.project.rows import ResultRow
from studio.project.sound import midi
from studio.project.sound.arrangement import Arrangement
from studio.project.sound.captioning import captions_of_clip
from studio.project.sound.errors import SoundError
from studio.project.sound.mixer import heard
from studio.project.sound.score import TICKS, Note, Part, Score
from studio.project.sound.values import Clip, Label


def captions_of(arrangement: Arrangement) -> list[Label]:
    """The labels; where there are none, what is spoken in the clips that are heard. Raises SoundError where nothing
    is."""
    found = list(arrangement.labels) or [
        label for clip in arrangement.clips if clip.text and not clip.muted for label in captions_of_clip(clip)]
    if not found:
        raise SoundError("There are no labels and no spoken sentences to write.")
    return found


def score_of(arrangement: Arrangement, fetch: Callable[[str], bytes], title: str = "") -> Score:
    """The notes of all notes clips as one score in the tempo of the arrangement; of a single clip at the beginning its
    own score as it is. fetch: bytes of a content hash. Raises SoundError where there are none."""
    clips = [clip for clip in arrangement.clips if clip.score and not clip.muted]
    if not clips:
        raise SoundError("There are no notes to write: the document has no notes clip.")
    scores = [(clip, _score(clip, fetch)) for clip in clips]
    if len(scores) == 1 and scores[0][0].start == scores[0][0].offset == 0:
        return replace(scores[0][1], title=scores[0][1].title or title)
    parts: dict[tuple[str, str, int, bool], list[Note]] = {}
    for clip, score in scores:
        for part in score.parts:
            key = clip.track, part.name or arrangement.track(clip.track).name, part.program, part.drums
            parts.setdefault(key, []).extend(_placed(arrangement, clip, score, part))
    made = tuple(Part(name, program, drums).with_notes(notes) for (_, name, program, drums), notes in parts.items())
    first = scores[0][1]
    return Score(made, arrangement.tempo, first.fifths, first.minor, title)


def _score(clip: Clip, fetch: Callable[[str], bytes]) -> Score:
    try:
        return midi.read(fetch(clip.score))[0]
    except KeyError:
        raise SoundError(f"The notes of “{clip.name or 'a clip'}” are no longer in the project.") from None


def _placed(arrangement: Arrangement, clip: Clip, score: Score, part: Part) -> list[Note]:
    """The notes that begin inside a clip, in ticks of the arrangement."""
    def tick(at: int) -> int:
        return round(arrangement.tempo.beat(clip.start - clip.offset + score.seconds(at)) * TICKS)

    first, last = score.tick(clip.offset), score.tick(clip.offset + clip.length)
    return [note._replace(start=tick(note.start), length=max(tick(min(note.end, last)) - tick(note.start), 1))
            for note in part.notes if first <= note.start < last]


def _made(clip: Clip, row: ResultRow | None) -> tuple[str, dict[str, Any]]:
    """By whom a clip was made ("model", "both", "person"), and its recipe."""
    if row is not None:  # a tool for sound had something to work on
        return "both" if row.generator.startswith("sound.") else "model", row.recipe
    facts = {name: value for name, value in clip.recipe.items() if name != "rendered"}  # a soundfont is no model
    told = facts.get("origin")
    if isinstance(told, dict):
        return str(told.get("source", "person")), dict(told.get("recipe") or {})
    return ("model" if clip.result or facts else "person"), facts


def origin_of(arrangement: Arrangement, result: Callable[[str], ResultRow], *, tracks: Iterable[str] | None = None,
              span: tuple[float, float] | None = None) -> dict[str, Any]:
    """Who made what is heard, for `tags.Tags`: "source" and "recipe". Clips name their results; those without one were
    recorded or taken in.

    Args:
        result: a result by id, raising KeyError.
        tracks: only these, as in `exporting.export_mix`; span: only what lies between two times.
    """
    sounding = {track.id for track in heard(arrangement, tracks)}
    start, end = span or (0.0, arrangement.length)
    recipes: list[dict[str, Any]] = []
    by_model = by_person = False
    for clip in arrangement.between(start, end, sounding):
        if clip.muted or not (clip.media or clip.score):
            continue
        try:
            row = result(clip.result) if clip.result else None
        except KeyError:
            row = None
        source, recipe = _made(clip, row)
        by_model, by_person = by_model or source != "person", by_person or source in ("person", "both")
        if source != "person" and recipe and recipe not in recipes:
            recipes.append(recipe)
    source = "both" if by_model and by_person else "model" if by_model else "person" if by_person else ""
    if not recipes:
        return {"source": source}
    return {"source": source, "recipe": recipes[0] if len(recipes) == 1 else {"parts": recipes}}

"""Results become clips: pure edits of the arrangement, each one step of the history."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from studio.project.captions import captions
from studio.project.sound import Arrangement, Clip, Label, SoundError, Take, edits, new_id
from studio.project.sound.tempo import TempoMap
from studio.ui.sound.placing import suited

NAME = 48
"""Letters of a text that name a clip."""
TAIL = 1.5
"""Seconds that notes may die away in behind their last bar."""
CHANGED = "That clip was changed while this was made; the result is among the results."
GONE = "The clip that this was made for is no longer there; the result is among the results."


@dataclass(frozen=True)
class Arrived:
    """A result as something to put on a track.

    Attributes:
        kind: "audio" or "score".
        seconds: of the whole medium.
        sentences: of speech, {"text", "start", "end", "voice", "speaker"}; seconds of the medium.
        facts: how it was said: "generator", "voice", "speed", "pitch"; "scene": the title of a manuscript's scene.
        tempo: of notes.
    """

    kind: str
    media: str
    media_type: str
    seconds: float
    name: str = ""
    result: str = ""
    sentences: tuple[Mapping[str, Any], ...] = ()
    facts: Mapping[str, Any] = field(default_factory=dict)
    tempo: TempoMap | None = None

    def piece(self, start: float = 0.0, end: float = 0.0, text: str = "", speaker: str = "",
              name: str = "") -> edits.Piece:
        """A stretch of it, all of it where `end` is 0."""
        length = (end or self.seconds) - start
        return edits.Piece(self.media, self.media_type, length, start, self.seconds, name or self.name, self.result,
                           text, speaker)

    def take(self, old: Clip, start: float = 0.0, end: float = 0.0, **changes: Any) -> Take:
        """A stretch of it as a take of a clip, whose words, name and facts it has unless others are given. Notes have
        no sound yet."""
        facts = {key: value for key, value in {**old.recipe, **self.facts}.items() if key != "rendered"}
        values = {"name": old.name, "text": old.text, "speaker": old.speaker, "recipe": facts, **changes}
        if self.kind == "score":
            return Take(self.seconds + TAIL, score=self.media, result=self.result, **values)
        return Take((end or self.seconds) - start, self.media, self.media_type, start, self.seconds,
                    result=self.result, **values)


def short(text: str, most: int = NAME) -> str:
    """A text as the name of a clip."""
    words = " ".join(text.split())
    return words if len(words) <= most else words[:most - 1].rstrip() + "…"


def free_from(arrangement: Arrangement, track: str, start: float, length: float) -> float:
    """The first time from `start` on at which so many seconds are free on a track."""
    for clip in arrangement.on(track):
        if clip.start < start + length - 1e-6 and clip.end > start + 1e-6:
            start = clip.end
    return start


def put_sound(arrangement: Arrangement, kind: str, track: str, start: float,
              what: Arrived) -> tuple[Arrangement, list[str]]:
    """Sound at a time, or where there is room after it: speech as one clip for each sentence, with the pauses as they
    were spoken. Returns the ids of the clips too."""
    arrangement, track = _track(arrangement, kind, track)
    start = free_from(arrangement, track, start, what.seconds)
    if not what.sentences:
        arrangement, made = edits.add_clip(arrangement, track, start, what.piece(), recipe=dict(what.facts))
        return arrangement, [made]
    clips = []
    for said in what.sentences:
        begin, end = float(said["start"]), min(float(said["end"]), what.seconds)
        text, speaker = str(said.get("text", "")), str(said.get("speaker") or said.get("voice") or "")
        facts = {**what.facts, "voice": str(said.get("voice") or what.facts.get("voice", ""))}
        arrangement, made = edits.add_clip(arrangement, track, start + begin, what.piece(
            begin, end, text, speaker, _name(text, str(said.get("speaker") or ""), what)), recipe=facts)
        clips.append(made)
    return arrangement, clips


def _name(text: str, speaker: str, what: Arrived) -> str:
    """What a sentence is called: who speaks it, in which scene; else its words."""
    scene = str(what.facts.get("scene") or "")
    return " · ".join(part for part in (speaker, scene) if part) or short(text)


def put_score(arrangement: Arrangement, track: str, start: float, what: Arrived) -> tuple[Arrangement, str]:
    """Notes at a time, or where there is room after it. They have no sound yet. The first give the grid its tempo."""
    arrangement, track = _track(arrangement, "notes", track)
    length = what.seconds + TAIL
    start = free_from(arrangement, track, start, length)
    if what.tempo is not None:
        arrangement = edits.follow_tempo(arrangement, what.tempo, start)
    piece = edits.Piece("", "", length, name=what.name, result=what.result, score=what.media)
    return edits.add_clip(arrangement, track, start, piece)


def more_sound(arrangement: Arrangement, clips: Sequence[str], what: Arrived) -> Arrangement:
    """The same once more, as a further take of what the first became: of speech each sentence one of its own clip, as
    far as it was spoken. Raises SoundError where the clips are gone."""
    spoken = len(what.sentences) or len(clips)
    there = [(place, clip) for place, name in enumerate(clips) if (clip := arrangement.find(name)) is not None]
    if not there:
        raise SoundError(GONE)
    for place, clip in there[:spoken]:
        if not what.sentences:
            arrangement = edits.add_takes(arrangement, clip.id, [what.take(clip)], switch=False)
            continue
        said = what.sentences[place]
        facts = {**clip.recipe, **what.facts, "voice": str(said.get("voice") or what.facts.get("voice", ""))}
        take = what.take(clip, float(said["start"]), min(float(said["end"]), what.seconds), recipe=facts)
        arrangement = edits.add_takes(arrangement, clip.id, [take], switch=False)
    return arrangement


def respoken(arrangement: Arrangement, clip: str, was: str, text: str, what: Arrived, fresh: str = "") -> Arrangement:
    """A newly spoken sentence as a further take of the old one; what follows on its track keeps its distance."""
    old = there(arrangement, clip)
    end = max((float(said["end"]) for said in what.sentences), default=what.seconds)
    begin = min((float(said["start"]) for said in what.sentences), default=0.0)
    if arrangement.frame(end - begin) < 1:
        raise SoundError("Nothing was spoken; the old sentence stays.")
    speaker = old.speaker if old.speaker != old.recipe.get("voice") else str(what.facts.get("voice") or old.speaker)
    name = short(text) if old.name == short(old.text) else old.name
    return take_in(arrangement, old, was, what.take(old, begin, end, text=text, speaker=speaker, name=name), fresh)


def put_region(arrangement: Arrangement, clip: str, was: str, start: float, end: float,
               what: Arrived, fresh: str = "") -> tuple[Arrangement, str]:
    """Changed sound in the place of a stretch of a clip (all of it: as a further take). Where it has become longer or
    shorter, what follows on the track keeps its distance."""
    old = there(arrangement, clip)
    length = arrangement.at(what.seconds)
    differs = abs(length - (min(end, old.end) - max(start, old.start))) > 0.02
    if start > old.start + 0.01 or end < old.end - 0.01:
        if was and old.media != was:
            raise SoundError(CHANGED)
        piece = what.piece(text=old.text, speaker=old.speaker, name=old.name)
        return edits.replace_region(arrangement, clip, start, end, piece, ripple=differs)
    take = what.take(old, end=0.0 if differs else min(old.length, what.seconds))
    return take_in(arrangement, old, was, take, fresh), clip


def take_in(arrangement: Arrangement, old: Clip, was: str, take: Take, fresh: str = "") -> Arrangement:
    """A further take of a clip: it is held at once unless the clip has got something else than what it was made
    from (`was`) and than the take that came before this one (`fresh`)."""
    held = old.score or old.media
    return edits.add_takes(arrangement, old.id, [take], switch=not was or held in (was, fresh))


def put_notes(arrangement: Arrangement, clip: str, was: str, score: str, seconds: float | None = None) -> Arrangement:
    """Other notes for a clip. seconds: the length of all of them where the clip is to end with them."""
    old = arrangement.find(clip)
    if old is None:
        raise SoundError(GONE)
    if was and old.score != was:
        raise SoundError(CHANGED)
    return edits.set_score(arrangement, clip, score, None if seconds is None else seconds + TAIL - old.offset)


def take_notes(arrangement: Arrangement, clip: str, was: str, what: Arrived, fresh: str = "") -> Arrangement:
    """Other notes as a further take of a clip, which goes on to let its own part be heard."""
    old = there(arrangement, clip)
    return take_in(arrangement, old, was, replace(what.take(old), offset=old.offset, length=old.length), fresh)


def rendered(arrangement: Arrangement, clip: str, score: str, what: Arrived) -> Arrangement:
    """The sound of its notes for a clip; of other notes it is left aside."""
    after = edits.set_rendering(arrangement, clip, score, edits.Piece(what.media, what.media_type, what.seconds,
                                                                      source_length=what.seconds))
    if after is arrangement:
        return arrangement
    return after.map_clips([clip], lambda c: c.with_(recipe={**c.recipe, "rendered": score}))


def is_stale(clip: Clip) -> bool:
    """Whether the sound of a notes clip is not that of its notes."""
    return bool(clip.score) and (not clip.media or clip.recipe.get("rendered", clip.score) != clip.score)


def put_labels(arrangement: Arrangement, meta: Mapping[str, Any], shift: float) -> Arrangement:
    """A transcript as labels that can be read, moved by `shift` seconds: by its words where it has their times, else by
    its segments."""
    labels = [Label(new_id(), said.start, max(said.end - said.start, 0.01), " ".join(said.text.split()))
              for said in captions(meta)]
    if not labels:
        raise SoundError("No words were heard in this sound.")
    return edits.add_labels(arrangement, labels, shift)


def there(arrangement: Arrangement, clip: str) -> Clip:
    """The clip. Raises SoundError with what becomes of the result where it is gone."""
    old = arrangement.find(clip)
    if old is None:
        raise SoundError(GONE)
    return old


def _track(arrangement: Arrangement, kind: str, track: str) -> tuple[Arrangement, str]:
    found = suited(arrangement, kind, track)
    return (arrangement, found) if found else edits.add_track(arrangement, kind)  # type: ignore[arg-type]

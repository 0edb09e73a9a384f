"""Edits for speech: sentences as clips, each of which can be spoken anew with its neighbours in place."""

from __future__ import annotations

from collections.abc import Sequence

from studio.project.sound.arrangement import Arrangement
from studio.project.sound.cutting import Piece, shift_from
from studio.project.sound.errors import SoundError
from studio.project.sound.placing import add_clip
from studio.project.sound.values import Clip

GAP = 0.25
"""Seconds of silence between sentences."""


def add_speech(arrangement: Arrangement, track: str, start: float, sentences: Sequence[Piece], *, gap: float = GAP,
               ripple: bool = False) -> tuple[Arrangement, list[str]]:
    """Lay spoken sentences one after the other on a track, `gap` seconds apart.

    Args:
        ripple: what begins at `start` or later on this track moves back to make room.

    Returns:
        The arrangement and the ids of the clips, in the order of the sentences.
    """
    spoken = [piece for piece in sentences if arrangement.frame(piece.length) > 0]
    if ripple and spoken:
        whole = sum(arrangement.at(piece.length) + gap for piece in spoken)
        arrangement = shift_from(arrangement, start, whole, {track})
    made: list[str] = []
    for piece in spoken:
        arrangement, key = add_clip(arrangement, track, start, piece)
        made.append(key)
        start = arrangement.clip(key).end + gap
    return arrangement, made


def add_sentence(arrangement: Arrangement, track: str, piece: Piece, *, after: str = "", start: float = 0.0,
                 gap: float = GAP) -> tuple[Arrangement, str]:
    """Lay one more sentence behind the clip `after`, or at `start` where there is none: sentence by sentence as they
    are spoken. Returns the id of its clip too."""
    before = arrangement.find(after) if after else None
    return add_clip(arrangement, track, start if before is None else before.end + gap, piece)


def respeak(arrangement: Arrangement, clip: str, piece: Piece, *, ripple: bool = True) -> Arrangement:
    """Put a newly spoken sentence in the place of an old one. The clip keeps its id, place, gain and fades; where the
    new one is longer or shorter, what begins after the old one's end on this track keeps its distance (`ripple`)."""
    old = arrangement.clip(clip)
    length = arrangement.at(piece.length)
    if arrangement.frame(length) < 1:
        raise SoundError("Nothing was spoken; the old sentence stays.")
    fields = {**piece.fields(), "text": piece.text or old.text, "speaker": piece.speaker or old.speaker,
              "name": piece.name or old.name}
    fade_in = min(old.fade_in, length)
    new = old.with_(**fields, length=length, fade_in=fade_in, fade_out=min(old.fade_out, length - fade_in))
    if ripple:
        arrangement = shift_from(arrangement, old.end, length - old.length, {old.track})
    return arrangement.replace_clips(new)


def sentences(arrangement: Arrangement, track: str) -> list[Clip]:
    """The clips of a track that have a text, in order."""
    return [clip for clip in arrangement.on(track) if clip.text]


def script(arrangement: Arrangement, track: str) -> str:
    """What is said on a track, one sentence a line, with its speaker where it changes."""
    lines, last = [], ""
    for clip in sentences(arrangement, track):
        lines.append(f"{clip.speaker}: {clip.text}" if clip.speaker and clip.speaker != last else clip.text)
        last = clip.speaker or last
    return "\n".join(lines)


def set_score(arrangement: Arrangement, clip: str, score: str, length: float | None = None) -> Arrangement:
    """Give a notes clip other notes. It keeps sounding as before until `set_rendering` brings the new sound."""
    old = arrangement.clip(clip)
    new = old.with_(score=score)
    if length is not None and arrangement.frame(length) > 0:
        new = new.with_(length=arrangement.at(length))
    return arrangement.replace_clips(new)


def set_rendering(arrangement: Arrangement, clip: str, score: str, piece: Piece) -> Arrangement:
    """Give a notes clip the sound of all its notes, of which it goes on to let its own part be heard; sound of other
    notes, which came too late, is left aside."""
    old = arrangement.find(clip)
    if old is None or old.score != score:
        return arrangement
    return arrangement.replace_clips(old.with_(media=piece.media, media_type=piece.media_type,
                                               source_length=piece.source_length or piece.length,
                                               result=piece.result or old.result))

"""Edits that cut: split, trim, delete, ripple delete, join, a region made anew. Nothing here touches a medium."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import pairwise
from typing import Any

from studio.project.sound.arrangement import Arrangement
from studio.project.sound.errors import SoundError
from studio.project.sound.values import NO_FACTS, AutomationPoint, Clip, Label, Take, new_id

SEAM = 0.01
"""Seconds over which a region that was made anew and the clip around it cross."""


@dataclass(frozen=True)
class Piece:
    """A medium, or a part of it, that is to become a clip. Seconds; source_length 0 where it is not known. origin: who
    made it where no result says so, as `whole.origin_of` gives it."""

    media: str
    media_type: str
    length: float
    offset: float = 0.0
    source_length: float = 0.0
    name: str = ""
    result: str = ""
    text: str = ""
    speaker: str = ""
    score: str = ""
    origin: Mapping[str, Any] = field(default_factory=lambda: NO_FACTS, hash=False)

    def fields(self) -> dict[str, Any]:
        """What a clip takes over from it, but for its length."""
        made = {"media": self.media, "media_type": self.media_type, "offset": self.offset,
                "source_length": self.source_length, "name": self.name, "result": self.result, "text": self.text,
                "speaker": self.speaker, "score": self.score}
        return {**made, "recipe": {"origin": dict(self.origin)}} if self.origin else made


def part(arrangement: Arrangement, clip: Clip, start: float, end: float, **changes: Any) -> Clip | None:
    """What of a clip lies between two times; None where that is less than a frame. A fade stays with the edge that it
    belongs to, cut to what is left."""
    start, end = arrangement.at(max(start, clip.start)), arrangement.at(min(end, clip.end))
    length = end - start
    if arrangement.frame(length) < 1:
        return None
    fade_in = clip.fade_in if start <= clip.start else 0.0
    fade_out = clip.fade_out if end >= clip.end else 0.0
    values: dict[str, Any] = {"start": start, "length": length, "offset": clip.offset + start - clip.start,
                              "fade_in": min(fade_in, length), "fade_out": min(fade_out, length),
                              **_cut_takes(arrangement, clip, start - clip.start, length), **changes}
    return clip.with_(**values)


def _cut_takes(arrangement: Arrangement, clip: Clip, lead: float, length: float) -> dict[str, Any]:
    """The takes of a part of a clip that begins `lead` seconds after it: all are cut where it is cut, and one of which
    nothing is left goes. Where the clip's end stays, so do theirs."""
    if not clip.takes:
        return {}
    kept, held, least = list[Take](), 0, 1 / arrangement.rate
    shortened = lead + length < clip.length - least / 2
    for place, take in enumerate(clip.takes):
        left = min(take.length - lead, length) if shortened else take.length - lead
        if place == clip.take:
            held = len(kept)
        elif left < least / 2:
            continue
        kept.append(replace(take, offset=take.offset + lead, length=max(left, least)))
    return {"takes": tuple(kept), "take": held} if len(kept) > 1 else {"takes": (), "take": 0}


def _pull_takes(arrangement: Arrangement, clip: Clip, lead: float, length: float) -> tuple[Take, ...]:
    """The takes of a clip whose beginning is pulled by `lead` seconds, so that they still sound together; those that
    end with it get its new end."""
    made, least = list[Take](), 1 / arrangement.rate
    for take in clip.takes:
        most = take.source_length - take.offset - lead if take.source_length else length
        ends = abs(take.length - clip.length) < least
        new = min(length, most) if ends else take.length - lead
        fits = take.offset + lead >= 0 and new >= least
        made.append(replace(take, offset=take.offset + lead, length=new) if fits else take)
    return tuple(made)


def split(arrangement: Arrangement, time: float, tracks: Iterable[str] | None = None) -> Arrangement:
    """Cut all clips of these tracks (None: all) that lie across a time. The left part keeps the clip's id."""
    time = arrangement.at(time)
    return split_clips(arrangement, (clip.id for clip in arrangement.between(time, time, tracks)), time)


def split_clips(arrangement: Arrangement, clips: Iterable[str], time: float) -> Arrangement:
    """Cut these clips at a time; those that do not lie across it stay as they are."""
    time, cut = arrangement.at(time), dict[str, tuple[Clip, Clip]]()
    for name in clips:
        clip = arrangement.clip(name)
        left = part(arrangement, clip, clip.start, time) if time < clip.end else None
        right = part(arrangement, clip, time, clip.end, id=new_id()) if time > clip.start else None
        if left is not None and right is not None:
            cut[name] = left, right
    if not cut:
        return arrangement
    made = [half for clip in arrangement.clips for half in cut.get(clip.id, (clip,))]
    return arrangement.with_(clips=made)


def trim_start(arrangement: Arrangement, clip: str, time: float) -> Arrangement:
    """Pull a clip's beginning to a time; what is heard stays where it is. No further than its medium reaches."""
    old = arrangement.clip(clip)
    time = arrangement.at(min(max(time, old.start - old.offset, 0.0), old.end - 1 / arrangement.rate))
    length = old.end - time
    return arrangement.replace_clips(old.with_(
        start=time, length=length, offset=max(old.offset + time - old.start, 0.0),
        takes=_pull_takes(arrangement, old, time - old.start, length),
        fade_in=min(old.fade_in, length), fade_out=min(old.fade_out, length)))


def trim_end(arrangement: Arrangement, clip: str, time: float) -> Arrangement:
    """Pull a clip's end to a time, no further than its medium reaches (where that is known)."""
    old = arrangement.clip(clip)
    most = old.start + old.source_length - old.offset if old.source_length else old.end
    time = arrangement.at(max(min(time, max(most, old.start)), old.start + 1 / arrangement.rate))
    length = time - old.start
    return arrangement.replace_clips(old.with_(length=length, takes=_pull_takes(arrangement, old, 0.0, length),
                                               fade_in=min(old.fade_in, length), fade_out=min(old.fade_out, length)))


def slip(arrangement: Arrangement, clip: str, seconds: float) -> Arrangement:
    """Move the sound inside a clip, its edges staying; only as far as the medium reaches."""
    old = arrangement.clip(clip)
    most = max(old.source_length - old.length, 0.0) if old.source_length else old.offset
    return arrangement.replace_clips(old.with_(offset=arrangement.at(min(max(old.offset - seconds, 0.0), most))))


def delete(arrangement: Arrangement, clips: Iterable[str]) -> Arrangement:
    """Take clips away and leave their place empty. Unknown ones are no error."""
    gone = set(clips)
    kept = tuple(clip for clip in arrangement.clips if clip.id not in gone)
    return arrangement if len(kept) == len(arrangement.clips) else arrangement.with_(clips=kept)


def ripple_delete(arrangement: Arrangement, clips: Iterable[str]) -> Arrangement:
    """Take clips away; on each track what begins later moves up by the time that was freed."""
    gone = [arrangement.clip(name) for name in dict.fromkeys(clips)]
    if not gone:
        return arrangement
    stretches: dict[str, list[tuple[float, float]]] = {}
    for clip in gone:
        stretches.setdefault(clip.track, []).append((clip.start, clip.end))
    names = {clip.id for clip in gone}
    freed = {track: _merged(found) for track, found in stretches.items()}
    made = []
    for clip in arrangement.clips:
        if clip.id in names:
            continue
        shift = sum(max(min(end, clip.start) - start, 0.0) for start, end in freed.get(clip.track, ()))
        made.append(clip.with_(start=arrangement.at(clip.start - shift)) if shift else clip)
    return arrangement.with_(clips=made)


def _merged(stretches: list[tuple[float, float]]) -> list[tuple[float, float]]:
    found: list[tuple[float, float]] = []
    for start, end in sorted(stretches):
        if found and start <= found[-1][1]:
            found[-1] = found[-1][0], max(found[-1][1], end)
        else:
            found.append((start, end))
    return found


def clear_region(arrangement: Arrangement, start: float, end: float,
                 tracks: Iterable[str] | None = None) -> Arrangement:
    """Make these tracks (None: all) silent between two times; what stands on both sides stays as it is."""
    start, end = _ordered(arrangement, start, end)
    touched = {clip.id for clip in arrangement.between(start, end, tracks)}
    made: list[Clip] = []
    for clip in arrangement.clips:
        made += _around(arrangement, clip, start, end) if clip.id in touched else [clip]
    return arrangement.with_(clips=made) if touched else arrangement


def keep_region(arrangement: Arrangement, start: float, end: float,
                tracks: Iterable[str] | None = None) -> Arrangement:
    """Of the clips of these tracks (None: all) that reach into a stretch of time keep only what lies in it; the others
    stay."""
    start, end = _ordered(arrangement, start, end)
    inside = {clip.id: part(arrangement, clip, start, end) for clip in arrangement.between(start, end, tracks)}
    if all(found is None or found == arrangement.clip(key) for key, found in inside.items()):
        return arrangement
    return arrangement.replace_clips(*(found for found in inside.values() if found is not None))


def _around(arrangement: Arrangement, clip: Clip, start: float, end: float) -> list[Clip]:
    """What of a clip is left outside two times; the left part keeps its id."""
    left = part(arrangement, clip, clip.start, start) if clip.start < start else None
    right = None
    if clip.end > end:
        right = part(arrangement, clip, end, clip.end, **({} if left is None else {"id": new_id()}))
    return [found for found in (left, right) if found is not None]


def ripple_delete_region(arrangement: Arrangement, start: float, end: float,
                         tracks: Iterable[str] | None = None) -> Arrangement:
    """Cut a stretch of time out of these tracks. Of all tracks (None) it is cut out of the whole arrangement, with its
    automation, markers and labels."""
    start, end = _ordered(arrangement, start, end)
    wanted = None if tracks is None else set(tracks)
    cleared = clear_region(arrangement, start, end, wanted)
    return shift_from(cleared, end, start - end, wanted, whole=wanted is None)


def insert_time(arrangement: Arrangement, time: float, seconds: float,
                tracks: Iterable[str] | None = None) -> Arrangement:
    """Make room: what lies behind `time` moves back; clips across it are cut."""
    wanted = None if tracks is None else set(tracks)
    cut = split(arrangement, time, wanted)
    return shift_from(cut, arrangement.at(time), arrangement.at(seconds), wanted, whole=wanted is None)


def shift_from(arrangement: Arrangement, time: float, shift: float, tracks: set[str] | None = None, *,
               whole: bool = False) -> Arrangement:
    """Move all clips of these tracks that begin at or after `time`; with `whole` automation, markers and labels too."""
    edge = arrangement.frame(time)
    moved = [clip.with_(start=arrangement.at(clip.start + shift))
             if arrangement.frame(clip.start) >= edge and (tracks is None or clip.track in tracks) else clip
             for clip in arrangement.clips]
    after = arrangement.with_(clips=moved)
    return _shift_rest(after, time, shift) if whole else after


def _shift_rest(arrangement: Arrangement, time: float, shift: float) -> Arrangement:
    def place(at: float) -> float | None:
        if shift < 0 and time + shift <= at < time:
            return None  # in what was cut out
        return arrangement.at(at + shift) if at >= time else at

    tracks = [track.with_(volume=tuple(AutomationPoint(at, point.gain) for point in track.volume
                                       if (at := place(point.time)) is not None))
              if track.volume else track for track in arrangement.tracks]
    markers = [marker.__class__(marker.id, at, marker.name) for marker in arrangement.markers
               if (at := place(marker.time)) is not None]
    return arrangement.with_(tracks=tuple(tracks), markers=markers, labels=_shifted_labels(arrangement, time, shift))


def _shifted_labels(arrangement: Arrangement, time: float, shift: float) -> list[Label]:
    def edge(at: float) -> float:
        return max(at + shift, time + min(shift, 0.0)) if at >= time else min(at, time + min(shift, 0.0))

    made = []
    for label in arrangement.labels:
        start, end = edge(label.start), edge(label.end)
        if end > start or label.length == 0:
            made.append(Label(label.id, arrangement.at(start), arrangement.at(end - start), label.text, label.speaker))
    return made


def join(arrangement: Arrangement, clips: Sequence[str]) -> Arrangement:
    """Make one clip of neighbours that go on in the same medium without a gap, such as the halves of a split. Raises
    SoundError where that cannot be: then they have to be mixed down (`exporting.bounce`)."""
    found = sorted((arrangement.clip(name) for name in dict.fromkeys(clips)), key=lambda c: c.start)
    if len(found) < 2:
        raise SoundError("Choose at least two clips to join.")
    for left, right in pairwise(found):
        if not _goes_on(arrangement, left, right):
            raise SoundError("These clips do not follow each other in the same recording; mix them down to join them.")
    first, last = found[0], found[-1]
    takes = _joined_takes(arrangement, found)
    whole = first.with_(length=last.end - first.start, fade_out=last.fade_out, out_shape=last.out_shape,
                        text=" ".join(c.text for c in found if c.text), takes=takes, take=first.take if takes else 0)
    return delete(arrangement.replace_clips(whole), [clip.id for clip in found[1:]])


def _joined_takes(arrangement: Arrangement, clips: list[Clip]) -> tuple[Take, ...]:
    """The takes of the first of clips that are joined; each goes on as far as one of the others' goes on in it."""
    made = list(clips[0].all_takes) if clips[0].takes else []
    for left, right in pairwise(clips):
        for place, one in enumerate(made):
            on = next((other for other in right.all_takes if (one.media, one.score) == (other.media, other.score) and
                       arrangement.frame(one.offset + right.start - clips[0].start) == arrangement.frame(other.offset)
                       and arrangement.frame(one.length) >= arrangement.frame(left.end - clips[0].start)), None)
            if on is not None:
                made[place] = replace(one, length=one.length + on.length)
    return tuple(made)


def _goes_on(arrangement: Arrangement, left: Clip, right: Clip) -> bool:
    same = all(getattr(left, name) == getattr(right, name)
               for name in ("track", "media", "score", "gain", "muted", "stretch", "pitch"))
    meets = arrangement.frame(left.end) == arrangement.frame(right.start)
    follows = arrangement.frame(left.offset + left.length) == arrangement.frame(right.offset)
    return same and meets and follows and not left.fade_out and not right.fade_in


def replace_region(arrangement: Arrangement, clip: str, start: float, end: float, piece: Piece, *,
                   ripple: bool = False, seam: float = SEAM) -> tuple[Arrangement, str]:
    """Put a new medium in the place of a stretch of a clip ("regenerate region"); what stands on both sides stays as it
    is, to the sample. What was there is another take of the new clip.

    Args:
        piece: the new sound; a longer one is cut to the stretch, a shorter one leaves silence after it.
        ripple: take all of it instead, and move what follows on this track.
        seam: seconds inside the stretch over which old and new cross at either end.

    Returns:
        The arrangement and the id of the new clip.
    """
    old = arrangement.clip(clip)
    start, end = _ordered(arrangement, max(start, old.start), min(end, old.end))
    room, length = end - start, arrangement.at(piece.length)
    length = length if ripple else min(length, room)
    seam = arrangement.at(min(seam, length / 2, room / 2))
    lead = old.with_(fade_out=seam, out_shape="power")
    left = part(arrangement, lead, old.start, start + seam) if old.start < start else None
    if left is not None:
        left = left.with_(fade_out=seam, out_shape="power", fade_in=min(left.fade_in, left.length - seam))
    keeps_id = left is None
    fresh = old.with_(**{**piece.fields(), "id": new_id(), "start": start, "length": length, "name": piece.name
                         or old.name, "text": piece.text or (old.text if keeps_id and end >= old.end else ""),
                         "speaker": piece.speaker or old.speaker, "fade_in": seam if left else old.fade_in,
                         "fade_out": old.fade_out, "stretch": 1.0, "pitch": 0.0, "takes": (), "take": 0})
    right = _tail(arrangement, old, start + length if ripple else end, end, seam, keeps_id)
    if right is not None:
        fresh = fresh.with_(fade_out=seam, out_shape="power")
    fresh = fresh.with_(fade_in=min(fresh.fade_in, length), fade_out=min(fresh.fade_out, length))
    if (was := part(arrangement, old, start, end)) is not None and was.media:
        fresh = fresh.with_(takes=(*was.all_takes, fresh.held), take=len(was.all_takes))
    if fresh.length <= 0:
        raise SoundError("There is nothing to put here; the new sound is empty.")
    made = [one for one in (left, fresh, right) if one is not None]
    after = arrangement
    if ripple and length != room:
        after = shift_from(after, old.end, length - room, {old.track})
    others = [one for one in after.clips if one.id != old.id]
    return after.with_(clips=[*others, *made]), fresh.id


def _tail(arrangement: Arrangement, old: Clip, place: float, end: float, seam: float, keeps_id: bool) -> Clip | None:
    """What of a clip is heard from `end` on, put at `place`, with `seam` seconds before it that fade in."""
    if arrangement.frame(old.end) <= arrangement.frame(end):
        return None
    found = part(arrangement, old, end - seam, old.end, **({} if keeps_id else {"id": new_id()}))
    if found is None:
        return None
    return found.with_(start=arrangement.at(place - seam), fade_in=seam, in_shape="power",
                       fade_out=min(old.fade_out, found.length - seam))


def _ordered(arrangement: Arrangement, start: float, end: float) -> tuple[float, float]:
    start, end = arrangement.at(min(start, end)), arrangement.at(max(start, end))
    if arrangement.frame(end) <= arrangement.frame(start):
        raise SoundError("Select a stretch of time first.")
    return start, end

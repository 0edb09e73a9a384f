"""Edits of labels as captions: merged, split, and made of what is spoken."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from studio.project.captions import LINE, LINES, SECONDS
from studio.project.sound.arrangement import Arrangement
from studio.project.sound.errors import SoundError
from studio.project.sound.values import Clip, Label, new_id

SHORTEST = 0.05
"""Seconds that a caption stands at least."""


def merge_labels(arrangement: Arrangement, labels: Iterable[str]) -> tuple[Arrangement, str]:
    """One caption from the first start to the last end, with all the words. Where they have several speakers, each
    part says whose it is. Returns its id too, which is that of the first. Raises SoundError for fewer than two."""
    wanted = set(labels)
    found = [label for label in arrangement.labels if label.id in wanted]
    if len(found) < 2:
        raise SoundError("Select two captions or more to merge them.")
    start, end = found[0].start, max(label.end for label in found)
    one = len({label.speaker for label in found}) == 1
    words = [label.text if one or not label.speaker else f"{label.speaker}: {label.text}" for label in found]
    made = Label(found[0].id, start, end - start, " ".join(part for part in words if part.strip()),
                 found[0].speaker if one else "")
    return arrangement.with_(labels=(*(one for one in arrangement.labels if one.id not in wanted), made)), made.id


def split_label(arrangement: Arrangement, label: str, time: float) -> tuple[Arrangement, str]:
    """Two captions that meet at a time, the words cut where they are about then. Returns the id of the second too.
    Raises SoundError where the time does not lie inside."""
    old = next((one for one in arrangement.labels if one.id == label), None)
    if old is None:
        raise SoundError("That caption is no longer there.")
    at = arrangement.at(time)
    if not old.start + SHORTEST <= at <= old.end - SHORTEST:
        raise SoundError("The playhead is not inside this caption; move it there first.")
    head, tail = _cut(old.text, (at - old.start) / old.length)
    parts = (Label(old.id, old.start, at - old.start, head, old.speaker),
             Label(new_id(), at, old.end - at, tail, old.speaker))
    return arrangement.with_(labels=(*(one for one in arrangement.labels if one.id != label), *parts)), parts[1].id


def caption_speech(arrangement: Arrangement, tracks: Sequence[str] = ()) -> tuple[Arrangement, list[str]]:
    """A caption for each spoken sentence that is heard, long ones in several that can be read. Sentences that have
    theirs already are left out. Returns the ids too. Raises SoundError where there are none.

    tracks: only those on these; () is all.
    """
    spoken = [clip for clip in arrangement.clips
              if clip.text and not clip.muted and (not tracks or clip.track in tracks)]
    if not spoken:
        raise SoundError("There are no spoken sentences; speak something first, or transcribe a clip.")
    there = {(round(label.start, 2), label.text) for label in arrangement.labels}
    made = [label for clip in spoken for label in captions_of_clip(clip)
            if (round(label.start, 2), label.text) not in there]
    if not made:
        raise SoundError("All spoken sentences have their captions already.")
    return arrangement.with_(labels=(*arrangement.labels, *made)), [label.id for label in made]


def captions_of_clip(clip: Clip) -> list[Label]:
    """What is spoken in a clip, at most two lines and seven seconds at a time; times between go with the letters."""
    text, most = " ".join(clip.text.split()), LINE * LINES
    if clip.length > SECONDS and text:
        most = min(most, max(int(len(text) * SECONDS / clip.length), LINE // 2))
    parts = _pieces(text, most)
    whole = sum(map(len, parts)) or 1
    made, start = [], clip.start
    for number, part in enumerate(parts):
        end = clip.end if number == len(parts) - 1 else start + clip.length * len(part) / whole
        made.append(Label(new_id(), start, end - start, part, speaker_of(clip)))
        start = end
    return made


def speaker_of(clip: Clip) -> str:
    """Who says it in a dialogue; the name of a voice is nobody."""
    return "" if clip.speaker == clip.recipe.get("voice") else clip.speaker


def _pieces(text: str, most: int) -> list[str]:
    """About equally long parts of at most `most` letters, cut between words, after commas where one is near."""
    count = -(-len(text) // most)
    parts = []
    while count > 1 and text:
        head, tail = _cut(text, min(1 / count, most / len(text)))
        if not tail:
            break
        parts.append(head)
        text, count = tail, max(count - 1, -(-len(tail) // most))
    return [*parts, text] if text else parts


def _cut(text: str, share: float) -> tuple[str, str]:
    """A text in two between the words that are nearest to a share of it, rather after a clause."""
    words = text.split()
    if len(words) < 2:
        return text, ""
    want, ends, at = share * len(text), [], 0
    for word in words[:-1]:
        at += len(word) + 1
        ends.append(abs(at - want) - (6 if word[-1] in ",;:.!?…—" else 0))
    place = ends.index(min(ends)) + 1
    return " ".join(words[:place]), " ".join(words[place:])

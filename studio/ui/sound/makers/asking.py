"""From what is chosen on the timeline to requests. Nothing here knows the window."""

from __future__ import annotations

import io
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from studio.project.sound import Arrangement, Clip, SoundError
from studio.ui.prompt import field_of_role, hint_of, media_field
from studio.ui.requests import Ask
from studio.ui.sound.document import Chosen, Region
from studio.ui.sound.voice.voices import field_of
from studio.ui.soundtiles import track_kind

if TYPE_CHECKING:
    from studio.engine.job import GeneratorInfo
    from studio.project.sound.media import AudioSource

MIDI = "audio/midi"
RENDERER = "music.render"
"""It plays notes."""
NO_RENDERER = "The plugin that plays notes is not there; switch “music” on in Settings."
LEVELLER = "sound.normalise"
"""It is asked for what, with the gain of the clip, is as loud as the person wants."""


def clip_of(arrangement: Arrangement, chosen: Chosen, *, notes: bool = False) -> Clip | None:
    """The one clip that is meant: the chosen one, or the one under the selected stretch; None where there is none, or
    one of the other sort."""
    found = [clip for clip in arrangement.clips if clip.id in chosen.clips]
    region = chosen.region
    if not found and region is not None:
        found = arrangement.between(region.start, region.end, region.tracks)
    return next((clip for clip in found if bool(clip.score) == notes), None)


def any_clip_of(arrangement: Arrangement, chosen: Chosen) -> Clip | None:
    """As `clip_of`, of either sort: one with sound, else one with notes."""
    return clip_of(arrangement, chosen) or clip_of(arrangement, chosen, notes=True)


def stretch_of(clip: Clip, region: Region | None) -> tuple[float, float]:
    """What of a clip is meant: the part inside the selected stretch, or all of it."""
    if region is not None and clip.track in region.tracks and region.start < clip.end and region.end > clip.start:
        return max(region.start, clip.start), min(region.end, clip.end)
    return clip.start, clip.end


def bars_of(clip: Clip, score: Any, start: float, end: float) -> tuple[int, int]:
    """The first and last bar of a notes clip that a stretch of the arrangement touches, counted from 1."""
    first = score.bar_of(score.tick(max(start - clip.start + clip.offset, 0.0) + 1e-3))
    last = score.bar_of(score.tick(max(end - clip.start + clip.offset - 1e-3, 0.0)))
    most = max(score.bars - 1, 0)
    return min(first, most) + 1, min(max(last, first), most) + 1


def wav_of(source: AudioSource, clip: Clip, start: float, end: float, *, stereo: bool = False) -> bytes:
    """What is heard of a clip's medium between two times of the arrangement, as float WAV, for it may be louder than
    full scale. stereo: one channel as the two that it sounds on. It decodes. Raises SoundError."""
    import numpy as np
    import soundfile

    media = source.open(clip.media)
    first = max(round((start - clip.start + clip.offset) * source.rate), 0)
    last = min(first + round((end - start) * source.rate), media.ready)
    if last <= first:
        raise SoundError("There is no sound in this stretch; choose another one.")
    out = io.BytesIO()
    channels = media.read(first, last)
    channels = channels * 2 if stereo and len(channels) == 1 else channels
    soundfile.write(out, np.stack(channels, axis=1), source.rate, format="WAV", subtype="FLOAT")
    return out.getvalue()


def with_bars(params: dict[str, Any], arrangement: Arrangement, chosen: Chosen,
              bars: Callable[[Clip], tuple[int, int] | None]) -> dict[str, Any]:
    """With the selected bars, where bars are to be filled and the form leaves them to what is selected. Raises
    SoundError where nothing is."""
    clip = clip_of(arrangement, chosen, notes=True)
    if params.get("task") != "fill" or params.get("first_bar") or params.get("last_bar") or params.get("score") or (
            clip is None):
        return params
    found = bars(clip)
    if found is None:
        raise SoundError("Select the bars to write anew, or name them under First bar and Last bar.")
    return {**params, "first_bar": found[0], "last_bar": found[1]}


def ask_new(info: GeneratorInfo, params: dict[str, Any], count: int, document: str, arrangement: Arrangement,
            chosen: Chosen) -> Ask:
    """Something new at the cursor, on the chosen track where it suits. Raises SoundError for what is missing."""
    kind = track_kind(info.id, info.produces)
    track = chosen.track
    wanted = arrangement.find_track(track)
    if wanted is None or wanted.kind != kind:
        track = next((one.id for one in arrangement.tracks if one.kind == kind), "")
    start = chosen.region.start if chosen.region is not None else chosen.cursor
    target = {"document": document, "kind": "score" if info.produces == "score" else "clip", "track": track,
              "start": start, "make": kind}
    task = params.get("task", "new")
    if info.produces == "score" and task != "new" and not params.get("score"):
        clip = clip_of(arrangement, chosen, notes=True)
        if clip is None:
            raise SoundError(f"Choose a clip with notes to {task}, or set Task to new.")
        params = {**params, "score": {"media": clip.score, "type": MIDI}}
        target |= {"clip": clip.id, "was": clip.score, "task": task}
        if task == "fill":
            target |= {"first_bar": params.get("first_bar", 0), "last_bar": params.get("last_bar", 0)}
    return Ask(info.id, params, count, {}, (), target)


def ask_effect(info: GeneratorInfo, values: Mapping[str, Any], document: str, clip: Clip, start: float, end: float,
               source: AudioSource) -> Ask:
    """A tool of sound for a clip, or a stretch of it: its result takes the stretch's place; words become labels, notes
    a clip of their own."""
    name = media_field(info.schema, "audio")
    target: dict[str, Any] = {"document": document, "kind": "region", "clip": clip.id, "start": start, "end": end,
                              "was": clip.media, "name": info.title}
    if info.produces == "text":
        target["kind"] = "labels"
    elif info.produces == "score":
        target |= {"kind": "score", "track": "", "make": "notes", "name": f"{clip.name or 'Clip'}: notes"}
        del target["clip"], target["was"]
    stereo = info.id == LEVELLER  # loudness adds up over the channels
    take: Callable[[], bytes] = lambda: wav_of(source, clip, start, end, stereo=stereo)  # noqa: E731
    params = {key: value for key, value in values.items() if key != name}
    if info.id == LEVELLER and clip.gain:
        params |= _before_gain(info.schema, params, clip.gain)
    return Ask(info.id, params, 1, {name: (take, "audio/wav")}, (clip.media,), target)


def _before_gain(schema: Mapping[str, Any], params: Mapping[str, Any], gain: float) -> dict[str, float]:
    """Loudness and peak that become the wanted ones when `gain` dB are added, as far as the tool goes."""
    made = {}
    for name in ("loudness", "peak"):
        facts = schema.get("properties", {}).get(name, {})
        if "default" in facts:
            wanted = float(params.get(name, facts["default"])) - gain
            made[name] = min(max(wanted, facts.get("minimum", wanted)), facts.get("maximum", wanted))
    return made


def said_with(info: GeneratorInfo, clip: Clip) -> dict[str, Any]:
    """How a sentence was said, by the names of the generator's fields."""
    name, voice = field_of(info.schema, "voice"), clip.recipe.get("voice")
    return {**clip.recipe, **({name: voice} if name and voice else {})}


def ask_sentence(info: GeneratorInfo, said: Mapping[str, Any], document: str, clip: Clip, text: str,
                 values: Mapping[str, Any], seed: int) -> Ask:
    """One sentence anew. said: the parameters of the request that it came from; values: those that are others."""
    props = info.schema.get("properties", {})
    params = {name: value for name, value in {**said, **values}.items()
              if name in props and hint_of(info.schema, name, "widget") != "none"}
    params |= {field_of_role(info.schema, "prompt") or "prompt": text}
    for name, value in ((field_of(info.schema, "seed"), seed), (field_of(info.schema, "dialogue"), False)):
        if name:
            params[name] = value
    target = {"document": document, "kind": "sentence", "clip": clip.id, "was": clip.media, "text": text}
    return Ask(info.id, params, 1, {}, (clip.media,) if clip.media else (), target)


def ask_score(info: GeneratorInfo, document: str, clip: Clip, task: str, seed: int, *, first: int = 0, last: int = 0,
              **more: Any) -> Ask:
    """A task on the notes of a clip: "fill" for its bars first to last (from 1), "vary", "continue", "harmonise"."""
    props = info.schema.get("properties", {})
    params: dict[str, Any] = {"score": {"media": clip.score, "type": MIDI}, "task": task, "seed": seed, **more}
    target: dict[str, Any] = {"document": document, "kind": "score", "track": clip.track, "start": clip.start,
                              "clip": clip.id, "was": clip.score, "task": task}
    if task == "fill":
        params |= {"first_bar": first, "last_bar": last}
        target |= {"first_bar": first, "last_bar": last}
    return Ask(info.id, {name: value for name, value in params.items() if name in props}, 1, {}, (clip.score,), target)


def ask_render(info: GeneratorInfo, document: str, clip: Clip, *, hear: bool) -> Ask:
    """The sound of a clip's notes. hear: let it be heard while it is made."""
    target = {"document": document, "kind": "render", "clip": clip.id, "score": clip.score, "hear": hear}
    return Ask(info.id, {"score": {"media": clip.score, "type": MIDI}}, 1, {}, (clip.score,), target)

"""Requests of the Sound workspace, and what becomes of them: sound heard while it comes, clips, notes, labels."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QObject, QTimer, Signal

from studio.engine.job import AudioChunk, Event, Failed, Finished, GeneratorInfo, Job, Progress, Result, Stopped
from studio.project.sound import Clip, SoundError
from studio.ui.prompt import MAX_SEED, PromptState, can_count, field_of_role
from studio.ui.requests import RENDER, Ask
from studio.ui.sound.makers import arriving, asking
from studio.ui.sound.makers.arriving import Arrived
from studio.ui.sound.makers.landing import LABELS, Landing
from studio.ui.sound.makers.takes import Takes
from studio.ui.sound.voice.reading import in_parts
from studio.ui.sound.voice.voices import speaks

if TYPE_CHECKING:
    from studio.project import ResultRow
    from studio.ui.session import Session
    from studio.ui.sound.pane import SoundPane

PAUSE_MS = 500
"""After the last of several changes of notes they are played anew."""


@dataclass
class Place:
    """Where something is being made. share: 0 to 1; heard: seconds that have come; error: why it failed;
    quiet: the person has silenced it."""

    job: str
    target: Mapping[str, Any]
    words: str
    share: float = 0.0
    heard: float = 0.0
    error: str = ""
    quiet: bool = False


class Generating(QObject):
    """Attributes: places: what is under way, by job; takes: of clips, those on their way included."""

    said = Signal(str)
    changed = Signal()
    """Something is under way, further, or done."""
    captioned = Signal()
    """A transcript has become labels."""
    placed = Signal(list)
    """Ids of the clips that a result has become, or has changed."""

    def __init__(self, session: Session, pane: SoundPane, name: Callable[[], str]) -> None:
        """name: gives the id of the document in the project."""
        super().__init__(pane)
        self.session, self.pane, self._name = session, pane, name
        self.places: dict[str, Place] = {}
        self.chosen_bars: Callable[[Clip], tuple[int, int] | None] = lambda _clip: None
        """The bars of a notes clip that are selected, counted from 1."""
        self.takes = Takes(pane)
        self.landing = Landing(session, pane, self.takes, self.find)
        self.landing.said.connect(self.said)
        self.landing.captioned.connect(self.captioned)
        self.landing.placed.connect(self.placed)
        self.landing.further.connect(self._move_on)
        self._renders: dict[str, Arrived] = {}
        """Sounds of scores that were rendered since the project was opened, by the score's hash."""
        self._rendering: dict[str, tuple[str, str]] = {}
        """For a clip that is being rendered: its score, and the job (once it is known)."""
        session.batch_queued.connect(self._queued)
        session.event.connect(self._event)
        session.result_stored.connect(self._stored)
        session.tried.connect(self._tried)
        session.discovered.connect(lambda _: self.render_stale())
        pane.player.silenced.connect(self._silence)
        pane.document.chosen_changed.connect(self._forget_failures)
        self._pause = QTimer(self, singleShot=True, interval=PAUSE_MS)
        self._pause.timeout.connect(self.render_stale)
        pane.document.committed.connect(lambda *_: self._committed())

    @property
    def document(self) -> str:
        return self._name()

    # ------------------------------------------------------------ asking

    def ask(self, state: PromptState, schema: dict[str, Any]) -> Ask | None:
        """What Generate makes of the draft: something new at the cursor, or for a tool of sound the chosen clip's."""
        document = self.pane.document
        info, arrangement, chosen = self.find(state.generator), document.arrangement, document.chosen
        if document.closed_because or info is None:
            self.said.emit(document.closed_because or "This generator is not there; choose another one.")
            return None
        params = state.params(schema)
        try:
            if info.id == asking.RENDERER:
                clip = asking.clip_of(arrangement, chosen, notes=True)
                if clip is None:
                    raise SoundError("Choose a clip with notes to play.")
                return asking.ask_render(info, self.document, clip, hear=True)
            if "audio" in schema.get("properties", {}) and not params.get("audio"):
                clip = asking.clip_of(arrangement, chosen)
                if clip is None:
                    raise SoundError(f"Choose a clip that {info.title} should work on.")
                return asking.ask_effect(info, params, self.document, clip, *asking.stretch_of(clip, chosen.region),
                                         self.pane.source)
            count = state.count if can_count(info) else 1
            params = asking.with_bars(params, arrangement, chosen, self.chosen_bars)
            new = asking.ask_new(info, params, count, self.document, arrangement, chosen)
            return in_parts(new, schema) if speaks(schema) else new
        except SoundError as error:
            self.said.emit(str(error))
            return None

    def find(self, generator: str) -> GeneratorInfo | None:
        return self.session.discovery.find(generator)

    def send(self, ask: Ask | None) -> None:
        if ask is not None:
            self.session.generate(ask)

    def speak(self, text: str, generator: str, params: Mapping[str, Any], scene: str = "") -> None:
        """Speak a text at the cursor. scene: the title of the scene of a manuscript that it is."""
        info = self.find(generator)
        if info is None:
            return
        document, name = self.pane.document, field_of_role(info.schema, "prompt")
        new = asking.ask_new(info, {**params, name: text}, 1, self.document, document.arrangement, document.chosen)
        self.send(in_parts(replace(new, target={**new.target, **({"scene": scene} if scene else {})}), info.schema))

    def respeak(self, clip: Clip, text: str, **values: Any) -> None:
        """Speak a sentence of the timeline anew. values: parameters that are others than they were."""
        info = self.speaker_of(clip)
        if info is None:
            self.said.emit("No voice is installed: nothing can be spoken.")
            return
        said = {**self.params_of(clip), **asking.said_with(info, clip)}
        self.send(asking.ask_sentence(info, said, self.document, clip, text, values, new_seed()))

    def apply(self, generator: str, values: Mapping[str, Any], clip: Clip) -> None:
        """Let a tool of sound work on a clip, or on what of it is selected."""
        info = self.find(generator)
        if info is None:
            self.said.emit("This tool is not there; switch the plugin “sound” on in Settings.")
            return
        if not clip.media:
            self.said.emit("This clip has no sound yet; wait until its notes are rendered.")
            return
        start, end = asking.stretch_of(clip, self.pane.document.chosen.region)
        self.send(asking.ask_effect(info, values, self.document, clip, start, end, self.pane.source))

    def compose(self, clip: Clip, task: str, *, first: int = 0, last: int = 0, **more: Any) -> None:
        """A task on the notes of a clip, by the generator that made them or else the usual one."""
        row = self.row_of(clip)
        info = self.find(row.generator) if row is not None and row.kind == "score" else None
        if info is None or task not in str(info.schema.get("properties", {}).get("task", "")):
            info = self.find("music.transformer") or self.find("music.lstm")
        if info is None:
            self.said.emit("No generator for notes is installed.")
            return
        self.send(asking.ask_score(info, self.document, clip, task, new_seed(), first=first, last=last, **more))

    def fill_stretch(self, clip: Clip, start: float, end: float) -> None:
        """Write the bars of a notes clip anew that a stretch of the arrangement touches."""
        self.landing.read_score(clip.score, lambda score: self.compose(
            clip, "fill", **dict(zip(("first", "last"), asking.bars_of(clip, score, start, end), strict=True))))

    def again(self, clip: Clip) -> None:
        """Make the sound of a clip anew, as it was made but with another seed."""
        row = self.row_of(clip)
        info = self.find(row.generator) if row is not None else None
        if row is None or info is None:
            self.said.emit("Nothing generated this clip, so it cannot be made anew.")
            return
        params = {**row.recipe.get("params", {}), "seed": new_seed()}
        target = {"document": self.document, "kind": "region", "clip": clip.id, "start": clip.start, "end": clip.end,
                  "was": clip.media, "name": "Vary"}
        self.send(Ask(info.id, params, 1, {}, (clip.media,), target))

    def row_of(self, clip: Clip) -> ResultRow | None:
        """The result that a clip came from."""
        try:
            return self.session.project.result(clip.result) if clip.result else None
        except KeyError:
            return None

    def params_of(self, clip: Clip) -> dict[str, Any]:
        """The parameters of the request that a clip came from."""
        row = self.row_of(clip)
        return dict(row.recipe.get("params", {})) if row is not None else {}

    def speaker_of(self, clip: Clip) -> GeneratorInfo | None:
        """The generator that spoke a sentence, or else the usual one."""
        info = self.find(str(clip.recipe.get("generator") or ""))
        return info if info is not None and speaks(info.schema) else self.speaker()

    def speaker(self) -> GeneratorInfo | None:
        """The usual generator that speaks."""
        found = [g for g in self.session.discovery.generators if g.produces == "audio" and speaks(g.schema)]
        return next((g for g in found if g.id == "speech.hibari"), found[0] if found else None)

    # ------------------------------------------------------------ notes and their sound

    def save_score(self, clip: str, was: str, score: Any, label: str, merge: str = "", done: Any = None,
                   seconds: float | None = None) -> None:
        """Give a clip other notes, as one step of the history; their sound follows. seconds: of the notes, where the
        clip's length is to follow them."""
        from studio.project.sound import midi

        project = self.session.project

        def write() -> str:
            return project.put_media(midi.write(score), asking.MIDI).result()

        def written(sha: str) -> None:
            made = self.pane.document.edit(label, lambda old: arriving.put_notes(old, clip, was, sha, seconds), merge)
            if done is not None:
                done(sha if made else "")

        self.session.read(write, written)

    def _committed(self) -> None:
        """Notes that never sounded are played at once; after a change the next one may follow soon. What is being
        played of notes that are no longer there is stopped."""
        scores = {clip.id: clip.score for clip in self.pane.document.arrangement.clips}
        for clip, (score, job) in list(self._rendering.items()):
            if scores.get(clip) != score:
                del self._rendering[clip]
                if job:
                    self.session.cancel(job)
        self.render_stale(wait=True)

    def render_stale(self, *, wait: bool = False) -> None:
        """See to it that every clip with notes gets the sound of these notes. wait: only a while after the last
        change, where it has a sound already."""
        document = self.pane.document
        if document.closed_because or self.session.project.read_only:
            return
        for clip in document.arrangement.clips:
            if not arriving.is_stale(clip):
                continue
            known = self._renders.get(clip.score)
            if known is not None:
                self._amend(clip.id, clip.score, known)
            elif self._rendering.get(clip.id, ("", ""))[0] != clip.score:
                if wait and clip.media:
                    self._pause.start()
                else:
                    self._render(clip)

    def _render(self, clip: Clip) -> None:
        info = self.find(asking.RENDERER)
        if info is None:
            return
        self._rendering[clip.id] = (clip.score, "")
        self.send(asking.ask_render(info, self.document, clip, hear=not clip.media))

    def _amend(self, clip: str, score: str, what: Arrived) -> None:
        self.pane.document.amend(lambda old: arriving.rendered(old, clip, score, what))
        self.placed.emit([clip])

    def _tried(self, event: Result, job: Job) -> None:
        """A rendering is there: into the project, and to every clip that has these notes."""
        if not self._mine(job) or job.request.target.get("kind") != RENDER:
            return
        target, project, source = job.request.target, self.session.project, self.pane.source

        def keep() -> Arrived:
            sha = project.put_media(event.data, event.media_type).result()
            seconds = float(event.meta.get("seconds") or 0) or source.facts(sha).seconds
            return Arrived("audio", sha, event.media_type, seconds)

        def kept(what: Arrived) -> None:
            score = str(target.get("score", ""))
            self._renders[score] = what
            for clip in self.pane.document.arrangement.clips:
                if clip.score == score:
                    self._amend(clip.id, score, what)

        self.session.read(keep, kept)

    # ------------------------------------------------------------ under way

    def _mine(self, job: Job) -> bool:
        target = job.request.target
        return target.get("document") == self.document and target.get("kind") in (*LABELS, RENDER)

    def _queued(self, jobs: list[Job]) -> None:
        self._forget_failures()
        for job in jobs:
            if not self._mine(job):
                continue
            target = job.request.target
            if target["kind"] == RENDER:
                clip = self.pane.document.arrangement.find(str(target.get("clip", "")))
                if clip is None or clip.score != target.get("score"):  # changed before it was queued
                    self.session.cancel(job.id)
                    continue
                if clip.id in self._rendering:
                    self._rendering[clip.id] = (clip.score, job.id)
            if target["kind"] != RENDER and not target.get("parts"):
                self.takes.queued(job)
            if job.request.index == 0:
                self._begin(job)
        self.changed.emit()

    def _begin(self, job: Job) -> Place:
        target, info = self.landing.target_of(job), self.find(job.request.generator)
        words = str(target.get("text") or target.get("scene") or job.request.params.get("prompt") or "")
        words = "Playing the notes" if target["kind"] == RENDER else arriving.short(
            words or (info.title if info else ""))
        return self.places.setdefault(job.id, Place(job.id, target, words))

    def _event(self, event: Event, job: Job) -> None:
        if not self._mine(job):
            return
        place, parts = self.places.get(job.id), job.request.target.get("parts")
        if isinstance(event, Progress):
            place = place or (self._begin(job) if parts else self._further(job))
            if place is not None:
                place.share = event.step / event.of if event.of else 0.0
        elif isinstance(event, AudioChunk) and place is not None and (parts or not job.request.index):
            self._hear(event, place)
        elif isinstance(event, Failed) and place is not None:
            place.error = event.error.message
        elif isinstance(event, (Stopped, Finished)):
            self.places.pop(job.id, None)
        if isinstance(event, (Failed, Stopped, Finished)):
            self.takes.ended(job)
        if isinstance(event, Stopped):  # may be asked for again; what failed is not, until the notes change
            self._rendering = {clip: found for clip, found in self._rendering.items() if found[1] != job.id}
        self.changed.emit()

    def _further(self, job: Job) -> Place | None:
        """A further take is being made, where the first has come to lie; None while that is not known."""
        clips = self.takes.clips_of(job)
        if not clips:
            return None
        target = {**job.request.target, "clip": clips[0]}
        return self.places.setdefault(job.id, Place(job.id, target, f"Take {job.request.index + 1}"))

    def _hear(self, event: AudioChunk, place: Place) -> None:
        import numpy as np

        samples = np.frombuffer(event.samples, "<f4").reshape(-1, max(event.channels, 1))
        place.heard += len(samples) / event.rate
        quiet = place.target.get("kind") == RENDER and not place.target.get("hear")
        if not quiet and not place.quiet and not self.pane.player.playing:  # over what plays it would not be understood
            self.pane.player.stream(samples, event.rate)

    def _move_on(self, batch: str) -> None:
        """What is still under way of a long text lies behind what has come of it."""
        for job in self.session.jobs:
            if job.request.batch == batch and job.id in self.places:
                self.places[job.id].target = self.landing.target_of(job)

    def _silence(self) -> None:
        """What is under way is made, and not heard."""
        for place in self.places.values():
            place.quiet = True

    def failed(self, event: Failed, job: Job) -> bool:
        """Whether it is shown on the timeline that this failed."""
        return self._mine(job) and job.id in self.places and not event.error.model and not event.error.field

    def _forget_failures(self) -> None:
        """What failed is told until the person goes on."""
        left = {key: place for key, place in self.places.items() if not place.error}
        if len(left) < len(self.places):
            self.places = left
            self.changed.emit()

    # ------------------------------------------------------------ results

    def _stored(self, row: ResultRow, job: Job) -> None:
        if not self._mine(job):
            return
        if self._was_cut(row, job) and self.pane.player.streaming:
            self.pane.player.stop()
        self.landing.land(row, job)

    def _was_cut(self, row: ResultRow, job: Job) -> bool:
        """Whether it is what there was when the person pressed Stop."""
        info = self.find(row.generator)
        part = field_of_role(info.schema, "part") if info is not None else ""
        return bool(part) and row.recipe.get("params", {}).get(part) != job.request.params.get(part, 0)


def new_seed() -> int:
    return secrets.randbelow(MAX_SEED)

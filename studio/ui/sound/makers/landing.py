"""Results become clips, takes and labels of the arrangement, each one step of the history."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QObject, Signal

from studio.engine.job import GeneratorInfo, Job
from studio.project.sound import Arrangement
from studio.project.sound.speaking import GAP
from studio.ui.requests import model_fields
from studio.ui.sound.makers import arriving, asking
from studio.ui.sound.makers.arriving import Arrived
from studio.ui.sound.makers.takes import Takes
from studio.ui.sound.voice.voices import ROLES, field_of

if TYPE_CHECKING:
    from studio.project import ResultRow
    from studio.ui.session import Session
    from studio.ui.sound.pane import SoundPane

LABELS = {"clip": "Generate", "score": "Generate notes", "sentence": "Speak again", "region": "Effect",
          "labels": "Transcribe"}
ASIDE = "“{}” had been changed meanwhile; what was made is its take {}."


class Landing(QObject):
    """Puts each result where its request says."""

    said = Signal(str)
    captioned = Signal()
    """A transcript has become labels."""
    placed = Signal(list)
    """Ids of the clips that a result has become, or has changed."""
    further = Signal(str)
    """Batch of a long text of which a part has come: the next one comes behind it."""

    def __init__(self, session: Session, pane: SoundPane, takes: Takes,
                 find: Callable[[str], GeneratorInfo | None]) -> None:
        super().__init__(pane)
        self.session, self.pane, self.takes, self.find = session, pane, takes, find
        self.placing = False
        """What is chosen now is what has just come, not what the person clicked."""
        self._last: dict[str, str] = {}
        """Of a long text that is spoken in parts, by its batch: the last clip that has come."""
        self._fresh: dict[str, str] = {}
        """By clip the medium or score of the take that came last and was held at once."""

    def land(self, row: ResultRow, job: Job) -> None:
        """Read what it is on a thread, then put it."""
        self.session.read(lambda: self._facts(row, job), lambda what: self._put(row, job, *what))

    def _facts(self, row: ResultRow, job: Job) -> tuple[Arrived | None, Any]:
        """On a thread: how long it is; of notes also the notes."""
        from studio.project.sound import midi

        if row.kind == "text":
            return None, None
        params = job.request.params
        name = str(job.request.target.get("name") or row.meta.get("title") or arriving.short(row.prompt) or row.title)
        if row.kind == "score":
            score = midi.read(self.session.project.media(row.media)[0])[0]
            return Arrived("score", row.media, row.media_type, _seconds(score), name, row.id, tempo=score.tempo), score
        seconds = float(row.meta.get("seconds") or 0) or self.pane.source.facts(row.media).seconds
        info = self.find(row.generator)
        schema = info.schema if info is not None else {}
        names = [*(field_of(schema, role) for role in ("voice", *ROLES)), *model_fields(schema)]
        facts: dict[str, Any] = {k: params[k] for k in names if k in params}
        facts["generator"], said = row.generator, tuple(row.meta.get("sentences") or ())
        if scene := job.request.target.get("scene"):
            facts["scene"] = scene
        return Arrived("audio", row.media, row.media_type, seconds, name, row.id, said, facts), None

    def _put(self, row: ResultRow, job: Job, what: Arrived | None, score: Any) -> None:
        target, document, merge = self.target_of(job), self.pane.document, f"batch:{job.request.batch}"
        kind, before = str(target.get("kind")), self._before(job)
        label = str(target.get("name") or LABELS[kind]) if kind in ("region", "labels") else LABELS[kind]
        label = "Speak" if what is not None and what.sentences and kind == "clip" else label
        if kind == "labels":
            if document.edit("Transcribe", lambda old: arriving.put_labels(old, row.meta, float(target["start"]))):
                self.captioned.emit()
        elif what is None:
            return
        elif kind == "score" and target.get("clip"):
            self._put_task(job, what, score, merge)
        elif kind == "sentence":
            clip, fresh = str(target["clip"]), self._fresh_of(job)
            done = document.edit(label, lambda old: arriving.respoken(old, clip, str(target.get("was", "")), str(
                target.get("text", "")), what, fresh), merge)
            self._taken(job, clip, done, what)
        elif kind == "region":
            fresh = self._fresh_of(job)
            made = document.edit(label, lambda old: arriving.put_region(old, str(target["clip"]), str(
                target.get("was", "")), float(target["start"]), float(target["end"]), what, fresh), merge)
            self._taken(job, made, made, what)
        elif before:
            if document.edit(label, lambda old: arriving.more_sound(old, before, what), merge):
                self.placed.emit(before)
        else:
            new = self._new_notes if kind == "score" else self._put_new
            made = document.edit(label, lambda old: new(old, target, what), merge)
            self._made(made, follow=kind != "score")
            if target.get("parts"):
                self._further_part(job, made)
            else:
                self.takes.came(job, [made] if isinstance(made, str) else made or [])

    def _before(self, job: Job) -> list[str]:
        """The clips that an earlier result of the same batch has become. Where it was asked for before the project was
        opened, their results tell."""
        found = self.takes.clips_of(job)
        if found or not job.request.index or job.request.target.get("parts"):
            return found
        found = [clip.id for clip in self.pane.document.arrangement.clips if clip.result and self._batch(clip.result)
                 == job.request.batch]
        if found:
            self.takes.came(job, found)
        return found

    def _batch(self, result: str) -> str:
        try:
            return str(self.session.project.result(result).batch)
        except KeyError:
            return ""

    def _further_part(self, job: Job, made: Sequence[str] | None) -> None:
        """The next part of a long text comes behind this one."""
        batch = job.request.batch
        self._last[batch] = made[-1] if made else self._last.get(batch, "")
        self.further.emit(batch)

    def target_of(self, job: Job) -> Mapping[str, Any]:
        """Where a result belongs; the next part of a long text behind the last one, wherever that is now."""
        target = job.request.target
        last = self.pane.document.arrangement.find(self._last.get(job.request.batch, ""))
        return target if last is None else {**target, "start": last.end + GAP, "track": last.track}

    def _new_notes(self, old: Arrangement, target: Mapping[str, Any], what: Arrived) -> Any:
        return arriving.put_score(old, str(target.get("track", "")), float(target["start"]), what)

    def _taken(self, job: Job, clip: str, done: Any, what: Arrived) -> None:
        """A further take has come; where another one is held meanwhile, that is said."""
        self._made([clip] if done else None)
        found = self.pane.document.arrangement.find(clip) if done else None
        if found is None:
            return
        if what.media in (found.media, found.score):
            self._fresh[clip] = what.media
        elif not job.request.index:
            self.said.emit(ASIDE.format(found.name or "Clip", len(found.takes)))

    def _fresh_of(self, job: Job) -> str:
        """What the clip of a job got last: asked for again and again, the newest take is held. Of a batch it is the
        first."""
        return "" if job.request.index else self._fresh.get(str(job.request.target.get("clip", "")), "")

    def _put_new(self, old: Arrangement, target: Mapping[str, Any], what: Arrived) -> Any:
        return arriving.put_sound(old, str(target.get("make") or "ambience"), str(target.get("track", "")),
                                  float(target["start"]), what)

    def _put_task(self, job: Job, what: Arrived, score: Any, merge: str) -> None:
        """Notes for a clip that has some, as a further take of it, or longer ones in their place. Of bars that were
        written anew only these are taken over."""
        target, document = job.request.target, self.pane.document
        clip, was, task = str(target["clip"]), str(target.get("was", "")), str(target.get("task", ""))
        if task == "continue":
            done = document.edit("Extend", lambda old: arriving.put_notes(old, clip, was, what.media, what.seconds))
            self._made([clip] if done else None)
        elif task != "fill":
            label = {"vary": "Vary", "harmonise": "Harmonise"}.get(task, "Generate notes")
            fresh = self._fresh_of(job)
            done = document.edit(label, lambda old: arriving.take_notes(old, clip, was, what, fresh), merge)
            self._taken(job, clip, done, what)
        else:
            first, last = int(target["first_bar"]), int(target["last_bar"])
            self.read_score(was, lambda old: self._take_score(job, clip, was, filled(old, score, first, last), what,
                                                              f"Regenerate bars {first} to {last}", merge))

    def read_score(self, sha: str, done: Callable[[Any], object]) -> None:
        """Read the notes of a MIDI file of the project on a thread."""
        from studio.project.sound import midi

        project = self.session.project
        self.session.read(lambda: midi.read(project.media(sha)[0])[0], done)

    def _take_score(self, job: Job, clip: str, was: str, score: Any, what: Arrived, label: str,
                    merge: str) -> None:
        """A score as a further take of a clip."""
        from studio.project.sound import midi

        project = self.session.project

        def written(sha: str) -> None:
            made = replace(what, media=sha, seconds=_seconds(score))
            fresh = self._fresh_of(job)
            self._taken(job, clip, self.pane.document.edit(
                label, lambda old: arriving.take_notes(old, clip, was, made, fresh), merge), made)

        self.session.read(lambda: project.put_media(midi.write(score), asking.MIDI).result(), written)

    def _made(self, made: Any, *, follow: bool = False) -> None:
        """Choose what has come; what is spoken next goes behind it."""
        if not made:
            return
        document = self.pane.document
        clips = [made] if isinstance(made, str) else [str(clip) for clip in made]
        self.placing = True
        found = [clip for name in clips if (clip := document.arrangement.find(name)) is not None]
        if found and follow:
            document.choose(clips=frozenset(clips), track=found[0].track, region=None,
                            cursor=max(clip.end for clip in found) + GAP)
        elif found:
            document.choose(clips=frozenset(clips))
        self.placing = False
        self.placed.emit(clips)


def _seconds(score: Any) -> float:
    """How long notes are: to the end of their last bar."""
    return float(max(score.duration, score.seconds(score.bar_tick(score.bars))))


def filled(old: Any, new: Any, first: int, last: int) -> Any:
    """A score with its bars first to last (from 1) from another one; every other note is the old one."""
    from studio.project.sound import notes

    return notes.replace_bars(old, first - 1, last, notes.copy_bars(new, first - 1, last))

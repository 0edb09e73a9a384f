"""A voice is heard: a short sentence through the real queue, kept so that the second time is instant. It makes no clip
and no result."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QObject, Signal

from studio.engine.job import AudioChunk, Event, Failed, Finished, GeneratorInfo, Job, Result, Stopped
from studio.ui.prompt import field_of_role
from studio.ui.requests import PREVIEW, Ask, model_fields
from studio.ui.sound.voice.voices import Voice, field_of

if TYPE_CHECKING:
    from studio.ui.session import Session
    from studio.ui.sound.player import StudioPlayer

OF = "voice"
MOST = 200
"""Samples that are kept."""

Key = tuple[Any, ...]


class Samples(QObject):
    """Attributes: voice (of which the sample is made or sounds, "" for none), state ("waiting", "sounding" or "")."""

    changed = Signal()
    failed = Signal(object)
    """ErrorReport: why it cannot be heard."""

    def __init__(self, session: Session, player: StudioPlayer, parent: QObject) -> None:
        super().__init__(parent)
        self.session, self.player = session, player
        self.voice = self.state = ""
        self._kept: dict[Key, tuple[Any, int]] = {}
        self._key: Key = ()
        self._job = ""
        self._parts: list[Any] = []
        session.batch_queued.connect(self._queued)
        session.event.connect(self._event)
        session.tried.connect(self._tried)
        session.refused.connect(self._refused)
        player.position_changed.connect(self._ticked)

    def toggle(self, info: GeneratorInfo, values: Mapping[str, Any], voice: Voice) -> None:
        """Let a voice be heard; the one that sounds, or is being made, falls silent."""
        again = self.voice == voice.key and bool(self.state)
        self.stop()
        if again:
            return
        models = {name: values[name] for name in model_fields(info.schema) if values.get(name)}
        language = field_of(info.schema, "language")
        key = (info.id, info.version, voice, *sorted(models.items()), values.get(language))
        self._key = key
        if key in self._kept:
            self._play(voice.key, *self._kept[key])
            return
        self.voice, self.state = voice.key, "waiting"
        params = {**models, field_of(info.schema, "voice"): voice.key, field_of(info.schema, "prompt"): voice.sample}
        if language in values:
            params[language] = values[language]
        if seed := field_of_role(info.schema, "seed"):
            params[seed] = 0
        self.session.generate(Ask(info.id, params, 1, {}, (), {"kind": PREVIEW, "of": OF, "voice": voice.key}))
        self.changed.emit()

    def stop(self) -> None:
        """Be silent."""
        if self._job:
            self.session.cancel(self._job, patient=True)
            self._job = ""
        self.player.pause()
        if self.player.streaming:
            self.player.stop()
        self._end()

    def _play(self, voice: str, samples: Any, rate: int) -> None:
        self.voice, self.state = voice, "sounding"
        self.player.stream(samples, rate)
        self.changed.emit()

    def _end(self) -> None:
        if self.state:
            self.voice = self.state = ""
            self.changed.emit()

    # ------------------------------------------------------------ what comes

    def _mine(self, job: Job) -> bool:
        return bool(job.request.target.get("of") == OF)

    def _queued(self, jobs: list[Job]) -> None:
        if not self._mine(jobs[0]):
            return
        if self.state == "waiting" and jobs[0].request.target["voice"] == self.voice and not self._job:
            self._job, self._parts = jobs[0].id, []
        else:  # silenced before it was queued
            self.session.cancel(jobs[0].id, patient=True)

    def _event(self, event: Event, job: Job) -> None:
        if job.id != self._job:
            return
        if isinstance(event, AudioChunk):
            import numpy as np

            samples = np.frombuffer(event.samples, "<f4").reshape(-1, max(event.channels, 1))
            self._parts.append((samples, event.rate))
            self._play(self.voice, samples, event.rate)
        elif isinstance(event, Finished):
            self._job = ""
            if self._parts:
                self._keep(np_joined([part for part, _ in self._parts]), self._parts[0][1])
        elif isinstance(event, (Failed, Stopped)):
            self._job = ""
            self._end()
            if isinstance(event, Failed):
                self.failed.emit(event.error)

    def _tried(self, event: Result, job: Job) -> None:
        """For a generator that pushes no sound while it works."""
        if job.id != self._job or self._parts:
            return
        voice, key = self.voice, self._key

        def decode() -> tuple[Any, int]:
            from studio.plugins import Audio

            return Audio(event.data, event.media_type).samples(longest=60)

        def decoded(found: tuple[Any, int]) -> None:
            self._keep(*found, key=key)
            if self.voice == voice and self.state == "waiting":
                self._play(voice, *found)

        self.session.read(decode, decoded)

    def _keep(self, samples: Any, rate: int, key: Key = ()) -> None:
        self._kept[key or self._key] = (samples, rate)
        while len(self._kept) > MOST:
            self._kept.pop(next(iter(self._kept)))

    def _refused(self, report: Any, ask: Ask) -> None:
        if ask.target.get("of") == OF:
            self._end()
            self.failed.emit(report)

    def _ticked(self, _seconds: float) -> None:
        if self.state == "sounding" and not self.player.streaming and not self._job:
            self._end()


def np_joined(parts: list[Any]) -> Any:
    """Pushed pieces as one."""
    import numpy as np

    return np.concatenate(parts)

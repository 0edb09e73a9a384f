"""The voices of each generator: from its schema, or asked of the generator that knows those of a model."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QObject, Signal

from studio.engine.job import Event, Failed, GeneratorInfo, Job, Result, Stopped
from studio.ui.requests import PREVIEW, Ask, model_fields
from studio.ui.sound.voice.voices import Voice, asked_by, voices_in, voices_of

if TYPE_CHECKING:
    from studio.ui.session import Session

OF = "voices"
STOPPED = "Reading the voices of this model was stopped; they are read when Pieria is opened again."
Key = tuple[Any, ...]


class VoiceBook(QObject):
    """What a model said is kept until the window closes."""

    changed = Signal()
    """The voices of a model are known now, or why they are not."""

    def __init__(self, session: Session, parent: QObject) -> None:
        super().__init__(parent)
        self.session = session
        self._known: dict[Key, list[Voice]] = {}
        self._schemas: dict[str, tuple[dict[str, Any], list[Voice]]] = {}
        self._asked: set[Key] = set()
        self._problems: dict[Key, str] = {}
        session.tried.connect(self._tried)
        session.refused.connect(self._refused)
        session.event.connect(self._event)

    def voices(self, info: GeneratorInfo, values: Mapping[str, Any]) -> list[Voice]:
        """Those that are known so far; others are asked for, and `changed` tells of them."""
        kept = self._schemas.get(info.id)
        if kept is None or kept[0] is not info.schema:
            kept = self._schemas[info.id] = (info.schema, voices_of(info.schema))
        asked = self.session.discovery.find(asked_by(info.schema))
        if kept[1] or asked is None:
            return kept[1]
        key = self._key(info, values)
        if key not in self._known and key not in self._asked:
            self._asked.add(key)
            wanted = set(model_fields(asked.schema))
            params = {name: value for name, value in key[1:] if name in wanted}
            self.session.generate(Ask(asked.id, params, 1, {}, (), {"kind": PREVIEW, "of": OF, "for": info.id,
                                                                    "key": [list(pair) for pair in key[1:]]}))
        return self._known.get(key, [])

    def problem(self, info: GeneratorInfo, values: Mapping[str, Any]) -> str:
        """Why the voices of a model are not known, "" where they are, or are being asked for."""
        return self._problems.get(self._key(info, values), "")

    def forget_problems(self) -> None:
        """Ask again: models may have come."""
        self._asked -= set(self._problems)
        self._problems.clear()

    def _key(self, info: GeneratorInfo, values: Mapping[str, Any]) -> Key:
        props = info.schema.get("properties", {})
        return (info.id, *((name, str(values.get(name) or props[name].get("default") or ""))
                           for name in sorted(model_fields(info.schema))))

    def _tried(self, event: Result, job: Job) -> None:
        target = job.request.target
        info = self.session.discovery.find(str(target.get("for", "")))
        if target.get("of") == OF and info is not None:
            self._known[_key_of(target)] = voices_in(event.data.decode("utf-8", "replace"), info.schema)
            self.changed.emit()

    def _event(self, event: Event, job: Job) -> None:
        if job.request.target.get("of") == OF and isinstance(event, (Failed, Stopped)):
            self._failed(job.request.target, event.error.message if isinstance(event, Failed) else STOPPED)

    def _refused(self, report: Any, ask: Ask) -> None:
        if ask.target.get("of") == OF:
            self._failed(ask.target, report.message)

    def _failed(self, target: Mapping[str, Any], sentence: str) -> None:
        self._problems[_key_of(target)] = sentence
        self.changed.emit()


def _key_of(target: Mapping[str, Any]) -> Key:
    return (target["for"], *(tuple(pair) for pair in target["key"]))

"""How the form of each generator was last left, kept from one project to the next."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from PySide6.QtCore import QObject, QTimer

from studio.engine.job import GeneratorInfo
from studio.settings import SettingsFile
from studio.ui.schema import FieldSpec, fields_of

DELAY_MS = 1000
OF_A_REQUEST = ("prompt", "negative", "context", "mask", "seed", "width", "height")
"""Roles of what belongs to one request or to the document."""
OF_A_PROJECT = ("media", "json", "seed")
"""Kinds that are, or may name, what lies in one project only."""


class FormMemory(QObject):
    """A new project begins with these values. Without `settings` it remembers nothing."""

    def __init__(self, settings: SettingsFile | None = None, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._settings = settings
        self._waiting: dict[str, dict[str, Any]] = {}
        self._timer = QTimer(self, singleShot=True, interval=DELAY_MS)
        self._timer.timeout.connect(self.flush)

    def values(self, info: GeneratorInfo) -> dict[str, Any]:
        """The form of `info` as it was left, without what an update of the generator no longer takes."""
        if self._settings is None:
            return {}
        kept = self._waiting.get(info.id, self._settings.value.last_params.get(info.id, {}))
        fitting: dict[str, Any] = {}
        for spec in fields_of(info.schema):
            try:
                value = _at(kept, spec.path)
            except KeyError:
                continue
            if _is_kept(spec) and _fits(spec, value):
                _put(fitting, spec.path, value)
        return fitting

    def note(self, generator: str, values: dict[str, Any]) -> None:
        """A person has changed the form."""
        if self._settings is not None:
            self._waiting[generator] = values
            self._timer.start()

    def flush(self) -> None:
        """Write at once what still waits."""
        self._timer.stop()
        waiting, self._waiting = self._waiting, {}
        for generator, values in waiting.items():
            if self._settings is not None:
                self._settings.remember_params(generator, values)


def _is_kept(spec: FieldSpec) -> bool:
    return spec.role not in OF_A_REQUEST and spec.kind not in OF_A_PROJECT


def _at(values: Any, path: tuple[str, ...]) -> Any:
    """The value at `path`. Raises KeyError."""
    for name in path:
        if not isinstance(values, Mapping):
            raise KeyError(name)
        values = values[name]
    return values


def _put(values: dict[str, Any], path: tuple[str, ...], value: Any) -> None:
    for name in path[:-1]:
        values = values.setdefault(name, {})
    values[path[-1]] = value


def _fits(spec: FieldSpec, value: Any) -> bool:
    """Whether a field takes this value."""
    if value is None:
        return spec.nullable
    if spec.kind == "choice":
        return any(value == choice and type(value) is type(choice) for choice, _ in spec.choices)
    if spec.kind == "switch":
        return isinstance(value, bool)
    if spec.kind in ("slider", "number", "optional_number"):
        return _is_number(value, spec)
    if spec.kind == "lines":
        return isinstance(value, list) and all(isinstance(line, str) for line in value)
    return isinstance(value, str) and (spec.max_length is None or len(value) <= spec.max_length)


def _is_number(value: Any, spec: FieldSpec) -> bool:
    if isinstance(value, bool) or not isinstance(value, (int, float)) or (spec.whole and value != int(value)):
        return False
    return (spec.minimum is None or value >= spec.minimum) and (spec.maximum is None or value <= spec.maximum)

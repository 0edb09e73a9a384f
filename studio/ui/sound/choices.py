"""What a person has chosen in the Sound workspace, kept from one project to the next."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from PySide6.QtCore import QObject, QTimer

if TYPE_CHECKING:
    from studio.settings import SettingsFile

DELAY_MS = 1000

T = TypeVar("T")


class Choices(QObject):
    """Names and plain values in `Settings.sound`, written a moment after the last change. Without settings they last
    as long as the window."""

    def __init__(self, settings: SettingsFile | None = None, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._settings = settings
        self.values: dict[str, Any] = dict(settings.value.sound) if settings is not None else {}
        self._timer = QTimer(self, singleShot=True, interval=DELAY_MS)
        self._timer.timeout.connect(self.flush)

    def get(self, name: str, default: T) -> T:
        """What was put last, if it is of the kind of `default`."""
        value = self.values.get(name, default)
        if isinstance(default, float) and isinstance(value, int) and not isinstance(value, bool):
            value = float(value)
        return value if type(value) is type(default) else default

    def put(self, name: str, value: Any) -> None:
        if self.values.get(name) != value:
            self.values[name] = value
            self._timer.start()

    def folder(self, name: str) -> str:
        """A folder that was last used and is still there, "" where there is none."""
        found = self.get(name, "")
        return found if found and Path(found).is_dir() else ""

    def flush(self) -> None:
        """Write at once what still waits."""
        if self._timer.isActive() and self._settings is not None:
            self._settings.update(sound={**self._settings.value.sound, **self.values})
        self._timer.stop()

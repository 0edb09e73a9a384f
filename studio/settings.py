"""Where the studio keeps things, and what a person has chosen: typed, versioned, written atomically."""

from __future__ import annotations

import json
import logging
import os
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

log = logging.getLogger(__name__)

VERSION = 1
MAX_RECENT = 12


@dataclass(frozen=True)
class Paths:
    """The studio's folders. None is made before something is written into it.

    Attributes:
        data: projects by default, models, plugin data.
        config: settings.
        cache: what can be made again: discovery, hashes, the log.
    """

    data: Path
    config: Path
    cache: Path

    @classmethod
    def from_env(cls) -> Paths:
        """All below $PIERIA_HOME if it is set, else the places that the system has for such things."""
        home = os.environ.get("PIERIA_HOME", "")
        if home:
            root = Path(home).expanduser().absolute()
            return cls(root / "data", root / "config", root / "cache")
        import platformdirs

        return cls(*(Path(find("pieria", appauthor=False)) for find in (
            platformdirs.user_data_dir, platformdirs.user_config_dir, platformdirs.user_cache_dir)))

    @property
    def models(self) -> Path:
        return self.data / "models"

    @property
    def plugins(self) -> Path:
        """One folder for each plugin, `Context.data_dir`."""
        return self.data / "plugins"

    @property
    def projects(self) -> Path:
        """Where a new project goes unless told otherwise."""
        return self.data / "projects"

    @property
    def wildcards(self) -> Path:
        """Text files of lines, one of which takes the place of ``__name__`` in a prompt."""
        return self.data / "wildcards"

    @property
    def settings(self) -> Path:
        return self.config / "settings.json"

    @property
    def log(self) -> Path:
        return self.cache / "log" / "pieria.log"

    @property
    def discovery(self) -> Path:
        """What the last run knew of the installed generators."""
        return self.cache / "discovery.json"


class SettingsError(ValueError):
    """A change that makes no sense, in one sentence."""


def _among(*values: str) -> Any:
    return lambda value: isinstance(value, str) and value in values


def _texts(value: Any) -> bool:
    return isinstance(value, list) and all(isinstance(text, str) for text in value)


def _named(of: type | None = None) -> Any:
    return lambda value: isinstance(value, dict) and all(
        isinstance(name, str) and (of is None or isinstance(inner, of)) for name, inner in value.items())


def _styles(value: Any) -> bool:
    return isinstance(value, list) and all(_named(str)(style) for style in value)


def _a(of: type) -> Any:
    return lambda value: type(value) is of  # True is an int, but not a version


CHECKS: dict[str, Callable[[Any], bool]] = {
    "version": _a(int), "theme": _among("system", "dark", "light"), "reduced_motion": _a(bool),
    "scale": lambda value: type(value) in (int, float) and 0.5 <= value <= 3.0,
    "device": _among("auto", "cpu", "cuda", "mps"), "first_run_done": _a(bool), "geometry": _a(str),
    "inspector_visible": _a(bool), "results_visible": _a(bool), "last_project": _a(str), "recent_projects": _texts,
    "model_folders": _texts, "last_params": _named(dict), "shortcuts": _named(str), "styles": _styles,
    "export_metadata": _a(bool), "tools": _named(), "sound": _named(),
}
"""Whether a value makes sense, for each setting."""


@dataclass(frozen=True)
class Settings:
    """What a person has chosen. A plain dataclass: the window's start does not wait for a library that checks.

    Attributes:
        geometry: the window's, as Qt saved it, base64.
        last_params: for each generator id, its form as it was left.
        styles: prompts that were saved as a style: name, prompt, negative.
        tools: colours, brushes and options of the canvas, as its tools keep them.
        sound: grid, metronome, export, microphone, folders of the Sound workspace, as it keeps them.
        export_metadata: exported files say how they were made.
        scale: size of the interface, 1.0 is the system's.
        device: "auto", or the device the host must use: "cpu", "cuda", "mps".
        unknown: keys that this version does not know; they are kept.
    """

    version: int = VERSION
    theme: Literal["system", "dark", "light"] = "system"
    reduced_motion: bool = False
    scale: float = 1.0
    device: Literal["auto", "cpu", "cuda", "mps"] = "auto"
    first_run_done: bool = False
    geometry: str = ""
    inspector_visible: bool = True
    results_visible: bool = True
    last_project: str = ""
    recent_projects: list[str] = field(default_factory=list)
    model_folders: list[str] = field(default_factory=list)
    last_params: dict[str, dict[str, Any]] = field(default_factory=dict)
    shortcuts: dict[str, str] = field(default_factory=dict)
    styles: list[dict[str, str]] = field(default_factory=list)
    export_metadata: bool = True
    tools: dict[str, Any] = field(default_factory=dict)
    sound: dict[str, Any] = field(default_factory=dict)
    unknown: dict[str, Any] = field(default_factory=dict)

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> tuple[Settings, list[str]]:
        """The settings in `data`, and the names of those that make no sense and have their defaults instead."""
        bad = [name for name, makes_sense in CHECKS.items() if name in data and not makes_sense(data[name])]
        known = {name: data[name] for name in CHECKS if name in data and name not in bad}
        return cls(**known, unknown={name: value for name, value in data.items() if name not in CHECKS}), bad

    def to_json(self) -> dict[str, Any]:
        return {**{name: getattr(self, name) for name in CHECKS}, **self.unknown}


class SettingsFile:
    """The settings of one person on disk. One for each process, made by the one who starts it.

    Attributes:
        value: the settings as they are now.
        notice: one sentence for the person if the file was damaged, else "".
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self.notice = ""
        self._lock = threading.RLock()
        self.value = self._load()

    def update(self, **changes: Any) -> Settings:
        """Change some settings and write them; what another window changed meanwhile stays.

        Raises SettingsError. A full disk is logged, not raised.
        """
        with self._lock:
            self._refresh()
            value, bad = Settings.from_json({**self.value.to_json(), **changes})
            if bad:
                raise SettingsError(f"This is no value for {' and '.join(bad)}.")
            self.value = value
            try:
                self._write()
            except OSError as error:
                log.warning("the settings could not be written to %s: %s", self.path, error)
            return self.value

    def remember_project(self, path: Path) -> Settings:
        """Put a project at the head of the recent ones."""
        text = str(path)
        with self._lock:
            self._refresh()
            recent = [text, *(p for p in self.value.recent_projects if p != text)][:MAX_RECENT]
            return self.update(last_project=text, recent_projects=recent)

    def remember_params(self, generator: str, params: dict[str, Any]) -> Settings:
        """Keep a generator's form as it was left."""
        with self._lock:
            self._refresh()
            return self.update(last_params={**self.value.last_params, generator: params})

    def _refresh(self) -> None:
        """Take over what is on disk now; the value stays where that cannot be read."""
        try:
            data = json.loads(self.path.read_text("utf-8"))
        except (OSError, ValueError, RecursionError):
            return
        if isinstance(data, dict):
            self.value = _lenient(data)

    def _load(self) -> Settings:
        try:
            text = self.path.read_text("utf-8")
        except FileNotFoundError:
            return Settings()
        except (OSError, UnicodeDecodeError) as error:
            return self._set_aside(str(error))
        try:
            data = json.loads(text)
            if not isinstance(data, dict):
                return self._set_aside("not an object")
            return _lenient(data)
        except (ValueError, RecursionError) as error:
            return self._set_aside(str(error))

    def _set_aside(self, reason: str) -> Settings:
        aside = self.path.with_name(self.path.name + ".damaged")
        try:
            self.path.replace(aside)
        except OSError:
            aside = self.path
        self.notice = f"The settings could not be read and start afresh; the old file was kept as {aside.name}."
        log.info("settings set aside as %s: %s", aside, reason)
        return Settings()

    def _write(self) -> None:
        self.path.parent.mkdir(parents=True, exist_ok=True)
        temporary = self.path.with_name(f"{self.path.name}.{os.getpid()}.tmp")
        # No fsync: this runs on the window's thread, and after a power cut the worst is a file that is set aside.
        temporary.write_text(json.dumps(self.value.to_json(), indent=2), "utf-8")
        temporary.replace(self.path)


def _lenient(data: dict[str, Any]) -> Settings:
    """The settings in `data`; a value that makes no sense falls back to its default, the others stay."""
    value, bad = Settings.from_json(data)
    if bad:
        log.info("settings ignored: %s", ", ".join(sorted(bad)))
    return value

"""Where the studio keeps things, and what a person has chosen: typed, versioned, written atomically."""

from __future__ import annotations

import json
import logging
import os
import threading
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

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


class Settings(BaseModel):
    """What a person has chosen. Keys that this version does not know are kept.

    Attributes:
        geometry: the window's, as Qt saved it, base64.
        last_params: for each generator id, its form as it was left.
        styles: prompts that were saved as a style: name, prompt, negative.
        tools: colours, brushes and options of the canvas, as its tools keep them.
        export_metadata: exported files say how they were made.
        scale: size of the interface, 1.0 is the system's.
        device: "auto", or the device the host must use: "cpu", "cuda", "mps".
    """

    model_config = ConfigDict(extra="allow", validate_assignment=True)

    version: int = VERSION
    theme: Literal["system", "dark", "light"] = "system"
    reduced_motion: bool = False
    scale: float = Field(default=1.0, ge=0.5, le=3.0, allow_inf_nan=False)
    device: Literal["auto", "cpu", "cuda", "mps"] = "auto"
    first_run_done: bool = False
    geometry: str = ""
    inspector_visible: bool = True
    results_visible: bool = True
    last_project: str = ""
    recent_projects: list[str] = []
    model_folders: list[str] = []
    last_params: dict[str, dict[str, Any]] = {}
    shortcuts: dict[str, str] = {}
    styles: list[dict[str, str]] = []
    export_metadata: bool = True
    tools: dict[str, Any] = {}


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

        Raises pydantic's ValidationError. A full disk is logged, not raised.
        """
        with self._lock:
            self._refresh()
            self.value = Settings.model_validate({**self.value.model_dump(), **changes})
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
        temporary.write_text(self.value.model_dump_json(indent=2), "utf-8")
        temporary.replace(self.path)


def _lenient(data: dict[str, Any]) -> Settings:
    """The settings in `data`; a value that makes no sense falls back to its default, the others stay."""
    for _ in range(len(data) + 1):
        try:
            return Settings.model_validate(data)
        except ValidationError as error:
            bad = {str(e["loc"][0]) for e in error.errors()}
            log.info("settings ignored: %s", ", ".join(sorted(bad)))
            data = {k: v for k, v in data.items() if k not in bad}
    return Settings()

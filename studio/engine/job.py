"""Jobs, requests and events: plain data that crosses threads, processes and the project file as JSON."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from enum import StrEnum
from typing import Any, Literal

Json = dict[str, Any]


def new_id() -> str:
    """A random identifier: 16 hexadecimal digits."""
    return secrets.token_hex(8)


class JobState(StrEnum):
    """waiting -> running -> done | failed | cancelled; interrupted = was running when the studio went away."""

    WAITING = "waiting"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"
    CANCELLED = "cancelled"
    INTERRUPTED = "interrupted"

    @property
    def ended(self) -> bool:
        return self in (JobState.DONE, JobState.FAILED, JobState.CANCELLED)


class Lane(StrEnum):
    """The foreground lane is served first."""

    FOREGROUND = "foreground"
    BACKGROUND = "background"


@dataclass(frozen=True)
class Request:
    """All that a job needs.

    Attributes:
        generator: id, "plugin.name".
        params: JSON of the generator's Params; media inputs as {"media": sha256, "type": media type}.
        models: for each model field, {"name", "kind", "path", "sha256"} as `studio.models` resolved it.
        target: where the result belongs: {"document": id, "kind": "frame", "x", "y", "width", "height"} on a canvas,
            {"document": id, "kind": "passage", "position": n} in a manuscript, {} for the results alone.
        parents: content hashes of the results this one was made from.
        batch, index: jobs asked for together share `batch`; `index` is the place in it.
    """

    generator: str
    params: Json = field(default_factory=dict)
    models: dict[str, Json] = field(default_factory=dict)
    target: Json = field(default_factory=dict)
    parents: tuple[str, ...] = ()
    batch: str = ""
    index: int = 0

    def to_json(self) -> Json:
        return asdict(self) | {"parents": list(self.parents)}

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Request:
        known = {k: v for k, v in data.items() if k in cls.__dataclass_fields__}
        return cls(**known | {"parents": tuple(known.get("parents", ()))})

    def with_params(self, **changes: Any) -> Request:
        return replace(self, params={**self.params, **changes})


ErrorKind = Literal["params", "unknown-generator", "model-missing", "generator", "crash", "memory", "hang", "plugin"]


@dataclass(frozen=True)
class ErrorReport:
    """What went wrong. `message`: one sentence for the person. `details`: the traceback or the host's last words."""

    kind: ErrorKind
    message: str
    details: str = ""
    generator: str = ""
    plugin: str = ""
    field: str = ""
    model: str = ""

    def to_json(self) -> Json:
        return asdict(self)

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> ErrorReport:
        return cls(**{k: v for k, v in data.items() if k in cls.__dataclass_fields__})


@dataclass(frozen=True)
class Job:
    """One request on its way. Immutable: the queue replaces it as it moves."""

    request: Request
    id: str = field(default_factory=new_id)
    lane: Lane = Lane.FOREGROUND
    state: JobState = JobState.WAITING
    step: int = 0
    of: int = 0
    rate: float = 0.0
    """Steps (or tokens) a second, smoothed; 0 while unknown."""
    seconds_left: float | None = None
    message: str = ""
    error: ErrorReport | None = None

    def to_json(self) -> Json:
        return {"id": self.id, "lane": str(self.lane), "state": str(self.state), "request": self.request.to_json(),
                "error": self.error.to_json() if self.error else None}

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Job:
        error = data.get("error")
        return cls(Request.from_json(data["request"]), data["id"], Lane(data.get("lane", "foreground")),
                   JobState(data.get("state", "waiting")), error=ErrorReport.from_json(error) if error else None)


@dataclass(frozen=True)
class GeneratorInfo:
    """A generator as the window knows it: plain data from discovery."""

    id: str
    title: str
    produces: str
    plugin: str
    plugin_version: str
    version: str
    summary: str = ""
    icon: str = "sparkle"
    schema: Json = field(default_factory=dict)
    requires: Json = field(default_factory=dict)


@dataclass(frozen=True)
class Discovery:
    """What a host found: generators, one report for each broken plugin, and the device."""

    generators: tuple[GeneratorInfo, ...] = ()
    errors: tuple[ErrorReport, ...] = ()
    device: Json = field(default_factory=dict)

    def to_json(self) -> Json:
        return asdict(self)

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Discovery:
        return cls(tuple(GeneratorInfo(**g) for g in data.get("generators", ())),
                   tuple(ErrorReport.from_json(e) for e in data.get("errors", ())), dict(data.get("device", {})))

    def find(self, generator: str) -> GeneratorInfo | None:
        return next((g for g in self.generators if g.id == generator), None)


@dataclass(frozen=True)
class HostState:
    """How the host is. state: "starting", "importing", "ready", "loading", "restarting", "stopped".

    message: for the status line, "" where there is nothing to say. plugin: the one that is being imported.
    """

    state: str
    message: str = ""
    plugin: str = ""


# ---------------------------------------------------------------- events, from the host up


@dataclass(frozen=True)
class Event:
    job: str


@dataclass(frozen=True)
class Started(Event):
    pass


@dataclass(frozen=True)
class Progress(Event):
    step: int
    of: int
    preview: bytes | None = None
    message: str = ""


@dataclass(frozen=True)
class Token(Event):
    text: str


@dataclass(frozen=True)
class AudioChunk(Event):
    """samples: little-endian float32, interleaved."""

    samples: bytes
    rate: int
    channels: int


@dataclass(frozen=True)
class Result(Event):
    """One finished artifact with its recipe (`studio.engine.recipe`)."""

    kind: str
    data: bytes
    media_type: str
    meta: Json
    recipe: Json


@dataclass(frozen=True)
class Finished(Event):
    seconds: float


@dataclass(frozen=True)
class Failed(Event):
    error: ErrorReport


@dataclass(frozen=True)
class Stopped(Event):
    """The person stopped it."""

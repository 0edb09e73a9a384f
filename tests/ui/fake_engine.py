"""An engine with the interface of `InferenceWorker` and no process behind it: tests say what happens when."""

from __future__ import annotations

import io
from dataclasses import replace
from typing import Any

from PySide6.QtCore import QObject, Signal

from studio.engine.job import (
    Discovery,
    ErrorReport,
    Failed,
    Finished,
    GeneratorInfo,
    Job,
    JobState,
    Progress,
    Request,
    Result,
    Started,
    Stopped,
    Token,
)


def png(colour: tuple[int, int, int] = (200, 40, 40), size: int = 64) -> bytes:
    import PIL.Image

    buffer = io.BytesIO()
    PIL.Image.new("RGB", (size, size), colour).save(buffer, "PNG")
    return buffer.getvalue()


def _prop(role: str, **extra: Any) -> dict[str, Any]:
    return {**extra, "x-studio": {"role": role}}


PICTURE = GeneratorInfo(
    "diffusion.image", "Picture", "image", "diffusion", "0.1.0", "1", icon="paint-brush",
    schema={"type": "object", "properties": {
        "prompt": _prop("prompt", type="string", default=""),
        "negative_prompt": _prop("negative", type="string", default=""),
        "seed": _prop("seed", type="integer", minimum=0, maximum=2**32 - 1, default=0),
        "steps": _prop("steps", type="integer", minimum=1, maximum=150, default=20),
        "width": _prop("width", type="integer", minimum=64, maximum=2048, multipleOf=8, default=256),
        "height": _prop("height", type="integer", minimum=64, maximum=2048, multipleOf=8, default=256),
        "init_image": {"anyOf": [{"type": "object", "x-studio": {"media": "image"}}, {"type": "null"}],
                       "default": None},
        "mask": {"anyOf": [{"type": "object", "x-studio": {"media": "mask"}}, {"type": "null"}],
                 "x-studio": {"role": "mask"}, "default": None},
        "strength": _prop("strength", type="number", minimum=0, maximum=1, default=0.6),
    }})
WRITER = GeneratorInfo(
    "language.text", "Writer", "text", "language", "0.1.0", "1", icon="pen-nib",
    schema={"type": "object", "properties": {
        "prompt": _prop("prompt", type="string", default=""),
        "seed": _prop("seed", type="integer", minimum=0, maximum=2**32 - 1, default=0),
        "context": {"anyOf": [{"type": "object", "x-studio": {"media": "text"}}, {"type": "null"}], "default": None},
        **{name: {"type": kind, "default": default, "x-studio": {"widget": "none"}} for name, kind, default in (
            ("memory", "string", ""), ("author_note", "string", ""), ("style_sample", "string", ""),
            ("alternatives", "integer", 0), ("max_tokens", "integer", 160))},
    }})


def _beside(name: str, title: str, **props: Any) -> GeneratorInfo:
    """A generator that only the window asks."""
    told = {key: {"type": "string", "default": "", "x-studio": {"widget": "none"}}
            for key in ("memory", "author_note", "system", "prompt")}
    return GeneratorInfo(f"language.{name}", title, "text", "language", "0.1.0", "1", icon="pen-nib", schema={
        "type": "object", "x-studio": {"listed": False}, "properties": {
            **told, "temperature": {"type": "number", "default": 0.3}, **props}})


_TEXT: dict[str, Any] = {"type": "object", "x-studio": {"media": "text", "widget": "none"}}
EDITOR = _beside("edit", "Editor", passage=_TEXT, action={"type": "string"}, instruction={"type": "string"},
                 tone={"type": "string"}, language={"type": "string"}, senses={"type": "string"})
CHAT = _beside("chat", "Chat", messages={"type": "array"}, context=_TEXT, character={"type": "string"})
PLANNER = _beside("plan", "Planner", task={"type": "string"}, count={"type": "integer"}, context=_TEXT)
CONTEXT = _beside("context", "Context", context=_TEXT)
FOUND = Discovery((PICTURE, WRITER, EDITOR, CHAT, PLANNER, CONTEXT), (),
                  {"type": "cpu", "dtype": "float32", "name": "CPU", "memory": 8 * 2**30})


def recipe(job: Job) -> dict[str, Any]:
    request = job.request
    info = FOUND.find(request.generator) or PICTURE
    return {"schema": "pieria.recipe/1", "produces": info.produces, "params": dict(request.params),
            "generator": {"id": info.id, "title": info.title, "version": "1", "plugin": info.plugin,
                          "plugin_version": "0.1.0"},
            "models": {}, "inputs": [], "parents": list(request.parents), "seed": request.params.get("seed"),
            "device": {"type": "cpu"}, "libraries": {}, "studio": "0.1.0"}


class FakeWorker(QObject):
    """Jobs wait until the test calls `begin`, `progress`, `finish_picture`, ..."""

    discovered = Signal(object)
    queue_changed = Signal(list)
    event = Signal(object)
    host_changed = Signal(str)

    def __init__(self) -> None:
        super().__init__()
        self.jobs: list[Job] = []
        self.preloaded: list[Request] = []
        self.paused = False
        self.closed = False

    # what the session calls
    def submit(self, jobs: list[Job]) -> None:
        self.jobs += jobs
        self._tell()

    def cancel(self, job_id: str, _patient: bool = False) -> None:
        self.set_state(job_id, JobState.CANCELLED)
        self.event.emit(Stopped(job_id))

    def move(self, job_id: str, place: int) -> None:
        job = self.job(job_id)
        self.jobs.remove(job)
        self.jobs.insert(place, job)
        self._tell()

    def set_paused(self, paused: bool) -> None:
        self.paused = paused

    def retry(self, job_id: str) -> None:
        self.set_state(job_id, JobState.WAITING)

    def preload(self, request: Request) -> None:
        self.preloaded.append(request)

    def discover(self) -> None:
        self.discovered.emit(FOUND)

    def shut_down(self) -> None:
        self.closed = True

    def wait(self, _milliseconds: int = 0) -> bool:
        return True

    # what a test makes happen
    def job(self, job_id: str) -> Job:
        return next(job for job in self.jobs if job.id == job_id)

    def set_state(self, job_id: str, state: JobState, **changes: Any) -> None:
        at = next(i for i, job in enumerate(self.jobs) if job.id == job_id)
        self.jobs[at] = replace(self.jobs[at], state=state, **changes)
        self._tell()

    def begin(self, job: Job) -> None:
        self.set_state(job.id, JobState.RUNNING, of=20)
        self.event.emit(Started(job.id))

    def progress(self, job: Job, step: int, preview: bytes | None = None) -> None:
        self.set_state(job.id, JobState.RUNNING, step=step, of=20)
        self.event.emit(Progress(job.id, step, 20, preview))

    def token(self, job: Job, text: str) -> None:
        self.event.emit(Token(job.id, text))

    def finish(self, job: Job, kind: str, data: bytes, media_type: str, **meta: Any) -> None:
        self.event.emit(Result(job.id, kind, data, media_type, meta, recipe(job)))
        self.set_state(job.id, JobState.DONE)
        self.event.emit(Finished(job.id, 0.5))

    def finish_text(self, job: Job, text: str, **meta: Any) -> None:
        self.finish(job, "text", text.encode(), "text/plain; charset=utf-8", **meta)

    def finish_picture(self, job: Job, colour: tuple[int, int, int] = (200, 40, 40)) -> None:
        self.finish(job, "image", png(colour), "image/png", width=64, height=64)

    def fail(self, job: Job, report: ErrorReport) -> None:
        self.set_state(job.id, JobState.FAILED, error=report)
        self.event.emit(Failed(job.id, report))

    def _tell(self) -> None:
        self.queue_changed.emit([job for job in self.jobs if not job.state.ended or job.state is JobState.FAILED])


class FakeLibrary:
    """Every model is installed."""

    def installed(self) -> list[Any]:
        return []

    def offers(self, installed: Any) -> list[Any]:
        return []

    def resolve(self, name: str, kinds: Any = ()) -> dict[str, str]:
        return {"name": name, "kind": "", "path": "", "sha256": ""}

    def resolve_loras(self, prompt: str, schema: Any) -> dict[str, Any]:
        return {}

    def resolve_listed(self, params: Any, schema: Any) -> dict[str, Any]:
        return {}

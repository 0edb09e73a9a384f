"""Running one job in the host: find, validate, load, run, and turn whatever a plugin does into plain messages."""

from __future__ import annotations

import json
import threading
import time
import traceback
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from studio.engine import recipe
from studio.engine.context import HostContext, Outlet
from studio.engine.job import ErrorKind, ErrorReport, Request
from studio.engine.memory import Key, Residents, key_of, size_on_disk
from studio.engine.params import Media, model_names, parse
from studio.plugins import Artifact, Cancelled, Device, GeneratorError, InputError, ModelMissing, OutOfMemory, Params
from studio.plugins.registry import Found, Registered

_NOUNS = {"image": "a picture", "text": "text", "audio": "sound", "score": "music", "video": "a film",
          "mesh": "an object"}
_OUT_OF_MEMORY = ("out of memory", "can't allocate memory", "not enough memory", "cannot allocate memory")


class Rubbish(Exception):
    """A generator gave something that is no result."""


@dataclass(frozen=True)
class Bench:
    """What every job of this host works with."""

    found: Found
    residents: Residents
    device: Device
    data: Path

    def context(self, entry: Registered, request: Request, stop: threading.Event, outlet: Outlet | None,
                log: Any, wanted: Mapping[str, str]) -> HostContext:
        return HostContext(outlet, stop, self.device, self.data / entry.plugin, request.models, wanted, log)


class Run:
    """One job on the bench. `run()` sends everything up to the last message: finished, failed or stopped."""

    def __init__(self, bench: Bench, request: Request, media: Media, stop: threading.Event, outlet: Outlet,
                 log: Any) -> None:
        self._bench, self._request, self._media = bench, request, media
        self._stop, self._outlet, self._log = stop, outlet, log
        self._entry = bench.found.generators.get(request.generator)
        self._sent = False

    def run(self) -> None:
        begun = time.monotonic()
        try:
            report = self._attempt()
        finally:
            self._outlet.close()
        if report is None:
            self._outlet.now({"type": "finished", "seconds": round(time.monotonic() - begun, 6)})
        elif report == "stopped":
            self._outlet.now({"type": "stopped"})
        elif isinstance(report, ErrorReport):
            self._outlet.now({"type": "failed", "error": report.to_json()})

    def preload(self) -> ErrorReport | str | None:
        """Only load; parameters are taken as far as they go, since the form may be half filled in."""
        if self._entry is None:
            return None
        entry, request = self._entry, self._request
        wanted = {name: str(model.get("name", "")) for name, model in request.models.items()}
        return self._guarded(lambda: self._load(entry, self._bench.context(
            entry, request, self._stop, None, self._log, wanted)))

    # ------------------------------------------------------------ inside

    def _attempt(self) -> ErrorReport | str | None:
        entry = self._entry
        if entry is None:
            return ErrorReport("unknown-generator", f"There is no generator called “{self._request.generator}”; "
                               "install the plugin that has it, or choose another.", generator=self._request.generator)
        try:
            params = parse(entry.generator.Params, self._request.params, self._media)
        except InputError as error:
            return self._report("params", str(error), field=error.field)
        except Exception as error:  # validators of the plugin's own
            return self._failed(error)
        wanted = model_names(entry.generator.Params, params)
        ctx = self._bench.context(entry, self._request, self._stop, self._outlet, self._log, wanted)
        report = self._guarded(lambda: self._make(entry, params, ctx))
        if isinstance(report, ErrorReport) and report.kind == "memory":
            again = not ctx.pushed and not self._sent
            self._bench.residents.drop_all()
            if again:
                self._log(f"{entry.id} ran out of memory; trying once more with everything else unloaded")
                report = self._guarded(lambda: self._make(entry, params, ctx))
        return report

    def _guarded(self, work: Any) -> ErrorReport | str | None:
        try:
            if self._stop.is_set():
                return "stopped"
            work()
        except Cancelled:
            return "stopped"
        except KeyboardInterrupt:
            raise
        except BaseException as error:  # SystemExit and whatever else a plugin throws
            return self._failed(error)
        return None

    def _key(self) -> Key:
        return key_of(self._request.generator, self._request.models)

    def _load(self, entry: Registered, ctx: HostContext) -> Any:
        estimate = max(entry.generator.requires.memory, size_on_disk(self._request.models))
        return self._bench.residents.acquire(self._key(), entry.generator, ctx, estimate)

    def _make(self, entry: Registered, params: Params, ctx: HostContext) -> None:
        instance = self._load(entry, ctx)
        written: dict[str, Any] | None = None
        ctx.check()
        for artifact in artifacts(instance.run(params, ctx), entry.generator.produces):
            if written is None:
                written = self._recipe(entry, params)
            own = {"params": written["params"] | _plain(artifact.made_with)} if artifact.made_with else {}
            header = {"type": "result", "kind": artifact.kind, "media_type": artifact.media_type,
                      "meta": dict(artifact.meta), "recipe": written | own}
            self._outlet.now(header, [artifact.data])
            self._sent = True
        if written is None:
            raise Rubbish("it finished without making anything")

    def _recipe(self, entry: Registered, params: Params) -> dict[str, Any]:
        cls = entry.generator
        facts = {"id": cls.id, "title": cls.title, "version": cls.version, "plugin": entry.plugin,
                 "plugin_version": entry.plugin_version}
        return recipe.build(generator=facts, produces=cls.produces, params=params.model_dump(mode="json"),
                            models=self._request.models, parents=self._request.parents, device=self._bench.device,
                            libraries=cls.libraries)

    def _failed(self, error: BaseException) -> ErrorReport:
        details = _details(error)
        title = self._entry.generator.title if self._entry else self._request.generator
        if out_of_memory(error):
            return self._report("memory", f"There is not enough memory for {title}; close other programs, or choose a "
                                "smaller size or model.", details)
        if isinstance(error, ModelMissing):
            return self._report("model-missing", _text(error), details, model=error.model)
        if isinstance(error, InputError):
            return self._report("params", _text(error), details, field=error.field)
        if isinstance(error, GeneratorError):
            return self._report("generator", _text(error) or f"{title} could not make it.", details)
        if isinstance(error, Rubbish):
            return self._report("generator", f"{title} of the plugin “{self._plugin}” does not work: {error}. "
                                "Update the plugin, or choose another generator.", details)
        reason = "it tried to quit" if isinstance(error, SystemExit) else _reason(error)
        return self._report("generator", f"{title} failed: {reason}. Try other settings, or tell the author of the "
                            f"plugin “{self._plugin}” what the details say.", details)

    @property
    def _plugin(self) -> str:
        return self._entry.plugin if self._entry else ""

    def _report(self, kind: ErrorKind, message: str, details: str = "", **more: str) -> ErrorReport:
        return ErrorReport(kind, message, details, generator=self._request.generator, plugin=self._plugin, **more)


def artifacts(output: Any, produces: str) -> Iterator[Artifact]:
    """Each artifact of what `Generator.run` gave, as soon as it is there. Raises `Rubbish` at one that is none."""
    if isinstance(output, Artifact) or not isinstance(output, Iterable) or isinstance(output, (str, bytes, Mapping)):
        output = [output]
    for item in output:
        if not isinstance(item, Artifact):
            raise Rubbish(f"it returned {_article(type(item).__name__)} instead of {_NOUNS.get(produces, produces)}")
        if item.kind != produces:
            raise Rubbish(f"it returned {_NOUNS.get(item.kind, item.kind)} instead of {_NOUNS.get(produces, produces)}")
        if not isinstance(item.data, bytes) or (not item.data and item.kind != "text"):
            raise Rubbish("it returned an empty file")
        if not isinstance(item.media_type, str) or "/" not in item.media_type:
            raise Rubbish("its result has no media type")
        try:
            json.dumps(dict(item.meta), allow_nan=False)
        except (TypeError, ValueError, RecursionError) as error:
            raise Rubbish(f"the facts it gave about its result are not JSON ({_reason(error)})") from error
        yield item


def _plain(values: Mapping[str, Any]) -> dict[str, Any]:
    """Parameters as JSON. Raises `Rubbish`."""
    try:
        found: dict[str, Any] = json.loads(json.dumps(dict(values), allow_nan=False))
    except (TypeError, ValueError, RecursionError) as error:
        raise Rubbish(f"the parameters it gave with its result are not JSON ({_reason(error)})") from error
    return found


def out_of_memory(error: BaseException) -> bool:
    """Whether it says that memory is full: Python's, torch's (by name; torch is not imported here) or a plugin's."""
    if isinstance(error, (OutOfMemory, MemoryError)) or type(error).__name__ == "OutOfMemoryError":
        return True
    return isinstance(error, RuntimeError) and any(words in _text(error).lower() for words in _OUT_OF_MEMORY)


def _article(name: str) -> str:
    return "nothing" if name == "NoneType" else f"{'an' if name[:1].lower() in 'aeiou' else 'a'} {name}"


def _text(error: BaseException) -> str:
    try:
        return str(error).strip()
    except Exception:
        return type(error).__name__


def _reason(error: BaseException) -> str:
    lines = _text(error).splitlines()
    short = lines[0][:160].rstrip(". ") if lines else ""
    return short or type(error).__name__


def _details(error: BaseException) -> str:
    try:
        return "".join(traceback.format_exception(error))
    except Exception:  # an exception of the plugin's own may fail to print
        return type(error).__name__

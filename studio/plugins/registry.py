"""Entry points to generators. A broken plugin becomes a report, never an exception."""

from __future__ import annotations

import inspect
import json
import re
import traceback
from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass, field
from importlib import metadata
from typing import Any, get_args

import pluggy

from studio.plugins import hookspecs
from studio.plugins.api import Generator, Kind, Params, Requirements
from studio.plugins.hookspecs import GROUP

ID = re.compile(r"[a-z0-9_]+\.[a-z0-9_]+")
KINDS: tuple[str, ...] = get_args(Kind)


class BrokenPlugin(Exception):
    """A plugin, or one of its generators, is not what the API asks for. The text says in one sentence what is wrong."""


@dataclass(frozen=True)
class PluginReport:
    """What is wrong with a plugin. message: one sentence; details: the traceback, or ""; generator: its id if known."""

    plugin: str
    message: str
    details: str = ""
    generator: str = ""


@dataclass(frozen=True)
class PluginInfo:
    """An installed plugin, as its entry point says before anything is imported."""

    name: str
    version: str
    distribution: str
    module: str


@dataclass(frozen=True)
class Registered:
    """A generator that has passed every check. schema: JSON Schema of its Params."""

    generator: type[Generator]
    plugin: str
    plugin_version: str
    schema: dict[str, Any] = field(repr=False)

    @property
    def id(self) -> str:
        return self.generator.id


@dataclass(frozen=True)
class Found:
    """generators by id, in the order of plugin names; one report for each thing that is wrong; all plugins."""

    generators: dict[str, Registered] = field(default_factory=dict)
    errors: tuple[PluginReport, ...] = ()
    plugins: tuple[PluginInfo, ...] = ()


def installed(errors: list[PluginReport] | None = None) -> list[metadata.EntryPoint]:
    """The entry points of group ``studio.v1``, sorted by name. Imports none of them."""
    try:
        points = list(metadata.entry_points(group=GROUP))
    except Exception:  # metadata of any installed package may be damaged
        if errors is not None:
            errors.append(PluginReport("", "The list of installed plugins could not be read; reinstall the plugin that "
                                           "was added last.", traceback.format_exc()))
        return []
    return sorted(points, key=lambda point: (point.name, point.value))


def describe(point: metadata.EntryPoint) -> PluginInfo:
    """Read what an entry point tells without importing it."""
    dist = getattr(point, "dist", None)
    try:
        name, version = (str(dist.name), str(dist.version)) if dist is not None else ("", "")
    except Exception:  # a package without a METADATA file
        name, version = "", ""
    return PluginInfo(point.name, version, name, point.value.partition(":")[0])


def discover(entry_points: Iterable[metadata.EntryPoint] | None = None, *, skip: Collection[str] = (),
             on_import: Callable[[str], None] | None = None) -> Found:
    """Import every installed plugin and collect its generators.

    Args:
        entry_points: instead of those of the installed packages.
        skip: names of plugins that must not be imported.
        on_import: called with the name of each plugin before it is imported, so that who crashes or hangs is known.
    """
    errors: list[PluginReport] = []
    points = installed(errors) if entry_points is None else list(entry_points)
    generators: dict[str, Registered] = {}
    infos = [describe(point) for point in points]
    for point, info in zip(points, infos, strict=True):
        if point.name in skip:
            continue
        if on_import is not None:
            on_import(point.name)
        try:
            classes = load(point)
        except KeyboardInterrupt:
            raise
        except BaseException as error:  # plugins may even call sys.exit
            errors.append(_report(point.name, error))
            continue
        for cls in classes:
            try:
                entry = Registered(cls, info.name, info.version, validate(cls))
                if entry.id in generators:
                    raise BrokenPlugin(f"its generator {entry.id} is already given by the plugin "
                                       f"“{generators[entry.id].plugin}”")
                generators[entry.id] = entry
            except KeyboardInterrupt:
                raise
            except BaseException as error:
                errors.append(_report(point.name, error, _text(cls, "id")))
    return Found(generators, tuple(errors), tuple(infos))


def load(point: metadata.EntryPoint) -> list[Any]:
    """Import one plugin and ask its hook. What the hook returns is not checked yet. Raises what the plugin raises."""
    return generators_of(point.load())


def generators_of(plugin: object) -> list[Any]:
    """What the `studio_generators` hook of a module or an object returns. Raises `BrokenPlugin`, or what it raises."""
    # A manager of its own for each plugin: one raising hookimpl would stop those of the others.
    manager = pluggy.PluginManager("studio")
    manager.add_hookspecs(hookspecs)
    try:
        manager.register(plugin)
    except pluggy.PluginValidationError as error:
        raise BrokenPlugin("its studio_generators must take no arguments") from error
    if not manager.hook.studio_generators.get_hookimpls():
        raise BrokenPlugin("it has no function studio_generators marked with @hookimpl")
    (answer,) = manager.hook.studio_generators() or [None]
    if not isinstance(answer, (list, tuple)):
        raise BrokenPlugin(f"its studio_generators returned {type(answer).__name__}, not a list of generators")
    if not answer:
        raise BrokenPlugin("its studio_generators returned no generators")
    return list(answer)


def validate(cls: Any) -> dict[str, Any]:
    """Check a generator class against the API. Returns the JSON Schema of its Params; raises `BrokenPlugin`."""
    if not inspect.isclass(cls) or not issubclass(cls, Generator):
        raise BrokenPlugin(f"{_name(cls)} is not a subclass of studio.plugins.Generator")
    if inspect.isabstract(cls):
        raise BrokenPlugin(f"{_name(cls)} has no run method")
    identifier = _text(cls, "id")
    if not ID.fullmatch(identifier):
        raise BrokenPlugin(f"the id of {_name(cls)} is {identifier!r}, which is not like \"plugin.name\" in lower case")
    for name in ("title", "summary", "version", "icon"):
        if not isinstance(getattr(cls, name, None), str):
            raise BrokenPlugin(f"{name} of {identifier} is not text")
    if not cls.title.strip():
        raise BrokenPlugin(f"{identifier} has no title")
    if getattr(cls, "produces", None) not in KINDS:
        raise BrokenPlugin(f"{identifier} does not say what it produces; it must be one of {', '.join(KINDS)}")
    if not isinstance(cls.requires, Requirements):
        raise BrokenPlugin(f"requires of {identifier} is not a studio.plugins.Requirements")
    if not isinstance(cls.libraries, tuple) or not all(isinstance(name, str) for name in cls.libraries):
        raise BrokenPlugin(f"libraries of {identifier} is not a tuple of names")
    return _schema(cls, identifier)


def _schema(cls: type[Generator], identifier: str) -> dict[str, Any]:
    params = getattr(cls, "Params", None)
    if not inspect.isclass(params) or not issubclass(params, Params):
        raise BrokenPlugin(f"{identifier}.Params is not a subclass of studio.plugins.Params")
    try:
        schema = params.model_json_schema()
        json.dumps(schema, allow_nan=False)
    except Exception as error:
        raise BrokenPlugin(f"the parameters of {identifier} have no JSON Schema: {_first_line(error)}") from error
    return schema


def _report(plugin: str, error: BaseException, generator: str = "") -> PluginReport:
    if isinstance(error, BrokenPlugin):
        reason = str(error)
    elif isinstance(error, SystemExit):
        reason = "it tried to quit the program"
    elif isinstance(error, ImportError):
        reason = f"an import failed ({_first_line(error)})"
    else:
        reason = f"{type(error).__name__}: {_first_line(error)}"
    what = f"Part of the plugin “{plugin}” is left out" if generator else f"The plugin “{plugin}” could not be loaded"
    try:
        details = "".join(traceback.format_exception(error))
    except Exception:  # an exception of the plugin's own may even fail to print
        details = type(error).__name__
    return PluginReport(plugin, f"{what}: {reason}. Update or remove it.", details, generator)


def _first_line(error: BaseException) -> str:
    try:
        lines = str(error).strip().splitlines()
    except Exception:
        lines = []
    return (lines[0] if lines else type(error).__name__)[:200].rstrip(".")


def _name(cls: object) -> str:
    return getattr(cls, "__name__", None) or type(cls).__name__


def _text(cls: object, name: str) -> str:
    value = getattr(cls, name, "")
    return value if isinstance(value, str) else ""

"""`studio generators`, `studio plugins`, `studio plugins check`."""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
from typing import Any

from studio.cli import params as p
from studio.cli.engine import Engine
from studio.cli.generate import resolve
from studio.cli.models import open_library
from studio.cli.output import FAILED, CommandError, Output, table
from studio.engine.job import GeneratorInfo
from studio.plugins import registry


def generators(_: argparse.Namespace, out: Output) -> int:
    with Engine.start() as engine:
        found = engine.discovery()
    for info in found.generators:
        out.emit({"event": "generator", "id": info.id, "title": info.title, "produces": info.produces,
                  "plugin": info.plugin, "plugin_version": info.plugin_version, "version": info.version,
                  "summary": info.summary, "requires": info.requires, "schema": info.schema})
        _describe(info, out)
    for error in found.errors:
        out.emit({"event": "broken", **error.to_json()})
        out.say(error.message)
    out.emit({"event": "done", "generators": len(found.generators), "broken": len(found.errors),
              "device": found.device})
    return 0


def _describe(info: GeneratorInfo, out: Output) -> None:
    out.print(f"{info.id}  {info.title}: makes {info.produces} (plugin {info.plugin} {info.plugin_version})")
    if info.summary:
        out.print(f"    {info.summary}")
    rows = [(f"    {name}", *_line(prop)) for name, prop in p.fields(info.schema).items()]
    if rows:
        out.print(table(rows))
    out.print()


def _line(prop: dict[str, Any]) -> tuple[str, str, str]:
    """A parameter's type with its bounds, its default, what it is."""
    media = p.hint(prop, "media")
    kind = f"file ({media})" if media else prop.get("type", "")
    if "enum" in prop:
        kind = "|".join(map(str, prop["enum"]))
    low, high = prop.get("minimum", prop.get("exclusiveMinimum")), prop.get("maximum", prop.get("exclusiveMaximum"))
    if low is not None or high is not None:
        kind += f" {low if low is not None else ''}..{high if high is not None else ''}"
    default = prop.get("default")
    return kind, "" if default in (None, "", []) else f"= {default}", prop.get("description", "")


def plugins(_: argparse.Namespace, out: Output) -> int:
    with Engine.start() as engine:
        found = engine.discovery()
    infos = [registry.describe(point) for point in registry.installed()]
    rows = [("PLUGIN", "VERSION", "PACKAGE", "GENERATORS")]
    for info in infos:
        ids = [g.id for g in found.generators if g.plugin == info.name]
        errors = [e.message for e in found.errors if e.plugin == info.name]
        out.emit({"event": "plugin", "name": info.name, "version": info.version, "package": info.distribution,
                  "module": info.module, "generators": ids, "errors": errors})
        rows.append((info.name, info.version, info.distribution, ", ".join(ids) or "none"))
        rows += [("", "", "", message) for message in errors]
    out.emit({"event": "done", "plugins": len(infos)})
    out.print(table(rows))
    return 0


def check(arguments: argparse.Namespace, out: Output) -> int:
    """The harness runs in a process of its own: the plugin is imported there, and may do there what it likes."""
    names = [info.name for info in map(registry.describe, registry.installed())]
    if arguments.name not in names:
        raise CommandError(f"There is no plugin {arguments.name}; installed are {', '.join(names) or 'none'}.",
                           field="NAME")
    models, lacking = _installed_models(arguments.name)
    found = _findings(arguments.name, models)
    for finding in found:
        if finding["rule"] == "run" and finding["level"] == "note" and finding["generator"] in lacking:
            finding["message"] = f"It was not run. {lacking[finding['generator']]}"
        out.emit({"event": "finding", **finding})
        out.print(f"{finding['level']:5}  {finding['generator'] or arguments.name}  {finding['message']}")
    faults = sum(finding["level"] == "fault" for finding in found)
    out.emit({"event": "done", "plugin": arguments.name, "ok": not faults, "faults": faults})
    out.say(f"{arguments.name}: {faults} faults." if faults else f"{arguments.name} is sound.")
    return FAILED if faults else 0


def _installed_models(plugin: str) -> tuple[dict[str, Any], dict[str, str]]:
    """For each of the plugin's generators its default weights, or the sentence that says what to install first."""
    library = open_library()[0]
    with Engine.start() as engine:
        infos = [info for info in engine.discovery().generators if info.plugin == plugin]
    models: dict[str, Any] = {}
    lacking: dict[str, str] = {}
    for info in infos:
        try:
            models[info.id] = resolve(info, {}, library)
        except CommandError as error:
            lacking[info.id] = str(error)
    return models, lacking


def _findings(plugin: str, models: dict[str, Any]) -> list[dict[str, Any]]:
    command = [sys.executable, "-P", "-m", "studio.cli.checking"]
    process = subprocess.run(command, input=json.dumps({"plugin": plugin, "models": models}), stdout=subprocess.PIPE,
                             text=True, encoding="utf-8", check=False)
    found = [json.loads(line) for line in process.stdout.splitlines()]
    if process.returncode:
        how = f"signal {-process.returncode}" if process.returncode < 0 else f"exit code {process.returncode}"
        found.append({"level": "fault", "rule": "process", "generator": "", "details": "",
                      "message": f"It ended the process that checked it ({how})."})
    return found

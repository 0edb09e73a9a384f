"""`studio models`: list, install, remove."""

from __future__ import annotations

import argparse
import time
from pathlib import Path

from studio.cli.output import BAD_ARGUMENTS, FAILED, CommandError, Output, left, size, table
from studio.models import InstallProgress, InstallStopped, Library, Model, ModelError, PackError
from studio.settings import Paths, SettingsFile


def open_library() -> tuple[Library, SettingsFile]:
    paths = Paths.from_env()
    settings = SettingsFile(paths.settings)
    return Library(paths, settings.value.model_folders), settings


def models(_: argparse.Namespace, out: Output) -> int:
    library = open_library()[0]
    installed = library.installed()
    offers = [offer for offer in library.available() if not offer.installed]
    for model in installed:
        out.emit({"event": "model", "installed": True, **model.to_json()})
    for offer in offers:
        out.emit({"event": "model", **offer.to_json()})
    out.emit({"event": "done", "installed": len(installed), "available": len(offers)})
    if not out.json:
        rows = [("NAME", "KIND", "SIZE", "LICENCE", "WHERE")]
        rows += [(m.name, m.kind, size(m.size), m.licence or "?", m.problem or str(m.path)) for m in installed]
        rows += [(o.pack.name, o.pack.kind, size(o.pack.size), o.pack.licence.spdx,
                  f"not installed: studio models install {o.pack.name}") for o in offers]
        out.print(table(rows))
    return 0


def install(arguments: argparse.Namespace, out: Output) -> int:
    library, settings = open_library()
    names = list(arguments.names)
    if arguments.default:
        names += [p.name for p in library.catalogue if p.default and p.name not in names]
    if not names:
        raise CommandError("Name what to install: a pack of `studio models`, a folder or a GGUF file; or --default.",
                           field="NAME")
    started = time.monotonic()
    done: list[Model] = []
    for name in names:
        known = any(p.name == name for p in library.catalogue)
        # A folder that happens to be called like a pack needs ./ before it.
        done += _add_folder(library, settings, name) if not known and Path(name).expanduser().exists() else [
            _install_pack(library, name, out)]
    for model in done:
        out.say(f"{model.name} is ready in {model.path}.")
    out.emit({"event": "done", "models": [m.to_json() for m in done], "seconds": round(time.monotonic() - started, 3)})
    return 0


def _install_pack(library: Library, name: str, out: Output) -> Model:
    def show(progress: InstallProgress) -> None:
        rate = f"{size(progress.rate)}/s" if progress.rate else ""
        rest = left((progress.of - progress.done) / progress.rate) if progress.rate and progress.of else ""
        out.progress(progress.done, progress.of, f"{name}: {progress.stage}", f"{rate} {rest}")
        out.emit({"event": "progress", "model": name, "stage": progress.stage, "done": progress.done,
                  "of": progress.of})

    try:
        with out.bar():
            return library.install(name, show)
    except InstallStopped as error:
        raise KeyboardInterrupt from error
    except PackError as error:
        known = any(pack.name == name for pack in library.catalogue)
        raise CommandError(str(error), FAILED if known else BAD_ARGUMENTS, kind="model",
                           field="" if known else "NAME") from error


def _add_folder(library: Library, settings: SettingsFile, name: str) -> list[Model]:
    path = Path(name).expanduser().absolute()
    try:
        found = library.add_folder(path)
    except PackError as error:
        raise CommandError(str(error), field="NAME") from error
    if str(path) not in settings.value.model_folders:
        settings.update(model_folders=[*settings.value.model_folders, str(path)])
    return found


def remove(arguments: argparse.Namespace, out: Output) -> int:
    library, settings = open_library()
    name = arguments.name
    folder = str(Path(name).expanduser().absolute())
    if folder in settings.value.model_folders:
        settings.update(model_folders=[f for f in settings.value.model_folders if f != folder])
        out.say(f"{folder} is forgotten; its files stay where they are.")
    else:
        try:
            library.remove(name)
        except ModelError as error:
            raise CommandError(str(error), field="NAME", kind="model") from error
        out.say(f"{name} is removed.")
    out.emit({"event": "done", "removed": name})
    return 0

"""`studio project export` and `studio project import`: which part of the command a file is for."""

from __future__ import annotations

import argparse
from importlib import import_module
from pathlib import Path

from studio.cli.output import Output

SOUND_OUT = frozenset((".wav", ".flac", ".ogg", ".mp3", ".mid", ".midi", ".musicxml", ".srt", ".vtt"))
"""Endings that a sound document is written as; a folder takes its stems."""
SOUND_IN = frozenset((
    ".wav", ".flac", ".ogg", ".oga", ".mp3", ".m4a", ".aac", ".opus", ".aiff", ".aif", ".wma", ".caf", ".au", ".w64",
    ".rf64", ".mka", ".mp4", ".mov", ".mkv", ".webm", ".avi", ".m4v", ".mpg", ".mpeg", ".ogv", ".mid", ".midi", ".kar",
    ".rmi", ".srt", ".vtt"))


def export(arguments: argparse.Namespace, out: Output) -> int:
    """Write one document to a file, of the kind that its ending says."""
    target = str(arguments.output)
    sound = Path(target).suffix.lower() in SOUND_OUT or target.endswith(("/", "\\")) or Path(target).is_dir()
    module = "studio.cli.sounds" if sound else "studio.cli.canvases"
    return int(import_module(module).export(arguments, out))


def bring(arguments: argparse.Namespace, out: Output) -> int:
    """Take files in: sounds become one sound document, each picture a canvas."""
    files = list(arguments.pictures)
    sounds = [name for name in files if Path(name).suffix.lower() in SOUND_IN]
    others = [name for name in files if name not in sounds]
    if sounds:
        import_module("studio.cli.sounds").bring(argparse.Namespace(**{**vars(arguments), "files": sounds}), out)
    if others:
        import_module("studio.cli.canvases").bring(argparse.Namespace(**{**vars(arguments), "pictures": others}), out)
    else:
        out.emit({"event": "done"})
    return 0

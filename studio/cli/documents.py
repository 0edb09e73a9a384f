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
TEXT_OUT = frozenset((".md", ".txt", ".docx", ".epub", ".odt", ".html", ".pdf", ".json"))
"""Endings that a manuscript is written as; .json takes its story notes."""
TEXT_IN = frozenset((".md", ".markdown", ".txt", ".text", ".docx", ".json", ".lorebook", ".doc", ".odt", ".epub",
                     ".pdf", ".rtf", ".pages", ".html", ".htm", ".xhtml", ".mobi", ".azw3"))
"""Texts, and those that are refused with a word on what to do."""


def export(arguments: argparse.Namespace, out: Output) -> int:
    """Write one document to a file, of the kind that its ending says."""
    target = str(arguments.output)
    sound = Path(target).suffix.lower() in SOUND_OUT or target.endswith(("/", "\\")) or Path(target).is_dir()
    text = Path(target).suffix.lower() in TEXT_OUT
    module = "studio.cli.sounds" if sound else "studio.cli.manuscripts" if text else "studio.cli.canvases"
    return int(import_module(module).export(arguments, out))


def bring(arguments: argparse.Namespace, out: Output) -> int:
    """Take files in: sounds become one sound document, each text a manuscript, each picture a canvas. Lorebooks and
    character cards become story notes."""
    files = list(arguments.pictures)
    sounds = [name for name in files if Path(name).suffix.lower() in SOUND_IN]
    texts = [name for name in files if Path(name).suffix.lower() in TEXT_IN or _is_card(Path(name))]
    others = [name for name in files if name not in (*sounds, *texts)]
    if texts:
        import_module("studio.cli.manuscripts").bring(argparse.Namespace(**{**vars(arguments), "files": texts}), out)
    if sounds:
        import_module("studio.cli.sounds").bring(argparse.Namespace(**{**vars(arguments), "files": sounds}), out)
    if others:
        import_module("studio.cli.canvases").bring(argparse.Namespace(**{**vars(arguments), "pictures": others}), out)
    else:
        out.emit({"event": "done"})
    return 0


def _is_card(path: Path) -> bool:
    """Whether a picture is a character card."""
    if path.suffix.lower() != ".png":
        return False
    from studio.project import png

    try:
        with path.expanduser().open("rb") as file:
            return any(text.keyword.lower() in ("chara", "ccv3") for text in png.read_texts(file))
    except (OSError, png.BadPng):
        return False

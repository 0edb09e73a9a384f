"""What a person can send along with a report: versions, device, plugins, log. No prompts, pictures or places."""

from __future__ import annotations

import getpass
import importlib.metadata
import platform
import re
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from studio import logs

DISTRIBUTIONS = ("pieria-studio", "PySide6", "torch", "diffusers", "transformers", "accelerate", "safetensors",
                 "xllamacpp", "pluggy", "pydantic", "pillow", "numpy", "huggingface_hub")
_PROMPT = re.compile(
    r"""(?P<key>["']?\b(?:prompt|negative_prompt|negative|text|context|instruction|system)["']?\s*[:=]\s*)"""
    r"""(?P<value>"(?:[^"\\]|\\.)*"?|'(?:[^'\\]|\\.)*'?|“[^”]*”?|[^\s,}\]]+)""", re.IGNORECASE)
MAX_LINE = 2000
_OWN = re.compile(r"(?:/home/|/Users/|/root\b|[A-Za-z]:[\\/]+Users[\\/])[^\"'\n:,)]*")
_LIBRARY = re.compile(r"[^\s\"'(]*[\\/](?=(?:site-packages|studio|plugins_builtin|python3\.\d+)[\\/])")
_PATH = re.compile(r"(?<![\w.~/\\…])(?:[A-Za-z]:[\\/]|/)(?:[^\s\"'<>|:*?\\/]+[\\/])+[^\s\"'<>|:*?,;)]*")


def collect(log: Path, discovery: Mapping[str, Any] | None = None, models: Iterable[Any] = (),
            secrets: Iterable[str] = ()) -> dict[str, Any]:
    """Everything that helps to understand a fault, as JSON-able data.

    Args:
        log: the log file.
        discovery: `Discovery.to_json()`: generators, errors of broken plugins, device.
        models: `studio.models.Model`s; their names and kinds are told, where they lie is not.
        secrets: further texts to remove, such as the prompts of the open project.
    """
    hidden = sorted({s for s in secrets if len(s.strip()) > 2}, key=len, reverse=True)
    found = discovery or {}
    return {
        "studio": version("pieria-studio"),
        "python": platform.python_version(),
        "system": {"name": platform.system(), "release": platform.release(), "machine": platform.machine()},
        "versions": {name: version(name) for name in DISTRIBUTIONS},
        "device": found.get("device", {}),
        "generators": [{k: g.get(k) for k in ("id", "version", "plugin", "plugin_version")}
                       for g in found.get("generators", ())],
        "broken_plugins": [{"plugin": e.get("plugin", ""), "message": scrub(e.get("message", "")),
                            "details": scrub(e.get("details", ""))} for e in found.get("errors", ())],
        "models": [{"name": m.name, "kind": m.kind, "source": m.source, "problem": scrub(m.problem)} for m in models
                   if m.source != "folder"],
        "log": [scrub(line, hidden) for line in logs.tail(log)],
    }


def version(distribution: str) -> str:
    """Version of an installed distribution, read without importing it; "" if it is not installed."""
    try:
        return importlib.metadata.version(distribution)
    except importlib.metadata.PackageNotFoundError:
        return ""


def scrub(text: str, secrets: Iterable[str] = ()) -> str:
    """`text` without `secrets`, whatever is named a prompt, places on the disk and the person's user name."""
    for secret in secrets:
        text = text.replace(secret, "[removed]")
    return "\n".join(_scrub_line(line[:MAX_LINE]) for line in text.split("\n"))


def _scrub_line(text: str) -> str:
    text = _LIBRARY.sub("…/", text)  # where code lies within a library is what a traceback is for
    home = str(Path.home())
    if len(home) > 1:
        text = re.sub(re.escape(home) + r"(?!\w)[^\"'\n:,)]*", "[path]", text)
    text = _PATH.sub("[path]", _OWN.sub("[path]", text))
    text = _PROMPT.sub(r"\g<key>[removed]", text)
    user = _user()
    return re.sub(rf"\b{re.escape(user)}\b", "[user]", text) if len(user) > 2 and user != "root" else text


def _user() -> str:
    try:
        return getpass.getuser()
    except (OSError, KeyError, ImportError):
        return ""

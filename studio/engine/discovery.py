"""What generators there are, remembered until the installed plugins change: window and command need not wait for it."""

from __future__ import annotations

import hashlib
import importlib.util
import json
import os
import platform
from pathlib import Path

from studio import __version__
from studio.engine.job import Discovery

MAX_FILES = 5000


def fingerprint() -> str:
    """A hash that changes with the studio, the Python, the installed plugins, their versions and their source files."""
    from studio.plugins import registry  # the window reads what is cached and needs no plugins at start

    facts = [__version__, platform.python_version()]
    for info in map(registry.describe, registry.installed()):
        facts += [info.name, info.module, info.distribution, info.version, str(_newest(info.module))]
    return hashlib.sha256("\n".join(facts).encode()).hexdigest()


def _newest(module: str) -> int:
    """When a source file of the module's top package last changed, in ns: plugins are also worked on in place."""
    try:
        # Only the top name: finding a submodule would import its parents.
        spec = importlib.util.find_spec(module.partition(".")[0])
    except (ImportError, ValueError):
        return 0
    if spec is None:
        return 0
    newest, seen = 0, 0
    for place in spec.submodule_search_locations or ([spec.origin] if spec.origin else []):
        sources = [place] if place.endswith(".py") else (
            os.path.join(folder, name) for folder, _, names in os.walk(place) for name in names if name.endswith(".py"))  # noqa: PTH118
        for source in sources:
            seen += 1
            if seen > MAX_FILES:
                return newest
            try:
                newest = max(newest, os.stat(source).st_mtime_ns)  # noqa: PTH116  (no Path for each of thousands)
            except OSError:
                continue
    return newest


def cached(path: Path, key: str = "") -> Discovery | None:
    """What `remember` wrote, if it was for this fingerprint (any, if `key` is "")."""
    try:
        data = json.loads(path.read_text("utf-8"))
        if key and data["key"] != key:
            return None
        return Discovery.from_json(data["discovery"])
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return None


def remember(path: Path, key: str, discovery: Discovery) -> None:
    """Keep a discovery, unless a plugin was broken: that may be mended without a new version."""
    if discovery.errors:
        path.unlink(missing_ok=True)
        return
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        draft = path.with_name(f"{path.name}.{os.getpid()}.tmp")
        draft.write_text(json.dumps({"key": key, "discovery": discovery.to_json()}), "utf-8")
        draft.replace(path)
    except OSError:
        pass  # it is a cache

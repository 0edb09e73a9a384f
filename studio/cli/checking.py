"""The child process of `studio plugins check`: runs the public harness and writes findings as JSON lines.

stdin: {"plugin": name, "models": {generator id: {field: {"name", "kind", "path", "sha256"}}}}.
"""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

from studio.plugins import ModelFiles, registry, testing


def findings(plugin: str, models: Mapping[str, Mapping[str, Mapping[str, Any]]]) -> list[testing.Finding]:
    """What the harness says about every generator of an installed plugin."""
    point = next(p for p in registry.installed() if p.name == plugin)
    try:
        classes = registry.load(point)
    except BaseException:  # the harness says what is wrong with it
        return testing.check(plugin)
    found: list[testing.Finding] = []
    for cls in classes:
        files = {field: ModelFiles(m["name"], m["kind"], Path(m["path"]), m.get("sha256", ""))
                 for field, m in models.get(getattr(cls, "id", ""), {}).items()}
        found += testing.check_generator(cls, files)
    return found


def main() -> None:
    asked = json.loads(sys.stdin.buffer.read())
    answer = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)  # what the plugin prints is not an answer
    sys.stdout = sys.stderr
    for finding in findings(asked["plugin"], asked["models"]):
        answer.write(json.dumps(asdict(finding)) + "\n")
        answer.flush()
    answer.flush()
    os._exit(0)  # whatever threads the plugin has started


if __name__ == "__main__":
    main()

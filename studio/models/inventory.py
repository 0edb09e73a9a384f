"""The models that were there when last looked, kept on disk, so that a window need not wait for the next look."""

from __future__ import annotations

import json
import os
from collections.abc import Sequence
from pathlib import Path

from studio.models.model import Model


def remembered(path: Path) -> list[Model] | None:
    """What `remember` wrote; None where there is nothing that can be read."""
    try:
        return [Model(**{**record, "path": Path(record["path"])}) for record in json.loads(path.read_text("utf-8"))]
    except (OSError, ValueError, KeyError, TypeError):
        return None


def remember(path: Path, models: Sequence[Model]) -> None:
    """Keep what a look has found. A disk that takes nothing is no error: it is a cache."""
    draft = path.with_name(f"{path.name}.{os.getpid()}.tmp")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        draft.write_text(json.dumps([model.to_json() for model in models]), "utf-8")
        draft.replace(path)
    except OSError:
        pass

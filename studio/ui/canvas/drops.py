"""What can be dropped or pasted onto the canvas: results of the project, files, pictures."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import Any

from PySide6.QtCore import QMimeData
from PySide6.QtGui import QImage

from studio.ui.widgets.media import RESULT_MIME


@dataclass(frozen=True)
class Dropped:
    """One of: a result, paths of local files, a picture."""

    result: dict[str, Any] = field(default_factory=dict)
    paths: list[str] = field(default_factory=list)
    image: QImage | None = None


def read_drop(data: QMimeData) -> Dropped | None:
    """What a drag carries for the canvas, None if nothing of use. A result wins over its exported file."""
    if data.hasFormat(RESULT_MIME):
        try:
            result = json.loads(bytes(data.data(RESULT_MIME).data()).decode("utf-8"))
        except ValueError:
            return None
        return Dropped(result=result) if isinstance(result, dict) and result.get("kind", "image") == "image" else None
    paths = [url.toLocalFile() for url in data.urls() if url.isLocalFile()]
    if paths:
        return Dropped(paths=paths)
    if data.hasImage():
        image = QImage(data.imageData())
        return None if image.isNull() else Dropped(image=image)
    return None

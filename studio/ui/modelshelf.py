"""The model library as the window sees it: what was there when last looked; it looks anew off the UI thread."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

from PySide6.QtCore import QObject, Signal

from studio.models.inventory import remember, remembered
from studio.ui.relay import Relay


class ModelShelf(QObject):
    """Stands before a `studio.models.library.Library`, whose own `installed` opens every model's files (measured: 0.1 s
    with three small ones, seconds where a folder lies on a slow disk).

    Args:
        cache: where what was found lies from one run to the next.

    Attributes:
        known: whether `installed` says anything: on the very first run it does only after a moment.
    """

    changed = Signal()
    """`installed` gives something new."""
    folder_added = Signal(str)
    """path; `changed` follows."""
    folder_refused = Signal(str)
    """One sentence: why it is of no use."""

    def __init__(self, library: Any, cache: Path, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._library, self._cache = library, cache
        kept = remembered(cache)
        self.known = kept is not None
        self._models: list[Any] = kept or []
        self._pool = ThreadPoolExecutor(1, "models")
        self._closed = False
        self._relay = Relay(self)

    # ------------------------------------------------------------ what is there

    def installed(self) -> list[Any]:
        """`Model`s, as of the last look. For any thread."""
        return list(self._models)

    def records(self) -> list[dict[str, Any]]:
        """What the models panel shows: the models that are there, then the packs on offer."""
        offers = self._library.offers({model.name for model in self._models})
        return [*(m.to_json() | {"action": "remove" if m.source == "installed" else ""} for m in self._models),
                *(offer.to_json() | {"action": "install"} for offer in offers if not offer.installed)]

    def resolve(self, name: str, kinds: Any) -> dict[str, Any]:
        """`Library.resolve`, which reads files: not for the UI thread."""
        return self._library.resolve(name, kinds)

    def resolve_loras(self, prompt: str, schema: Any) -> dict[str, Any]:
        """`Library.resolve_loras`, which reads files: not for the UI thread."""
        return self._library.resolve_loras(prompt, schema)

    def resolve_listed(self, params: Any, schema: Any) -> dict[str, Any]:
        """`Library.resolve_listed`, which reads files: not for the UI thread."""
        return self._library.resolve_listed(params, schema)

    # ------------------------------------------------------------ changes

    def look(self, *, tell: bool = False) -> None:
        """Look anew; `changed` follows where something is new. tell: also where nothing is."""
        if not self._closed:
            self._relay(self._pool.submit(self._find), lambda models: self._found(models, tell))

    def add_folder(self, path: str) -> None:
        """Search one more folder; `folder_added` or `folder_refused` follows."""
        def added(_: Any) -> None:
            self.folder_added.emit(path)
            self.look(tell=True)

        self._relay(self._pool.submit(self._library.add_folder, path), added,
                    lambda error: self.folder_refused.emit(str(error)))

    def close(self) -> None:
        """Wait for what is under way; nothing is told any more."""
        self._closed = True
        self._relay.close()
        self._pool.shutdown(wait=True, cancel_futures=True)

    def _find(self) -> list[Any]:
        models = self._library.installed()
        remember(self._cache, models)
        return models

    def _found(self, models: list[Any], tell: bool) -> None:
        new = not self.known or models != self._models
        self.known, self._models = True, models
        if new or tell:
            self.changed.emit()

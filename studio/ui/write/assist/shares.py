"""Who wrote how much of the whole manuscript: the scene on the page as it is, the others as the project has them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from PySide6.QtCore import QObject

from studio.ui.session import Session
from studio.ui.write.assist.figures import Share, share_of


class Shares(QObject):
    """Counts off the UI thread; `show` gets the sum."""

    def __init__(self, session: Session, document: str, node: Callable[[], str], show: Callable[[Share], object],
                 parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.session, self.document, self._node, self._show = session, document, node, show
        self.scenes: dict[str, Share] = {}

    def read_all(self) -> None:
        """Count every scene of the project."""
        project, document = self.session.project, self.document

        def count() -> dict[str, Share]:
            return {node: share_of(prose.text, prose.spans) for node, prose in project.proses(document).items()}

        self.session.read(count, self._counted)

    def _counted(self, scenes: dict[str, Share]) -> None:
        self.scenes = scenes
        self._show(self.total())

    def note(self, text: str, spans: Iterable[Mapping[str, Any]]) -> None:
        """The scene on the page is now so."""
        node, spans = self._node(), list(spans)

        def counted(share: Share) -> None:
            self.scenes[node] = share
            self._show(self.total())

        self.session.read(lambda: share_of(text, spans), counted)

    def total(self) -> Share:
        return sum(self.scenes.values(), Share())

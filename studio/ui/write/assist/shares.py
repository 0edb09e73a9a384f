"""Who wrote how much of the whole manuscript, and its words: the scene on the page as it is, the others as the project
has them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from PySide6.QtCore import QObject

from studio.project.manuscript.authorship import Shares, shares
from studio.project.manuscript.rows import Prose
from studio.ui.session import Session
from studio.ui.write.text import words

Counted = tuple[Shares, int]
"""Of one scene: who wrote it, and its words."""


def counted(prose: Prose) -> Counted:
    return shares(prose)[0], words(prose.text)


class ShareCount(QObject):
    """Counts off the UI thread; `show` gets the sum."""

    def __init__(self, session: Session, document: str, show: Callable[[Shares, int], object],
                 parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.session, self.document, self._show = session, document, show
        self.scenes: dict[str, Counted] = {}

    def read_all(self) -> None:
        """Count every scene of the project."""
        project, document = self.session.project, self.document

        def count() -> dict[str, Counted]:
            return {node: counted(prose) for node, prose in project.proses(document).items()}

        self.session.read(count, self._read)

    def _read(self, scenes: dict[str, Counted]) -> None:
        self.scenes = scenes
        self._tell()

    def note(self, node: str, text: str, spans: Iterable[Mapping[str, Any]]) -> None:
        """A scene is now so."""
        prose = Prose(text, spans=tuple(dict(span) for span in spans))

        def done(found: Counted) -> None:
            self.scenes[node] = found
            self._tell()

        self.session.read(lambda: counted(prose), done)

    def _tell(self) -> None:
        self._show(sum((share for share, _ in self.scenes.values()), Shares()), sum(n for _, n in self.scenes.values()))

"""The drawn shapes of media: peaks read or computed on threads, and kept."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal

from studio.ui.relay import Relay

if TYPE_CHECKING:
    from studio.project import Project
    from studio.project.sound.peaks import Peaks
    from studio.project.sound.source import DecodedSource


class Shapes(QObject):
    """Asks the project for the peaks of a medium, has them made where it has none, and tells when they are there."""

    ready = Signal(str)
    """Content hash: `peaks` gives something now."""
    failed = Signal(str, str)
    """Content hash and one sentence: it cannot be read."""

    def __init__(self, project: Project, source: DecodedSource, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.problems: dict[str, str] = {}
        """One sentence for each medium that cannot be read."""
        self._project, self._source = project, source
        self._peaks: dict[str, Peaks] = {}
        self._asked: set[str] = set()
        self._relay = Relay(self)
        # one thread decodes while the player's own may wait for another medium
        self._pool = ThreadPoolExecutor(1, "shapes")

    def peaks(self, sha: str) -> Peaks | None:
        """The peaks of a medium, or None while they are on their way (`ready` follows) or cannot be had."""
        found = self._peaks.get(sha)
        if found is None and sha and sha not in self._asked:
            self._asked.add(sha)
            self._relay(self._pool.submit(self._project.peaks_of, sha, self._source),
                        lambda peaks: self._came(sha, peaks), lambda error: self._missed(sha, error))
        return found

    def close(self) -> None:
        """Nothing is told any more; what is being decoded ends with the source."""
        self._relay.close()
        self._pool.shutdown(wait=False, cancel_futures=True)

    def wait(self) -> None:
        """Until its thread has ended, after `close` and the end of the source."""
        self._pool.shutdown(wait=True, cancel_futures=True)

    def _came(self, sha: str, peaks: Peaks) -> None:
        self._peaks[sha] = peaks
        self.ready.emit(sha)

    def _missed(self, sha: str, error: BaseException) -> None:
        self.problems[sha] = str(error) or "This sound cannot be read."
        self.failed.emit(sha, self.problems[sha])

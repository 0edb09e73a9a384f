"""The notes of the project's scores, read on a thread and kept."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from studio.ui.session import Session


class Scores:
    """Call it with a score's hash."""

    def __init__(self, session: Session, ready: Callable[[], object]) -> None:
        self._session, self._ready = session, ready
        self._known: dict[str, Any] = {}
        self._asked: set[str] = set()

    def __call__(self, sha: str) -> Any:
        """The score, or None while it is being read or where it cannot be."""
        found = self._known.get(sha)
        if found is None and sha and sha not in self._asked:
            self._asked.add(sha)
            project = self._session.project

            def read() -> Any:
                from studio.project.sound import SoundError, midi

                try:
                    score = midi.read(project.media(sha)[0])[0]
                except (SoundError, KeyError):
                    return None
                assert score.table is not None  # worked out here, for the window must not wait for it
                return score

            self._session.read(read, lambda score: self.keep(sha, score))
        return found

    def keep(self, sha: str, score: Any) -> None:
        """Know a score, such as one that has just been written."""
        if score is not None:
            self._known[sha] = score
            self._ready()

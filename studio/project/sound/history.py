"""The history of an arrangement, bounded by the number of its steps."""

from __future__ import annotations

from collections.abc import Callable

from studio.project import history
from studio.project.sound.arrangement import Arrangement

MOST = 1000
"""Steps that are kept; values share their clips, so that a step costs the tuple of them."""


class History(history.History[Arrangement]):
    """The oldest steps go when there are more than `most`."""

    def __init__(self, arrangement: Arrangement, label: str = "Open", *, most: int = MOST) -> None:
        super().__init__(arrangement, label)
        self.most = max(most, 2)

    @property
    def arrangement(self) -> Arrangement:
        return self.value

    def push(self, label: str, value: Arrangement, merge: str = "") -> None:
        """A new step, unless the arrangement is the current one."""
        if value is not self.value:
            super().push(label, value, merge)

    def amend(self, change: Callable[[Arrangement], Arrangement]) -> None:
        """Change every step: what is worked out from a step (the sound of notes) belongs to it and is none itself."""
        self._entries = [history.Entry(e.label, change(e.value), e.merge) for e in self._entries]

    def _full(self) -> bool:
        return len(self._entries) > self.most

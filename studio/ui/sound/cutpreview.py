"""Hear a cut before it is made: the moment before the selected stretch, and what would follow."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject

from studio.project.sound import edits

if TYPE_CHECKING:
    from studio.ui.sound.pane import SoundPane

LEAD = 2.0
"""Seconds that are heard on either side."""


class CutPreview(QObject):
    """Shows and plays the arrangement without the selected stretch, and then it is as before."""

    def __init__(self, pane: SoundPane) -> None:
        super().__init__(pane)
        self.pane = pane
        self._until: float | None = None
        pane.player.position_changed.connect(self._moved)
        pane.player.playing_changed.connect(self._playing)

    def play(self) -> None:
        """A second time: stop."""
        document, player, region = self.pane.document, self.pane.player, self.pane.document.chosen.region
        if self._until is not None:
            player.pause()
            return
        if region is None:
            document.refused.emit("Select the stretch of time first that should be left out.")
            return
        self.pane.timeline.cancel()
        player.pause()
        document.preview(lambda old: edits.ripple_delete_region(old, region.start, region.end, region.tracks))
        self._until = region.start + LEAD
        player.play(max(region.start - LEAD, 0.0))

    def _moved(self, seconds: float) -> None:
        if self._until is not None and self.pane.player.playing and seconds >= self._until:
            self.pane.player.pause()

    def _playing(self, on: bool) -> None:
        if not on and self._until is not None:
            self._until = None
            self.pane.document.preview(None)
            self.pane.player.seek(self.pane.document.chosen.cursor)

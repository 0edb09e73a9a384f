"""The clips that are seen, for screen readers: what the timeline paints has no widgets of its own."""

from __future__ import annotations

from PySide6.QtCore import QObject, Qt, QTimer
from PySide6.QtGui import QAccessible, QAccessibleEvent
from PySide6.QtWidgets import QWidget

from studio.ui.sound.timeline import Timeline, clip_words

MOST = 200
SETTLE_MS = 150


class ClipProxies(QObject):
    """An unseen child of the timeline for each clip in view, with its name and its place. They are only made while a
    screen reader (or a test) asks.

    Attributes:
        clips: the proxies by id of their clip.
    """

    def __init__(self, timeline: Timeline) -> None:
        super().__init__(timeline)
        self.timeline = timeline
        self.clips: dict[str, QWidget] = {}
        self._timer = QTimer(self, singleShot=True, interval=SETTLE_MS)
        self._timer.timeout.connect(self.refresh)
        for signal in (timeline.axis.changed, timeline.document.changed, timeline.scrolled):
            signal.connect(self._later)
        timeline.document.chosen_changed.connect(self._tell)

    def refresh(self) -> None:
        """Make them fit what is seen."""
        timeline, shown = self.timeline, self.timeline.document.shown
        seen = [(clip, rect) for clip in shown.clips
                if (rect := timeline.clip_rect(clip).toAlignedRect()).intersects(timeline.rect())][:MOST]
        for gone in set(self.clips) - {clip.id for clip, _ in seen}:
            self.clips.pop(gone).deleteLater()
        for clip, rect in seen:
            proxy = self.clips.get(clip.id)
            if proxy is None:
                proxy = self.clips[clip.id] = QWidget(timeline)
                proxy.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
                proxy.show()
            proxy.setGeometry(rect.intersected(timeline.rect()))
            track = shown.find_track(clip.track)
            proxy.setAccessibleName(clip_words(clip, track.name if track is not None else ""))
            proxy.setAccessibleDescription("Chosen" if clip.id in timeline.document.chosen.clips else "")

    def _later(self) -> None:
        if QAccessible.isActive():
            self._timer.start()

    def _tell(self) -> None:
        """The clip that was chosen by key has the reader's attention."""
        if not QAccessible.isActive():
            return
        self.refresh()
        chosen = self.timeline.document.chosen_clips
        if len(chosen) == 1 and (proxy := self.clips.get(chosen[0].id)) is not None:
            QAccessible.updateAccessibility(QAccessibleEvent(proxy, QAccessible.Event.Focus))

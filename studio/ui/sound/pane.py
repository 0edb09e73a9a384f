"""The Sound workspace's document: track heads, ruler and timeline, with the player behind them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QRect, Qt, QTimer, Signal
from PySide6.QtGui import QKeyEvent, QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QScrollBar, QWidget

from studio.project.sound import edits
from studio.ui.sound.bouncing import Bouncing
from studio.ui.sound.cutpreview import CutPreview
from studio.ui.sound.document import SoundDocument
from studio.ui.sound.editing import SoundEditing
from studio.ui.sound.heads import WIDTH, TrackHeads
from studio.ui.sound.lanes import Lanes
from studio.ui.sound.loudness import LoudnessWatch
from studio.ui.sound.menus import SoundMenus
from studio.ui.sound.notes import HEIGHT as NOTES
from studio.ui.sound.notes import NotesStrip
from studio.ui.sound.player import FRAME_MS, MakeSink, StudioPlayer
from studio.ui.sound.proxies import ClipProxies
from studio.ui.sound.ruler import HEIGHT, Ruler
from studio.ui.sound.shapes import Shapes
from studio.ui.sound.sinks import make_sink
from studio.ui.sound.spectra import Spectra
from studio.ui.sound.timeline import Overlay, Timeline
from studio.ui.sound.tools.base import TimelineTool
from studio.ui.sound.transportbar import TransportBar
from studio.ui.sound.working import Working
from studio.ui.theme import Theme
from studio.ui.timeaxis import TimeAxis
from studio.ui.widgets.labels import Label

if TYPE_CHECKING:
    from studio.project import Project
    from studio.project.sound.source import DecodedSource

EMPTY = "Drop sound, a film or a MIDI file here, or say below what should be spoken or played."


class SoundPane(QWidget):
    """Attributes: document, axis, player, source (decoded media), shapes (their drawn peaks), spectra, timeline, bar,
    notes (markers and labels), loudness (of the mix), editing (what commands do), menus, working (long work)."""

    undo_changed = Signal(bool, bool)
    tool_changed = Signal(str)
    notice = Signal(str)
    files_dropped = Signal(list, float, str)
    result_dropped = Signal(dict, float, str)
    flush_asked = Signal()
    """What was changed is to be handed to the project at once."""
    clip_activated = Signal(str)
    level_changed = Signal(object)
    """Peak and RMS of the mix while it plays, None when nothing does."""

    def __init__(self, theme: Theme, project: Project, source: DecodedSource, parent: QWidget | None = None, *,
                 sink: MakeSink = make_sink) -> None:
        super().__init__(parent)
        self.theme, self.source, self.project = theme, source, project
        self.document = SoundDocument(self)
        self.axis, self.lanes = TimeAxis(parent=self), Lanes()
        self.shapes = Shapes(project, source, self)
        self.player = StudioPlayer(self.document, source, self, sink=sink)
        self.timeline = Timeline(theme, self.document, self.axis, self.lanes, self.shapes, self)
        self.ruler = Ruler(theme, self.document, self.timeline, self)
        self.heads = TrackHeads(theme, self.document, self.lanes, self)
        self.spectra = Spectra(source, self)
        self.timeline.clips.spectra = self.spectra
        self.notes = NotesStrip(theme, self.document, self.timeline, self)
        self.loudness = LoudnessWatch(self.document, source, self)
        self.proxies = ClipProxies(self.timeline)
        self.count = Label(theme, "", "body", "t3", parent=self)
        self.empty = Label(theme, EMPTY, "body", "t3", parent=self)
        self.empty.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.bar = TransportBar(theme, self.document, self.timeline)
        self.working = Working(theme, self)
        self.editing, self.bouncing, self.menus = SoundEditing(self), Bouncing(self), SoundMenus(self)
        self.cut = CutPreview(self)
        self._inset = 0
        self._fall = QTimer(self, interval=FRAME_MS)
        """Lets the meters fall after the last sound."""
        self._cover: QWidget | None = None
        self._scroll = QScrollBar(Qt.Orientation.Horizontal, self)
        self._down = QScrollBar(Qt.Orientation.Vertical, self)
        self.setFocusProxy(self.timeline)
        self._connect()
        self._changed()

    def _connect(self) -> None:
        document, player, timeline, bar = self.document, self.player, self.timeline, self.bar
        document.history_changed.connect(lambda: self.undo_changed.emit(self.can_undo(), self.can_redo()))
        document.refused.connect(self.notice)
        document.changed.connect(self._changed)
        player.position_changed.connect(self._moved)
        player.playing_changed.connect(bar.show_playing)
        player.levels_changed.connect(self._levels)
        player.playing_changed.connect(self._playing)
        self._fall.timeout.connect(self._settle)
        player.notice.connect(self.notice)
        self.working.said.connect(self.notice)
        self.spectra.ready.connect(timeline.update)
        self.loudness.measured.connect(lambda found: bar.show_loudness(None if found is None else found.integrated))
        player.playing_changed.connect(self.loudness.hold)
        self.notes.seek_asked.connect(player.seek)
        self.notes.shown_changed.connect(self._lay_out)
        timeline.menu_asked.connect(self.menus.at)
        self.heads.menu_asked.connect(self.menus.at_track)
        bar.metronome_toggled.connect(lambda on: setattr(player.metronome, "on", on))
        self.shapes.failed.connect(lambda _, sentence: self.notice.emit(sentence))
        timeline.seek_asked.connect(player.seek)
        timeline.scrolled.connect(self.heads.place)
        timeline.scrolled.connect(self._show_scroll)
        timeline.clip_activated.connect(self.clip_activated)
        timeline.files_dropped.connect(self.files_dropped)
        timeline.result_dropped.connect(self.result_dropped)
        self.heads.scrolled.connect(timeline.scroll_lanes)
        self.ruler.seek_asked.connect(player.seek)
        self.ruler.scrub_asked.connect(player.scrub)
        bar.start_asked.connect(lambda: self.go_to(0.0))
        bar.play_asked.connect(player.toggle)
        bar.stop_asked.connect(player.stop)
        bar.loop_toggled.connect(self.set_loop)
        self.axis.changed.connect(self._show_scroll)
        self._down.valueChanged.connect(lambda value: timeline.scroll_lanes(value - self.lanes.scroll))
        self._scroll.valueChanged.connect(lambda value: self.axis.set(value / 100, self.axis.scale))

    # ------------------------------------------------------------ what the room and the commands ask

    def can_undo(self) -> bool:
        return self.document.can_undo()

    def can_redo(self) -> bool:
        return self.document.can_redo()

    def undo(self) -> None:
        self.timeline.cancel()
        self.document.undo()

    def redo(self) -> None:
        self.timeline.cancel()
        self.document.redo()

    def tools(self) -> Sequence[TimelineTool]:
        return list(self.timeline.tools.values())

    @property
    def tool(self) -> str:
        return self.timeline.tool.id

    def set_tool(self, tool: str) -> None:
        if tool != self.tool and tool in self.timeline.tools:
            self.timeline.set_tool(tool)
            self.tool_changed.emit(tool)

    def context_bar(self) -> QWidget:
        return self.bar

    def add_overlay(self, overlay: Overlay) -> None:
        """Let something paint over the clips, in the timeline's pixels."""
        self.timeline.overlays.append(overlay)

    def lane_rect(self, track: str) -> QRect:
        """Where the lane of a track lies in the timeline; empty where there is none."""
        lane = self.lanes.find(track)
        return QRect() if lane is None else QRect(0, lane.top, self.timeline.width(), lane.height)

    def clip_rect(self, clip: str) -> QRect:
        """Where a clip lies in the timeline; empty where there is none."""
        found = self.document.shown.find(clip)
        return QRect() if found is None else self.timeline.clip_rect(found).toAlignedRect()

    def go_to(self, seconds: float) -> None:
        """Put cursor and playhead to a time, and show it."""
        self.document.choose(cursor=seconds, region=None)
        self.player.seek(seconds)
        self.axis.follow(seconds, self.timeline.width())

    def set_loop(self, on: bool) -> None:
        """Repeat the selected stretch, or else the loop that was, or the whole."""
        region, loop = self.document.chosen.region, self.document.arrangement.loop
        start, end = ((region.start, region.end) if region else (loop.start, loop.end) if loop
                      else (0.0, self.document.arrangement.length))
        if end > start:
            self.document.edit("Loop" if on else "No loop", lambda old: edits.set_loop(old, start, end, on=on))
        else:
            self.bar.refresh()

    def set_bottom_inset(self, px: int) -> None:
        """How much at the bottom lies under the prompt bar."""
        self._inset = px
        self.timeline.inset = px
        fit = getattr(self._cover, "fit_inset", None)
        if fit is not None:
            fit()
        self.timeline.scroll_lanes(0)
        self._show_scroll()

    def set_cover(self, widget: QWidget | None) -> None:
        """Lay something over track heads and timeline, such as the notes of a clip; None takes it away. Its `fit_inset`
        is called when the prompt bar has another height."""
        self._cover = widget
        self._lay_out()

    def close_document(self) -> None:
        """End what runs: first the source, which the others may wait for."""
        self.player.pause()
        self.working.stop()
        self.shapes.close()
        self.spectra.close()
        self.source.close()
        self.loudness.close()
        self.working.close()
        self.player.close()
        self.shapes.wait()
        self.spectra.wait()
        self.document.close()

    # ------------------------------------------------------------ inside

    def _changed(self) -> None:
        shown = self.document.shown
        tracks = len(shown.tracks)
        minutes, seconds = divmod(round(shown.length), 60)
        clock = f"{minutes}:{seconds:02d}" if minutes < 60 else f"{minutes // 60}:{minutes % 60:02d}:{seconds:02d}"
        self.count.setText(f"{tracks} track{'' if tracks == 1 else 's'} · {clock}")
        self.empty.setVisible(not shown.clips)
        self.timeline._changed()
        self.heads.refresh()
        self._show_scroll()

    def _moved(self, seconds: float) -> None:
        if seconds == self.timeline.playhead and not self.player.playing:
            self.bar.show_time(seconds)
            return  # something that is being made is heard, and nothing moves
        self.timeline.set_playhead(seconds)
        self.ruler.update()
        self.bar.show_time(seconds)
        if self.player.playing:
            self.axis.follow(seconds, self.timeline.width())

    def _levels(self, levels: dict[str, Any]) -> None:
        self.heads.show_levels(levels)
        self.bar.show_level(levels.get(""))
        self.level_changed.emit(levels.get(""))
        if not levels and not self._fall.isActive():
            self.let_fall()

    def _playing(self, playing: bool) -> None:
        """With each start the clip lights go out; after the end the meters fall."""
        if playing:
            self._fall.stop()
            for meter in self.heads.meters():
                meter.put_out()
            self.bar.meter.put_out()
        else:
            self.let_fall()

    def let_fall(self) -> None:
        """Nothing is heard any more: the meters fall."""
        self._fall.start()

    def _settle(self) -> None:
        self._levels({})
        if self.bar.meter.quiet and all(meter.quiet for meter in self.heads.meters()):
            self._fall.stop()

    def _show_scroll(self) -> None:
        """The bar counts in hundredths of a second."""
        page = self.timeline.width() / self.axis.scale
        end = max(self.document.shown.length + page / 2, self.axis.start + page)
        self._scroll.blockSignals(True)
        self._scroll.setRange(0, max(0, round((end - page) * 100)))
        self._scroll.setPageStep(max(1, round(page * 100)))
        self._scroll.setSingleStep(max(1, round(page * 10)))
        self._scroll.setValue(round(self.axis.start * 100))
        self._scroll.blockSignals(False)
        self._scroll.setVisible(self._scroll.maximum() > 0)
        room = self.timeline.room
        self._down.blockSignals(True)
        self._down.setRange(0, max(0, self.lanes.height - room))
        self._down.setPageStep(room)
        self._down.setSingleStep(24)
        self._down.setValue(self.lanes.scroll)
        self._down.blockSignals(False)
        self._down.setVisible(self._down.maximum() > 0)

    def resizeEvent(self, event: QResizeEvent) -> None:
        self._lay_out()

    def _lay_out(self) -> None:
        left, top = self.theme.dp(WIDTH), self.theme.dp(HEIGHT)
        self.count.setGeometry(12, 0, left - 24, top)
        if not self.notes.isHidden():
            self.notes.setGeometry(left, top, self.width() - left, self.theme.dp(NOTES))
            top += self.theme.dp(NOTES)
        self.ruler.setGeometry(left, 0, self.width() - left, self.theme.dp(HEIGHT))
        self.heads.setGeometry(0, top, left, self.height() - top)
        self.timeline.setGeometry(left, top, self.width() - left, self.height() - top)
        self._scroll.setGeometry(left, self.height() - 12, self.width() - left, 12)
        self._down.setGeometry(self.width() - 12, top, 12, max(self.height() - top - self._inset - 12, 40))
        self._down.raise_()
        if self._cover is not None:
            self._cover.setGeometry(0, top, self.width(), self.height() - top)
            self._cover.raise_()
        self._scroll.raise_()
        size = self.empty.sizeHint()
        self.empty.setGeometry(QRect(left + max(16, (self.width() - left - size.width()) // 2), top + 120,
                                     size.width(), size.height()))
        self._show_scroll()

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.fillRect(self.rect(), self.theme.color("chrome"))
        painter.setPen(self.theme.color("line"))
        painter.drawLine(0, self.theme.dp(HEIGHT) - 1, self.width(), self.theme.dp(HEIGHT) - 1)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """The letters of the tools take them; other keys are commands."""
        plain = event.modifiers() in (Qt.KeyboardModifier.NoModifier, Qt.KeyboardModifier.ShiftModifier)
        tool = next((t.id for t in self.timeline.tools.values() if t.key and t.key == event.text().upper()), "")
        if plain and tool:
            self.set_tool(tool)
        else:
            super().keyPressEvent(event)

"""The menus of clips, tracks and empty room."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QObject, QPoint, Qt, Signal
from PySide6.QtWidgets import QColorDialog

from studio.project.sound import Arrangement, Clip, Track, edits
from studio.project.sound.values import FADE_SHAPES
from studio.ui.sound.numbercard import NumberCard
from studio.ui.widgets.askname import AskName
from studio.ui.widgets.popup import Menu, Popup

if TYPE_CHECKING:
    from studio.ui.sound.pane import SoundPane
    from studio.ui.sound.tools.base import Hit

COLOURS = (("", "Usual colour"), ("voice", "Blue"), ("music", "Green"), ("ambience", "Amber"), ("notes", "Rose"),
           ("iris", "Violet"), ("warn", "Yellow"))
SHAPES = {"linear": "Straight", "power": "Even power", "smooth": "Smooth"}


class SoundMenus(QObject):
    """Opens them, and asks for names and numbers."""

    stem_asked = Signal(str)
    """Id of a track that is to be exported by itself."""

    def __init__(self, pane: SoundPane) -> None:
        super().__init__(pane)
        self.pane, self.document = pane, pane.document
        self.open: Menu | None = None
        self.more: list[Callable[[Menu, Clip], object]] = []
        """Others add what they can do with a clip to its menu."""

    # ------------------------------------------------------------ clips

    def at(self, hit: Hit, where: QPoint) -> None:
        """The menu of what lies under the pointer."""
        if hit.clip is not None:
            self._pop(self.clip_menu(hit.clip), where)
        else:
            if hit.track:
                self.document.choose(track=hit.track)
            self._pop(self.room_menu(), where)

    def clip_menu(self, clip: Clip) -> Menu:
        """What can be done with the chosen clips."""
        editing = self.pane.editing
        menu = self._menu("Clip")
        several = len(self.document.chosen_clips) > 1
        for title, run in (("Rename…", lambda: self.rename_clip(clip.id)), ("Duplicate", editing.duplicate),
                           ("Cut", editing.cut), ("Copy", editing.copy), ("Delete", editing.delete),
                           ("Delete and close the gap", editing.ripple_delete)):
            self._add(menu, title, run)
        menu.addSeparator()
        self._add(menu, "Split at the playhead", editing.split)
        self._add(menu, "Crossfade", editing.crossfade)
        if several:
            self._add(menu, "Join", editing.join)
            self._add(menu, "Group", editing.group)
        if clip.group:
            self._add(menu, "Ungroup", editing.ungroup)
        self._add(menu, "Mix down", editing.mix_down)
        menu.addSeparator()
        self._add(menu, "Unmute" if clip.muted else "Mute", editing.mute_clips)
        self._add(menu, "Gain and fades…", lambda: self.ask_numbers(clip.id))
        for side in ("in", "out"):
            shapes = menu.addMenu(f"Shape of the fade {side}")
            for shape in FADE_SHAPES:
                self._add(shapes, SHAPES[shape], partial(self._fade_shape, side, shape))
        self._colours(menu, lambda colour: self._colour_clips(colour))
        for add in self.more:
            add(menu, clip)
        return menu

    def room_menu(self) -> Menu:
        """Where there is no clip."""
        editing = self.pane.editing
        menu = self._menu("Timeline")
        self._add(menu, "Paste", editing.paste)
        self._add(menu, "Marker at the playhead", editing.marker)
        if self.document.chosen.region is not None:
            self._add(menu, "Label the selection", editing.label)
            self._add(menu, "Delete the selection", editing.delete)
            self._add(menu, "Delete and close the gap", editing.ripple_delete)
            self._add(menu, "Show the selection", editing.zoom_chosen)
        self._add(menu, "Volume at the playhead…", self.ask_volume)
        menu.addSeparator()
        self._add(menu, "Select all clips", editing.choose_all)
        self._add(menu, "Show everything", editing.zoom_all)
        self._add(menu, "Mix everything down", self.pane.bouncing.everything)
        return menu

    # ------------------------------------------------------------ tracks

    def at_track(self, track: str, where: QPoint) -> None:
        """The menu of a track's head."""
        self.document.choose(track=track)
        self._pop(self.track_menu(self.document.shown.track(track)), where)

    def track_menu(self, track: Track) -> Menu:
        key, document = track.id, self.document
        index = document.shown.tracks.index(track)
        menu = self._menu("Track")

        def edit(label: str, change: Callable[..., object]) -> Callable[[], object]:
            return lambda: document.edit(label, change)

        self._add(menu, "Rename", lambda: self.pane.heads.rename(key))
        self._add(menu, "Duplicate", edit("Duplicate the track", lambda old: edits.duplicate_track(old, key)))
        self._add(menu, "Delete", edit("Delete the track", lambda old: edits.remove_tracks(old, [key])))
        menu.addSeparator()
        up = self._add(menu, "Move up", edit("Move the track", lambda old: edits.move_track(old, key, index - 1)))
        down = self._add(menu, "Move down", edit("Move the track", lambda old: edits.move_track(old, key, index + 1)))
        up.setEnabled(index > 0)
        down.setEnabled(index + 1 < len(document.shown.tracks))
        menu.addSeparator()
        if track.kind != "notes":
            spectral = self._add(menu, "Spectrogram", self.pane.editing.toggle_view)
            spectral.setCheckable(True)
            spectral.setChecked(track.view == "spectrogram")
        self._colours(menu, lambda colour: document.edit("Colour", lambda old: edits.set_track(old, key,
                                                                                              colour=colour)))
        heights = menu.addMenu("Height")
        for title, height in (("Low", 64), ("Usual", 0), ("High", 240)):
            self._add(heights, title, edit("Height", lambda old, height=height: edits.set_track(old, key,
                                                                                               height=height)))
        if track.volume:
            self._add(menu, "Remove the volume line", edit("Remove the volume line",
                                                           lambda old: edits.set_points(old, key, ())))
        menu.addSeparator()
        self._add(menu, "Mix down", lambda: self.pane.bouncing.track(key))
        self._add(menu, "Export this track…", lambda: self.stem_asked.emit(key))
        return menu

    # ------------------------------------------------------------ asking

    def rename_clip(self, key: str) -> None:
        """Ask for a clip's name."""
        clip = self.document.shown.find(key)
        if clip is None:
            return
        content = AskName(self.pane.theme, "Name of the clip", clip.name, lambda name: self.document.edit(
            "Rename the clip", lambda old: old.map_clips([key], lambda one: one.with_(name=name))), "Rename")
        content.popup = Popup(self.pane.theme, self.pane.timeline, content, place="centre",
                              width=self.pane.theme.dp(340))
        content.popup.open()

    def ask_numbers(self, key: str) -> None:
        """Start, length, gain and fades of a clip as numbers."""
        clip = self.document.shown.find(key)
        if clip is None:
            return
        card = NumberCard(self.pane.theme, f"Clip “{clip.name or 'Clip'}”", (
            ("Start", clip.start, 0.0, 1e6, 0.01, "s"), ("Gain", clip.gain, -96.0, 24.0, 0.5, "dB"),
            ("Fade in", clip.fade_in, 0.0, clip.length, 0.05, "s"),
            ("Fade out", clip.fade_out, 0.0, clip.length, 0.05, "s")))

        def take(values: list[float]) -> None:
            start, gain, fade_in, fade_out = values

            def change(old: Arrangement) -> Arrangement:
                made = edits.set_gain(old, [key], gain)
                made = edits.set_fade_out(edits.set_fade_in(made, [key], fade_in), [key], fade_out)
                return edits.move_to(made, key, start)

            self.document.edit("Gain and fades", change)

        card.taken.connect(take)
        Popup(self.pane.theme, self.pane.timeline, card, place="centre", width=self.pane.theme.dp(320)).open()

    def ask_volume(self) -> None:
        """A point of the chosen track's volume line, at the playhead, as a number."""
        track = self.document.shown.find_track(self.document.chosen.track)
        if track is None:
            self.document.refused.emit("Choose a track first.")
            return
        at = self.pane.player.position
        card = NumberCard(self.pane.theme, f"Volume of {track.name}", (
            ("Time", at, 0.0, 1e6, 0.01, "s"), ("Volume", edits.volume_at(track, at), -96.0, 24.0, 0.5, "dB")))
        card.taken.connect(lambda values: self.document.edit(
            "Draw the volume", lambda old: edits.add_point(old, track.id, values[0], values[1])))
        Popup(self.pane.theme, self.pane.timeline, card, place="centre", width=self.pane.theme.dp(320)).open()

    # ------------------------------------------------------------ inside

    def _fade_shape(self, side: str, shape: str) -> None:
        names = [clip.id for clip in self.document.chosen_clips]
        self.document.edit("Shape of the fade", lambda old: old.map_clips(
            names, lambda clip: clip.with_(**{f"{side}_shape": shape})))

    def _colour_clips(self, colour: str) -> None:
        names = [clip.id for clip in self.document.chosen_clips]
        self.document.edit("Colour", lambda old: old.map_clips(names, lambda clip: clip.with_(colour=colour)))

    def _colours(self, menu: Menu, take: Callable[[str], object]) -> None:
        theme = self.pane.theme
        colours = menu.addMenu("Colour")
        for token, title in COLOURS:
            action = colours.addAction(theme.icons.icon("square", tone=token or "t3", weight="fill"), title)
            action.triggered.connect(lambda _=False, token=token: take(token))

        def other() -> None:
            colour = QColorDialog.getColor(theme.color("music"), self.pane, "Colour")
            if colour.isValid():
                take(colour.name())

        self._add(colours, "Other…", other)

    def _menu(self, title: str) -> Menu:
        menu = Menu(self.pane.theme, title, self.pane)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        return menu

    def _add(self, menu: Any, title: str, run: Callable[[], object]) -> Any:
        action = menu.addAction(title)
        action.triggered.connect(lambda *_: run())
        return action

    def _pop(self, menu: Menu, where: QPoint) -> None:
        self.open = menu
        menu.popup(where)

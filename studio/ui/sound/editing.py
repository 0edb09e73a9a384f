"""What a person can do with clips, time, tracks and the view, by key, palette or menu."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QObject

from studio.project.sound import Arrangement, Clip, SoundError, edits
from studio.ui.sound.document import Region

if TYPE_CHECKING:
    from studio.ui.sound.pane import SoundPane

CROSS = 0.5
"""Seconds over which two clips that only meet cross."""
NOTHING = "Choose a clip, or drag over empty room to select a stretch of time."


class SoundEditing(QObject):
    """Works on what is chosen: clips where some are, else the selected stretch of time, else all tracks at the cursor.

    Attributes:
        copied: what Paste puts down.
    """

    def __init__(self, pane: SoundPane) -> None:
        super().__init__(pane)
        self.pane, self.document = pane, pane.document
        self.copied: edits.Copied | None = None

    # ------------------------------------------------------------ what is chosen

    @property
    def _clips(self) -> list[str]:
        return [clip.id for clip in self.document.chosen_clips]

    @property
    def _region(self) -> Region | None:
        return self.document.chosen.region

    def _refuse(self, sentence: str) -> None:
        self.document.refused.emit(sentence)

    def _edit_chosen(self, label: str, clips: Callable[[Arrangement, list[str]], Any],
                     region: Callable[[Arrangement, Region], Any] | None = None) -> Any:
        """Do one thing with the chosen clips, or another with the selected time."""
        names, stretch = self._clips, self._region
        if names:
            return self.document.edit(label, lambda old: clips(old, names))
        if stretch is not None and region is not None:
            return self.document.edit(label, lambda old: region(old, stretch))
        self._refuse(NOTHING)
        return None

    # ------------------------------------------------------------ clipboard

    def copy(self) -> bool:
        """Remember what is chosen; False, with a sentence, where nothing is."""
        names, region = self._clips, self._region
        if names:
            self.copied = edits.copy(self.document.arrangement, names)
        elif region is not None:
            self.copied = edits.copy_region(self.document.arrangement, region.start, region.end, region.tracks)
        else:
            self._refuse(NOTHING)
            return False
        return True

    def cut(self) -> None:
        if self.copy():
            self._edit_chosen("Cut", edits.delete,
                              lambda old, it: edits.clear_region(old, it.start, it.end, it.tracks))

    def paste(self) -> None:
        """At the cursor, on the chosen track."""
        copied, chosen = self.copied, self.document.chosen
        if copied is None or not copied.clips:
            self._refuse("There is nothing to paste; copy a clip or a stretch of time first.")
            return
        made = self.document.edit("Paste", lambda old: edits.paste(old, copied, chosen.cursor, chosen.track))
        if made:
            self.document.choose(clips=frozenset(made), region=None, cursor=chosen.cursor + copied.length)

    def duplicate(self) -> None:
        """Right behind what is chosen."""
        made = self._edit_chosen("Duplicate", edits.duplicate, _duplicate_region)
        if isinstance(made, list):
            self.document.choose(clips=frozenset(made), region=None)

    def delete(self) -> None:
        self._edit_chosen("Delete", edits.delete, lambda old, it: edits.clear_region(old, it.start, it.end, it.tracks))

    def ripple_delete(self) -> None:
        """Delete, and close the gap."""
        self._edit_chosen("Delete and close the gap", edits.ripple_delete,
                          lambda old, it: edits.ripple_delete_region(old, it.start, it.end, it.tracks))

    # ------------------------------------------------------------ clips

    def split(self) -> None:
        """The chosen clips at the playhead (or the cursor) where it stands in them, else all there; a selected stretch
        at both ends."""
        names, region = self._clips, self._region
        if region is not None and not names:
            self.document.edit("Split", lambda old: edits.split(edits.split(old, region.start, region.tracks),
                                                                region.end, region.tracks))
            return
        at = self.pane.player.position
        if not any(clip.start < at < clip.end for clip in self.document.chosen_clips or self.document.shown.clips):
            at = self.document.chosen.cursor
        before = self.document.arrangement
        if any(clip.start < at < clip.end for clip in self.document.chosen_clips):
            done = self.document.edit("Split", lambda old: edits.split_clips(old, names, at))
        else:
            done = self.document.edit("Split", lambda old: edits.split(old, at))
        if done and self.document.arrangement is before:
            self._refuse("No clip lies at the playhead; move it into a clip to split there.")

    def trim(self) -> None:
        """Of the clips that the selected stretch touches, keep what lies inside it."""
        region = self._region
        if region is None:
            self._refuse("Select the stretch of time first that should be left.")
            return
        self.document.edit("Trim", lambda old: edits.keep_region(old, region.start, region.end, region.tracks))

    def join(self) -> None:
        """Where they go on in the same recording they become one clip again; else they are mixed down."""
        names = self._clips
        try:
            edits.join(self.document.arrangement, names)
        except SoundError as error:
            if len(names) > 1 and len({clip.track for clip in self.document.chosen_clips}) == 1:
                self.mix_down()
            else:
                self._refuse(str(error))
            return
        self.document.edit("Join", lambda old: edits.join(old, names))

    def mix_down(self) -> None:
        """Make one recording of the chosen clips, on the track of the first, as it is heard."""
        clips = self.document.chosen_clips
        if not clips:
            self._refuse(NOTHING)
            return
        self.pane.bouncing.clips(clips)

    def crossfade(self) -> None:
        """The two chosen clips; of one the one that follows it on its track."""
        clips = self.document.chosen_clips
        if len(clips) == 1:
            after = [clip for clip in self.document.shown.on(clips[0].track)
                     if (clip.start, clip.id) > (clips[0].start, clips[0].id)]
            clips += after[:1]
        if len(clips) != 2:
            self._refuse("Choose the two clips that should pass into each other.")
            return
        self.document.edit("Crossfade", lambda old: edits.crossfade(old, clips[0].id, clips[1].id, CROSS))

    def group(self) -> None:
        self._edit_chosen("Group", edits.group)

    def ungroup(self) -> None:
        self._edit_chosen("Ungroup", edits.ungroup)

    def mute_clips(self) -> None:
        """Silence the chosen clips, or let them be heard again."""
        on = not all(clip.muted for clip in self.document.chosen_clips)
        self._edit_chosen("Mute the clip" if on else "Unmute the clip",
                          lambda old, names: edits.set_muted(old, names, on))

    def change_gain(self, decibels: float) -> None:
        self._edit_chosen("Clip gain", lambda old, names: edits.add_gain(old, names, decibels))

    def nudge(self, steps: int) -> None:
        """Move the chosen clips by lines of the grid."""
        clips = self.document.chosen_clips
        if not clips:
            self._refuse(NOTHING)
            return
        tempo = self.document.shown.tempo
        first = min(clip.start for clip in clips)
        quarters = self.pane.timeline.grid or tempo.metre_at_bar(0).quarters
        by = tempo.seconds(max(tempo.beat(first) + steps * quarters, 0.0)) - first
        names = [clip.id for clip in clips]
        self.document.edit("Move", lambda old: edits.move(old, names, by), merge=f"nudge:{','.join(names)}")

    def shift_rows(self, rows: int) -> None:
        """Move the chosen clips to another track."""
        self._edit_chosen("Move to another track", lambda old, names: edits.move(old, names, 0.0, rows))

    # ------------------------------------------------------------ choosing and walking

    def choose_all(self) -> None:
        self.document.choose(clips=frozenset(clip.id for clip in self.document.shown.clips), region=None)

    def choose_none(self) -> None:
        self.document.choose(clips=frozenset(), region=None)

    def step(self, by: int) -> None:
        """To the next (or previous) clip on the track; from the last one to the first of the next track."""
        arrangement = self.document.shown
        order = [clip for track in arrangement.tracks for clip in arrangement.on(track.id)]
        if not order:
            self._refuse("There are no clips yet.")
            return
        chosen = self.document.chosen_clips
        if chosen:
            places = [order.index(clip) for clip in chosen if clip in order]
            at = (max(places) if by > 0 else min(places)) + by
        else:
            at = self._near(order) if by > 0 else self._near(order) - 1
        self.show_clip(order[at % len(order)])

    def step_track(self, by: int) -> None:
        """To the clip at the same time on the track above or below; else only to that track."""
        tracks = [track.id for track in self.document.shown.tracks]
        if not tracks:
            return
        now = self.document.chosen.track
        at = min(max((tracks.index(now) if now in tracks else 0) + by, 0), len(tracks) - 1)
        chosen = self.document.chosen_clips
        moment = chosen[0].start + min(chosen[0].length / 2, 0.01) if chosen else self.document.chosen.cursor
        clip = self.document.shown.under(tracks[at], moment)
        if clip is not None:
            self.show_clip(clip)
        else:
            self.document.choose(track=tracks[at], clips=frozenset())
        self.pane.timeline.show_track(tracks[at])

    def show_clip(self, clip: Clip) -> None:
        """Choose a clip and bring it into view."""
        self.document.choose(clips=frozenset({clip.id}), region=None, track=clip.track, cursor=clip.start)
        self.pane.axis.follow(clip.start, self.pane.timeline.width())
        self.pane.timeline.show_track(clip.track)
        self.pane.timeline.tell_focus()

    def _near(self, order: list[Clip]) -> int:
        """The first clip of the chosen track that ends behind the cursor."""
        chosen = self.document.chosen
        return next((n for n, clip in enumerate(order) if clip.track == chosen.track and clip.end > chosen.cursor), 0)

    def extend_region(self, steps: int) -> None:
        """Make the selected stretch longer (or shorter) by lines of the grid; without one it begins at the cursor."""
        chosen, tempo = self.document.chosen, self.document.shown.tempo
        region = chosen.region or Region(chosen.cursor, chosen.cursor, (chosen.track,) if chosen.track else ())
        if not region.tracks:
            self._refuse("Add a track first.")
            return
        quarters = self.pane.timeline.grid or tempo.metre_at_bar(0).quarters
        end = tempo.seconds(max(tempo.beat(region.end) + steps * quarters, 0.0))
        kept = Region(region.start, end, region.tracks) if end > region.start else None
        self.document.choose(region=kept, clips=frozenset())
        self.pane.axis.follow(end, self.pane.timeline.width())

    # ------------------------------------------------------------ markers, labels, tracks

    def marker(self) -> None:
        """At the playhead; its name can be typed at once."""
        at = self.pane.player.position
        made = self.document.edit("Marker", lambda old: edits.add_marker(old, at))
        if made:
            self.pane.notes.rename(made)

    def label(self) -> None:
        """Over the selected stretch, the chosen clip, or the second after the cursor."""
        chosen, clips = self.document.chosen, self.document.chosen_clips
        start, length = chosen.cursor, 1.0
        if chosen.region is not None:
            start, length = chosen.region.start, chosen.region.length
        elif clips:
            start, length = clips[0].start, clips[0].length
        made = self.document.edit("Label", lambda old: edits.add_label(old, start, length, "Label"))
        if made:
            self.pane.notes.rename(made)

    def set_track(self, field: str, label: str) -> None:
        """Turn a switch of the chosen track ("mute", "solo", "armed") over."""
        track = self.document.shown.find_track(self.document.chosen.track)
        if track is None:
            self._refuse("Choose a track first.")
            return
        on = not getattr(track, field)
        self.document.edit(label, lambda old: edits.set_track(old, track.id, **{field: on}))

    def toggle_view(self) -> None:
        """Show the chosen track as a spectrogram, or as a waveform again."""
        track = self.document.shown.find_track(self.document.chosen.track)
        if track is None:
            self._refuse("Choose a track first.")
            return
        view = "waveform" if track.view == "spectrogram" else "spectrogram"
        self.document.edit("View", lambda old: edits.set_track(old, track.id, view=view))

    def add_track(self, kind: str, name: str) -> None:
        made = self.document.edit("Add track", lambda old: edits.add_track(old, kind, name))  # type: ignore[arg-type]
        if made:
            self.document.choose(track=made)
            self.pane.timeline.show_track(made)

    # ------------------------------------------------------------ view

    def toggle_snap(self) -> None:
        self.pane.bar.snap.toggle()

    def zoom(self, factor: float) -> None:
        """Around the playhead where it is seen, else around the middle."""
        timeline, axis = self.pane.timeline, self.pane.axis
        x = axis.x(self.pane.player.position)
        axis.zoom(factor, x if 0 <= x <= timeline.width() else timeline.width() / 2)

    def zoom_chosen(self) -> None:
        """Show the selected stretch, or the chosen clips."""
        region, clips = self._region, self.document.chosen_clips
        if region is not None:
            self.pane.axis.fit(region.start, region.end, self.pane.timeline.width())
        elif clips:
            self.pane.axis.fit(min(c.start for c in clips), max(c.end for c in clips), self.pane.timeline.width())
        else:
            self._refuse(NOTHING)

    def zoom_all(self) -> None:
        self.pane.axis.fit(0.0, max(self.document.shown.length, 4.0), self.pane.timeline.width())


def _duplicate_region(arrangement: Arrangement, region: Region) -> tuple[Arrangement, list[str]]:
    copied = edits.copy_region(arrangement, region.start, region.end, region.tracks)
    if not copied.clips:
        raise SoundError("There is nothing in the selected stretch to duplicate.")
    top = next(track.id for track in arrangement.tracks if track.id in {clip.track for clip in copied.clips})
    return edits.paste(arrangement, copied, region.end, top)

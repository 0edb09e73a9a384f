"""Mix clips or whole tracks down to one recording."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QObject

from studio.project.sound import Arrangement, Clip, SoundError, edits

if TYPE_CHECKING:
    from studio.project.sound.cutting import Piece
    from studio.ui.sound.pane import SoundPane


LONGEST = 3600.0
"""Seconds that are mixed in memory."""


class Bouncing(QObject):
    """Mixes on the pane's working thread and puts the recording in the place of what it was made of."""

    def __init__(self, pane: SoundPane) -> None:
        super().__init__(pane)
        self.pane = pane

    def clips(self, clips: Sequence[Clip]) -> None:
        """One clip of these. On one track it stays there, before the track's own volume; of several it is what is heard
        of them, on the topmost."""
        arrangement = self.pane.document.arrangement
        tracks = {clip.track for clip in clips}
        names = [clip.id for clip in clips]
        start, end = min(clip.start for clip in clips), max(clip.end for clip in clips)
        top = next(track for track in arrangement.tracks if track.id in tracks)
        alone = arrangement.with_(clips=tuple(clips), master_gain=0.0, loop=None)
        if len(tracks) == 1:
            alone = alone.replace_track(top.with_(gain=0.0, pan=0.0, volume=(), mute=False, solo=False))
        name = clips[0].name if len(clips) == 1 else f"{top.name} mix"
        text = " ".join(clip.text for clip in sorted(clips, key=lambda clip: clip.start) if clip.text)

        def put(piece: Piece) -> None:
            def edit(old: Arrangement) -> tuple[Arrangement, str]:
                kept = [key for key in names if old.find(key) is not None]
                return edits.add_clip(edits.delete(old, kept), top.id, start, piece, text=text)

            made = self.pane.document.edit("Mix down", edit)
            if made:
                self.pane.document.choose(clips=frozenset({made}), region=None)

        self.pane.working.run("Mixing down", self._work(alone, start, end, name), put)

    def track(self, key: str) -> None:
        """All clips of a track become one."""
        clips = self.pane.document.arrangement.on(key)
        if clips:
            self.clips(clips)
        else:
            self.pane.document.refused.emit("There is nothing on this track to mix down.")

    def everything(self) -> None:
        """What is heard of all tracks becomes a clip on a new track, which is then heard alone."""
        arrangement = self.pane.document.arrangement
        if not arrangement.clips:
            self.pane.document.refused.emit("There is nothing to mix down yet.")
            return

        def put(piece: Piece) -> None:
            def edit(old: Arrangement) -> tuple[Arrangement, str]:
                made, track = edits.add_track(old, "music", "Mixdown", solo=True)
                return edits.add_clip(made, track, 0.0, piece)

            self.pane.document.edit("Mix down", edit)

        plain = arrangement.with_(master_gain=0.0, loop=None)
        self.pane.working.run("Mixing down", self._work(plain, 0.0, arrangement.length, "Mixdown"), put)

    def _work(self, arrangement: Arrangement, start: float, end: float, name: str) -> Callable[..., Any]:
        project, source = self.pane.project, self.pane.source

        def work(progress: Callable[[float], None], stopped: Callable[[], bool]) -> Piece:
            import numpy as np

            from studio.project.sound import whole
            from studio.project.sound.exporting import Cancelled, encode
            from studio.project.sound.mixer import Mixer

            if end - start > LONGEST:
                raise SoundError("More than an hour cannot be mixed down to a clip; export it instead.")
            first, last = arrangement.frame(start), arrangement.frame(end)
            mixer, blocks = Mixer(arrangement, source), []
            for at in range(first, last, 1 << 18):
                if stopped():
                    raise Cancelled
                blocks.append(mixer.read(at, min(1 << 18, last - at)))
                progress((at - first) / (last - first) * 0.9)
            if mixer.problems:
                raise SoundError(next(iter(mixer.problems.values())))
            samples = np.concatenate(blocks)
            if np.array_equal(samples[:, 0], samples[:, 1]):
                samples = samples[:, :1]
            data, kind = encode(samples, arrangement.rate)
            seconds = len(samples) / arrangement.rate
            sha = project.put_media(data, kind).result()
            told = whole.origin_of(arrangement, project.result)
            return edits.Piece(sha, kind, seconds, source_length=seconds, name=name, origin=told)

        return work

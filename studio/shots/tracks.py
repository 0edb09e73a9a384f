"""The arrangement of the pictures: a narrator, another voice, a waltz and its mix."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from studio.project.sound import edits
from studio.shots.driving import settle, wait

if TYPE_CHECKING:
    from studio.project.sound import Clip
    from studio.shots.photographer import Photographer

NARRATOR = ("The last chart in the drawer had no stars on it. Marzipan turned it over twice, as one does with a letter "
            "from a stranger.")
LAMP = "It is a chart of somewhere nobody has been impressed by yet."
MUSIC = "a slow waltz in D minor, 16 bars"


class Tracks:
    def __init__(self, photographer: Photographer) -> None:
        self.by = photographer
        self.bench = photographer.window.workbench
        photographer.desk.go("sound")
        self.room: Any = self.bench.room("sound")
        self.pane = self.room.pane
        self.document = self.pane.document

    def take(self) -> None:
        wait(lambda: not self.document.closed_because)
        self._voices()
        self._music()
        self.pane.editing.zoom_all()
        self.by.close_popups()
        self.by.both("sound")
        self._notes()

    def _make(self, generator: str, words: str, **values: Any) -> list[Clip]:
        """What generating adds to the timeline; values: of the form."""
        before = {clip.id for clip in self.document.arrangement.clips}
        self.bench.composer.pick_generator(generator)
        self.bench.composer.set_values(**values)
        self.by.generate(words)
        wait(lambda: any(clip.id not in before for clip in self.document.arrangement.clips))
        return [clip for clip in self.document.arrangement.clips if clip.id not in before]

    def _voices(self) -> None:
        spoken = self._make("speech.hibari", NARRATOR)
        self._name(spoken[0], "Narrator")
        self.document.edit("Add track", lambda a: edits.add_track(a, "voice", "The lamp"))
        lamp = self.document.arrangement.tracks[-1].id
        self.document.choose(track=lamp, clips=frozenset())
        self.pane.go_to(spoken[-1].end + 0.4)
        self._make("speech.hibari", LAMP, voice="Heart, low")

    def _music(self) -> None:
        self.document.choose(clips=frozenset(), region=None, track="")
        self.pane.go_to(0.0)
        (notes,) = self._make("music.transformer", MUSIC)
        wait(lambda: bool(self.document.arrangement.clip(notes.id).media))
        self._name(notes, "Waltz")
        self.document.choose(clips=frozenset({notes.id}), track=notes.track)
        self.waltz = notes

    def _name(self, clip: Clip, name: str) -> None:
        self.document.edit("Rename track", lambda a: edits.set_track(a, clip.track, name=name))

    def _notes(self) -> None:
        self.room.makers.open(self.waltz.id)
        settle(600)
        self.by.save("sound-notes-dark")

"""The arrangement of the pictures: a narrator, another voice, a waltz and its mix."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from studio.project.sound import edits
from studio.shots.driving import settle, wait

if TYPE_CHECKING:
    from studio.project.sound import Clip
    from studio.shots.photographer import Photographer

TALK = (
    ("Narrator", "Heart", "The last chart in the drawer had no stars on it. Marzipan turned it over twice, as one does "
     "with a letter from a stranger, and found only a watermark and the brown ring of somebody's tea."),
    ("The lamp", "Heart, low", "It isn't empty. It is a chart of somewhere nobody has been impressed by yet."),
    ("Narrator", "Heart", "She spread it across the console and weighed down its corners with four small planets."),
    ("The lamp", "Heart, low", "Then it is overdue."),
)
"""Who says what, one after another."""
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
        self._mix()
        self.by.both("sound")
        self._captions()
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
        tracks: dict[str, str] = {}
        for name, voice, words in TALK:
            if name not in tracks:
                self.document.edit("Add track", lambda a, name=name: edits.add_track(a, "voice", name))
                tracks[name] = self.document.arrangement.tracks[-1].id
            self.document.choose(track=tracks[name], clips=frozenset())
            end = max((clip.end for clip in self.document.arrangement.clips), default=0.0)
            self.pane.go_to(end + 0.5)
            self._make("speech.hibari", words, voice=voice)

    def _music(self) -> None:
        self.document.choose(clips=frozenset(), region=None, track="")
        self.pane.go_to(0.0)
        (notes,) = self._make("music.transformer", MUSIC)
        wait(lambda: bool(self.document.arrangement.clip(notes.id).media))
        self._name(notes, "Waltz")
        self.waltz = notes

    def _mix(self) -> None:
        """The music below the voices, and a sentence that was spoken three times."""
        self.document.edit("Volume", lambda a: edits.set_track(a, self.waltz.track, gain=-9.0))
        self.bench.composer.pick_generator("speech.hibari")
        self.bench.bar.prompt.set_text("")
        said = sorted(self.document.arrangement.clips, key=lambda clip: clip.start)[2]
        self.document.choose(clips=frozenset({said.id}), track=said.track)
        for _ in range(2):
            self._again(said.id)
        self.pane.editing.zoom_all()
        self.by.close_popups()
        settle(1500)  # the loudness of the whole mix is measured

    def _again(self, name: str) -> None:
        """Speak a sentence once more."""
        before = self.document.arrangement.clip(name)
        self.room.generating.respeak(before, before.text)
        wait(lambda: self.document.arrangement.clip(name).take != before.take)

    def _name(self, clip: Clip, name: str) -> None:
        self.document.edit("Rename track", lambda a: edits.set_track(a, clip.track, name=name))

    def _captions(self) -> None:
        """The captions of one voice, the playhead in the second."""
        captions = self.room.makers.show_captions()
        captions.from_speech()
        captions.list.choose([1])
        self.pane.go_to(captions.model.labels[1].start + 0.5)
        self.by.save("sound-captions-dark")
        self.document.undo()

    def _notes(self) -> None:
        self.bench.composer.pick_generator("music.transformer")
        self.bench.inspector.show_tab("generate")
        self.room.makers.open(self.waltz.id)
        roll = self.room.makers.roll
        wait(lambda: roll.score.note_count > 0)
        roll.select_bars((4, 8))
        settle(600)
        self.by.save("sound-notes-dark")

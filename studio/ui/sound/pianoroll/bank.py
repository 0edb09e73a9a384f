"""Notes that are heard at once: the player of notes makes all keys of an instrument in one go, and they are kept.

A note on its own would wait for the queue and for the host; one of the bank waits for the sound device alone.
"""

from __future__ import annotations

import io
from collections import OrderedDict
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QObject, Signal

from studio.engine.job import Job, Result
from studio.project.sound.score import TICKS, Note, Part, Score
from studio.ui.requests import PREVIEW, Ask
from studio.ui.sound.makers.asking import MIDI, RENDERER

if TYPE_CHECKING:
    from studio.ui.sound.pianoroll.roll import PianoRoll

OF = "notes"
LOWEST, HIGHEST = 21, 108
APART, LONG, RING = 1.0, 0.5, 0.4
"""Seconds from one key to the next, that a key is held, and that it may ring on."""
MOST = 6
"""Instruments that are kept."""


class NoteBank(QObject):
    """Listens to a piano roll: the instrument of its part is made ready, and its notes are heard."""

    ready = Signal(str)

    def __init__(self, roll: PianoRoll) -> None:
        super().__init__(roll)
        self.roll, self.session = roll, roll.generating.session
        self._keys: OrderedDict[str, dict[int, Any]] = OrderedDict()
        self._rate = 48_000
        self._asked: set[str] = set()
        roll.heard.connect(self.strike)
        roll.changed.connect(self.prepare)
        self.session.tried.connect(self._came)
        self.session.discovered.connect(lambda _: self._asked.clear())  # the player of notes may be there now

    def _instrument(self) -> str:
        """The part in front, as a name."""
        parts = self.roll.score.parts
        part = parts[self.roll.part] if parts else Part()
        return "drums" if part.drums else str(part.program)

    def prepare(self) -> None:
        """Ask for the keys of the part's instrument, unless they are there or under way."""
        name, info = self._instrument(), self.roll.generating.find(RENDERER)
        if name in self._keys:
            self._keys.move_to_end(name)
        elif self.roll.clip and info is not None and name not in self._asked:
            self._asked.add(name)
            from studio.project.sound import midi

            self.session.generate(Ask(RENDERER, {"room": 0.1}, 1, {"score": (lambda: midi.write(keyboard(name)), MIDI)},
                                      (), {"kind": PREVIEW, "of": OF, "instrument": name}))

    def strike(self, pitch: int, velocity: int) -> None:
        """Let a note be heard, if its instrument is ready."""
        sound = self._keys.get(self._instrument(), {}).get(pitch)
        if sound is not None:
            self.roll.pane.player.strike(sound * ((velocity / 90) ** 1.7 / 32767), self._rate)

    def _came(self, event: Result, job: Job) -> None:
        target = job.request.target
        if target.get("of") != OF:
            return
        name = str(target.get("instrument"))
        self.session.read(lambda: split(event.data), lambda found: self._keep(name, *found))

    def _keep(self, name: str, keys: dict[int, Any], rate: int) -> None:
        self._rate = rate
        self._keys[name] = keys
        self._asked.discard(name)
        while len(self._keys) > MOST:
            self._keys.popitem(last=False)
        self.ready.emit(name)


def keyboard(name: str) -> Score:
    """All keys of an instrument, one after the other, two quarter notes to a second."""
    apart, long = round(APART * 2 * TICKS), round(LONG * 2 * TICKS)
    notes = (Note(place * apart, pitch, long, 90) for place, pitch in enumerate(range(LOWEST, HIGHEST + 1)))
    drums = name == "drums"
    return Score((Part("Keys", 0 if drums else int(name), drums).with_notes(notes),))


def split(data: bytes) -> tuple[dict[int, Any], int]:
    """The sound of `keyboard`, key by key: int16 (frames,), and the rate."""
    import numpy as np
    import soundfile

    samples, rate = soundfile.read(io.BytesIO(data), dtype="int16", always_2d=True)
    fade = np.ones(round((LONG + RING) * rate), np.float32)
    tail = rate // 20
    fade[-tail:] = np.linspace(1, 0, tail)
    keys = {}
    for place, pitch in enumerate(range(LOWEST, HIGHEST + 1)):
        begin = round(place * APART * rate)
        part = samples[begin:begin + len(fade), 0]
        keys[pitch] = (part * fade[:len(part)]).astype(np.int16)
    return keys, rate

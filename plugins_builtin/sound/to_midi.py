"""`sound.to_midi`: a recording as notes."""

from __future__ import annotations

import io
from collections.abc import Sequence
from typing import Annotated, Any

from pydantic import Field

from plugins_builtin.sound.fields import read, sound_field
from plugins_builtin.sound.notes import EDGE, RATE, STEP, Note
from studio.plugins import Audio, Context, Generator, GeneratorError, InputError, ModelField, Params, Score, ui
from studio.plugins import Requirements as Needs

TICKS = 480
"""To a quarter note."""


class ToMidiParams(Params):
    """What to listen to and how closely."""

    audio: Audio = sound_field("The music to write down: one instrument or voice, best without drums.")
    sensitivity: float = Field(0.4, ge=0.1, le=0.9, description="More finds faint notes, and some that are none.",
                               json_schema_extra=ui(widget="slider", label="Sensitivity", step=0.05))
    shortest: float = Field(0.12, ge=0.03, le=1, description="Shorter notes are left out.",
                            json_schema_extra=ui(widget="slider", label="Shortest", unit="s", step=0.01))
    lowest: int = Field(21, ge=21, le=108, description="The lowest note, as a MIDI number; 60 is middle C.",
                        json_schema_extra=ui(widget="slider", label="Lowest", group="Advanced"))
    highest: int = Field(108, ge=21, le=108, description="The highest note, as a MIDI number.",
                         json_schema_extra=ui(widget="slider", label="Highest", group="Advanced"))
    tempo: float = Field(120, ge=20, le=300, description="Beats a minute of the score; the notes keep their times.",
                         json_schema_extra=ui(widget="slider", label="Tempo", unit="bpm", step=1))
    model: Annotated[str, Field(description="The network that listens.")] = ModelField(
        "basic-pitch", default="basic-pitch")


class ToMidi(Generator):
    """Writes down what is played, several notes at once too. The result's meta has "notes", "bpm" and "seconds"."""

    id = "sound.to_midi"
    title = "Sound to notes"
    produces = "score"
    summary = "Hears the notes of a recording and writes them down as MIDI."
    icon = "piano-keys"
    requires = Needs(memory=300 * 2**20)
    libraries = ("onnxruntime", "mido", "soxr")

    class Params(ToMidiParams):
        """What to listen to and how closely."""

    def __init__(self) -> None:
        self._network: Any = None

    def load(self, ctx: Context) -> None:
        """Bring the network in. Raises `GeneratorError` for broken files."""
        from plugins_builtin.onnx import open_network

        ctx.check()
        self._network = open_network(ctx.model("model"), ctx.device)

    def unload(self) -> None:
        self._network = None

    def run(self, params: ToMidiParams, ctx: Context) -> Score:
        """Write it down. Raises `InputError` where it cannot be read, is empty or too long, or holds no notes."""
        import soxr

        from plugins_builtin.sound.notes import decoded, times

        if self._network is None:
            raise GeneratorError("The network that listens is not loaded.")
        ctx.check()
        samples, rate = read(params.audio, 3600)
        seconds = len(samples) / rate
        mono = samples.mean(axis=1)
        mono = mono if rate == RATE else soxr.resample(mono, rate, RATE)
        activity, onsets = self._heard(mono, ctx)
        when = times(-(-len(mono) // STEP) or 1)
        keys = slice(max(0, params.lowest - 21), params.highest - 20)
        for picture in (activity, onsets):
            picture[when >= seconds] = 0
            picture[:, :keys.start] = 0
            picture[:, keys.stop:] = 0
        notes = decoded(activity, onsets, when, begin=1 - params.sensitivity, hold=0.8 - params.sensitivity * 0.8,
                        shortest=params.shortest)
        if not notes:
            raise InputError("No notes were heard in this sound; raise the sensitivity or choose another one.", "audio")
        return Score(midi(notes, params.tempo), meta={
            "notes": len(notes), "bpm": params.tempo, "seconds": round(max(note.end for note in notes), 3),
            "instruments": ["Piano"]})

    def _heard(self, mono: Any, ctx: Context) -> tuple[Any, Any]:
        """Activity and onsets, float32 (frames, 88), of the frames that `times` names."""
        import numpy as np

        from plugins_builtin.sound.notes import windows

        name = self._network.get_inputs()[0].name
        activity, onsets = [], []
        of = -(-len(mono) // STEP) or 1
        for number, window in enumerate(windows(mono)):
            ctx.progress(number, of)
            began, held = self._network.run(["StatefulPartitionedCall:2", "StatefulPartitionedCall:1"], {name: window})
            onsets.append(began[0, EDGE:-EDGE])
            activity.append(held[0, EDGE:-EDGE])
        ctx.progress(of, of)
        return np.concatenate(activity), np.concatenate(onsets)


def midi(notes: Sequence[Note], tempo: float) -> bytes:
    """A standard MIDI file of one track: a piano that plays the notes. The same notes give the same bytes."""
    import mido

    def tick(seconds: float) -> int:
        return round(seconds * tempo / 60 * TICKS)

    events = []
    for note in notes:
        start, end = tick(note.start), max(tick(note.end), tick(note.start) + 1)
        velocity = max(1, min(127, round(note.strength * 127)))
        events += [(start, 1, note.pitch, velocity), (end, 0, note.pitch, 0)]  # an end before a start at one tick
    track = mido.MidiTrack([mido.MetaMessage("set_tempo", tempo=mido.bpm2tempo(tempo), time=0),
                            mido.Message("program_change", program=0, time=0)])
    at = 0
    for place, on, pitch, velocity in sorted(events):
        track.append(mido.Message("note_on" if on else "note_off", note=pitch, velocity=velocity, time=place - at))
        at = place
    track.append(mido.MetaMessage("end_of_track", time=0))
    buffer = io.BytesIO()
    mido.MidiFile(type=0, ticks_per_beat=TICKS, tracks=[track]).save(file=buffer)
    return buffer.getvalue()

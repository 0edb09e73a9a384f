"""`music.render`: a score as sound, through a soundfont.

`soundfont.py` plays single notes; how hard they were struck, volume, pan and pedal are worked out here from the score
and mixed in, piece by piece, so that the beginning is heard while the end is made. A little room is added by
convolution with decaying noise (Moorer 1979, "About this Reverberation Business").
"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

from pydantic import Field

from studio.plugins import (
    Audio,
    Context,
    Generator,
    GeneratorError,
    InputError,
    ModelField,
    ModelFiles,
    Params,
    Score,
    ui,
)
from studio.plugins import Requirements as Needs

RATE = 48_000
PIECE = 4.0
"""Seconds of notes that are rendered in one go."""
LONGEST = 20 * 60.0
"""Seconds of sound that one job makes."""
MOST_NOTES = 2_000_000
BATCH = 1500
"""Notes that are mixed at once."""
LEVELS = 24
LOUDEST = 0.89
"""Highest sample, 1 dB under full scale: what encodes the sound later may overshoot a little."""
SPREAD = (0.0, -0.35, 0.35, -0.2, 0.2, -0.5, 0.5, 0.0)
"""Places of tracks between left (-1) and right (1) where the score says none."""


class RenderParams(Params):
    """What to play, and in which room."""

    score: Score = Field(description="The score to play.", json_schema_extra=ui(role="score", media="score"))
    room: Annotated[float, Field(ge=0, le=1)] = Field(
        0.25, description="How much of the room is heard; 0 is dry.", json_schema_extra=ui(widget="slider", step=0.05))
    gain: Annotated[float, Field(ge=-24, le=24)] = Field(
        0.0, description="Louder or softer before clipping is prevented.",
        json_schema_extra=ui(widget="slider", unit="dB", step=0.5, group="Advanced"))
    soundfont: Annotated[str, Field(description="Where the instruments come from.")] = ModelField(
        "soundfont", default="fluidr3-mono")


class Render(Generator):
    """Plays a score with the instruments of a General MIDI soundfont."""

    id = "music.render"
    title = "Play a score"
    produces = "audio"
    summary = "Turns a score into sound with sampled instruments."
    icon = "piano-keys"
    requires = Needs(memory=500 * 2**20)
    libraries = ("symusic", "numpy", "soundfile")

    class Params(RenderParams):
        """What to play, and in which room."""

    def __init__(self) -> None:
        self._synth: Any = None

    def load(self, ctx: Context) -> None:
        """Open the soundfont. Raises `GeneratorError` for a broken file."""
        ctx.check()
        self._synth = open_soundfont(ctx.model("soundfont"))

    def unload(self) -> None:
        self._synth = None

    def run(self, params: RenderParams, ctx: Context) -> Audio:
        """Play it. Raises `InputError` where there is nothing to play or too much."""
        if self._synth is None:
            raise GeneratorError("The soundfont is not loaded.")
        from plugins_builtin.music import midi

        file = midi.parse(params.score)
        notes, programs = playable(file)
        samples = Player(self._synth, notes, programs, params, ctx).play()
        return Audio.from_samples(samples.T, RATE, notes=len(notes["time"]))


def open_soundfont(files: ModelFiles) -> Any:
    """The player of a soundfont file. Raises `GeneratorError`."""
    import struct

    from plugins_builtin.music.soundfont import SoundFont

    path = files.path
    if path.is_dir():
        path = next(iter(sorted([*path.glob("*.sf3"), *path.glob("*.sf2")])), path / "missing.sf2")
    wrong = broken_soundfont(path)
    if wrong:
        raise GeneratorError(f"The soundfont {files.name} cannot be loaded: it {wrong}. Install it again.")
    try:
        return SoundFont(path, RATE)
    except (LookupError, ValueError, OSError, struct.error) as error:
        raise GeneratorError(f"The soundfont {files.name} cannot be loaded; install it again.") from error


def broken_soundfont(path: Path) -> str:
    """What is wrong with a RIFF sfbk file, as the end of a sentence; "" where its frame is sound."""
    try:
        with path.open("rb") as file:
            head = file.read(12)
        size = path.stat().st_size
    except OSError:
        return "is missing"
    if head[:4] != b"RIFF" or head[8:] != b"sfbk":
        return "is not a soundfont"
    return "is cut short" if int.from_bytes(head[4:8], "little") + 8 > size else ""


def playable(file: Any) -> tuple[dict[str, Any], list[tuple[int, bool]]]:
    """All notes in seconds, sorted by start, and (program, is it drums) of each track.

    Returns:
        columns "time", "duration" (s), "pitch", "gain" (0 to 1), "pan" (-1 to 1), "track".

    Raises:
        InputError: nothing to play, or more than one job makes.
    """
    import numpy as np

    if file.note_num() == 0:
        raise InputError("There are no notes in this score; write or generate some first.")
    if file.note_num() > MOST_NOTES:
        raise InputError(f"This score has {file.note_num():,} notes; at most {MOST_NOTES:,} can be played at once. "
                         "Split it.")
    timed = file.to("second")
    if timed.end() > LONGEST:
        raise InputError(f"This score lasts {timed.end() / 60:.0f} minutes; at most {LONGEST / 60:.0f} are made at "
                         "once. Split it.")
    panned = any(c.number == 10 for t in timed.tracks for c in t.controls)
    columns: dict[str, list[Any]] = {name: [] for name in ("time", "duration", "pitch", "gain", "pan", "track")}
    for number, track in enumerate(timed.tracks):
        rows = track.notes.numpy()
        starts = rows["time"].astype(float)
        volume = _control(track, 7, 100, starts) * _control(track, 11, 127, starts) / (100 / 127)
        pan = (_control(track, 10, 64, starts) * 127 - 64) / 63
        if not panned and not track.is_drum:
            pan = np.full(len(starts), SPREAD[number % len(SPREAD)] if len(timed.tracks) > 1 else 0.0)
        columns["time"].append(starts)
        columns["duration"].append(_pedalled(track, starts, rows["duration"].astype(float)))
        columns["pitch"].append(rows["pitch"].astype(int))
        columns["gain"].append((rows["velocity"] / 127.0 * volume) ** 1.7)
        columns["pan"].append(pan.clip(-1, 1))
        columns["track"].append(np.full(len(starts), number))
    joined = {name: np.concatenate(parts) for name, parts in columns.items()}
    order = np.argsort(joined["time"], kind="stable")
    return {name: column[order] for name, column in joined.items()}, \
        [(int(t.program), bool(t.is_drum)) for t in timed.tracks]


def _control(track: Any, number: int, usual: int, times: Any) -> Any:
    """The value of a controller, 0 to 1, at each of the times."""
    import numpy as np

    events = sorted((float(c.time), int(c.value)) for c in track.controls if c.number == number)
    at = np.array([-1.0] + [t for t, _ in events])
    values = np.array([usual] + [value for _, value in events]) / 127.0
    return values[np.searchsorted(at, times, side="right") - 1]


def _pedalled(track: Any, starts: Any, durations: Any) -> Any:
    """Durations with the sustain pedal: a note whose key is let go while it is down sounds until it is up."""
    import numpy as np

    down, release = None, []
    for event in sorted((float(c.time), int(c.value)) for c in track.controls if c.number == 64):
        if event[1] >= 64 and down is None:
            down = event[0]
        elif event[1] < 64 and down is not None:
            release.append((down, event[0]))
            down = None
    ends = starts + durations
    for begin, until in release:
        held = (ends > begin) & (ends < until)
        ends = np.where(held, until, ends)
    return np.minimum(ends - starts, 30.0)


class Player:
    """Mixes notes into one buffer of stereo samples.

    Args:
        synth: `SoundFont` at `RATE`.
        notes, programs: see `playable`.
    """

    def __init__(self, synth: Any, notes: dict[str, Any], programs: list[tuple[int, bool]], params: RenderParams,
                 ctx: Context) -> None:
        import numpy as np

        self.synth, self.notes, self.programs, self.ctx = synth, notes, programs, ctx
        self.gain = 10 ** (params.gain / 20) * 1.1
        self.room = room(params.room)
        self.end = float((notes["time"] + notes["duration"]).max())
        self.mix = np.zeros((2, int((self.end + 4) * RATE)), np.float32)
        self._heard, self._limit = 0, 1.0

    def play(self) -> Any:
        """float32 (2, frames), peaks under `LOUDEST`; pushed to be heard as pieces are finished."""
        import numpy as np

        count = int(self.end // PIECE) + 1
        edges = np.searchsorted(self.notes["time"], np.arange(count + 1) * PIECE)
        for number in range(count):
            begin, end = int(edges[number]), int(edges[number + 1])
            for first in range(begin, end, BATCH):
                self.ctx.check()
                self._add(first, min(first + BATCH, end))
            self._hear(int((number + 1) * PIECE * RATE))
            self.ctx.progress(number + 1, count, message=f"{min((number + 1) * PIECE, self.end):.0f} s")
        samples = self._trimmed()
        self._hear(samples.shape[1])
        peak = float(np.abs(samples).max())
        return samples * (LOUDEST / peak) if peak > LOUDEST else samples

    def _hear(self, until: int) -> None:
        """Push what is finished: no later note changes it."""
        import numpy as np

        part = self.mix[:, self._heard:until]
        if part.shape[1]:
            self._limit = min(self._limit, LOUDEST / max(float(np.abs(part).max()), LOUDEST))
            self.ctx.audio((part * self._limit).T, RATE)
            self._heard = until

    def _add(self, first: int, last: int) -> None:
        """Render some notes and mix them where they belong."""
        import numpy as np

        part = {name: column[first:last] for name, column in self.notes.items()}
        start = float(part["time"][0])
        levels = np.rint(part["gain"] * LEVELS).clip(1, None).astype(int)
        pans = np.rint(part["pan"] * 10).astype(int)
        wet = np.zeros((2, 1), np.float32)
        for level, pan in sorted(set(zip(levels.tolist(), pans.tolist(), strict=True))):
            dry = self._notes(part, (levels == level) & (pans == pan), start)
            angle = (pan / 10 + 1) * np.pi / 4
            sides = np.array([np.cos(angle), np.sin(angle)], np.float32)[:, None]
            scaled = dry * sides * np.float32(level / LEVELS * self.gain)
            if scaled.shape[1] > wet.shape[1]:
                wet = np.pad(wet, ((0, 0), (0, scaled.shape[1] - wet.shape[1])))
            wet[:, : scaled.shape[1]] += scaled
        if self.room is not None:
            wet = with_room(wet, self.room)
        at = round(start * RATE)
        wet = wet[:, : max(self.mix.shape[1] - at, 0)]
        self.mix[:, at: at + wet.shape[1]] += wet

    def _notes(self, part: dict[str, Any], chosen: Any, start: float) -> Any:
        """float32 (1, frames) of the chosen notes, the first frame at `start` seconds."""
        import numpy as np

        out = np.zeros(1, np.float32)
        rows = np.nonzero(chosen)[0].tolist()
        for count, row in enumerate(rows):
            if count % 64 == 63:
                self.ctx.check()
            program, drums = self.programs[int(part["track"][row])]
            # whole hundredths of a second, so that equal notes are played once
            frames = max(round(float(part["duration"][row]) * 100), 1) * (RATE // 100)
            sound = self.synth.note(program, drums, int(part["pitch"][row]), frames)
            at = round((float(part["time"][row]) - start) * RATE)
            if at + len(sound) > len(out):
                out = np.pad(out, (0, at + len(sound) - len(out)))
            out[at:at + len(sound)] += sound
        return np.nan_to_num(out)[None]

    def _trimmed(self) -> Any:
        """The mix up to where it has died away, at most three seconds after the last note."""
        import numpy as np

        loud = np.nonzero(np.abs(self.mix).max(0) > 10 ** (-66 / 20))[0]
        last = int(loud[-1]) + RATE // 10 if len(loud) else int(self.end * RATE)
        last = min(last, int((self.end + 3) * RATE), self.mix.shape[1])
        fade = min(RATE // 20, last)
        samples = self.mix[:, :last].copy()
        samples[:, last - fade:] *= np.linspace(1, 0, fade, dtype=np.float32)
        return samples


def room(amount: float) -> Any:
    """float32 (2, frames) impulse response of a middling room, its direct sound first; None where none is wanted."""
    import numpy as np

    if amount <= 0:
        return None
    rng = np.random.default_rng(7)
    frames = int(1.3 * RATE)
    noise = rng.standard_normal((2, frames))
    kernel = np.hanning(9) / np.hanning(9).sum()  # a room swallows the highest notes first
    noise = np.stack([np.convolve(side, kernel, "same") for side in noise])
    decay = 10 ** (-3 * np.arange(frames) / (1.2 * RATE))
    early = (np.arange(frames) > 0.012 * RATE).astype(float)
    tail = noise * decay * early
    tail *= amount * 0.9 / np.sqrt((tail**2).sum(1, keepdims=True))
    tail[:, 0] += 1.0
    return tail.astype(np.float32)


def with_room(samples: Any, response: Any) -> Any:
    """Each side convolved with its response, by FFT."""
    import numpy as np

    frames = samples.shape[1] + response.shape[1] - 1
    size = 1 << (frames - 1).bit_length()
    spectrum = np.fft.rfft(samples, size) * np.fft.rfft(response, size)
    return np.fft.irfft(spectrum, size)[:, :frames].astype(np.float32)

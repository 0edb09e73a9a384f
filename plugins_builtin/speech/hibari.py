"""`speech.hibari`: English in a small voice that any processor speaks many times faster than it is heard."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated, Any, Literal, get_args

from pydantic import Field

from plugins_builtin.speech import waves
from plugins_builtin.speech.english import check_script, clauses, phonemes
from plugins_builtin.speech.speaking import Speech, SpeechParams, voice_hints
from studio.plugins import Context, GeneratorError, ModelField
from studio.plugins import Requirements as Needs

LONGEST = 400
"""Phonemes in one go; the network was taught on sentences."""


@dataclass(frozen=True)
class Colour:
    """pitch: factor on the fundamental frequency. tract: factor on the frequencies of the formants. about: how it
    sounds, in a few words."""

    pitch: float
    tract: float
    about: str


COLOURS = {"Heart": Colour(1.0, 1.0, "clear, natural"), "Heart, warm": Colour(0.86, 0.95, "a little deeper"),
           "Heart, low": Colour(0.62, 0.88, "deep and large"), "Heart, bright": Colour(1.14, 1.06, "a little higher"),
           "Heart, young": Colour(1.32, 1.13, "high and small")}
"""The network has one voice. The others are the same one with another pitch and another length of the vocal tract."""
GAIN = 2.0
"""The network speaks at -26 LUFS, music comes at -17: a voice in the middle of two speakers is to stand beside it."""
CEILING = 0.6
"""Single peaks of some sentences are 20 dB above their loudness, and would keep a whole mix quiet."""

Voice = Literal["Heart", "Heart, warm", "Heart, low", "Heart, bright", "Heart, young"]


class HibariParams(SpeechParams):
    """What to say and how."""

    voice: Voice = Field("Heart", description="Who speaks: one voice, also lower, higher, larger and smaller.",
                         json_schema_extra=voice_hints(choices={
                             name: {"about": colour.about, "language": "English"} for name, colour in COLOURS.items()}))
    model: Annotated[str, Field(description="The network that speaks.")] = ModelField("hibari", default="hibari")


class Hibari(Speech):
    """Speaks English with the network of hibari-tts, taught by Kokoro-82M's voice af_heart."""

    id = "speech.hibari"
    title = "Hibari"
    version = "2"
    summary = "Reads English aloud, quickly on any processor."
    requires = Needs(memory=400 * 2**20)
    libraries = ("hibari-tts", "onnxruntime", "numpy", "python-stretch", "scipy")
    said_to_be = "Hibari"

    class Params(HibariParams):
        """What to say and how."""

    def __init__(self) -> None:
        self._network: Any = None
        self._ids: dict[str, int] = {}

    def load(self, ctx: Context) -> None:
        """Bring network and lexicon in. Raises `GeneratorError` for broken files."""
        from hibari.g2p import ASSETS

        from plugins_builtin.onnx import open_network

        ctx.check()
        self._network = open_network(ctx.model("model"), ctx.device)
        self._ids = vocabulary(f"{ASSETS}/vocab.json")
        ctx.check()
        phonemes("ready")  # the lexicon takes longer to read than the network

    def unload(self) -> None:
        self._network = None

    def voices(self) -> Sequence[str]:
        return get_args(Voice)

    def check_text(self, text: str) -> None:
        check_script(text, self.said_to_be)

    def utter(self, text: str, voice: str, params: HibariParams, ctx: Context) -> Any:
        import numpy as np

        if self._network is None:
            raise GeneratorError("Hibari's network is not loaded.")
        parts = [self._part(part, COLOURS[voice], params, ctx) for part in clauses(phonemes(text), LONGEST)]
        if not parts:
            return np.zeros(0, np.float32)
        return waves.limited(np.concatenate(parts) * np.float32(GAIN), self.rate, CEILING)

    def _part(self, text: str, colour: Colour, params: HibariParams, ctx: Context) -> Any:
        import numpy as np
        from hibari import dsp

        ids = [self._ids[sign] for sign in text if sign in self._ids]
        if not ids:
            return np.zeros(0, np.float32)
        ctx.check()
        feeds = {"ids": np.asarray([[0, *ids, 0]], np.int64), "speed": np.asarray([params.speed], np.float32)}
        made = [out[0] for out in self._network.run(None, feeds)]
        harmonic, phase, *spectra, f0 = made
        pitch = colour.pitch * 2 ** (params.pitch / 12)
        if pitch != 1 or colour.tract != 1:
            bin_width = dsp.SR / dsp.N_FFT
            harmonic = envelope(harmonic, f0 / bin_width)
            phase = envelope(phase, f0 / bin_width, nearest=True)  # a phase half way between two is neither's
        spectra = [harmonic, phase, *spectra]
        if colour.tract != 1:
            spectra = [warped(spectrum, colour.tract) for spectrum in spectra]
        ctx.check()
        samples = dsp.synth(*spectra, (f0 * np.float32(pitch)), np.random.default_rng(params.seed))
        return np.asarray(samples, np.float32)


def vocabulary(path: str) -> dict[str, int]:
    """Phoneme -> number, from a file with the map itself or with it under "vocab"."""
    import json
    from pathlib import Path

    data = json.loads(Path(path).read_text("utf-8"))
    return {str(sign): int(number) for sign, number in data.get("vocab", data).items()}


def envelope(spectrum: Any, f0: Any, *, nearest: bool = False) -> Any:
    """The curve through a spectrum's values at the harmonics, for another pitch to be read from.

    The network says what it likes between the harmonics of its own pitch and below the first, since its pulses have
    nothing there; those of another pitch do, and would come out many times too loud.

    Args:
        spectrum: (bins, frames).
        f0: (frames,), in bins; frames below 2 are not voiced and stay.
        nearest: the nearer harmonic's value in place of a line between two.
    """
    import numpy as np

    bins = spectrum.shape[0]
    voiced = f0 > 2
    base = np.where(voiced, f0, 1.0).astype(np.float32)
    highest = np.floor((bins - 1) / base)
    number = np.arange(bins, dtype=np.float32)[:, None] / base
    below = np.clip(np.floor(number), 1, highest)
    above = np.minimum(below + 1, highest)
    share = np.clip(number - below, 0, 1)
    if nearest:
        share = np.rint(share)

    def at(harmonic: Any) -> Any:
        return np.take_along_axis(spectrum, np.clip(np.rint(harmonic * base), 0, bins - 1).astype(np.int64), 0)

    made = at(below) * (1 - share) + at(above) * share
    return np.where(voiced, made, spectrum).astype(np.float32)


def warped(spectrum: Any, factor: float) -> Any:
    """(bins, frames) with every formant at `factor` times its frequency; what would come from above the top is the
    top's value."""
    import numpy as np

    bins = spectrum.shape[0]
    place = np.minimum(np.arange(bins, dtype=np.float32) / factor, bins - 1)
    low = place.astype(np.int64)
    high = np.minimum(low + 1, bins - 1)
    share = (place - low)[:, None].astype(np.float32)
    return spectrum[low] * (1 - share) + spectrum[high] * share

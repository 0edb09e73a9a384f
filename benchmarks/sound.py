"""The tools for sound on sound whose truth is known: noise taken out, pitch after stretching, notes found, speed."""

from __future__ import annotations

import io
import time
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.common import library, report
from benchmarks.speech import SENTENCES, installed
from plugins_builtin.sound import Denoise, Stretch, ToMidi, Transcribe
from plugins_builtin.speech import Hibari
from studio.plugins import Audio, Device, ModelFiles
from studio.plugins.testing import RecordingContext, run

BUDGET = "none set"
SCALE = (60, 62, 64, 65, 67, 69, 71, 72, 74, 76, 77, 79, 77, 76, 74, 72, 71, 69, 67, 65, 64, 62, 60)
CHORDS = ((48, 60, 64, 67), (53, 60, 65, 69), (55, 59, 62, 67), (48, 60, 64, 67))


def context(kind: str = "") -> RecordingContext:
    models = {}
    if kind:
        found = library().resolve("", [kind])
        models["model"] = ModelFiles(found["name"], kind, Path(found["path"]))
    return RecordingContext(models, device=Device(threads=2))


def snr(clean: np.ndarray, other: np.ndarray) -> float:
    return float(10 * np.log10((clean**2).sum() / ((other - clean) ** 2).sum()))


def noises(frames: int) -> dict[str, np.ndarray]:
    rng = np.random.default_rng(0)
    white = rng.standard_normal(frames)
    spectrum = np.fft.rfft(white)
    spectrum[1:] /= np.sqrt(np.arange(1, len(spectrum)))
    t = np.arange(frames) / 48000
    return {"white": white, "pink": np.fft.irfft(spectrum, frames),
            "hum": sum(np.sin(2 * np.pi * 50 * k * t) / k for k in range(1, 12)) + 0.05 * white}


def denoised() -> dict[str, Any]:
    import soxr

    samples, rate = run(Hibari, context("hibari"), prompt=" ".join(SENTENCES[:5]))[0][0].samples()
    clean = soxr.resample(samples[:, 0], rate, 48000) / 2
    figures: dict[str, Any] = {}
    for name, noise in noises(len(clean)).items():
        for before in (0, 5, 10):
            noisy = clean + noise * np.sqrt((clean**2).mean() / (noise**2).mean() / 10 ** (before / 10))
            begun = time.perf_counter()
            made = run(Denoise, context("deepfilternet"), audio=Audio.from_samples(noisy, 48000))[0][0].samples()[0]
            seconds = time.perf_counter() - begun
            figures[f"{name}, {before} dB"] = f"{snr(clean, made[:, 0]):.1f} dB"
    figures["x_real_time"] = round(len(clean) / 48000 / seconds, 1)
    return figures


def pitch_errors() -> dict[str, Any]:
    """The largest error in cents over tones, lengths and intervals, and the largest swing of a steady tone's level."""
    from scipy.signal import hilbert

    rate, worst, swing = 44100, 0.0, 0.0
    for hertz in (110, 440, 1760):
        tone = 0.4 * np.sin(np.arange(rate * 3) * 2 * np.pi * hertz / rate)
        for length, semitones in ((0.5, 0), (0.8, 0), (1.25, 0), (2, 0), (1, -12), (1, -3), (1, 4), (1, 7), (1.3, 2)):
            audio = Audio.from_samples(tone, rate)
            made = run(Stretch, context(), audio=audio, length=length, semitones=semitones)[0][0].samples()[0][:, 0]
            middle = made[rate // 4:-rate // 4]
            spectrum = np.abs(np.fft.rfft(middle * np.hanning(len(middle)), 1 << 22))
            found = spectrum.argmax() * rate / (1 << 22)
            worst = max(worst, abs(1200 * np.log2(found / (hertz * 2 ** (semitones / 12)))))
            level = np.abs(hilbert(middle))[rate // 20:-rate // 20]
            swing = max(swing, 20 * np.log10(level.max() / level.min()))
    return {"pitch error, cents": round(float(worst), 2), "level swing of a tone, dB": round(float(swing), 2)}


def played(notes: list[tuple[float, float, int]], rate: int = 44100) -> np.ndarray:
    """A plucked string for each (start, seconds, pitch)."""
    out = np.zeros(int((max(start + length for start, length, _ in notes) + 0.5) * rate))
    for start, length, pitch in notes:
        t = np.arange(int(length * rate)) / rate
        hertz = 440 * 2 ** ((pitch - 69) / 12)
        wave = sum(np.sin(2 * np.pi * hertz * k * t) / k**1.2 for k in range(1, 9)) / 4
        first = int(start * rate)
        edges = np.minimum(1, t / 0.005) * np.minimum(1, (length - t) / 0.03)
        out[first:first + len(t)] += wave * np.exp(-2.5 * t) * edges
    return out


def note_f1(notes: list[tuple[float, float, int]]) -> float:
    """Of notes with the right pitch whose start is at most 50 ms off."""
    import mido

    data = run(ToMidi, context("basic-pitch"), audio=Audio.from_samples(played(notes), 44100))[0][0].data
    now, found = 0.0, []
    for message in mido.MidiFile(file=io.BytesIO(data)):
        now += message.time
        if message.type == "note_on":
            found.append((now, message.note))
    left, hits = list(found), 0
    for start, _, pitch in notes:
        near = [note for note in left if note[1] == pitch and abs(note[0] - start) <= 0.05]
        if near:
            left.remove(near[0])
            hits += 1
    return round(2 * hits / (len(found) + len(notes)), 3)


def main() -> None:
    scale = [(0.2 + 0.4 * n, 0.38, pitch) for n, pitch in enumerate(SCALE)]
    chords = [(0.3 + 0.8 * n, 0.75, pitch) for n, chord in enumerate(CHORDS) for pitch in chord]
    low = [(start, length, pitch - 24) for start, length, pitch in scale]
    figures: dict[str, Any] = {"signal to noise after denoising": denoised(), "stretch": pitch_errors(),
                               "note F1": {"scale": note_f1(scale), "scale, two octaves lower": note_f1(low),
                                           "chords of four": note_f1(chords)}}
    if installed("", "whisper"):
        speech = run(Hibari, context("hibari"), prompt=" ".join(SENTENCES))[0][0]
        listening = context("whisper")
        begun = time.perf_counter()
        run(Transcribe, listening, audio=speech)
        seconds = time.perf_counter() - begun
        figures["transcribe, x real time with loading"] = round(speech.meta["seconds"] / seconds, 1)
    report("sound", figures, BUDGET)


if __name__ == "__main__":
    main()

"""Loudness against the standard and another tool, and spectrograms."""

from __future__ import annotations

import math
import re
import shutil
import subprocess
from pathlib import Path

import numpy as np
import pyloudnorm
import pytest
import soundfile
from hypothesis import given, settings
from hypothesis import strategies as st

from studio.project.sound.loudness import QUIET, LoudnessMeter, gain_to, measure
from studio.project.sound.media import ArrayMedia
from studio.project.sound.spectrogram import best_size, frequency, spectrogram

RATE = 48000


def sine(seconds: float, level: float, hertz: float = 1000, rate: int = RATE) -> np.ndarray:
    one = 10 ** (level / 20) * np.sin(2 * np.pi * hertz * np.arange(round(seconds * rate)) / rate)
    return np.stack((one, one), axis=1).astype(np.float32)


def speechlike(seconds: float, seed: int = 1) -> np.ndarray:
    rng = np.random.default_rng(seed)
    steps = np.repeat(rng.uniform(0, 1, round(seconds * 2)) ** 3, RATE // 2)
    one = rng.normal(size=len(steps)) * steps * 0.2
    return np.stack((one, one * 0.5), axis=1).astype(np.float32)


@pytest.mark.parametrize(("levels", "integrated"), [  # EBU Tech 3341, table 1: seconds and dBFS of a stereo sine
    ([(20, -23)], -23.0), ([(20, -33)], -33.0), ([(10, -36), (60, -23), (10, -36)], -23.0),
    ([(10, -72), (10, -36), (60, -23), (10, -36), (10, -72)], -23.0), ([(20, -26), (20.1, -20), (20, -26)], -23.0),
])
def test_the_signals_of_the_standard(levels: list[tuple[float, float]], integrated: float) -> None:
    samples = np.concatenate([sine(seconds, level) for seconds, level in levels])
    assert measure([samples], RATE).integrated == pytest.approx(integrated, abs=0.1)


@pytest.mark.parametrize(("levels", "spread"), [  # EBU Tech 3342, table 1
    ([(20, -20), (20, -30)], 10.0), ([(20, -20), (20, -15)], 5.0), ([(20, -40), (20, -20)], 20.0)])
def test_the_range_of_the_standard(levels: list[tuple[float, float]], spread: float) -> None:
    samples = np.concatenate([sine(seconds, level) for seconds, level in levels])
    assert measure([samples], RATE).range == pytest.approx(spread, abs=1)


@settings(max_examples=6, deadline=None)
@given(st.lists(st.integers(3000, 60000), min_size=1, max_size=4))
def test_pieces_of_any_size_give_the_same_and_the_same_as_pyloudnorm(sizes: list[int]) -> None:
    samples = speechlike(5)
    meter, at, number = LoudnessMeter(RATE), 0, 0
    while at < len(samples):
        size = sizes[number % len(sizes)]
        meter.add(samples[at:at + size])
        at, number = at + size, number + 1
    whole, found = measure([samples], RATE), meter.result()
    assert found.integrated == pytest.approx(whole.integrated, abs=1e-6)
    assert found.true_peak == pytest.approx(whole.true_peak, abs=1e-3)
    other = pyloudnorm.Meter(RATE, filter_class="DeMan").integrated_loudness(samples.astype(np.float64))
    assert found.integrated == pytest.approx(other, abs=0.1)


@pytest.mark.skipif(shutil.which("ffmpeg") is None, reason="ffmpeg is not installed")
def test_ffmpeg_measures_the_same(tmp_path: Path) -> None:
    path, samples = tmp_path / "a.wav", speechlike(20)
    soundfile.write(path, samples, RATE, "FLOAT")
    ran = subprocess.run(["ffmpeg", "-nostats", "-i", str(path), "-filter_complex", "ebur128=peak=true", "-f", "null",
                          "-"], capture_output=True, text=True, check=True)
    said = dict(re.findall(r"(I|LRA|Peak):\s+(-?[\d.]+)", ran.stderr[ran.stderr.rfind("Summary"):]))
    found = measure([samples], RATE)
    assert found.integrated == pytest.approx(float(said["I"]), abs=0.1)
    assert found.range == pytest.approx(float(said["LRA"]), abs=0.2)
    assert found.true_peak == pytest.approx(float(said["Peak"]), abs=0.2)


def test_peaks_between_samples_are_found() -> None:
    at = np.arange(RATE)
    between = (np.sin(np.pi * at / 2 + np.pi / 4)).astype(np.float32)  # samples at 0.707, the wave at 1
    found = measure([np.stack((between, between), axis=1)], RATE)
    assert found.peak == pytest.approx(-3.01, abs=0.01)
    assert found.true_peak == pytest.approx(0, abs=0.2)


def test_silence_and_the_very_short_have_a_loudness_too() -> None:
    assert measure([np.zeros((RATE, 2), np.float32)], RATE).integrated == QUIET
    nothing = measure([], RATE)
    assert (nothing.integrated, nothing.peak, len(nothing.series)) == (QUIET, -math.inf, 0)
    assert measure([sine(0.3, -20)], RATE).integrated == pytest.approx(-20, abs=1)
    assert gain_to(-16, nothing)[0] == 0


def test_the_target_is_reached_unless_peaks_are_in_the_way() -> None:
    found = measure([sine(5, -20)], RATE)
    assert gain_to(-16, found) == (pytest.approx(4, abs=0.1), "")
    spiky = sine(5, -30)
    spiky[RATE] = 0.9
    gain, said = gain_to(-14, measure([spiky], RATE))
    assert gain < 2
    assert "peaks allow" in said


# ---------------------------------------------------------------- spectrogram

@given(st.floats(60, 20000), st.sampled_from([1024, 2048, 4096]))
@settings(max_examples=20, deadline=None)
def test_a_tone_is_the_brightest_row_where_it_lies(hertz: float, size: int) -> None:
    media = ArrayMedia(np.ascontiguousarray(sine(0.5, 0, hertz)[:, 0]))
    image = spectrogram(media, RATE, 0, RATE / 2, 20, 200, size=size)
    assert image.shape == (200, 20)
    row = int(np.argmax(image[:, 10]))
    assert abs(frequency(row, 200, RATE) - hertz) < max(hertz * 0.05, RATE / size)
    assert image[row, 10] > 245


def test_outside_of_the_sound_there_is_nothing() -> None:
    media = ArrayMedia(np.ascontiguousarray(sine(0.5, 0)[:, 0]))
    image = spectrogram(media, RATE, -RATE / 2, RATE, 30, 64)
    assert not image[:, :10].any()
    assert image[:, 10:20].any(axis=0).all()
    assert not image[:, 20:].any()
    assert spectrogram(media, RATE, 0, 0, 5, 5).sum() == 0
    assert spectrogram(media, RATE, 0, 100, 0, 5).shape == (5, 0)
    assert (best_size(0.1), best_size(300), best_size(1e6)) == (512, 2048, 4096)

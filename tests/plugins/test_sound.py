"""The tools for sound: what they do to it, measured, and what they say about sound that they cannot take."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

import numpy as np
import pyloudnorm
import pytest
import soundfile
import soxr

from plugins_builtin.sound import Denoise, Normalise, Silence, Stretch, ToMidi, Transcribe, levels, windows
from plugins_builtin.sound.deepfilter import analysed, synthesised, widths
from plugins_builtin.sound.notes import STEP, Note, decoded, times
from plugins_builtin.sound.notes import windows as network_windows
from plugins_builtin.sound.to_midi import midi
from plugins_builtin.stretching import stretched
from studio.plugins import Audio, Cancelled, Generator, InputError
from studio.plugins.testing import RecordingContext, run


def tone(hertz: float = 440, seconds: float = 1.0, rate: int = 22050, loud: float = 0.4) -> np.ndarray:
    return (loud * np.sin(np.arange(int(seconds * rate)) * 2 * np.pi * hertz / rate)).astype(np.float32)[:, None]


def make(cls: type[Generator], samples: np.ndarray, rate: int = 22050, **params: Any) -> Audio:
    return run(cls, RecordingContext(), audio=Audio.from_samples(samples, rate), **params)[0][0]


def pitch(samples: np.ndarray, rate: int) -> float:
    middle = samples[len(samples) // 4:len(samples) * 3 // 4, 0]
    spectrum = np.abs(np.fft.rfft(middle * np.hanning(len(middle)), 1 << 20))
    return float(spectrum.argmax() * rate / (1 << 20))


# ---------------------------------------------------------------- stretch


@pytest.mark.parametrize(("length", "semitones"), [(2.0, 0), (0.5, 0), (1.0, 7), (1.0, -12), (1.3, 3)])
def test_length_and_pitch_are_apart(length: float, semitones: float) -> None:
    audio = make(Stretch, tone(), length=length, semitones=semitones)
    assert audio.meta["seconds"] == pytest.approx(length, abs=0.001)
    samples, rate = audio.samples()
    assert 1200 * abs(np.log2(pitch(samples, rate) / (440 * 2 ** (semitones / 12)))) < 5  # cents
    assert np.sqrt((samples[rate // 8:-rate // 8] ** 2).mean()) == pytest.approx(0.4 / 2**0.5, rel=0.1)


def test_nothing_changes_where_nothing_is_asked() -> None:
    audio = Audio.from_samples(tone(), 22050)
    assert run(Stretch, RecordingContext(), audio=audio)[0][0].data == audio.data


def test_long_sound_has_no_seams() -> None:
    rate = 8000
    made = stretched(tone(seconds=32, rate=rate), rate, 1.1, 2)[:, 0]
    blocks = np.sqrt((made[rate:-rate].reshape(-1)[:rate * 30].reshape(-1, rate // 20) ** 2).mean(axis=1))
    assert blocks.min() > blocks.max() * 0.95
    assert np.array_equal(made, stretched(tone(seconds=32, rate=rate), rate, 1.1, 2)[:, 0])


@pytest.mark.parametrize("frames", [1, 50, 700])
def test_the_shortest_sound_can_be_stretched(frames: int) -> None:
    assert stretched(tone()[:frames], 22050, 2.0, 1).shape == (frames * 2, 1)


def test_stop_ends_a_long_stretch() -> None:
    with pytest.raises(Cancelled):
        run(Stretch, RecordingContext(stop_after=2), audio=Audio.from_samples(tone(seconds=60, rate=8000), 8000),
            length=1.1)


# ---------------------------------------------------------------- normalise


@pytest.mark.parametrize(("target", "channels"), [(-23, 1), (-16, 2), (-14, 2)])
def test_loudness_is_met_and_peaks_are_below(target: float, channels: int) -> None:
    rng = np.random.default_rng(0)
    rate = 44100
    bursts = rng.standard_normal((rate * 4, channels)) * np.repeat(rng.uniform(0.01, 0.3, 40), rate // 10)[:, None]
    audio = make(Normalise, bursts, rate, loudness=target)
    samples, _ = soundfile.read(io.BytesIO(audio.data), always_2d=True)
    assert pyloudnorm.Meter(rate).integrated_loudness(samples) == pytest.approx(target, abs=0.5)
    assert audio.meta["loudness"] == pytest.approx(target, abs=0.5)
    fine = np.abs(soxr.resample(samples, rate, rate * 8)).max()
    assert 20 * np.log10(fine) < -1 + 0.2
    assert soundfile.info(io.BytesIO(audio.data)).subtype == "PCM_24"


def test_without_a_limiter_the_shape_stays() -> None:
    samples = tone(loud=0.1)
    samples[5000] = 0.9
    made = make(Normalise, samples, loudness=-10, limit=False).samples()[0]
    assert np.abs(made).max() < 10 ** (-1 / 20)
    assert np.abs(made / made[5000] - samples / samples[5000]).max() < 1e-3


def test_true_peaks_lie_between_samples() -> None:
    rate = 48000
    wave = np.sin(np.arange(rate) * np.pi / 2 + np.pi / 4)[:, None].astype(np.float32)  # the samples miss the crest
    assert np.abs(wave).max() == pytest.approx(0.7071, abs=0.001)
    assert levels.true_peak(wave, rate) == pytest.approx(0, abs=0.2)


def test_a_short_sound_has_a_loudness_too() -> None:
    assert make(Normalise, tone(seconds=0.1)).meta["loudness"] == pytest.approx(-16, abs=0.5)


# ---------------------------------------------------------------- silence


def test_pauses_become_shorter() -> None:
    rate = 8000
    nothing = np.zeros((rate, 1), np.float32)
    word = tone(300, 0.5, rate)
    audio = make(Silence, np.concatenate([nothing, word, nothing, word, word[:rate // 5] * 0, word, nothing]), rate)
    # before 0.2, words, one pause of 1 s down to 0.2, one of 0.2 s kept, behind 0.2
    assert audio.meta["seconds"] == pytest.approx(0.2 + 3 * 0.5 + 0.2 + 0.2 + 0.2, abs=0.05)
    assert audio.meta["removed"] == pytest.approx(2.4, abs=0.05)
    assert len(audio.meta["cuts"]) == 3
    gone = make(Silence, np.concatenate([word, nothing, word]), rate, keep=0)
    assert gone.meta["seconds"] == pytest.approx(1.0, abs=0.05)
    steps = np.abs(np.diff(gone.samples()[0][:, 0]))
    assert steps.max() < 0.4 * 2 * np.pi * 300 / rate * 1.6, "the ends meet without a click"


def test_sound_without_pauses_stays_as_it_is() -> None:
    audio = Audio.from_samples(tone(), 22050)
    assert run(Silence, RecordingContext(), audio=audio)[0][0].data == audio.data


# ---------------------------------------------------------------- windows, spectra, notes


def test_windows_have_no_gaps_and_are_cut_where_it_is_quiet() -> None:
    rate = 8000
    sound = np.concatenate([tone(300, 4, rate), np.zeros((rate, 1), np.float32)] * 5)
    parts = list(windows.mono_windows(Audio.from_samples(sound, rate), rate, RecordingContext(), window=9, search=5))
    whole = np.concatenate([samples for _, samples in parts])
    assert len(parts) > 2
    assert [start for start, _ in parts] == pytest.approx(
        np.cumsum([0, *(len(samples) / rate for _, samples in parts[:-1])]))
    assert len(whole) == len(sound)
    assert np.abs(whole - sound[:, 0]).max() < 2**-14
    assert all(np.abs(samples[-rate // 20:]).max() < 0.01 for _, samples in parts)


def test_windows_are_resampled_as_a_whole() -> None:
    parts = list(windows.mono_windows(Audio.from_samples(tone(440, 25, 44100), 44100), 16000, RecordingContext(), 9, 1))
    whole = np.concatenate([samples for _, samples in parts])
    assert abs(len(whole) - 25 * 16000) < 50
    wanted = soxr.resample(tone(440, 25, 44100)[:, 0], 44100, 16000)[:len(whole)]
    assert np.abs(whole[:len(wanted)] - wanted).max() < 0.01


def test_the_spectrum_goes_there_and_back() -> None:
    samples = np.random.default_rng(0).standard_normal(5000).astype(np.float32)
    assert np.abs(synthesised(analysed(samples), 5000) - samples).max() < 1e-5
    assert sum(widths()) == 481
    assert min(widths()) == 2


def test_kept_frames_of_the_networks_windows_cover_the_sound() -> None:
    samples = np.zeros(STEP * 2 + 100, np.float32)
    count = len(list(network_windows(samples)))
    when = times(count)
    assert count == 3
    assert when[0] == 0
    assert np.diff(when).max() < 0.0125
    assert when[-1] > len(samples) / 22050


def test_notes_are_decoded_from_onsets_and_activity() -> None:
    activity, onsets = np.zeros((200, 88), np.float32), np.zeros((200, 88), np.float32)
    activity[20:60, 40] = 0.9
    activity[60:100, 40] = 0.9  # struck again
    onsets[[20, 60], 40] = 0.9
    activity[120:150, 50] = 0.8  # faded in: no onset
    activity[30:33, 70] = 0.9  # too short
    onsets[30, 70] = 0.9
    notes = decoded(activity, onsets, np.arange(200) / 86, begin=0.6, hold=0.4, shortest=0.12)
    assert [(note.pitch, round(note.start * 86), round(note.end * 86)) for note in notes] == [
        (61, 20, 59), (61, 60, 99), (71, 120, 149)]


def test_midi_keeps_times_and_velocities() -> None:
    import mido

    data = midi([Note(0.5, 1.0, 60, 0.5), Note(1.0, 1.5, 60, 1.0), Note(0.5, 0.5, 64, 0.2)], tempo=90)
    found, now = [], 0.0
    for message in mido.MidiFile(file=io.BytesIO(data)):
        now += message.time
        if message.type in ("note_on", "note_off"):
            found.append((round(now, 3), message.type == "note_on", message.note, message.velocity))
    assert found[:2] == [(0.5, True, 60, 64), (0.5, True, 64, 25)]
    assert found[-3:] == [(1.0, False, 60, 0), (1.0, True, 60, 127), (1.5, False, 60, 0)]
    assert midi([Note(0.5, 1.0, 60, 0.5)], 120) == midi([Note(0.5, 1.0, 60, 0.5)], 120)


# ---------------------------------------------------------------- sound of every kind


def floats(samples: np.ndarray, rate: int, kind: str = "WAV", subtype: str = "FLOAT") -> Audio:
    buffer = io.BytesIO()
    soundfile.write(buffer, samples, rate, format=kind, subtype=subtype)
    return Audio(buffer.getvalue())


@pytest.mark.parametrize("cls", [Stretch, Normalise, Silence])
@pytest.mark.parametrize(("rate", "channels"), [(8000, 8), (192000, 1), (44100, 3)])
def test_unusual_rates_and_channels(cls: type[Generator], rate: int, channels: int) -> None:
    samples = np.repeat(tone(440, 0.5, rate), channels, axis=1)
    samples[100], samples[200] = np.nan, np.inf
    params = {"length": 1.25, "semitones": -2} if cls is Stretch else {}
    (audio,), _ = run(cls, RecordingContext(), audio=floats(samples, rate), **params)
    assert (audio.meta["rate"], audio.meta["channels"]) == (rate, channels)
    assert np.abs(audio.samples()[0]).max() > 0.1
    assert soundfile.info(io.BytesIO(audio.data)).subtype == "PCM_24"


def test_a_truncated_mp3_gives_what_is_there() -> None:
    whole = floats(np.repeat(tone(440, 3, 44100), 2, axis=1), 44100, "MP3", "MPEG_LAYER_III")
    audio = make_from(Silence, Audio(whole.data[:len(whole.data) // 2]))
    assert 0.5 < audio.meta["seconds"] < 3


def make_from(cls: type[Generator], audio: Audio, **params: Any) -> Audio:
    return run(cls, RecordingContext(), audio=audio, **params)[0][0]


@pytest.mark.parametrize("cls", [Stretch, Normalise, Silence])
@pytest.mark.parametrize(("audio", "message"), [
    (Audio.from_samples(np.zeros((0, 1)), 8000), "This sound is empty (0 s); choose another one."),
    (Audio(b"no sound"), "This file is not sound that can be read."),
])
def test_what_cannot_be_worked_on_is_one_sentence(cls: type[Generator], audio: Audio, message: str) -> None:
    with pytest.raises(InputError) as raised:
        make_from(cls, audio)
    assert (str(raised.value), raised.value.field) == (message, "audio")


def test_silence_alone_is_said() -> None:
    quiet = Audio.from_samples(np.zeros((8000, 2)), 8000)
    with pytest.raises(InputError, match="This sound is silent, so that it has no loudness"):
        make_from(Normalise, quiet)
    with pytest.raises(InputError, match="All of this sound is below the threshold; lower it"):
        make_from(Silence, quiet)


@pytest.mark.parametrize("cls", [Stretch, Normalise, Silence, Denoise, ToMidi])
def test_ten_hours_are_refused_at_once(cls: type[Generator], monkeypatch: pytest.MonkeyPatch) -> None:
    class TenHours:
        rate, channels, seconds = 8000, 1, 36_000.0

        def __enter__(self) -> TenHours:
            return self

        def __exit__(self, *_: object) -> None:
            pass

        def read(self, frames: int) -> np.ndarray:
            raise AssertionError("not a second of it is read")

    monkeypatch.setattr(Audio, "reader", lambda _: TenHours())
    generator = cls()
    generator._network = object()  # type: ignore[attr-defined]  # it must not come to that
    with pytest.raises(InputError, match=r"^This sound is longer than \d+ minutes; select a shorter part of it\.$"):
        generator.run(cls.Params(audio=Audio(b"x")), RecordingContext())


def test_the_plugin_lists_its_tools(tmp_path: Path) -> None:
    from plugins_builtin.sound import studio_generators

    assert [cls.id for cls in studio_generators()] == [
        "sound.denoise", "sound.transcribe", "sound.to_midi", "sound.stretch", "sound.normalise", "sound.silence"]
    assert Transcribe.produces == "text"

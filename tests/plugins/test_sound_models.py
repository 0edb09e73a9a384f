"""The tools for sound with their real networks, on sound whose truth is known; and both ends of the command."""

from __future__ import annotations

import io
import itertools
import json
from pathlib import Path

import mido
import numpy as np
import pytest
import soxr

from plugins_builtin.sound import Denoise, ToMidi, Transcribe
from plugins_builtin.speech import Hibari
from studio.cli import main
from studio.models import Library
from studio.plugins import Audio, Cancelled, GeneratorError, InputError, ModelFiles
from studio.plugins.testing import RecordingContext, run
from studio.settings import Paths

TEXT = "The old lighthouse stood at the end of the pier. Nobody had been inside it for thirty years."
WORDS = ["the", "old", "lighthouse", "stood", "at", "the", "end", "of", "the", "pier", "nobody", "had", "been",
         "inside", "it", "for", "thirty", "years"]

pytestmark = pytest.mark.model


def files(*kinds: str) -> dict[str, ModelFiles]:
    found = Library(Paths.from_env()).resolve("", kinds)
    return {"model": ModelFiles(found["name"], found["kind"], Path(found["path"]))}


@pytest.fixture
def speech(starter_home: Path) -> Audio:
    return run(Hibari, RecordingContext(files("hibari")), prompt=TEXT)[0][0]


def heard(text: str) -> list[str]:
    return "".join(sign.lower() if sign.isalnum() else " " for sign in text).replace("30", "thirty").split()


def errors(wanted: list[str], got: list[str]) -> int:
    """Words to be changed, added or taken out."""
    row = list(range(len(got) + 1))
    for number, word in enumerate(wanted, 1):
        before, row[0] = row[0], number
        for place, other in enumerate(got, 1):
            before, row[place] = row[place], min(row[place] + 1, row[place - 1] + 1, before + (word != other))
    return row[-1]


def test_speech_is_written_down_with_times(speech: Audio) -> None:
    (text,), ctx = run(Transcribe, RecordingContext(files("whisper")), audio=speech)
    assert errors(WORDS, heard(text.text)) <= 2
    words = text.meta["words"]
    assert len(words) == len(text.text.split())
    assert all(a["start"] <= a["end"] <= b["end"] for a, b in itertools.pairwise(words))
    assert words[-1]["end"] <= text.meta["seconds"] + 0.1
    second = speech.meta["sentences"][1]["start"]
    nobody = next(word for word in words if word["text"].lower().startswith("nobody"))
    assert nobody["start"] == pytest.approx(second, abs=0.4)
    assert "".join(ctx.tokens) == text.text
    again = run(Transcribe, RecordingContext(files("whisper")), audio=speech)[0][0]
    assert (again.data, again.meta) == (text.data, text.meta)


def test_sound_without_speech_is_an_empty_text(starter_home: Path) -> None:
    quiet = Audio.from_samples(np.zeros(16000 * 3), 16000)
    text = run(Transcribe, RecordingContext(files("whisper")), audio=quiet)[0][0]
    assert (text.text, text.meta["words"], text.meta["seconds"]) == ("", [], 3.0)


def test_what_whisper_cannot_do_is_one_sentence(speech: Audio, tmp_path: Path) -> None:
    for audio, params, message in ((speech, {"language": "French"}, "This model knows English only"),
                                   (Audio(b"x"), {}, "not sound that can be read"),
                                   (Audio.from_samples(np.zeros(0), 8000), {}, "is empty")):
        with pytest.raises(InputError, match=message):
            run(Transcribe, RecordingContext(files("whisper")), audio=audio, **params)
    with pytest.raises(Cancelled):
        run(Transcribe, RecordingContext(files("whisper"), stop_after=4), audio=speech)
    (tmp_path / "model.bin").write_bytes(b"nothing")
    with pytest.raises(GeneratorError, match="cannot be loaded: a file is missing or damaged"):
        run(Transcribe, RecordingContext({"model": ModelFiles("w", "whisper", tmp_path)}), audio=speech)


def ratio(clean: np.ndarray, other: np.ndarray) -> float:
    """Signal to noise in dB."""
    return float(10 * np.log10((clean**2).sum() / ((other - clean) ** 2).sum()))


def test_noise_goes_and_speech_stays(speech: Audio) -> None:
    samples, rate = speech.samples()
    clean = soxr.resample(samples[:, 0], rate, 48000) / 2
    noise = np.random.default_rng(0).standard_normal(len(clean)).astype(np.float32)
    noisy = clean + noise * np.sqrt((clean**2).mean() / 10**0.5)
    dirty = Audio.from_samples(noisy, 48000)
    made, ctx = run(Denoise, RecordingContext(files("deepfilternet")), audio=dirty)
    after = made[0].samples()[0][:, 0]
    assert len(after) == len(clean)
    assert ratio(clean, noisy) == pytest.approx(5, abs=0.1)
    assert ratio(clean, after) > 11
    assert ctx.steps[-1] == (1, 1)
    half = run(Denoise, RecordingContext(files("deepfilternet")), audio=dirty, reduction=6)[0][0].samples()[0][:, 0]
    assert 5 < ratio(clean, half) < ratio(clean, after)
    kept = run(Denoise, RecordingContext(files("deepfilternet")), audio=dirty, reduction=0)[0][0].samples()[0][:, 0]
    assert np.abs(kept - dirty.samples()[0][:, 0]).max() < 2**-14


def test_denoise_takes_other_rates_and_channels_and_stops(speech: Audio) -> None:
    samples, rate = speech.samples()
    models = files("deepfilternet")
    two = np.repeat(soxr.resample(samples[:, 0], rate, 8000)[:, None], 2, axis=1)
    made = run(Denoise, RecordingContext(models), audio=Audio.from_samples(two, 8000))[0][0]
    assert (made.meta["rate"], made.meta["channels"], made.meta["seconds"]) == (8000, 2, len(two) / 8000)
    back = made.samples()[0]
    assert np.array_equal(back[:, 0], back[:, 1])
    with pytest.raises(Cancelled):
        run(Denoise, RecordingContext(models, stop_after=3), audio=speech)


def test_a_long_recording_is_denoised_in_sections_that_join(speech: Audio, monkeypatch: pytest.MonkeyPatch) -> None:
    from plugins_builtin.sound import deepfilter

    models = files("deepfilternet")
    whole = run(Denoise, RecordingContext(models), audio=speech)[0][0].samples()[0]
    monkeypatch.setattr(deepfilter, "SECTION", 200)
    cut = run(Denoise, RecordingContext(models), audio=speech)[0][0].samples()[0]
    assert ratio(whole, cut) > 25


def played(pitches: list[int], each: float = 0.4, rate: int = 44100) -> np.ndarray:
    """A plucked string for each pitch, one after another."""
    t = np.arange(int(each * rate)) / rate
    fade = np.minimum(1, t / 0.005) * np.minimum(1, (each - t) / 0.03) * np.exp(-2.5 * t)
    notes = []
    for number in pitches:
        hertz = 440 * 2 ** ((number - 69) / 12)
        notes.append(sum(np.sin(2 * np.pi * hertz * k * t) / k**1.2 for k in range(1, 9)) * fade / 4)
    return np.concatenate(notes)


def test_a_scale_is_heard(starter_home: Path) -> None:
    scale = [60, 62, 64, 65, 67, 69, 71, 72, 74, 76]
    audio = Audio.from_samples(played(scale), 44100)
    (score,), _ = run(ToMidi, RecordingContext(files("basic-pitch")), audio=audio)
    assert score.meta["notes"] == len(scale)
    now, found = 0.0, []
    for message in mido.MidiFile(file=io.BytesIO(score.data)):
        now += message.time
        if message.type == "note_on":
            found.append((message.note, now))
    assert [pitch for pitch, _ in found] == scale
    assert [start for _, start in found] == pytest.approx([0.4 * n for n in range(len(scale))], abs=0.05)
    few = run(ToMidi, RecordingContext(files("basic-pitch")), audio=audio, lowest=66, highest=70)[0][0]
    assert few.meta["notes"] == 2
    with pytest.raises(InputError, match="No notes were heard"):
        run(ToMidi, RecordingContext(files("basic-pitch")), audio=Audio.from_samples(np.zeros(22050), 22050))


def test_the_command_speaks_and_listens(starter_home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert main(["generate", TEXT, "--kind", "speech", "--seed", "1", "-o", "x.mp3"]) == 0
    assert main(["generate", "--generator", "sound.transcribe", "--input", "audio=x.mp3", "-o", "x.srt"]) == 0
    captions = Path("x.srt").read_text()
    assert captions.startswith("1\n00:00:00,")
    assert "lighthouse" in captions
    recipe = json.loads(Path("x.mp3.recipe.json").read_text())["recipe"]
    assert recipe["generator"]["id"] == "speech.hibari"

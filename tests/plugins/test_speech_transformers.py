"""Voices of transformers: VITS, SpeechT5 and Bark, as tiny models made on the spot."""

from __future__ import annotations

import io
import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from tiny_speech import bark, speecht5, vits

from plugins_builtin.speech.networks import open_network
from plugins_builtin.speech.transformers import Speakers, Transformers
from studio.models import scan
from studio.plugins import Audio, Cancelled, Device, GeneratorError, InputError, ModelFiles
from studio.plugins.testing import RecordingContext, run

TEXT = "Good morning. It is 9."


def files(folder: Path) -> dict[str, ModelFiles]:
    return {"model": ModelFiles(folder.name, scan.folder_kind(folder), folder)}


def say(folder: Path, **params: Any) -> Audio:
    return run(Transformers, RecordingContext(files(folder)), **{"prompt": TEXT, **params})[0][0]


@pytest.fixture(scope="module")
def voices(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    root = tmp_path_factory.mktemp("speech")
    return {"vits": vits(root / "mms", speakers=3), "speecht5": speecht5(root / "t5"), "bark": bark(root / "bark")}


@pytest.mark.parametrize(("kind", "rate", "text"), [
    ("vits", 16000, TEXT), ("speecht5", 16000, "Hi."), ("bark", 24000, "Hello there.")])
def test_it_speaks(voices: dict[str, Path], kind: str, rate: int, text: str) -> None:
    assert scan.folder_kind(voices[kind]) == kind
    audio = say(voices[kind], prompt=text, seed=3)
    assert audio.meta["rate"] == rate
    assert np.abs(audio.samples()[0]).max() > 0
    assert say(voices[kind], prompt=text, seed=3).data == audio.data


def test_the_seed_the_speaker_and_the_pace_count(voices: dict[str, Path]) -> None:
    plain = say(voices["vits"], prompt="Good morning.")
    assert say(voices["vits"], prompt="Good morning.", seed=1).data != plain.data
    assert say(voices["vits"], prompt="Good morning.", voice="speaker 3").data != plain.data
    assert say(voices["vits"], prompt="Good morning.", speed=0.5).meta["seconds"] > plain.meta["seconds"] * 1.5
    with pytest.raises(InputError, match="There is no voice “Nobody”; there is Speaker 1, Speaker 2, Speaker 3"):
        say(voices["vits"], voice="Nobody")


def test_speakers_of_speecht5(voices: dict[str, Path]) -> None:
    anna, ben = (say(voices["speecht5"], prompt="Hi.", voice=name) for name in ("anna", "ben"))
    assert anna.meta["sentences"][0]["voice"] == "anna"
    assert anna.data != ben.data


@pytest.mark.parametrize("kind", ["vits", "speecht5", "bark"])
def test_the_voices_of_a_model_are_known_from_its_files(voices: dict[str, Path], kind: str) -> None:
    (told,) = run(Speakers, RecordingContext(files(voices[kind])))[0]
    network, _ = open_network(files(voices[kind])["model"], None, Device())
    assert list(json.loads(told.text)) == network.voices()


def test_a_model_without_its_settings_has_no_voices(tmp_path: Path) -> None:
    folder = vits(tmp_path / "mms", speakers=2)
    (folder / "config.json").write_text("{")
    with pytest.raises(GeneratorError, match="The voices of the model mms cannot be read"):
        run(Speakers, RecordingContext({"model": ModelFiles("mms", "vits", folder)}))


def test_numbers_are_read_out(voices: dict[str, Path]) -> None:
    assert say(voices["vits"], prompt="9").data == say(voices["vits"], prompt="nine").data


def test_letters_that_it_does_not_know_are_one_sentence(voices: dict[str, Path]) -> None:
    with pytest.raises(InputError, match=r"^This voice does not know the letters of this text; choose one"):
        say(voices["vits"], prompt="Привет")


@pytest.mark.parametrize("stop_after", [3, 40])
@pytest.mark.parametrize("kind", ["vits", "speecht5", "bark"])
def test_stop_ends_it_within_a_sentence(voices: dict[str, Path], kind: str, stop_after: int) -> None:
    ctx = RecordingContext(files(voices[kind]), stop_after=stop_after)
    with pytest.raises(Cancelled):
        run(Transformers, ctx, prompt="Good morning to all of you who came.")
    assert not ctx.sounds


def test_voices_that_need_what_pieria_has_not(tmp_path: Path) -> None:
    for name, options, what in (("a", {"is_uroman": True}, "uroman"), ("b", {"phonemize": True}, "eSpeak")):
        folder = vits(tmp_path / name)
        config = folder / "tokenizer_config.json"
        option = next(iter(options))
        config.write_text(config.read_text().replace(f'"{option}": false', f'"{option}": true'))
        with pytest.raises(GeneratorError, match=what):
            say(folder)


def test_speecht5_without_a_vocoder_says_what_it_needs(tmp_path: Path, voices: dict[str, Path]) -> None:
    folder = speecht5(tmp_path / "alone", vocoder=False)
    with pytest.raises(GeneratorError, match="needs a vocoder; add a folder of SpeechT5HifiGan in Models"):
        say(folder, prompt="Hi.")
    models = {**files(folder), "vocoder": ModelFiles("v", "hifigan", voices["speecht5"] / "vocoder")}
    (audio,), _ = run(Transformers, RecordingContext(models), prompt="Hi.")
    assert audio.meta["seconds"] > 0


def test_broken_files_are_named(tmp_path: Path) -> None:
    folder = vits(tmp_path / "mms")
    weights = folder / "model.safetensors"
    weights.write_bytes(weights.read_bytes()[:2000])
    with pytest.raises(GeneratorError, match=r"The model mms cannot be loaded: model.safetensors is cut short"):
        say(folder)


def test_a_speaker_that_is_no_vector_is_named(tmp_path: Path) -> None:
    folder = speecht5(tmp_path / "t5")
    buffer = io.BytesIO()
    np.save(buffer, np.array([{"a": 1}], dtype=object), allow_pickle=True)
    (folder / "speakers" / "anna.npy").write_bytes(buffer.getvalue())
    with pytest.raises(GeneratorError, match="The speaker anna cannot be read; replace anna"):
        say(folder, prompt="Hi.", voice="anna")
    np.save(folder / "speakers" / "anna.npy", np.zeros(3))
    with pytest.raises(GeneratorError, match="has 3 numbers and the model takes 8"):
        say(folder, prompt="Hi.", voice="anna")


def test_the_library_finds_such_folders(voices: dict[str, Path], tmp_path: Path) -> None:
    (tmp_path / "whisper").mkdir()
    (tmp_path / "whisper" / "model.bin").write_bytes(
        (6).to_bytes(4, "little") + (12).to_bytes(2, "little") + b"WhisperSpec\0" + bytes(64))
    kinds = {found.name: (found.kind, found.problem) for root in (voices["vits"].parent, tmp_path)
             for found in scan.scan(root)}
    assert kinds["mms"] == ("vits", "")
    assert kinds["t5"] == ("speecht5", "")
    assert kinds["bark"] == ("bark", "")
    assert kinds["whisper"] == ("whisper", "")

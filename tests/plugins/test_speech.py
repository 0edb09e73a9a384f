"""Hibari speaks: times, pauses, voices, the same bytes, Stop, and texts that cannot be spoken."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from plugins_builtin.speech import waves
from plugins_builtin.speech.hibari import COLOURS, Hibari, envelope, warped
from plugins_builtin.speech.kokoro import Kokoro, file_of
from studio.models.library import Library
from studio.plugins import Audio, Cancelled, GeneratorError, InputError, ModelFiles
from studio.plugins.testing import RecordingContext, check, run

TEXT = "The lamp was lit. Nobody came."


@pytest.fixture(scope="module")
def hibari() -> dict[str, ModelFiles]:
    import hibari

    path = Path(hibari.__file__).parent / "assets" / "hibari.onnx"
    return {"model": ModelFiles("hibari", "hibari", path)}


@pytest.fixture(scope="module")
def spoken(hibari: dict[str, ModelFiles]) -> tuple[Audio, RecordingContext]:
    (audio,), ctx = run(Hibari, RecordingContext(hibari), prompt=TEXT)
    return audio, ctx


def say(models: dict[str, ModelFiles], **params: Any) -> Audio:
    return run(Hibari, RecordingContext(models), **{"prompt": TEXT, **params})[0][0]


def pitches(audio: Audio) -> Any:
    """Fundamental frequency of each 2048 frames in Hz, by autocorrelation; 0 where it is quiet."""
    samples, rate = audio.samples()
    found = []
    for start in range(0, len(samples) - 2048, 1024):
        frame = samples[start:start + 2048, 0]
        power = np.abs(np.fft.rfft(frame * np.hanning(2048), 4096)) ** 2
        near = np.fft.irfft(power)[rate // 500:rate // 60]
        found.append(rate / (near.argmax() + rate // 500) if np.sqrt((frame**2).mean()) > 0.03 else 0.0)
    return np.asarray(found)


def pitch_of(audio: Audio) -> float:
    """Median of the loud parts in Hz."""
    found = pitches(audio)
    return float(np.median(found[found > 0]))


def test_the_pack_is_there_without_a_download(tmp_path: Path) -> None:
    from studio.settings import Paths

    model = Library(Paths.from_env()).resolve("", ["hibari"])
    assert model["name"] == "hibari"
    assert Path(model["path"]).is_file()


def test_sentences_have_their_times(spoken: tuple[Audio, RecordingContext]) -> None:
    audio, ctx = spoken
    first, second = audio.meta["sentences"]
    assert (first["text"], second["text"]) == ("The lamp was lit.", "Nobody came.")
    assert first["start"] == 0
    assert second["start"] - first["end"] == pytest.approx(0.35, abs=0.001)
    assert second["end"] == pytest.approx(audio.meta["seconds"], abs=0.001)
    samples, rate = audio.samples()
    gap = samples[int(first["end"] * rate) + 10:int(second["start"] * rate) - 10]
    assert not gap.any()
    assert np.abs(samples).max() > 0.1
    assert ctx.steps[-1] == (len(TEXT) - 1, len(TEXT) - 1)


def test_sound_is_heard_as_it_comes(spoken: tuple[Audio, RecordingContext]) -> None:
    audio, ctx = spoken
    assert len(ctx.sounds) == 2
    heard = np.concatenate([samples for samples, _ in ctx.sounds])
    assert np.abs(audio.samples()[0][:, 0] - heard).max() < 2**-14


def test_a_sentence_sounds_the_same_alone(hibari: dict[str, ModelFiles],
                                          spoken: tuple[Audio, RecordingContext]) -> None:
    """So that one can be spoken again with its neighbours in place."""
    alone = say(hibari, prompt="Nobody came.").samples()[0]
    second = spoken[0].meta["sentences"][1]
    samples, rate = spoken[0].samples()
    assert np.array_equal(samples[round(second["start"] * rate):round(second["end"] * rate)], alone)


def test_the_seed_decides(hibari: dict[str, ModelFiles], spoken: tuple[Audio, RecordingContext]) -> None:
    assert say(hibari).data == spoken[0].data
    assert say(hibari, seed=1).data != spoken[0].data


def test_speed_and_pitch_are_apart(hibari: dict[str, ModelFiles], spoken: tuple[Audio, RecordingContext]) -> None:
    plain, long, high = spoken[0], say(hibari, speed=0.7, pause=0.35), say(hibari, pitch=4)
    assert 1.25 < (long.meta["seconds"] - 0.35) / (plain.meta["seconds"] - 0.35) < 1.75
    assert pitch_of(long) / pitch_of(plain) == pytest.approx(1, abs=0.1)
    assert high.meta["seconds"] == pytest.approx(plain.meta["seconds"], rel=0.02)
    here, there = pitches(plain), pitches(high)
    both = (here[:len(there)] > 0) & (there[:len(here)] > 0)
    assert np.median(there[:len(here)][both] / here[:len(there)][both]) == pytest.approx(2 ** (4 / 12), rel=0.03)


def test_each_colour_is_another_voice(hibari: dict[str, ModelFiles]) -> None:
    made = {voice: say(hibari, prompt="Nobody came.", voice=voice) for voice in COLOURS}
    assert len({audio.data for audio in made.values()}) == len(COLOURS)
    assert pitch_of(made["Heart, low"]) < pitch_of(made["Heart"]) < pitch_of(made["Heart, young"])


@pytest.mark.parametrize("voice", COLOURS)
def test_no_colour_bursts_out(hibari: dict[str, ModelFiles], voice: str) -> None:
    """The level of each 20 ms stays near that of the voice itself: gains between its harmonics are not to be heard."""
    prompt = "It is a chart of somewhere nobody has been impressed by yet."
    plain, coloured = (level(say(hibari, prompt=prompt, voice=name)) for name in ("Heart", voice))
    assert coloured.max() < 1.4 * plain.max()
    loud = plain > plain.max() / 8
    length = min(len(loud), len(coloured))
    assert np.median(coloured[:length][loud[:length]] / plain[:length][loud[:length]]) == pytest.approx(1, abs=0.35)


def level(audio: Audio) -> Any:
    """RMS of each 20 ms."""
    samples, rate = audio.samples()
    frame = rate // 50
    return np.sqrt((samples[:len(samples) // frame * frame, 0].reshape(-1, frame) ** 2).mean(1))


def test_the_envelope_goes_through_the_harmonics() -> None:
    spectrum = np.full((100, 2), 50.0, np.float32)
    spectrum[[10, 20, 30, 40, 50, 60, 70, 80, 90], 0] = np.arange(1, 10)
    made = envelope(spectrum, np.asarray([10.0, 0.0], np.float32))
    assert made[:11, 0].tolist() == [1.0] * 11
    assert made[15, 0] == pytest.approx(1.5)
    assert made[95, 0] == 9.0
    assert (made[:, 1] == 50).all()
    assert envelope(spectrum, np.asarray([10.0, 0.0], np.float32), nearest=True)[16, 0] == 2.0


def test_formants_move_by_the_factor() -> None:
    spectrum = np.zeros((601, 3), np.float32)
    spectrum[100] = 1
    assert warped(spectrum, 1.2)[:, 0].argmax() == 120
    assert warped(spectrum, 0.9)[:, 0].argmax() == 90


def test_a_dialogue_gives_each_speaker_a_voice(hibari: dict[str, ModelFiles]) -> None:
    text = "It rained.\n\nAnna: Come in!\nBen: Thank you."
    made = say(hibari, prompt=text, speakers={"anna": "heart, young"}, dialogue=True).meta["sentences"]
    assert [(s["text"], s.get("speaker"), s["voice"]) for s in made] == [
        ("It rained.", None, "Heart"), ("Come in!", "anna", "Heart, young"), ("Thank you.", "Ben", "Heart, warm")]
    plain = say(hibari, prompt=text).meta["sentences"]
    assert [s["text"] for s in plain] == ["It rained.", "Anna: Come in!", "Ben: Thank you."]


def test_paragraphs_pause_longer(hibari: dict[str, ModelFiles]) -> None:
    first, second = say(hibari, prompt="One.\n\nTwo.", pause=0.5).meta["sentences"]
    assert second["start"] - first["end"] == pytest.approx(1.0, abs=0.001)


@pytest.mark.parametrize(("params", "message"), [
    ({"prompt": "… !"}, "There is nothing to speak in this text; write some words."),
    ({"prompt": "🙂"}, "There is nothing to speak in this text; write some words."),
    ({"prompt": "Привет, мир."}, "Hibari reads English, and this text is in Cyrillic letters; choose a voice that "
                                 "knows its language."),
    ({"speakers": {"Anna": "Nobody"}}, "There is no voice “Nobody”; there is Heart, Heart, warm, Heart, low, Heart, "
                                       "bright, Heart, young."),
])
def test_bad_input_is_one_sentence(hibari: dict[str, ModelFiles], params: dict[str, Any], message: str) -> None:
    with pytest.raises(InputError) as raised:
        say(hibari, **params)
    assert str(raised.value) == message


def test_a_sentence_without_end_is_spoken_in_parts(hibari: dict[str, ModelFiles]) -> None:
    audio = say(hibari, prompt="one two three four five six seven eight nine ten " * 14)
    assert len(audio.meta["sentences"]) == 1
    assert audio.meta["seconds"] > 20


def test_stop_ends_it_between_two_sentences(hibari: dict[str, ModelFiles]) -> None:
    ctx = RecordingContext(hibari, stop_after=4)
    with pytest.raises(Cancelled):  # before the first was spoken
        run(Hibari, ctx, prompt="One. " * 50)
    assert not ctx.sounds


def test_what_was_spoken_before_stop_is_kept_and_made_again_alone(hibari: dict[str, ModelFiles]) -> None:
    ctx = RecordingContext(hibari, stop_after=13)
    text = "One moon. Two moons.\n\n" * 20
    (kept,) = run(Hibari, ctx, prompt=text)[0]
    said = [sentence["text"] for sentence in kept.meta["sentences"]]
    assert said == ["One moon.", "Two moons.", "One moon.", "Two moons."][:len(said)]
    assert 0 < len(said) < 5
    assert kept.made_with == {"sentences": len(said)}
    assert say(hibari, prompt=text, **kept.made_with).data == kept.data


def test_the_harness_for_authors_finds_no_fault(hibari: dict[str, ModelFiles]) -> None:
    assert [one.message for one in check([Hibari], hibari) if one.level == "fault"] == []


def test_a_broken_model_is_named(tmp_path: Path) -> None:
    (tmp_path / "hibari.onnx").write_bytes(b"no network")
    with pytest.raises(GeneratorError, match=r"The model hibari cannot be loaded: hibari\.onnx is missing or damaged"):
        say({"model": ModelFiles("hibari", "hibari", tmp_path / "hibari.onnx")})


# ---------------------------------------------------------------- Kokoro, with a network that only shows what it got


class Network:
    def __init__(self) -> None:
        self.asked: list[dict[str, np.ndarray]] = []

    def run(self, _: Any, feeds: dict[str, np.ndarray], options: Any) -> list[np.ndarray]:
        self.asked.append(feeds)
        rng = np.random.default_rng(0)
        return [rng.standard_normal(240 * feeds["tokens"].shape[1]).astype(np.float32) / 10]


@pytest.fixture
def kokoro(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> tuple[Network, dict[str, ModelFiles]]:
    from hibari.g2p import ASSETS

    network = Network()
    monkeypatch.setattr("plugins_builtin.onnx.open_network", lambda *_: network)
    (tmp_path / "voices").mkdir()
    (tmp_path / "vocab.json").write_text(Path(ASSETS, "vocab.json").read_text())
    for number, name in enumerate(("af_heart", "bm_george")):
        np.repeat(np.arange(510, dtype="<f4") + 1000 * number, 256).tofile(tmp_path / "voices" / f"{name}.f32")
    return network, {"model": ModelFiles("kokoro", "kokoro", tmp_path)}


def test_kokoro_is_given_phonemes_and_the_style_of_that_length(
        kokoro: tuple[Network, dict[str, ModelFiles]]) -> None:
    network, models = kokoro
    (audio,), _ = run(Kokoro, RecordingContext(models), prompt="Hello there. George spoke.", speed=1.5,
                      speakers={"Anna": "george"})
    assert len(audio.meta["sentences"]) == 2
    tokens, style = network.asked[0]["tokens"][0], network.asked[0]["style"]
    assert (tokens[0], tokens[-1], len(tokens)) == (0, 0, len("həlˈO ðˈɛɹ.") + 2)
    assert style.shape == (1, 256)
    assert style[0, 0] == len(tokens) - 2
    assert network.asked[0]["speed"] == np.float32(1.5)


def test_kokoro_reads_british_voices_in_british_english(kokoro: tuple[Network, dict[str, ModelFiles]]) -> None:
    network, models = kokoro
    run(Kokoro, RecordingContext(models), prompt="Hello there.", voice="George (British, m)")
    run(Kokoro, RecordingContext(models), prompt="Hello there.", voice="George (British, m)", accent="American")
    assert network.asked[0]["style"][0, 0] > 1000
    assert not np.array_equal(network.asked[0]["tokens"], network.asked[1]["tokens"])


def test_a_long_sentence_goes_to_kokoro_in_parts(kokoro: tuple[Network, dict[str, ModelFiles]]) -> None:
    network, models = kokoro
    run(Kokoro, RecordingContext(models), prompt="one two three four five six seven eight nine ten " * 14)
    assert len(network.asked) > 1
    assert all(feeds["tokens"].shape[1] <= 402 for feeds in network.asked)


def test_a_voice_that_is_missing_or_damaged_is_named(kokoro: tuple[Network, dict[str, ModelFiles]]) -> None:
    _, models = kokoro
    with pytest.raises(GeneratorError, match=r"The voice Onyx \(American, m\) is missing"):
        run(Kokoro, RecordingContext(models), prompt="Hello.", voice="Onyx (American, m)")
    (models["model"].path / "voices" / "am_onyx.f32").write_bytes(b"123")
    with pytest.raises(GeneratorError, match="is damaged"):
        run(Kokoro, RecordingContext(models), prompt="Hello.", voice="Onyx (American, m)")


def test_kokoros_voices_are_those_of_its_pack() -> None:
    from studio.models.packs import find_pack, load_catalogue

    pack = find_pack(load_catalogue(), "kokoro")
    assert pack is not None
    assert {f"voices/{file_of(voice)}.f32" for voice in Kokoro().voices()} == {
        file.path for file in pack.files if file.path.startswith("voices/")}
    assert len(Kokoro().voices()) == 54


def test_stop_ends_a_network_in_the_middle() -> None:
    """A run that would not end by itself is terminated."""
    import time

    from plugins_builtin.onnx import run_watched

    class Endless:
        ended = False

        def run(self, _: Any, feeds: Any, options: Any) -> list[Any]:
            while not options.terminate:
                time.sleep(0.001)
            self.ended = True
            raise RuntimeError("terminated")

    network = Endless()
    with pytest.raises(Cancelled):
        run_watched(network, {}, RecordingContext(stop_after=2))
    assert network.ended


def test_silence_around_speech_is_cut_and_loud_voices_turned_down() -> None:
    rate = 1000
    wave = np.concatenate([np.zeros(500), 2 * np.sin(np.arange(400)), np.zeros(500)])
    cut = waves.trimmed(wave, rate)
    assert len(cut) == pytest.approx(460, abs=5)
    assert np.abs(cut).max() == pytest.approx(0.97, abs=0.01)
    assert not len(waves.trimmed(np.zeros(1000), rate))
    assert not len(waves.trimmed(np.zeros(0), rate))


def test_a_limiter_turns_down_peaks_and_little_else() -> None:
    rate = 24_000
    samples = (0.3 * np.sin(np.arange(rate) * 0.05)).astype(np.float32)
    samples[12_000] = 0.95
    made = waves.limited(samples, rate, 0.6)
    assert np.abs(made).max() <= 0.6 + 1e-6
    reach = round(2 * waves.AROUND * rate)
    assert np.array_equal(made[:12_000 - reach], samples[:12_000 - reach])
    assert np.array_equal(made[12_000 + reach:], samples[12_000 + reach:])
    assert waves.limited(made, rate, 0.61) is made

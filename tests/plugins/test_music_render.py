"""Playing scores: loudness, sides, pedals, what is heard on the way, and scores and soundfonts that are wrong."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import symusic
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from plugins_builtin.music.render import LOUDEST, Render, broken_soundfont
from studio.plugins import Audio, Cancelled, GeneratorError, InputError, ModelFiles, Score
from studio.plugins.testing import RecordingContext
from tests.plugins import music_files as m


@pytest.fixture(scope="module")
def player(tmp_path_factory: pytest.TempPathFactory) -> Render:
    path = m.soundfont(tmp_path_factory.mktemp("sf") / "sine.sf2")
    generator = Render()
    generator.load(RecordingContext({"soundfont": ModelFiles("sine", "soundfont", path)}))
    return generator


def play(player: Render, score: bytes, ctx: RecordingContext | None = None, **params: Any) -> Audio:
    return player.run(Render.Params(score=Score(score), **{"room": 0.0, **params}), ctx or RecordingContext())


def loudness(sound: Audio, first: float = 0.0, last: float = 0.5) -> np.ndarray:
    samples, rate = sound.samples()
    return np.sqrt((samples[int(first * rate): int(last * rate)] ** 2).mean(0))


def control(number: int, value: int) -> tuple[int, bytes]:
    return 0, bytes([0xB0, number, value])


def test_a_note_sounds_at_its_time_and_pitch(player: Render) -> None:
    sound = play(player, m.midi([[(960, b"\x90\x45\x64"), (480, b"\x80\x45\x00")]]))
    samples, rate = sound.samples()
    assert (rate, samples.shape[1]) == (48000, 2)
    assert np.abs(samples[: int(0.98 * rate)]).max() < 0.001
    part = samples[int(1.1 * rate): int(1.4 * rate), 0]
    spectrum = np.abs(np.fft.rfft(part * np.hanning(len(part))))
    assert spectrum.argmax() * rate / len(part) == pytest.approx(440, abs=5)
    assert 1.5 < sound.meta["seconds"] < 4.6


def test_how_hard_a_note_is_struck_and_volume_make_it_louder(player: Render) -> None:
    def note(velocity: int, *controls: tuple[int, bytes]) -> float:
        data = m.midi([[*controls, (0, bytes([0x90, 69, velocity])), (480, b"\x80\x45\x00")]])
        return float(loudness(play(player, data)).sum())

    assert 0 < note(30) < 0.5 * note(70) < 0.5 * note(110)
    assert note(100, control(7, 40)) < 0.6 * note(100)
    assert note(100, control(11, 40)) < 0.6 * note(100)


def test_pan_goes_to_a_side(player: Render) -> None:
    left, right = loudness(play(player, m.midi([[control(10, 0), *m.melody([69])]])))
    assert left > 10 * right
    left, right = loudness(play(player, m.midi([m.melody([69])])))
    assert left == pytest.approx(right, rel=0.01)


def test_the_pedal_holds_what_was_let_go(player: Render) -> None:
    held = [control(64, 127), *m.melody([69], 240), (1920, b"\xb0\x40\x00")]
    assert loudness(play(player, m.midi([held])), 1.0, 1.5).sum() > 0.01
    assert play(player, m.midi([m.melody([69], 240)])).meta["seconds"] < 1.0


def test_the_same_score_gives_the_same_bytes_and_a_room_rings_on(player: Render) -> None:
    data = m.midi([m.melody([60, 64, 67, 72])])
    assert play(player, data, room=0.5).data == play(player, data, room=0.5).data
    assert play(player, data, room=0.5).meta["seconds"] > play(player, data).meta["seconds"]


def test_what_is_heard_on_the_way_is_what_comes_out(player: Render) -> None:
    ctx = RecordingContext()
    sound = play(player, m.midi([m.melody([60, 64, 67, 72] * 5)]), ctx)
    heard = np.concatenate([samples for samples, rate in ctx.sounds])
    samples, _ = sound.samples()
    assert len(ctx.sounds) >= 3
    assert {rate for _, rate in ctx.sounds} == {48000}
    whole = samples[: len(samples) - 4800]
    assert np.abs(heard[: len(whole)] - whole).max() < 1e-3
    assert ctx.steps[-1][0] == ctx.steps[-1][1] == len(ctx.steps)


def test_many_loud_notes_do_not_clip(player: Render) -> None:
    chords = [(0, bytes([0x90, pitch, 127])) for pitch in range(40, 90)]
    sound = play(player, m.midi([[*chords, *[(480 * (p == 40), bytes([0x80, p, 0])) for p in range(40, 90)]]]), gain=12)
    samples, _ = sound.samples()
    assert 0.8 < np.abs(samples).max() <= LOUDEST + 1e-3


def test_a_stop_is_noticed_between_pieces(player: Render) -> None:
    ctx = RecordingContext(stop_after=2)
    with pytest.raises(Cancelled):
        play(player, m.midi([m.melody([60] * 100)]), ctx)


def test_hanging_notes_zero_lengths_and_unknown_programs_are_played_over(player: Render) -> None:
    events = [(0, b"\xc0\x7f"), (0, b"\x90\x3c\x50"), (0, b"\x90\x45\x50"), (0, b"\x80\x45\x00"), *m.melody([69, 71])]
    samples, _ = play(player, m.midi([events])).samples()
    assert np.isfinite(samples).all()


def many(count: int, step: int) -> bytes:
    file = symusic.Score(480)
    part = symusic.Track()
    part.notes = symusic.Note.from_numpy(
        time=np.arange(count, dtype=np.int32) * step, duration=np.full(count, 10, np.int32),
        pitch=np.full(count, 60, np.int8), velocity=np.full(count, 90, np.int8))
    file.tracks.append(part)
    return bytes(file.dumps_midi())


@pytest.mark.parametrize(("data", "said"), [
    (b"", "not a MIDI file"), (m.midi([[m.metre(4, 2)]]), "no notes"), (many(3000, 480), "lasts 25 minutes"),
    (many(5001, 1), "5,001 notes")])
def test_what_cannot_be_played_is_said_in_a_sentence(player: Render, monkeypatch: pytest.MonkeyPatch, data: bytes,
                                                     said: str) -> None:
    monkeypatch.setattr("plugins_builtin.music.render.MOST_NOTES", 5000)
    with pytest.raises(InputError, match=said):
        play(player, data)


@pytest.mark.parametrize("harm", ["missing", "rubbish", "cut"])
def test_a_broken_soundfont_is_refused(tmp_path: Path, harm: str) -> None:
    path = tmp_path / "a.sf2"
    if harm == "rubbish":
        path.write_bytes(b"RIFF rubbish of some length")
    if harm == "cut":
        m.soundfont(path)
        path.write_bytes(path.read_bytes()[:2000])
    assert broken_soundfont(path)
    with pytest.raises(GeneratorError, match="Install it again"):
        Render().load(RecordingContext({"soundfont": ModelFiles("a", "soundfont", path)}))


def pitch_of(samples: np.ndarray, rate: int) -> float:
    """MIDI number of a steady sound, by autocorrelation."""
    part = samples[int(0.15 * rate): int(0.75 * rate)]
    spectrum = np.fft.rfft((part - part.mean()) * np.hanning(len(part)), 1 << 17)
    lags = np.fft.irfft(np.abs(spectrum) ** 2)[rate // 6000: rate // 30]
    peaks = [i for i in range(1, len(lags) - 1)
             if lags[i - 1] < lags[i] >= lags[i + 1] and lags[i] > 0.85 * lags[1:].max()]
    return float(69 + 12 * np.log2(rate / (peaks[0] + rate // 6000) / 440))


@given(st.integers(0, 2**32 - 1))
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_a_soundfont_that_is_damaged_inside_is_refused_or_plays(tmp_path: Path, seed: int) -> None:
    path = m.soundfont(tmp_path / "a.sf2")
    data, rng = bytearray(path.read_bytes()), np.random.default_rng(seed)
    tables = data.index(b"pdta")
    for place in rng.integers(tables, len(data), 6):
        data[place] = int(rng.integers(256))
    path.write_bytes(data)
    generator = Render()
    try:
        generator.load(RecordingContext({"soundfont": ModelFiles("a", "soundfont", path)}))
        samples, _ = play(generator, m.midi([m.melody([60, 69])])).samples()
    except GeneratorError:
        return
    assert np.isfinite(samples).all()


@pytest.mark.model
def test_the_soundfont_of_the_pack_plays_every_program_and_in_tune(starter_home: Path) -> None:
    files = ModelFiles("fluidr3-mono", "soundfont", starter_home / "data/models/fluidr3-mono/FluidR3Mono_GM.sf3")
    generator = Render()
    generator.load(RecordingContext({"soundfont": files}))
    for program in range(0, 112, 7):  # above are effects, some of them faint
        data = m.midi([[(0, bytes([0xC0, program])), *m.melody([60, 67], 240)]])
        samples, _ = play(generator, data).samples()
        assert 0.005 < np.abs(samples).max() <= LOUDEST + 1e-3, program
    for program in (0, 19, 24, 40, 56, 71, 73, 74, 110):
        data = m.midi([[(0, bytes([0xC0, program])), *m.melody([72], 1920)]])
        samples, rate = play(generator, data).samples()
        assert pitch_of(samples[:, 0], rate) == pytest.approx(72, abs=0.4), program
    drums, _ = play(generator, m.midi([m.melody([36, 38, 42], channel=9)])).samples()
    assert np.abs(drums).max() > 0.02

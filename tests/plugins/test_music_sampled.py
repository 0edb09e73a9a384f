"""Sampled music: MusicGen, Stable Audio and AudioLDM 2 with random weights in the layouts of their libraries."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from plugins_builtin.music.diffused import AudioLdm, StableAudio, spliced
from plugins_builtin.music.sampled import MusicGen
from studio.models.scan import folder_kind
from studio.plugins import Audio, Cancelled, GeneratorError, InputError, ModelFiles
from studio.plugins.testing import RecordingContext
from tests.plugins import tiny_music

pytestmark = [pytest.mark.filterwarnings("ignore")]  # of the libraries, on loading and on Brownian trees
MAKERS = {"musicgen": (tiny_music.musicgen, MusicGen), "stable-audio": (tiny_music.stable_audio, StableAudio),
          "audioldm2": (tiny_music.audioldm2, AudioLdm)}


@pytest.fixture(scope="module")
def folders(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    root = tmp_path_factory.mktemp("sampled")
    return {kind: make(root / kind) for kind, (make, _) in MAKERS.items()}


@pytest.fixture(scope="module")
def models(folders: dict[str, Path]) -> dict[str, Any]:
    loaded = {}
    for kind, folder in folders.items():
        loaded[kind] = MAKERS[kind][1]()
        loaded[kind].load(RecordingContext({"model": ModelFiles(kind, kind, folder)}))
    return loaded


def run(generator: Any, ctx: RecordingContext | None = None, **params: Any) -> Audio:
    short = {} if isinstance(generator, MusicGen) else {"steps": 3}
    return generator.run(generator.Params(**{"prompt": "a calm piano", "seconds": 0.5, **short, **params}),
                         ctx or RecordingContext())


def sine(seconds: float, rate: int, channels: int = 1) -> Audio:
    line = 0.3 * np.sin(np.arange(int(seconds * rate)) * 2 * np.pi * 220 / rate)
    return Audio.from_samples(np.repeat(line[:, None], channels, 1), rate)


@pytest.mark.parametrize("kind", list(MAKERS))
def test_folders_are_known_and_make_sound(folders: dict[str, Path], models: dict[str, Any], kind: str) -> None:
    assert folder_kind(folders[kind]) == kind
    ctx = RecordingContext()
    made = run(models[kind], ctx, seed=3)
    samples, rate = made.samples()
    assert len(samples) / rate == pytest.approx(0.5, abs=0.05)
    assert np.isfinite(samples).all()
    assert np.abs(samples).max() > 0
    assert ctx.steps[-1][0] == ctx.steps[-1][1]


@pytest.mark.parametrize("kind", list(MAKERS))
def test_the_seed_decides(models: dict[str, Any], kind: str) -> None:
    first, again, other = (run(models[kind], seed=seed).data for seed in (1, 1, 2))
    assert first == again
    assert first != other


@pytest.mark.parametrize("kind", list(MAKERS))
def test_a_stop_is_noticed_within_a_step(models: dict[str, Any], kind: str) -> None:
    ctx = RecordingContext(stop_after=1)
    with pytest.raises(Cancelled):
        run(models[kind], ctx)
    assert len(ctx.steps) <= 1


@pytest.mark.parametrize("kind", list(MAKERS))
def test_nothing_to_go_by_is_said(models: dict[str, Any], kind: str) -> None:
    with pytest.raises(InputError, match="Describe the music"):
        run(models[kind], prompt="  ")


@pytest.mark.parametrize("kind", list(MAKERS))
def test_a_broken_folder_is_named(folders: dict[str, Path], tmp_path: Path, kind: str) -> None:
    import shutil

    broken = tmp_path / kind
    shutil.copytree(folders[kind], broken)
    weights = next(iter(sorted(broken.rglob("*.safetensors"))))
    weights.write_bytes(weights.read_bytes()[:100])
    with pytest.raises(GeneratorError, match="cannot be loaded"):
        MAKERS[kind][1]().load(RecordingContext({"model": ModelFiles(kind, kind, broken)}))


@pytest.mark.parametrize("channels", [1, 2])
def test_musicgen_goes_on_from_a_sound(models: dict[str, Any], channels: int) -> None:
    start = sine(0.4, 44100, channels)
    made = run(models["musicgen"], audio=start, prompt="")
    assert made.meta["continues"] is True
    assert made.meta["seconds"] == pytest.approx(0.5, abs=0.05)
    assert made.data != run(models["musicgen"], prompt="x").data
    with pytest.raises(InputError, match="empty"):
        run(models["musicgen"], audio=Audio.from_samples(np.zeros((0, 1)), 8000))


@pytest.mark.parametrize(("rate", "channels"), [(8000, 2), (44100, 1)])
def test_stable_audio_makes_a_part_again_and_keeps_the_rest(models: dict[str, Any], rate: int, channels: int) -> None:
    sound = sine(1.5, rate, channels)
    made = run(models["stable-audio"], audio=sound, start=0.5, end=0.9, seed=1)
    was, now = sound.samples()[0], made.samples()[0]
    first, last = round(0.5 * rate), round(0.9 * rate)
    assert was.shape == now.shape
    assert np.array_equal(was[:first], now[:first])
    assert np.array_equal(was[last:], now[last:])
    assert np.abs(was[first:last] - now[first:last]).max() > 0.001


@pytest.mark.parametrize(("start", "end"), [(0.5, 0.5), (0.9, 0.2), (0.2, 9.0)])
def test_a_part_outside_of_the_sound_is_refused(models: dict[str, Any], start: float, end: float) -> None:
    with pytest.raises(InputError, match=r"does not lie in the sound of 1\.00 s"):
        run(models["stable-audio"], audio=sine(1.0, 8000), start=start, end=end)


def test_a_part_longer_than_the_model_is_refused(models: dict[str, Any]) -> None:
    with pytest.raises(InputError, match=r"makes 0\.8 s at most"):
        run(models["stable-audio"], audio=sine(2.0, 8000), start=0.0, end=1.5)


def test_seams_are_mixed_inside_of_the_part() -> None:
    old, new = np.zeros((1000, 1), np.float32), np.ones((1000, 1), np.float32)
    out = spliced(old, 1000, new, 1000, 0.2, 0.6, 0.0)
    assert out[:200].max() == out[600:].max() == 0
    assert out[200] == out[599] == 0
    assert out[220:580].min() == 1
    assert 0 < out[210] < 1

"""The picture generator: sizes, samplers, previews, stops, faults, and the same bytes every time."""

from __future__ import annotations

import io
import shutil
from pathlib import Path
from typing import Any

import PIL.Image
import pytest

from plugins_builtin.diffusion import Picture, studio_generators
from plugins_builtin.diffusion.request import Reading
from plugins_builtin.diffusion.samplers import NAMES, make_sampler
from studio.plugins import Cancelled, Device, GeneratorError, Image, InputError, ModelFiles
from tests.plugins.tiny_models import Recorder, write_stable_diffusion

pytestmark = pytest.mark.filterwarnings("ignore:__array__ implementation:DeprecationWarning")


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> ModelFiles:
    return ModelFiles("tiny", "stable-diffusion", write_stable_diffusion(tmp_path_factory.mktemp("sd") / "tiny"))


@pytest.fixture(scope="module")
def zero_snr(tmp_path_factory: pytest.TempPathFactory) -> ModelFiles:
    folder = tmp_path_factory.mktemp("sd") / "zero"
    return ModelFiles("zero", "stable-diffusion", write_stable_diffusion(folder, "v_prediction", zero_snr=True))


@pytest.fixture
def picture(files: ModelFiles, tmp_path: Path) -> Picture:
    return loaded(files, tmp_path)


def loaded(files: ModelFiles, folder: Path) -> Picture:
    generator = Picture()
    generator.load(Recorder(files, folder))
    return generator


def draw(generator: Picture, ctx: Recorder | None = None, **params: Any) -> Image:
    params = {"width": 64, "height": 64, "steps": 4, "seed": 7, "prompt": "a red apple"} | params
    return generator.run(Picture.Params(**params), ctx or Recorder(ModelFiles("", "", Path()), Path()))


def red(width: int = 90, height: int = 50) -> Image:
    return Image.from_pil(PIL.Image.new("RGB", (width, height), (220, 30, 30)))


def test_the_plugin_offers_the_picture_and_each_field_says_what_it_is_for() -> None:
    assert studio_generators() == [Picture]
    for name, field in Picture.Params.model_json_schema()["properties"].items():
        assert field.get("description"), name


def test_the_same_request_gives_the_same_bytes_warm_cold_and_after_other_jobs(
    files: ModelFiles, tmp_path: Path
) -> None:
    cold = loaded(files, tmp_path)
    first = draw(cold, sampler="Euler a")
    warm = loaded(files, tmp_path)
    draw(warm, sampler="DDPM", width=96, seed=1)
    draw(warm, init_image=red(), strength=0.5)
    with pytest.raises(Cancelled):
        draw(warm, Recorder(files, tmp_path, stop_at_step=2), sampler="Euler a")
    silent = Recorder(files, tmp_path, previews=False)
    assert draw(warm, silent, sampler="Euler a").data == first.data
    assert draw(warm, sampler="Euler a").data == first.data
    assert draw(warm, sampler="Euler a", seed=8).data != first.data
    assert first.meta == {"width": 64, "height": 64, "steps": 4}


@pytest.mark.parametrize("sampler", NAMES)
def test_every_sampler_draws_and_previews(picture: Picture, zero_snr: ModelFiles, tmp_path: Path, sampler: str) -> None:
    for generator in (picture, loaded(zero_snr, tmp_path)):
        for start in ({}, {"init_image": red(), "strength": 0.5}):
            ctx = Recorder(zero_snr, tmp_path)
            image = draw(generator, ctx, sampler=sampler, width=72, **start)
            assert image.pil().size == (72, 64)
            steps = [step for step, _ in ctx.steps]
            assert steps == list(range(1, len(steps) + 1))
            assert ctx.steps[-1][0] == ctx.steps[-1][1] == image.meta["steps"]
            assert len(ctx.pictures) == len(steps) - 1


@pytest.mark.parametrize("sampler", NAMES)
def test_half_precision_draws_the_same_picture(zero_snr: ModelFiles, tmp_path: Path, sampler: str) -> None:
    import numpy as np

    pictures = []
    for dtype in ("float32", "bfloat16"):
        generator = Picture()
        generator.load(Recorder(zero_snr, tmp_path, device=Device("cpu", dtype)))
        image = draw(generator, sampler=sampler, steps=8, guidance_scale=2.0)
        pictures.append(np.asarray(image.pil(), dtype=float))
    assert np.abs(pictures[0] - pictures[1]).mean() < 12


def test_samplers_keep_the_models_settings(zero_snr: ModelFiles, tmp_path: Path) -> None:
    own = loaded(zero_snr, tmp_path)._model.own_scheduler
    for name in NAMES:
        made = make_sampler(name, own)
        assert made is not own
        assert made.config.prediction_type == "v_prediction", name
        # the last step of a zero-SNR schedule is (almost) pure noise in every sampler
        assert float(made.alphas_cumprod[-1]) < 1e-6, name


def test_previews_are_small_pictures_by_either_way(picture: Picture, tmp_path: Path) -> None:
    for seconds in (0.0, 1.0):
        picture._model.previewer._seconds_a_pixel = seconds
        ctx = Recorder(ModelFiles("", "", Path()), tmp_path)
        draw(picture, ctx, width=320, height=64, steps=3)
        assert len(ctx.pictures) == 2
        assert all(PIL.Image.open(io.BytesIO(p.data)).size == (256, 51) for p in ctx.pictures)


def test_the_linear_preview_resembles_the_decoded_picture(picture: Picture) -> None:
    """The map is fitted to the model's own decoder, so on the latents of a smooth picture the two agree in the mean."""
    import numpy as np
    import torch

    model = picture._model
    with torch.inference_mode():
        latents = model._encode(red(64, 64).pil())
    means = []
    for seconds in (0.0, 1.0):
        model.previewer._seconds_a_pixel = seconds
        means.append(np.asarray(model.previewer(latents).pil(), dtype=float).mean((0, 1)))
    assert np.abs(means[0] - means[1]).max() < 40


def test_a_stop_ends_at_that_step(picture: Picture, files: ModelFiles, tmp_path: Path) -> None:
    ctx = Recorder(files, tmp_path, stop_at_step=2)
    with pytest.raises(Cancelled):
        draw(picture, ctx, steps=50)
    assert ctx.steps[-1] == (2, 50)


@pytest.mark.parametrize("prompt", ["", "🦊❤️👩‍🚀", "תפוח أحمر", "a\x00b", "(((weights:1.3)))"])
def test_any_prompt_draws(picture: Picture, prompt: str) -> None:
    assert draw(picture, prompt=prompt, negative_prompt=prompt, steps=1).pil().size == (64, 64)


def test_a_prompt_that_is_too_long_is_cut_and_said_to_be(picture: Picture, files: ModelFiles, tmp_path: Path) -> None:
    ctx = Recorder(files, tmp_path)
    image = draw(picture, ctx, prompt="word " * 4000, steps=1)
    assert image.meta["prompt_tokens_unread"] > 1000
    assert "left out" in ctx.logs[0]


def test_strength_runs_from_keeping_the_picture_to_starting_over(picture: Picture) -> None:
    kept = draw(picture, init_image=red(), strength=0.0)
    assert kept.meta["steps"] == 0
    faint = draw(picture, init_image=red(), strength=0.01, steps=2)
    assert faint.meta["steps"] >= 1
    assert draw(picture, init_image=red(), strength=1.0).meta["steps"] == 4


def test_transparent_turned_and_grey_pictures_can_be_started_from(picture: Picture) -> None:
    for mode in ("RGBA", "LA", "L", "P", "1", "I;16", "CMYK"):
        buffer = io.BytesIO()
        PIL.Image.new(mode, (40, 90)).save(buffer, "TIFF" if mode in ("CMYK", "I;16") else "PNG")
        assert draw(picture, init_image=Image(buffer.getvalue(), "image/png"), steps=2).pil().mode == "RGB"


def test_a_start_that_is_no_picture_names_the_field(picture: Picture) -> None:
    with pytest.raises(InputError) as error:
        draw(picture, init_image=Image(b"not a picture"))
    assert error.value.field == "init_image"


def test_a_size_between_latents_is_rounded_and_said_to_be(picture: Picture, files: ModelFiles, tmp_path: Path) -> None:
    picture._model.scale = 16  # as of a model with 16 pixels to a latent
    ctx = Recorder(files, tmp_path)
    reading = Reading(Picture.Params(width=72, height=64), picture._model, ctx)
    assert (reading.settings().width, reading.settings().height) in ((64, 64), (80, 64))
    assert reading.notes == {"resized_from": [72, 64]}
    assert "steps of 16 pixels" in ctx.logs[0]


@pytest.mark.parametrize(
    "bad",
    [{"width": 65}, {"width": 0}, {"height": 4096}, {"steps": 0}, {"guidance_scale": float("nan")}, {"strength": 2},
     {"seed": -1}, {"seed": 2**32}, {"sampler": "magic"}, {"unknown": 1}, {"prompt": "x" * 20_001}],
)  # fmt: skip
def test_values_out_of_bounds_are_refused(bad: dict[str, Any]) -> None:
    from pydantic import ValidationError

    with pytest.raises(ValidationError):
        Picture.Params(**bad)


# ---------------------------------------------------------------- broken files

UNET = "unet/diffusion_pytorch_model.safetensors"


def damage(files: ModelFiles, folder: Path, path: str, data: bytes | None) -> ModelFiles:
    copy = shutil.copytree(files.path, folder / "copy")
    if data is None:
        (copy / path).unlink()
    else:
        (copy / path).write_bytes(data)
    return ModelFiles("tiny", "stable-diffusion", copy)


@pytest.mark.parametrize(
    ("path", "data", "said"),
    [
        (UNET, b"", f"{UNET} is empty"),
        (UNET, b"\x80\x04\x95pickle of something", f"{UNET} is not a safetensors file"),
        (UNET, (10**6).to_bytes(8, "little") + b"{}", f"{UNET} is cut short"),
        (UNET, None, "unet/ holds no safetensors weights"),
        ("model_index.json", b"{", "model_index.json is missing or damaged"),
        ("model_index.json", None, "model_index.json is missing or damaged"),
        ("vae/config.json", b"{}", ""),
        ("tokenizer/tokenizer.json", b"[", ""),
    ],
)
def test_a_broken_model_is_refused_in_a_sentence(
    files: ModelFiles, tmp_path: Path, path: str, data: bytes | None, said: str
) -> None:
    with pytest.raises(GeneratorError, match="The model tiny cannot be loaded: ") as error:
        loaded(damage(files, tmp_path, path, data), tmp_path)
    assert said in str(error.value)
    assert "\n" not in str(error.value)


def test_a_truncated_weight_file_is_named(files: ModelFiles, tmp_path: Path) -> None:
    whole = (files.path / UNET).read_bytes()
    with pytest.raises(GeneratorError, match="is cut short"):
        loaded(damage(files, tmp_path, UNET, whole[:-10]), tmp_path)


def test_a_missing_folder_is_refused(tmp_path: Path) -> None:
    with pytest.raises(GeneratorError, match="its folder is missing"):
        loaded(ModelFiles("gone", "stable-diffusion", tmp_path / "gone"), tmp_path)


def test_a_model_of_eight_latent_channels_starts_from_a_picture_too(tmp_path: Path) -> None:
    folder = write_stable_diffusion(tmp_path / "eight", channels=8)
    wide = loaded(ModelFiles("eight", "stable-diffusion", folder, "0" * 64), tmp_path)
    near = draw(wide, init_image=red(), strength=0.3)
    assert near.data == draw(wide, init_image=red(), strength=0.3).data
    assert near.data != draw(wide, init_image=red(), strength=0.9).data

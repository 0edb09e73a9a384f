"""Inpainting and outpainting: bytes outside the mask, soft masks, edges, sizes, kinds of models."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import PIL.Image
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from plugins_builtin.diffusion import Picture
from plugins_builtin.diffusion.inpaint import ChangeMap, Composite
from plugins_builtin.diffusion.samplers import NAMES, make_sampler
from plugins_builtin.diffusion.starts import Start, with_mask
from plugins_builtin.fields import pull_push
from studio.plugins import Image, InputError, Mask, ModelFiles
from tests.plugins.tiny_models import Recorder, write_stable_diffusion

pytestmark = pytest.mark.filterwarnings("ignore:__array__ implementation:DeprecationWarning")


def load(folder: Path, **kind: Any) -> Picture:
    generator = Picture()
    generator.load(Recorder(ModelFiles("tiny", "stable-diffusion", write_stable_diffusion(folder, **kind)), folder))
    return generator


@pytest.fixture(scope="module")
def picture(tmp_path_factory: pytest.TempPathFactory) -> Picture:
    return load(tmp_path_factory.mktemp("sd") / "tiny")


@pytest.fixture(scope="module")
def inpainter(tmp_path_factory: pytest.TempPathFactory) -> Picture:
    return load(tmp_path_factory.mktemp("sd") / "nine", in_channels=9)


def draw(generator: Picture, ctx: Recorder | None = None, **params: Any) -> Image:
    params = {"width": 64, "height": 64, "steps": 2, "seed": 7, "prompt": "a red apple", "strength": 1.0} | params
    return generator.run(Picture.Params(**params), ctx or Recorder(ModelFiles("", "", Path()), Path()))


def noise(width: int = 64, height: int = 64, bands: int = 3) -> np.ndarray:
    return np.random.default_rng(5).integers(0, 256, (height, width, bands), dtype=np.uint8)


def image(array: np.ndarray) -> Image:
    return Image.from_pil(PIL.Image.fromarray(array))


def mask(array: np.ndarray) -> Mask:
    found = Mask.from_pil(PIL.Image.fromarray(array.astype(np.uint8)))
    assert isinstance(found, Mask)
    return found


def half(width: int = 64, height: int = 64) -> np.ndarray:
    values = np.zeros((height, width), np.uint8)
    values[:, width // 2 :] = 255
    return values


@pytest.mark.parametrize("sampler", NAMES)
def test_outside_the_mask_every_byte_stays_with_every_sampler(picture: Picture, sampler: str) -> None:
    start, hole = noise(), half()
    hole[:, 20:32] = 90
    made = np.asarray(draw(picture, init_image=image(start), mask=mask(hole), sampler=sampler, steps=3).pil())
    assert (made[hole == 0] == start[hole == 0]).all()
    assert (made[hole == 255] != start[hole == 255]).any(-1).mean() > 0.9
    assert np.abs(made[hole == 90].astype(int) - start[hole == 90]).mean() > 0


@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.integers(8, 20), st.integers(8, 20), st.integers(0, 2**32 - 1), st.sampled_from(["L", "RGBA", "1", "I;16"]))
def test_any_size_and_any_mask_keeps_what_is_outside(picture: Picture, wide: int, tall: int, seed: int,
                                                     mode: str) -> None:
    width, height = wide * 8, tall * 8
    draws = np.random.default_rng(seed)
    start = draws.integers(0, 256, (height, width, 3), dtype=np.uint8)
    hole = draws.choice([0, 0, 255], (height, width)).astype(np.uint8)
    hole[0, 0] = 255
    given_mask = PIL.Image.fromarray(hole)
    given_mask = (PIL.Image.fromarray(hole.astype(np.uint16) * 257) if mode == "I;16" else given_mask.convert(mode))
    made = draw(picture, init_image=image(start), mask=Mask.from_pil(given_mask), width=width, height=height, steps=1)
    pixels = np.asarray(made.pil())
    assert pixels.shape == start.shape
    assert (pixels[hole == 0] == start[hole == 0]).all()


def test_a_side_between_latents_keeps_its_size(picture: Picture) -> None:
    before, picture._model.scale = picture._model.scale, 4
    try:
        made = draw(picture, init_image=image(noise(72, 64)), mask=mask(half(72, 64)), width=72)
    finally:
        picture._model.scale = before
    assert made.pil().size == (72, 64)
    assert "resized_from" not in made.meta
    assert made.meta["composite"] is True


def test_transparent_parts_are_painted_and_others_keep_their_alpha(picture: Picture) -> None:
    start = noise(bands=4)
    start[:, 40:, 3] = 0
    start[:8, :8, 3] = 77
    hole = np.zeros((64, 64), np.uint8)
    hole[:, 36:56] = 255
    ctx = Recorder(ModelFiles("", "", Path()), Path())
    made = np.asarray(draw(picture, ctx, init_image=image(start), mask=mask(hole)).pil())
    assert made.shape == (64, 64, 4)
    assert (made[hole == 0] == start[hole == 0]).all()
    assert (made[hole == 255][:, 3] == 255).all()
    assert ctx.pictures[0].pil().mode == "RGBA"


def test_transparent_parts_begin_with_what_lies_around_them() -> None:
    start = np.zeros((64, 64, 4), np.uint8)
    start[:, :32] = (200, 40, 10, 255)
    known = with_mask(image(start), mask(half()), 64, 64).known()
    assert (np.abs(known.astype(int) - (200, 40, 10)) <= 1).all()


def test_soft_masks_are_honoured_by_the_pixel(picture: Picture) -> None:
    start = np.full((64, 64, 3), 128, np.uint8)
    ramp = np.tile(np.linspace(0, 255, 64).astype(np.uint8), (64, 1))
    made = np.asarray(draw(picture, init_image=image(start), mask=mask(ramp), steps=8).pil()).astype(int)
    change = np.abs(made - 128).mean((0, 2))
    assert change[0] == 0
    assert change[:16].mean() < change[24:40].mean() < change[48:].mean()


@pytest.mark.parametrize("sampler", NAMES)
def test_a_latent_follows_the_picture_for_its_share_of_the_steps(sampler: str) -> None:
    import torch
    from diffusers import DDIMScheduler

    scheduler = make_sampler(sampler, DDIMScheduler(beta_schedule="scaled_linear"))
    scheduler.set_timesteps(4)
    start = torch.full((1, 4, 1, 4), 3.0)
    changes = ChangeMap(scheduler, start, torch.tensor([0, 0.3, 0.6, 1])[None, None, None])
    steps = scheduler.timesteps
    changes.begin(torch.zeros_like(start), steps)
    freed = torch.zeros(4)
    for done in range(1, len(steps) + 1):
        now = changes.after_step(done, torch.full_like(start, torch.nan))
        freed += now[0, 0, 0].isnan()
    assert freed[0] == 0
    assert freed[3] == len(steps)
    assert (freed.diff() > 0).all()
    assert (now[0, :, 0, 0] == 3).all()


def test_the_edge_of_a_mask_does_not_show() -> None:
    """A drawn picture whose colours all drifted joins without a step; bytes outside stay."""
    y, x = np.mgrid[0:128, 0:128]
    truth = np.stack([x + 60, y + 60, (x + y) / 2 + 60], -1)
    start = Start(np.dstack([truth, np.full((128, 128), 255)]).astype(np.uint8), half(128, 128) / np.float32(255), True)
    drifted = np.clip(truth + (9, -12, 5) + 8 * np.sin(y / 20)[..., None], 0, 255).astype(np.uint8)
    made = np.asarray(Composite(start, 8).join(drifted)).astype(int)
    edge = np.abs(made[:, 64] - made[:, 63]).mean()
    interior = np.abs(np.diff(made[:, 65:], axis=1)).mean()
    assert edge < interior + 1
    assert np.abs(made[:, 63] - drifted[:, 64]).mean() > 5
    assert (made[:, :64] == start.pixels[:, :64, :3]).all()


def test_pull_push_keeps_the_known_and_continues_it() -> None:
    values = np.arange(35, dtype=np.float32).reshape(5, 7, 1).repeat(3, -1)
    weights = np.zeros((5, 7), np.float32)
    weights[:, :3] = 1
    filled = pull_push(values, weights)
    assert (filled[:, :3] == values[:, :3]).all()
    assert filled.min() >= 0
    assert filled.max() <= values[:, :3].max()


# ---------------------------------------------------------------- models made for inpainting


def test_a_model_with_nine_channels_inpaints_draws_and_starts_from_pictures(inpainter: Picture) -> None:
    start, hole = noise(), half()
    made = draw(inpainter, init_image=image(start), mask=mask(hole))
    pixels = np.asarray(made.pil())
    assert (pixels[hole == 0] == start[hole == 0]).all()
    assert made.data == draw(inpainter, init_image=image(start), mask=mask(hole)).data
    assert draw(inpainter).pil().size == (64, 64)
    assert draw(inpainter, init_image=image(start), strength=0.5, steps=4).meta["steps"] == 2


def test_a_model_with_eight_latent_channels_inpaints_too(tmp_path: Path) -> None:
    start, hole = noise(), half()
    made = np.asarray(draw(load(tmp_path, channels=8), init_image=image(start), mask=mask(hole)).pil())
    assert (made[hole == 0] == start[hole == 0]).all()


# ---------------------------------------------------------------- what is refused


@pytest.mark.parametrize(
    ("params", "said"),
    [
        ({"mask": mask(half())}, "needs a picture to start from"),
        ({"mask": mask(half() * 0), "init_image": image(noise())}, "mask is empty"),
        ({"mask": Mask(b"no picture"), "init_image": image(noise())}, "mask cannot be read"),
    ],
)
def test_a_mask_that_cannot_serve_is_refused_in_a_sentence(picture: Picture, params: dict[str, Any],
                                                           said: str) -> None:
    with pytest.raises(InputError, match=said) as error:
        draw(picture, **params)
    assert error.value.field == "mask"


# ---------------------------------------------------------------- quality


@pytest.mark.parametrize(
    ("given", "quality", "steps"),
    [
        ({}, "Quality", 20),
        ({"steps": 33}, "Custom", 33),
        ({"quality": "Draft"}, "Draft", 4),
        ({"quality": "Draft", "steps": 20}, "Draft", 4),
        ({"quality": "Quality", "steps": 7}, "Quality", 20),
        ({"quality": "Custom"}, "Custom", 20),
        ({"quality": "Custom", "steps": 7}, "Custom", 7),
    ],
)  # fmt: skip
def test_params_say_how_many_steps_will_run(given: dict[str, Any], quality: str, steps: int) -> None:
    params = Picture.Params(**given)
    assert (params.quality, params.steps) == (quality, steps)
    assert Picture.Params(**params.model_dump()) == params

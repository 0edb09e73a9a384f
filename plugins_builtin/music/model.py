"""Weights of the symbolic models: a folder with ``pieria.json`` and ``weights.safetensors``."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from plugins_builtin.threads import share_cores
from plugins_builtin.weights import broken_safetensors, first_line
from studio.plugins import Device, GeneratorError, ModelFiles

CARD = "pieria.json"
"""Says the kind of model to the model library, and here its sizes and its vocabulary."""


def load(files: ModelFiles, device: Device, kind: str) -> Any:
    """The network, in float32 on the CPU: it is so small that a GPU's start costs more than it saves.

    Raises:
        GeneratorError: the folder is incomplete, broken, or another model's.
    """
    share_cores(device)
    from safetensors.torch import load_file

    from plugins_builtin.music import vocabulary
    from plugins_builtin.music.network import Shape, build

    weights = files.path / "weights.safetensors"
    wrong = broken_safetensors(weights)
    if wrong:
        raise GeneratorError(f"The model {files.name} cannot be loaded: {weights.name} {wrong}. Install it again.")
    try:
        facts = json.loads((files.path / CARD).read_text("utf-8"))
        shape = Shape(**facts["shape"])
        if shape.kind != kind or facts["words"] != list(vocabulary.WORDS):
            raise ValueError("it speaks another vocabulary")
        network = build(shape)
        network.load_state_dict({name: tensor.float() for name, tensor in load_file(weights).items()})
    except (OSError, ValueError, KeyError, TypeError, RuntimeError) as error:
        raise GeneratorError(f"The model {files.name} cannot be loaded: {first_line(error)}. Install it again.") \
            from error
    return network.eval()


@contextmanager
def one_thread() -> Iterator[None]:
    """Compute on one core for a while: the matrices are so small that others only wait for each other, and the bytes of
    a result do not depend on how many there are.
    """
    import torch

    before = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        yield
    finally:
        torch.set_num_threads(before)


def save(network: Any, folder: Path) -> int:
    """Write the folder with half-precision weights; returns its size in bytes."""
    from safetensors.torch import save_file

    from plugins_builtin.music import vocabulary

    folder.mkdir(parents=True, exist_ok=True)
    tensors = {name: tensor.half().contiguous() for name, tensor in network.state_dict().items()}
    save_file(tensors, folder / "weights.safetensors")
    (folder / "weights.safetensors").chmod(0o644)  # the library leaves it to its owner alone
    facts = {"kind": f"music-{network.shape.kind}", "shape": network.shape.as_json(), "words": list(vocabulary.WORDS)}
    (folder / CARD).write_text(json.dumps(facts, indent=1) + "\n", "utf-8")
    return sum(path.stat().st_size for path in folder.iterdir())

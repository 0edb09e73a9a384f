"""Which text encoder? ``python -m training.spark.compare_text [FOLDER]``, a few minutes on one core.

Three encoders get the same linear head, trained with the same captions and the same contrastive loss (Radford et al.
2021, arXiv:2103.00020) against the judge's features of the pictures: the frozen sentence model MiniLM, a CLIP text
encoder from scratch, and the one of FOLDER, which was distilled from MiniLM. Asked are words that no caption says. Then
MiniLM is put into the three pipelines, saved and loaded, to see whether they take it as it is.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import torch
import torch.nn.functional as functional
from diffusers import (
    AutoencoderKL,
    DDIMScheduler,
    StableDiffusionImg2ImgPipeline,
    StableDiffusionInpaintPipeline,
    StableDiffusionPipeline,
    UNet2DConditionModel,
)
from PIL import Image
from transformers import AutoModel, AutoTokenizer, CLIPTextModel, CLIPTokenizer

from . import captions, classifier, colours, data, export, measures, packages, prompts, text_encoder
from .runtime import Runtime

LENGTH = text_encoder.LENGTH
Encode = Callable[[list[str]], torch.Tensor]


def pairs(things: list[prompts.Thing], count: int, seed: int = 41) -> tuple[list[str], list[int]]:
    """Captions and the index of the thing that each names: names as captions say them, colours and styles at random."""
    rows, rng = data.load()[1], np.random.default_rng(seed)
    names = [sorted({name for row in rows if row.label in thing.labels for name in row.names}) for thing in things]
    texts, which = [], [int(i) for i in rng.integers(len(things), size=count)]
    for i in which:
        colour = str(rng.choice(colours.NAMES)) if rng.random() < 0.5 else None
        said = captions.thing(str(rng.choice(names[i])), colour)
        style = captions.STYLE_WORDS[str(rng.choice(data.STYLES))] if rng.random() < 0.4 else ()
        texts.append(f"{said}, {rng.choice(style)}" if style else said)
    return texts, which


def picture_vectors(judge: classifier.Judge, things: list[prompts.Thing], each: int = 12) -> torch.Tensor:
    """(K, each, 64) unit features of real pictures of every thing."""
    found = [judge.see(measures.real(thing.labels, data.STYLES, each, 42)) for thing in things]
    return functional.normalize(torch.tensor(np.array([[v.features for v in row] for row in found])), dim=-1)


class Head(torch.nn.Module):
    """A linear layer to the pictures' space, and the temperature of the contrastive loss."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.linear = torch.nn.Linear(width, 64)
        self.scale = torch.nn.Parameter(torch.tensor(2.5))

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return functional.normalize(self.linear(x), dim=-1)


def mean_state(states: torch.Tensor, mask: torch.Tensor) -> torch.Tensor:
    """Mean over the tokens that are not padding: (B, L, W), (B, L) -> (B, W)."""
    weight = mask[..., None].to(states.dtype)
    return (states * weight).sum(1) / weight.sum(1)


def minilm() -> tuple[Any, Any]:
    folder = packages.minilm()
    return AutoTokenizer.from_pretrained(folder, model_max_length=LENGTH), AutoModel.from_pretrained(folder).eval()


def encoder(tokenizer: Any, model: Any) -> Encode:
    """Texts to (B, W) by the mean of the last states."""

    def encode(texts: list[str]) -> torch.Tensor:
        batch = tokenizer(texts, padding=True, truncation=True, max_length=LENGTH, return_tensors="pt")
        states = model(input_ids=batch.input_ids, attention_mask=batch.attention_mask).last_hidden_state
        return mean_state(states, batch.attention_mask)

    return encode


def fit(encode: Encode, model: Any, width: int, pictures: torch.Tensor, captions_of: tuple[list[str], list[int]],
        train_encoder: bool, steps: int = 400, batch: int = 128) -> Head:  # fmt: skip
    """Train the head, and the encoder too where asked, with the symmetric contrastive loss."""
    torch.manual_seed(43)
    texts, which = captions_of
    index = torch.tensor(which)
    head, draw = Head(width), torch.Generator().manual_seed(44)
    cached = None
    if not train_encoder:
        with torch.no_grad():
            cached = torch.cat([encode(texts[i : i + 256]) for i in range(0, len(texts), 256)])
    groups = [{"params": list(head.parameters()), "lr": 3e-3}]
    groups += [{"params": list(model.parameters()), "lr": 5e-4}] if train_encoder else []
    optimiser = torch.optim.AdamW(groups, weight_decay=0.01)
    for _ in range(steps):
        chosen = torch.randint(len(texts), (batch,), generator=draw)
        vectors = encode([texts[i] for i in chosen.tolist()]) if cached is None else cached[chosen]
        view = torch.randint(pictures.shape[1], (batch,), generator=draw)
        truth = index[chosen]
        scores = head.scale.exp() * head(vectors) @ pictures[truth, view].T
        same = (truth[:, None] == truth[None]).float()  # a batch shows a thing more than once
        same = same / same.sum(1, keepdim=True)
        loss = functional.cross_entropy(scores, same) + functional.cross_entropy(scores.T, same)
        for group in optimiser.param_groups:
            group["lr"] *= 0.5 ** (4 / steps)
        optimiser.zero_grad(set_to_none=True)
        loss.backward()
        optimiser.step()
    return head


@torch.no_grad()
def accuracy(encode: Encode, head: Head, prototypes: torch.Tensor, asked: list[tuple[str, int]]) -> dict[str, float]:
    """How often a text's nearest prototype, or one of its three nearest, is the thing that it names."""
    scores = head(encode([text for text, _ in asked])) @ prototypes.T
    truth = torch.tensor([which for _, which in asked])
    best = scores.topk(3).indices == truth[:, None]
    return {"first": float(best[:, 0].float().mean()), "among three": float(best.any(1).float().mean())}


@torch.no_grad()
def milliseconds(tokenizer: Any, model: Any) -> float:
    """For one prompt and the empty one, padded as the pipeline does it: best of ten."""
    times = []
    for _ in range(10):
        start = time.perf_counter()
        model(tokenizer(["a red apple", ""], padding="max_length", max_length=LENGTH, return_tensors="pt").input_ids)
        times.append(time.perf_counter() - start)
    return min(times) * 1000


def compare(folder: Path, judge: classifier.Judge) -> dict[str, Any]:
    """The figures of the three encoders."""
    things, spoken = prompts.scope(judge.things), prompts.said(data.load()[1])
    pictures = picture_vectors(judge, things)
    prototypes = functional.normalize(pictures.mean(1), dim=-1)
    taught = pairs(things, 6000)
    unsaid = [(captions.thing(w), i) for i, thing in enumerate(things) for w in prompts.held_out_words(thing, spoken)]
    known = [(captions.thing(thing.name), i) for i, thing in enumerate(things)]
    own = CLIPTokenizer.from_pretrained(folder / "tokenizer")
    shipped = CLIPTextModel.from_pretrained(folder / "text_encoder", dtype=torch.float32).eval()
    cases = {
        "MiniLM, frozen": (*minilm(), False),
        "CLIP text encoder from scratch": (own, CLIPTextModel(shipped.config), True),
        "Spark's, distilled from MiniLM": (own, shipped, False),
    }
    found: dict[str, Any] = {"things": len(things), "unsaid words": len(unsaid)}
    for name, (tokenizer, model, learns) in cases.items():
        encode = encoder(tokenizer, model)
        head = fit(encode, model, int(model.config.hidden_size), pictures, taught, learns)
        model.eval()
        size = sum(p.numel() for p in model.parameters())
        found[name] = {
            "unsaid words": accuracy(encode, head, prototypes, unsaid),
            "own names": accuracy(encode, head, prototypes, known),
            "MB in half precision": size * 2 / 1e6,
            "ms a prompt": milliseconds(tokenizer, model),
        }
        print(f"{name}: {json.dumps(found[name])}", flush=True)
    return found


def pipelines() -> dict[str, str]:
    """Puts MiniLM into an untrained pipeline, saves it, loads it by the three classes and draws one step with each."""
    tokenizer, model = minilm()
    unet = UNet2DConditionModel(
        sample_size=16, in_channels=4, out_channels=4, block_out_channels=(32, 32), layers_per_block=1,
        norm_num_groups=8,
        down_block_types=("CrossAttnDownBlock2D", "DownBlock2D"), up_block_types=("UpBlock2D", "CrossAttnUpBlock2D"),
        cross_attention_dim=int(model.config.hidden_size), attention_head_dim=4,
    )  # fmt: skip
    vae = AutoencoderKL(
        block_out_channels=(8, 8, 8, 8, 8), norm_num_groups=2, latent_channels=4,
        down_block_types=("DownEncoderBlock2D",) * 5, up_block_types=("UpDecoderBlock2D",) * 5,
    )  # fmt: skip
    made = StableDiffusionPipeline(
        vae=vae, text_encoder=model, tokenizer=tokenizer, unet=unet,
        scheduler=DDIMScheduler(steps_offset=1, clip_sample=False), safety_checker=None,
        feature_extractor=None, requires_safety_checker=False,
    )  # fmt: skip
    picture = Image.new("RGB", (256, 256), "red")
    size = {"height": 256, "width": 256}
    inputs: dict[Any, dict[str, Any]] = {
        StableDiffusionPipeline: size,
        StableDiffusionImg2ImgPipeline: {"image": picture, "strength": 1.0},
        StableDiffusionInpaintPipeline: {"image": picture, "mask_image": picture.convert("L"), **size},
    }
    results: dict[str, str] = {}
    with tempfile.TemporaryDirectory() as scratch:
        try:
            made.save_pretrained(scratch)
        except Exception as error:  # the point is to learn what happens, whatever it is
            return {"save_pretrained": f"{type(error).__name__}: {error}"}
        for kind, named in inputs.items():
            for extra in ({}, {"clip_skip": 1}):
                label = kind.__name__ + (" with clip_skip" if extra else "")
                try:
                    pipe = kind.from_pretrained(scratch, local_files_only=True)
                    pipe.set_progress_bar_config(disable=True)
                    pipe("a red apple", num_inference_steps=2, **named, **extra)
                    results[label] = "works"
                except Exception as error:  # as above
                    results[label] = f"{type(error).__name__}: {str(error).splitlines()[0][:160]}"
    return results


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path, nargs="?", default=export.FOLDER)
    folder = parser.parse_args().folder
    Runtime.detect()
    print(json.dumps(pipelines(), indent=2))
    print(json.dumps(compare(folder, classifier.load()), indent=2))
    return 0


if __name__ == "__main__":
    sys.exit(main())

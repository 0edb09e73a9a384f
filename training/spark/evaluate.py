"""Measure the exported model: ``python -m training.spark.evaluate [FOLDER]``, about ten minutes on 2 cores.

Prints, and writes to ``training/spark/figures.json``, what README.md explains; draws the contact sheet. ``--quick``
takes a few prompts of each kind and writes nothing. The judge of what a picture shows is `classifier`; its own marks on
real pictures come first in the figures, since a verdict is worth no more than they are.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from diffusers import StableDiffusionPipeline
from PIL import Image

from . import autoencoder, classifier, data, export, measures, prompts, scope, sheet
from .album import Album, fingerprint
from .runtime import Runtime

FIGURES = Path(__file__).with_name("figures.json")
DRAFT = "draft"
Pictures = list[Image.Image]


@dataclass(frozen=True)
class Options:
    """How to draw, and how much of each set."""

    steps: int = 20
    guidance: float = 3.0
    draft_steps: int = 4
    draft_guidance: float = 3.5
    quick: bool = False

    def some(self, asks: Sequence[prompts.Ask]) -> list[prompts.Ask]:
        return list(asks[::8] if self.quick else asks)


def load(folder: Path, dtype: torch.dtype = torch.bfloat16) -> StableDiffusionPipeline:
    """The pipeline as any program loads it."""
    pipe = StableDiffusionPipeline.from_pretrained(folder, dtype=dtype, local_files_only=True)
    pipe.set_progress_bar_config(disable=True)
    return pipe.to(Runtime.detect().device)


class Evaluation:
    """Draws each set of prompts once and keeps the figures."""

    def __init__(self, folder: Path, judge: classifier.Judge, options: Options) -> None:
        self.folder, self.judge, self.options = folder, judge, options
        self.pipe = load(folder)
        self.album = Album(self.pipe, fingerprint(folder))
        self.things = prompts.scope(judge.things)
        self.spoken = prompts.said(data.load()[1])
        self.figures: dict[str, Any] = {"drawn with": {"steps": options.steps, "guidance": options.guidance}}

    def draw(self, texts: Sequence[str], seed: int = 0, seeds: Sequence[int] | None = None, **named: Any) -> Pictures:
        """Picture i starts from ``seeds[i]``, or from seed + i."""
        how = {"steps": self.options.steps, "guidance": self.options.guidance} | named
        return self.album.draw(texts, seeds or range(seed, seed + len(texts)), **how)

    def run(self, out: Path | None) -> dict[str, Any]:
        """All figures; the contact sheet goes to ``out``."""
        parts: list[tuple[str, Callable[[], Any]]] = [
            ("sheet", lambda: self.sheet(out)),
            ("objects", self.objects),
            ("colour", self.colour),
            ("two objects", self.pairs),
            ("counts", self.counts),
            ("seeds", self.seeds),
            ("guidance", self.guidance),
            ("negative prompt", self.negative),
            ("same seed, same bytes", self.same_bytes),
            ("draft", self.draft),
            ("autoencoder PSNR, dB", self.psnr),
            ("seconds a picture", lambda: seconds(self.pipe, self.options)),
        ]
        for name, measure in parts:
            start = time.perf_counter()
            self.figures[name] = measure()
            shown = json.dumps(self.figures[name], default=float)
            print(f"{name} ({time.perf_counter() - start:.0f} s): {shown}", flush=True)
        return self.figures

    def psnr(self) -> float:
        vae = load(self.folder, torch.float32).vae.cpu()
        return autoencoder.held_out_psnr(vae)

    def sheet(self, out: Path | None) -> dict[str, Any]:
        texts = sheet.PROMPTS[::8] if self.options.quick else sheet.PROMPTS
        pictures = self.draw(texts)
        if out is not None and not self.options.quick:
            sheet.save(pictures, texts, out)
        asked = [sheet.shows(text, self.things) for text in texts]
        return named(self.judge, asked, pictures) | {"prompts": len(texts)}

    def objects(self) -> dict[str, Any]:
        """Object accuracy on the held-out prompts, by kind; memory and distribution of the same pictures."""
        asks = self.options.some(prompts.objects(self.things, self.spoken))
        pictures = self.draw([ask.text for ask in asks], seed=1000)
        verdicts = self.judge.see(pictures)
        right = np.array([v.name == ask.things[0] for v, ask in zip(verdicts, asks, strict=True)])
        kinds = np.array([ask.kind for ask in asks])
        own = [p for p, ask in zip(pictures, asks, strict=True) if ask.kind in ("new framing", "adjective")]
        painted = [(p, ask) for p, ask in zip(pictures, asks, strict=True) if ask.colour]
        wrong = [f"{a.text}: {v.name}" for a, v, ok in zip(asks, verdicts, right, strict=True) if not ok]
        return {
            "accuracy": float(right.mean()),
            "prompts": len(asks),
            "by kind": {str(kind): float(right[kinds == kind].mean()) for kind in sorted(set(kinds))},
            "colour said behind the noun": float(np.mean([measures.colour(p) == ask.colour for p, ask in painted])),
            "nearest neighbour": measures.memory(own),
            "Frechet distance": self.distances(np.stack([v.features for v in verdicts])),
            "wrong": wrong,
        }

    def distances(self, drawn: measures.Floats) -> dict[str, float]:
        """Of the drawn pictures to real 3D ones, beside that of other real ones."""
        labels = [label for thing in self.things for label in thing.labels]
        count = max(len(drawn), 80)

        def features(styles: tuple[str, ...], seed: int) -> measures.Floats:
            shown = measures.real(labels, styles, count, seed)
            return np.stack([v.features for v in self.judge.see(shown)])

        known = features(("3d",), 31)
        return {
            "drawn to real 3D": measures.frechet(drawn, known),
            "real 3D to the same placed anew": measures.frechet(features(("3d",), 32), known),
            "real clip art and flat to real 3D": measures.frechet(features(("clip art", "flat"), 33), known),
        }

    def colour(self) -> dict[str, Any]:
        """Ten things in six colours; the colours of one thing share a seed, so their outlines should agree."""
        asks, per = prompts.coloured(), len(prompts.COLOURS)
        asks = asks[: 2 * per] if self.options.quick else asks
        pictures = self.draw([ask.text for ask in asks], seeds=[100 + i // per for i in range(len(asks))])
        got = [measures.colour(picture) for picture in pictures]
        right = [ask.colour == found for ask, found in zip(asks, got, strict=True)]
        shown = [v.name == ask.things[0] for v, ask in zip(self.judge.see(pictures), asks, strict=True)]
        rows = [pictures[start : start + per] for start in range(0, len(pictures), per)]
        return {
            "accuracy": float(np.mean(right)),
            "accuracy with the right thing": float(np.mean([a and b for a, b in zip(right, shown, strict=True)])),
            "prompts": len(asks),
            "outline overlap, same seed, other colour": float(np.mean([measures.mean_overlap(row) for row in rows])),
            "wrong": [f"{a.text}: {g}" for a, g, ok in zip(asks, got, right, strict=True) if not ok],
        }

    def pairs(self) -> dict[str, Any]:
        """Two things and a relation: both seen, and where the words say; for things taught in pairs, and for any."""
        taught = [thing for thing in self.things if thing.name in (scope.CORE.paired or ())]
        return {
            "things taught in pairs": self.related(self.options.some(prompts.pairs(taught, 24))),
            "any things": self.related(self.options.some(prompts.pairs(self.things, 18, seed=13))),
        }

    def related(self, asks: Sequence[prompts.Ask]) -> dict[str, Any]:
        found = [self.judge.search(picture) for picture in self.draw([ask.text for ask in asks], seed=2000)]
        each = [[self.judge.there(f, name) for name in ask.things] for f, ask in zip(found, asks, strict=True)]
        right = [all(there) and self.judge.related(f, ask.things[0], ask.things[1], ask.kind)
                 for there, f, ask in zip(each, found, asks, strict=True)]  # fmt: skip
        return {
            "both there": float(np.mean([all(there) for there in each])),
            "both there, relation right": float(np.mean(right)),
            "at least one there": float(np.mean([any(there) for there in each])),
            "prompts": len(asks),
        }

    def counts(self) -> dict[str, Any]:
        asks = prompts.counts(self.things, 1 if self.options.quick else 6)
        pictures = self.draw([ask.text for ask in asks], seed=3000)
        got = [measures.pieces(picture) for picture in pictures]
        right = np.array([str(n) == ask.kind for n, ask in zip(got, asks, strict=True)])
        kinds = np.array([ask.kind for ask in asks])
        return {"accuracy": float(right.mean()), "prompts": len(asks)} | {
            f"of {kind}": float(right[kinds == kind].mean()) for kind in sorted(set(kinds))
        }

    def seeds(self, each: int = 6) -> dict[str, float]:
        """How much pictures of one prompt differ by seed, beside how much those of different prompts do."""
        texts = ["a car", "a cat", "a house", "an apple", "a flower", "a robot"][: 2 if self.options.quick else 6]
        pictures = self.draw([text for text in texts for _ in range(each)], seed=4000)
        rows = [pictures[start : start + each] for start in range(0, len(pictures), each)]
        mixed = [list(pictures) for pictures in zip(*rows, strict=True)]
        return {
            "RMS distance, same prompt": float(np.mean([measures.spread(row) for row in rows])),
            "RMS distance, other prompt": float(np.mean([measures.spread(row) for row in mixed])),
            "outline overlap, same prompt, other seed": float(np.mean([measures.mean_overlap(row) for row in rows])),
        }

    def guidance(self) -> dict[str, Any]:
        """Object accuracy without guidance, on the plainest prompts."""
        asks = [ask for ask in prompts.objects(self.things, self.spoken) if ask.kind == "new framing"][:24]
        asks = self.options.some(asks)
        asked, texts = [ask.things[0] for ask in asks], [ask.text for ask in asks]
        return {
            f"accuracy at {scale:g}": named(self.judge, asked, self.draw(texts, guidance=scale, seed=5000))["accuracy"]
            for scale in (1.0, self.options.guidance)
        }

    def negative(self) -> dict[str, float]:
        """Share of the foreground in a picture's main colour, before and after that colour is the negative prompt."""
        texts = ["a heart", "a balloon", "a book", "a car", "an apple", "a star", "a tulip", "a fish"]
        texts = texts[:2] if self.options.quick else texts
        before = self.draw(texts, seed=6000)
        unwanted = [measures.colour(picture) for picture in before]
        after = self.draw(texts, seed=6000, negative=unwanted)
        shares = [[measures.colour_share(p, name) for p, name in zip(pictures, unwanted, strict=True)]
                  for pictures in (before, after)]  # fmt: skip
        return {"share of the unwanted colour before": float(np.mean(shares[0])), "after": float(np.mean(shares[1]))}

    def same_bytes(self) -> bool:
        """True when the same seed gives the same picture twice."""
        twice = [sheet.draw(self.pipe, ["a cat"], seed=7)[0] for _ in range(2)]
        return len({hashlib.sha256(picture.tobytes()).hexdigest() for picture in twice}) == 1

    def draft(self) -> dict[str, Any]:
        """Object accuracy of few steps: plain, and with the distilled LoRA where the folder has one."""
        options = self.options
        asks = options.some(prompts.objects(self.things, self.spoken)[:104])
        asked, texts = [ask.things[0] for ask in asks], [ask.text for ask in asks]
        few = {"steps": options.draft_steps, "seed": 1000}
        found: dict[str, Any] = {"steps": options.draft_steps, "prompts": len(asks)}
        plain = self.draw(texts, guidance=options.draft_guidance, **few)
        found[f"plain, guidance {options.draft_guidance:g}"] = named(self.judge, asked, plain)["accuracy"]
        if (self.folder / DRAFT).is_dir():
            self.pipe.load_lora_weights(self.folder / DRAFT, adapter_name=DRAFT)
            mode = hashlib.sha256(b"".join(p.read_bytes() for p in sorted((self.folder / DRAFT).iterdir()))).hexdigest()
            pictures = self.draw(texts, guidance=1.0, mode=mode, **few)
            found["draft LoRA, unguided"] = named(self.judge, asked, pictures)["accuracy"]
            self.pipe.unload_lora_weights()
        return found


def named(judge: classifier.Judge, asked: Sequence[str], pictures: Pictures) -> dict[str, Any]:
    """Share of pictures that the judge calls what was asked for, and the others."""
    verdicts = judge.see(pictures)
    right = [v.name == name for v, name in zip(verdicts, asked, strict=True)]
    wrong = [f"{name}: {v.name}" for v, name, ok in zip(verdicts, asked, right, strict=True) if not ok]
    return {"accuracy": float(np.mean(right)), "wrong": wrong}


@torch.no_grad()
def bare(pipe: StableDiffusionPipeline, text: str, steps: int, guidance: float) -> torch.Tensor:
    """The baseline: the same weights in a loop of one's own, DDIM and classifier-free guidance, batch 1."""
    device, scheduler = pipe.device, type(pipe.scheduler).from_config(pipe.scheduler.config)
    tokens = pipe.tokenizer(["", text], padding="max_length", truncation=True, return_tensors="pt").input_ids
    states = pipe.text_encoder(tokens.to(device))[0]
    states = states if guidance > 1 else states[1:]
    side = int(pipe.unet.config.sample_size)
    x = torch.randn(1, pipe.unet.config.in_channels, side, side, generator=torch.Generator().manual_seed(0))
    x = x.to(device, pipe.unet.dtype)
    scheduler.set_timesteps(steps)
    for t in scheduler.timesteps:
        out = pipe.unet(x.expand(len(states), -1, -1, -1), t, states).sample
        if guidance > 1:
            out = out[:1] + guidance * (out[1:] - out[:1])
        x = scheduler.step(out, t, x).prev_sample
    return pipe.vae.decode(x / pipe.vae.config.scaling_factor).sample


def seconds(pipe: StableDiffusionPipeline, options: Options) -> dict[str, Any]:
    """Seconds for one 256 x 256 picture, batch 1, bfloat16: best of five, the pipeline and the bare loop by turns.

    The processor's seconds (of all threads together) say what it costs where other programs take part of the time.
    """
    found: dict[str, Any] = {"threads": torch.get_num_threads(), "format": "bfloat16"}
    few = options.draft_steps
    for steps, guidance in ((options.steps, options.guidance), (few, options.draft_guidance), (few, 1.0)):
        marks = []
        for _ in range(5):
            marks.append((time.perf_counter(), time.process_time()))
            pipe("a red apple", num_inference_steps=steps, guidance_scale=guidance)
            marks.append((time.perf_counter(), time.process_time()))
            bare(pipe, "a red apple", steps, guidance)
        marks.append((time.perf_counter(), time.process_time()))
        wall, busy = np.diff(np.array(marks), axis=0).T
        found[f"{steps} steps, {'guided' if guidance > 1 else 'unguided'}"] = {
            "pipeline": float(wall[::2].min()), "bare loop": float(wall[1::2].min()),
            "processor, pipeline": float(busy[::2].min()), "processor, bare loop": float(busy[1::2].min()),
        }  # fmt: skip
    return found


def rounded(value: Any) -> Any:
    """Numbers to four digits, for a file that people read."""
    if isinstance(value, dict):
        return {key: rounded(item) for key, item in value.items()}
    if isinstance(value, list):
        return [rounded(item) for item in value]
    return float(f"{value:.4g}") if isinstance(value, float) else value


def write(name: str, figures: dict[str, Any], judge: classifier.Judge) -> None:
    """Put the figures under ``name`` into the file, beside those of other versions."""
    kept = json.loads(FIGURES.read_text("utf-8")) if FIGURES.exists() else {}
    kept |= {name: rounded(figures), "judge on real pictures": rounded(judge.report)}
    FIGURES.write_text(json.dumps(dict(sorted(kept.items())), indent=2, ensure_ascii=False) + "\n", "utf-8")


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path, nargs="?", default=export.FOLDER)
    parser.add_argument("--steps", type=int, default=Options.steps)
    parser.add_argument("--guidance", type=float, default=Options.guidance)
    parser.add_argument("--draft-guidance", type=float, default=Options.draft_guidance)
    parser.add_argument("--quick", action="store_true", help="an eighth of the prompts; writes nothing")
    parser.add_argument("--name", default="version 1", help="under which the figures are kept")
    parser.add_argument("--sheet", type=Path, default=sheet.OUT, help="where the contact sheet goes")
    given = parser.parse_args()
    options = Options(given.steps, given.guidance, draft_guidance=given.draft_guidance, quick=given.quick)
    Runtime.detect()
    judge = classifier.load()
    print(f"judge on real pictures: {json.dumps(judge.report)}", flush=True)
    figures = Evaluation(given.folder, judge, options).run(given.sheet)
    if not given.quick:
        write(given.name, figures, judge)
    return 0


if __name__ == "__main__":
    sys.exit(main())

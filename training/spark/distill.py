"""Teach four steps what twenty guided ones do: ``python -m training.spark.distill --minutes 11``.

Progressive distillation (Salimans and Ho 2022, arXiv:2202.00512) in one stride, with guidance folded in (Meng et al.
2023, arXiv:2210.03142): the finished denoiser draws pictures with guided DDIM steps; a LoRA (Hu et al. 2021,
arXiv:2106.09685) learns to jump between every fifth of their latents in one unguided step. The paths start from pure
noise, so the student learns on what it will meet. Paths are kept in ``build/spark/paths.pt``.
"""

from __future__ import annotations

import argparse
import json
import math
import sys
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import torch
from diffusers import StableDiffusionPipeline, UNet2DConditionModel
from peft import LoraConfig
from peft.utils import get_peft_model_state_dict

from . import denoiser, latents, packages, scope, text_encoder
from .runtime import Clock, Ema, Runtime, restore, save

PATHS = packages.BUILD / "paths.pt"
CHECKPOINT = packages.BUILD / "draft.pt"
FIGURES = packages.BUILD / "draft.json"
FILE = "pytorch_lora_weights.safetensors"
LAYERS = [
    "to_q", "to_k", "to_v", "to_out.0", "proj_in", "proj_out", "ff.net.0.proj", "ff.net.2", "conv1", "conv2",
    "conv_shortcut", "time_emb_proj",
]  # fmt: skip


@dataclass(frozen=True)
class Settings:
    minutes: float = 11.0
    sampling: float = 0.6  # of the minutes go to the teacher's paths
    guidance: float = 5.0
    teacher_steps: int = 20
    steps: int = 4
    batch: int = 16
    rank: int = 16
    rate: float = 1.2e-3
    ema: float = 0.99
    scope: scope.Scope = scope.CORE
    mix: latents.Mix = field(default_factory=latents.Mix)


def times(steps: int) -> list[int]:
    """The trailing time steps of a sampler, from pure noise down."""
    plan = denoiser.scheduler()
    plan.set_timesteps(steps)
    return [int(t) for t in plan.timesteps]


def turn(x: torch.Tensor, v: torch.Tensor, now: torch.Tensor, then: torch.Tensor) -> torch.Tensor:
    """One DDIM step of a v-prediction between two cumulative alphas: a turn in the plane of picture and noise."""
    cos = (now * then).sqrt() + ((1 - now) * (1 - then)).sqrt()
    sin = (then * (1 - now)).sqrt() - ((1 - then) * now).sqrt()
    return cos * x - sin * v


def turned_by(x: torch.Tensor, after: torch.Tensor, now: torch.Tensor, then: torch.Tensor) -> torch.Tensor:
    """The v whose DDIM step leads from ``x`` to ``after``; inverse of `turn`."""
    cos = (now * then).sqrt() + ((1 - now) * (1 - then)).sqrt()
    sin = (then * (1 - now)).sqrt() - ((1 - then) * now).sqrt()
    return (cos * x - after) / sin


def levels(steps: int) -> torch.Tensor:
    """(steps + 1) cumulative alphas: those of `times`, then 1 for the finished picture."""
    alphas = denoiser.scheduler().alphas_cumprod
    return torch.cat([alphas[times(steps)], torch.ones(1)])


class Teacher:
    """The finished denoiser with its text encoder; draws guided paths."""

    def __init__(self, runtime: Runtime) -> None:
        self.runtime = runtime
        unet, student = denoiser.load()
        self.unet = unet.to(runtime.device, memory_format=torch.channels_last)
        self.encoder, self.tokenizer = student.encoder.to(runtime.device), text_encoder.load_tokenizer()

    @torch.no_grad()
    def read(self, texts: list[str]) -> torch.Tensor:
        """(B, 32, W) hidden states of the captions."""
        with self.runtime.autocast():
            ids = text_encoder.token_ids(self.tokenizer, texts).to(self.runtime.device)
            return self.encoder(ids).last_hidden_state.float()

    @torch.no_grad()
    def path(self, x: torch.Tensor, texts: list[str], steps: int, keep: int, guidance: float) -> torch.Tensor:
        """(B, keep + 1, C, h, w): latents before each of ``keep`` equal stretches of the way, and the finished ones."""
        hidden = torch.cat([self.read([""] * len(texts)), self.read(texts)])
        alphas, kept = levels(steps).to(x.device), []
        for i, t in enumerate(times(steps)):
            if i % (steps // keep) == 0:
                kept.append(x)
            with self.runtime.autocast():
                free, told = self.unet(torch.cat([x, x]), t, hidden).sample.float().chunk(2)
            x = turn(x, free + guidance * (told - free), alphas[i], alphas[i + 1])
        return torch.stack([*kept, x], 1)


def sample_paths(teacher: Teacher, settings: Settings, minutes: float) -> dict[str, Any]:
    """The teacher's paths for captions of the training; what lies there already is kept."""
    state = restore(PATHS) or {"paths": [], "texts": []}
    captioned = latents.Captioned(latents.load(settings.scope), 77 + len(state["texts"]), settings.mix)
    clock, device = Clock(minutes), teacher.runtime.device
    torch.manual_seed(7 + len(state["texts"]))
    while clock.progress < 1:
        clean, texts = captioned.batch(settings.batch, unsaid=0.0)
        noise = torch.randn(clean.shape).to(device, memory_format=torch.channels_last)
        made = teacher.path(noise, texts, settings.teacher_steps, settings.steps, settings.guidance)
        state["paths"].append(made.half().cpu())
        state["texts"] += texts
        clock.add(settings.batch)
        if len(state["paths"]) % 5 == 0:
            print(f"{len(state['texts'])} paths, {clock.rate():.2f} a second", flush=True)
            save(PATHS, state)
    save(PATHS, state)
    return state


class Draft(torch.nn.Module):
    """The denoiser with a LoRA that alone is trained."""

    def __init__(self, unet: UNet2DConditionModel, rank: int) -> None:
        super().__init__()
        unet.requires_grad_(False)
        config = LoraConfig(r=rank, lora_alpha=rank, init_lora_weights="gaussian", target_modules=LAYERS)
        unet.add_adapter(config, adapter_name="draft")
        self.unet = unet

    def weights(self) -> dict[str, torch.Tensor]:
        # diffusers' own conversion renames attention layers but no others, and loading the mixture drops the renamed
        return dict(get_peft_model_state_dict(self.unet, adapter_name="draft"))


def train(settings: Settings) -> Draft:
    """Sample paths, train the LoRA on them, save it and the figures."""
    runtime = Runtime.detect()
    torch.manual_seed(4)
    teacher = Teacher(runtime)
    state = sample_paths(teacher, settings, settings.minutes * settings.sampling)
    paths, texts = torch.cat(state["paths"]).float(), state["texts"]
    hidden = torch.cat([teacher.read(texts[i : i + 64]).half() for i in range(0, len(texts), 64)])
    held = max(1, min(16, len(paths) // 4))  # the last ones are for the figures
    figures = compare(teacher, paths[-held:], texts[-held:])
    draft = Draft(teacher.unet, settings.rank).to(runtime.device)
    learn(draft, paths[:-held], hidden[:-held], settings, runtime)
    figures["4 steps, LoRA, unguided"] = error(draft.unet, runtime, paths[-held:], hidden[-held:].float())
    save(CHECKPOINT, {"lora": draft.weights()})
    FIGURES.write_text(json.dumps(figures, indent=2), "utf-8")
    print(json.dumps(figures, indent=2))
    return draft


def learn(draft: Draft, paths: torch.Tensor, hidden: torch.Tensor, settings: Settings, runtime: Runtime) -> None:
    """Train the LoRA: from each kept latent to the next one in a single step."""
    own = [p for p in draft.parameters() if p.requires_grad]
    print(f"LoRA of {sum(p.numel() for p in own) / 1e6:.2f} M parameters")
    optimiser = torch.optim.AdamW(own, settings.rate, betas=(0.9, 0.98), weight_decay=0.0)
    holder = torch.nn.ParameterList(own)
    ema, clock, step = Ema(holder, settings.ema), Clock(settings.minutes * (1 - settings.sampling)), 0
    alphas, steps = levels(settings.steps), torch.tensor(times(settings.steps))
    now, then = alphas[:-1], alphas[1:]
    mean = 0.0
    while clock.progress < 1:
        which = torch.randint(0, len(paths), (settings.batch,))
        part = torch.arange(settings.batch) % settings.steps
        x, after = paths[which, part], paths[which, part + 1]
        a, b = now[part][:, None, None, None], then[part][:, None, None, None]
        target = turned_by(x, after, a, b).to(runtime.device)
        with runtime.autocast():
            v = draft.unet(
                x.to(runtime.device, memory_format=torch.channels_last), steps[part].to(runtime.device),
                hidden[which].float().to(runtime.device),
            ).sample  # fmt: skip
        loss = (v.float() - target).square().mean()
        for group in optimiser.param_groups:
            group["lr"] = settings.rate * min(1, (step + 1) / 20) * 0.5 * (1.02 + math.cos(math.pi * clock.progress))
        optimiser.zero_grad(set_to_none=True)
        loss.backward()
        torch.nn.utils.clip_grad_norm_(own, 1.0)
        optimiser.step()
        ema.update(holder)
        step += 1
        clock.add(settings.batch)
        mean = loss.item() if not mean else 0.97 * mean + 0.03 * loss.item()
        if step % 25 == 0:
            print(f"step {step} {clock.progress:.1%} loss {mean:.4f} {clock.rate():.1f} samples/s", flush=True)
    ema.copy_to(holder)


@torch.no_grad()
def error(unet: UNet2DConditionModel, runtime: Runtime, paths: torch.Tensor, hidden: torch.Tensor) -> float:
    """Mean squared distance of finished latents to the teacher's, when each step follows the student's own last one."""
    steps = paths.shape[1] - 1
    x, alphas = paths[:, 0].to(runtime.device), levels(steps).to(runtime.device)
    for i, t in enumerate(times(steps)):
        with runtime.autocast():
            v = unet(x, t, hidden.to(runtime.device)).sample.float()
        x = turn(x, v, alphas[i], alphas[i + 1])
    return float((x.cpu() - paths[:, -1]).square().mean())


def compare(teacher: Teacher, paths: torch.Tensor, texts: list[str]) -> dict[str, float]:
    """The same distance for plain guided steps, which cost twice as much each."""
    noise, found = paths[:, 0].to(teacher.runtime.device), {}
    for steps, guidance in ((4, 2.0), (4, 3.5), (4, 5.0), (8, 5.0)):
        final = teacher.path(noise, texts, steps, 1, guidance)[:, -1].cpu()
        found[f"{steps} steps, guidance {guidance:g}"] = float((final - paths[:, -1]).square().mean())
    found["spread of the teacher's latents"] = float(paths[:, -1].var())
    return found


def export(folder: Path) -> None:
    """Write the LoRA where ``pipe.load_lora_weights(folder)`` finds it; half precision."""
    state = restore(CHECKPOINT)
    if state is None:
        return
    folder.mkdir(parents=True, exist_ok=True)
    weights = {name: value.half().contiguous() for name, value in state["lora"].items()}
    StableDiffusionPipeline.save_lora_weights(folder, unet_lora_layers=weights, weight_name=FILE)
    (folder / "pieria.json").write_text('{"guidance_scale": 1.0}\n', "utf-8")


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--minutes", type=float, default=Settings.minutes)
    parser.add_argument("--sampling", type=float, default=Settings.sampling)
    parser.add_argument("--teacher-steps", type=int, default=Settings.teacher_steps, help="a multiple of four")
    parser.add_argument("--rank", type=int, default=Settings.rank)
    gpu = torch.cuda.is_available()
    parser.add_argument("--batch", type=int, default=256 if gpu else Settings.batch)
    parser.add_argument("--scope", choices=sorted(scope.SCOPES), default="full" if gpu else "core")
    options = parser.parse_args()
    train(
        Settings(
            options.minutes,
            options.sampling,
            teacher_steps=options.teacher_steps,
            rank=options.rank,
            batch=options.batch,
            scope=scope.SCOPES[options.scope],
        )
    )
    return 0


if __name__ == "__main__":
    sys.exit(main())

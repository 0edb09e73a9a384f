"""The stages of the recipe in their order; what a stage has finished is not done again."""

from __future__ import annotations

import argparse
import sys
from dataclasses import dataclass
from pathlib import Path

from . import (
    autoencoder,
    control,
    data,
    denoiser,
    distill,
    export,
    follow,
    latents,
    packages,
    polish,
    smoke,
    text_encoder,
)
from .runtime import Runtime, restore
from .scope import CORE, FULL, SMOKE, Scope

SHARES = {"autoencoder": 0.16, "text encoder": 0.04, "denoiser": 0.56, "decoder": 0.05, "draft": 0.10, "edges": 0.09}


@dataclass(frozen=True)
class Plan:
    """What one run does, by its options and by the machine."""

    scope: Scope
    minutes: dict[str, float]
    gpu: bool
    smoke: bool
    warm: Path | None

    @staticmethod
    def of(options: argparse.Namespace) -> Plan:
        chosen = SMOKE if options.smoke else CORE if options.cpu_core else FULL
        hours = 0.0 if options.smoke else options.hours
        minutes = {stage: 60 * hours * share + 0.01 for stage, share in SHARES.items()}
        return Plan(chosen, minutes, Runtime.detect().gpu, options.smoke, options.warm)

    def batch(self, gpu: int, cpu: int) -> int:
        return 2 if self.smoke else gpu if self.gpu else cpu


def _autoencoder(plan: Plan) -> None:
    if "finished" not in (restore(autoencoder.CHECKPOINT) or {}):
        batch = plan.batch(64, autoencoder.Settings.batch)
        autoencoder.train(autoencoder.settings_for(plan.minutes["autoencoder"], batch, plan.warm))
        autoencoder.finish()


def _text_encoder(plan: Plan) -> None:
    if text_encoder.CHECKPOINT.exists():
        return
    if plan.warm:
        text_encoder.adopt(plan.warm)
    else:
        text_encoder.train(text_encoder.Settings(minutes=plan.minutes["text encoder"]))


def _denoiser(plan: Plan) -> None:
    settings = denoiser.Settings(
        plan.minutes["denoiser"], plan.batch(512, 16), scope=plan.scope, warm=plan.warm, workers=4 if plan.gpu else 0,
        remember_every=0 if plan.warm else 8,
    )  # fmt: skip
    denoiser.train(settings)


def _rest(plan: Plan) -> None:
    if "polished" not in (restore(autoencoder.CHECKPOINT) or {}):
        polish.train(polish.settings_for(plan.minutes["decoder"]))
    batch = plan.batch(256, 16)
    if not distill.CHECKPOINT.exists():
        distill.train(distill.Settings(plan.minutes["draft"], batch=batch, scope=plan.scope))


def _ship(plan: Plan) -> None:
    """Write the folder, then teach it to follow edges; that net is written only if it is followed."""
    folder = packages.BUILD / "spark" if plan.smoke else export.FOLDER
    folder.mkdir(parents=True, exist_ok=True)
    print(f"{export.export(folder) / 1e6:.1f} MB in {folder}")
    settings = control.Settings(
        plan.minutes["edges"], batch=plan.batch(256, control.Settings.batch), count=plan.batch(20_000, 2000),
        scope=plan.scope, model=folder,
    )  # fmt: skip
    control.train(settings)
    net = control.load(folder)
    figures = follow.measure(net, folder, plan.scope, plan.batch(48, 48), steps=2 if plan.smoke else 20)
    print(f"edges followed: {figures}")
    if follow.followed(figures):
        control.export_net(folder / control.FOLDER.name, folder)


def run(options: argparse.Namespace) -> int:
    plan = Plan.of(options)
    if plan.smoke:
        smoke.prepare()
    data.load()
    _autoencoder(plan)
    latents.load(plan.scope)
    _text_encoder(plan)
    _denoiser(plan)
    _rest(plan)
    _ship(plan)
    if plan.smoke or options.no_evaluation:
        return 0
    from . import evaluate  # trains its judge first, which only a real run needs

    sys.argv[1:] = []
    return evaluate.main()

"""Train all of Spark, from packages to figures, in one command that can be stopped and started again.

``python -m training.spark`` for a GPU (everything, 1.5 hours), ``python -m training.spark --cpu-core --hours 2`` for
two CPU cores (a few things well), ``python -m training.spark --smoke`` to try it all on made-up pictures.
"""

from __future__ import annotations

import argparse
import os
import sys
from pathlib import Path

SHARES = {"autoencoder": 0.16, "text encoder": 0.04, "denoiser": 0.60, "draft": 0.11, "edges": 0.09}


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--hours", type=float, default=1.5, help="for all trainings together")
    parser.add_argument("--cpu-core", action="store_true", help="a few things only, for two CPU cores")
    parser.add_argument("--smoke", action="store_true", help="made-up pictures, a few steps of each stage")
    parser.add_argument("--warm", type=Path, help="folder of an earlier version to start from")
    parser.add_argument("--no-evaluation", action="store_true", help="stop after the export")
    return parser.parse_args()


def run(options: argparse.Namespace) -> int:
    """All stages in order; what a stage has finished is not done again."""
    from . import autoencoder, control, data, denoiser, distill, export, latents, runtime, scope, smoke, text_encoder

    gpu = runtime.Runtime.detect().gpu
    chosen = scope.SMOKE if options.smoke else scope.CORE if options.cpu_core else scope.FULL
    minutes = {stage: 60 * options.hours * share for stage, share in SHARES.items()}
    if options.smoke:
        smoke.prepare()
        minutes = dict.fromkeys(SHARES, 0.01)
    data.load()
    small, large = (2 if options.smoke else 8, 64)
    if "finished" not in (runtime.restore(autoencoder.CHECKPOINT) or {}):
        autoencoder.train(
            autoencoder.settings_for(minutes["autoencoder"], large if gpu else small, options.warm)
        )  # fmt: skip
        autoencoder.finish()
    latents.load(chosen)
    if not text_encoder.CHECKPOINT.exists():
        if options.warm:
            text_encoder.adopt(options.warm)
        else:
            text_encoder.train(text_encoder.Settings(minutes=minutes["text encoder"]))
    batch = 2 if options.smoke else 512 if gpu else 16
    denoiser.train(
        denoiser.Settings(
            minutes["denoiser"], batch, scope=chosen, warm=options.warm, workers=4 if gpu else 0,
            remember_every=0 if options.warm else 8,
        )
    )  # fmt: skip
    if not distill.CHECKPOINT.exists():
        distill.train(distill.Settings(minutes["draft"], batch=min(batch, 256), scope=chosen))
    if not control.CHECKPOINT.exists():
        control.train(control.Settings(minutes["edges"], batch=min(batch, 256), scope=chosen))
    folder = smoke.packages.BUILD / "spark" if options.smoke else export.FOLDER
    folder.mkdir(parents=True, exist_ok=True)
    print(f"{export.export(folder) / 1e6:.1f} MB in {folder}")
    figures = control.measure(control.Settings(scope=chosen), 2 if options.smoke else 24)
    print(f"edges followed: {figures}")
    if figures["with control"] > figures["without"] + 0.1:
        control.export(smoke.packages.BUILD / "spark_edges" if options.smoke else control.FOLDER)
    if options.smoke or options.no_evaluation:
        return 0
    from . import evaluate

    sys.argv[1:] = []
    return evaluate.main()


def main() -> int:
    options = arguments()
    if options.smoke:  # read when the stages are imported
        os.environ.setdefault("SPARK_BUILD", str(Path(__file__).resolve().parents[2] / "build" / "spark-smoke"))
    return run(options)


if __name__ == "__main__":
    sys.exit(main())

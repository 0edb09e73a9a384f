"""Train all of Spark, from packages to figures: ``python -m training.spark [--hours H]``; can be resumed."""

from __future__ import annotations

import argparse
import sys

from . import autoencoder, data, denoiser, evaluate, export, latents, text_encoder

SHARES = {"autoencoder": 0.28, "text encoder": 0.06, "denoiser": 0.66}


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--hours", type=float, default=1.5, help="for the three trainings together")
    minutes = 60 * parser.parse_args().hours
    gpu = autoencoder.torch.cuda.is_available()
    data.load()
    if autoencoder.restore(autoencoder.CHECKPOINT) is None or not latents.LATENTS.exists():
        batch = 64 if gpu else autoencoder.Settings.batch
        autoencoder.train(autoencoder.Settings(minutes=minutes * SHARES["autoencoder"], batch=batch))
        autoencoder.finish()
    if not text_encoder.CHECKPOINT.exists():
        text_encoder.train(text_encoder.Settings(minutes=minutes * SHARES["text encoder"]))
    denoiser.train(
        denoiser.Settings(minutes=minutes * SHARES["denoiser"], batch=512 if gpu else denoiser.Settings.batch)
    )
    export.FOLDER.mkdir(parents=True, exist_ok=True)
    export.export(export.FOLDER)
    sys.argv[1:] = []
    return evaluate.main()


if __name__ == "__main__":
    sys.exit(main())

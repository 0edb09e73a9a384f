"""Train all of Spark, from packages to figures: ``python -m training.spark [--hours H]``; can be resumed."""

from __future__ import annotations

import argparse
import sys

from . import autoencoder, data, denoiser, evaluate, export, latents, text_encoder

SHARES = {"autoencoder": 0.28, "text encoder": 0.06, "denoiser": 0.66}
CORE_SHARE = 0.6
"""Of the denoiser's time on a CPU: the end goes to the few things of `latents.CORE`."""


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
    time = minutes * SHARES["denoiser"]
    if gpu:
        denoiser.train(denoiser.Settings(minutes=time, batch=512))
    else:
        denoiser.train(denoiser.Settings(minutes=time * (1 - CORE_SHARE)))
        denoiser.narrow()
        denoiser.train(denoiser.Settings(minutes=time * CORE_SHARE, batch=16))
    export.FOLDER.mkdir(parents=True, exist_ok=True)
    export.export(export.FOLDER)
    sys.argv[1:] = []
    return evaluate.main()


if __name__ == "__main__":
    sys.exit(main())

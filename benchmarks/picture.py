"""A picture through Studio over the same call in bare diffusers: same model, steps, dtype and threads, in turn.

Studio decodes the last latents in float32, since half precision bands smooth skies; so the bare call is measured with
a decoder in each of the two.
"""

from __future__ import annotations

import copy
import time
from typing import Any

from benchmarks.common import host, library, median, picture_request, report, run
from studio.engine.job import Event, Progress

ROUNDS = 7


def bare(dtype: str) -> tuple[Any, Any]:
    import torch
    from diffusers import StableDiffusionPipeline

    path = library().resolve("spark", ["stable-diffusion"])["path"]
    pipeline = StableDiffusionPipeline.from_pretrained(path, torch_dtype=getattr(torch, dtype), use_safetensors=True)
    pipeline.set_progress_bar_config(disable=True)
    return pipeline, torch


def main() -> None:
    asked = picture_request()
    studio: list[float] = []
    plain: list[float] = []
    exact: list[float] = []
    first: list[float] = []
    with host() as supervisor:
        begun = time.perf_counter()
        cold = run(supervisor, asked)
        pipeline, torch = bare(recipe_dtype(supervisor, asked))
        own, full = pipeline.vae, copy.deepcopy(pipeline.vae).to(torch.float32)
        for _ in range(ROUNDS):
            begun = time.perf_counter()
            seen: list[float] = []

            def note(event: Event, begun: float = begun, seen: list[float] = seen) -> None:
                if isinstance(event, Progress) and event.preview and not seen:
                    seen.append(time.perf_counter() - begun)

            studio.append(run(supervisor, asked, note))
            first += seen
            for times, decoder in ((plain, own), (exact, full)):
                begun = time.perf_counter()
                draw(pipeline, decoder, asked)
                times.append(time.perf_counter() - begun)
    report("picture", {
        "ratio": round(median([a / b for a, b in zip(studio, exact, strict=True)]), 3),
        "ratio_over_half_precision_decoder": round(median([a / b for a, b in zip(studio, plain, strict=True)]), 3),
        "studio_seconds": round(median(studio), 3), "bare_seconds": round(median(plain), 3),
        "cold_seconds": round(cold, 2), "first_preview_seconds": round(median(first), 3) if first else None,
    }, "ratio at most 1.03")


def draw(pipeline: Any, decoder: Any, asked: Any) -> None:
    """One picture, decoded by `decoder` in its own precision."""
    import torch

    latents = pipeline(asked.params["prompt"], num_inference_steps=asked.params["steps"], width=256, height=256,
                       guidance_scale=pipeline_guidance(asked), generator=torch.Generator("cpu").manual_seed(7),
                       output_type="latent").images
    with torch.no_grad():
        pixels = decoder.decode(latents.to(decoder.dtype) / decoder.config.scaling_factor).sample
    pipeline.image_processor.postprocess(pixels.float())


def recipe_dtype(supervisor: object, asked: object) -> str:
    """The dtype that the host chose, read from a recipe, so that both sides compute alike."""
    from studio.engine.job import Result

    found: list[str] = []
    run(supervisor, asked, lambda e: found.append(e.recipe["device"]["dtype"]) if isinstance(e, Result) else None)
    return found[0]


def pipeline_guidance(asked: object) -> float:
    return float(asked.params.get("guidance_scale", 3.0))


if __name__ == "__main__":
    main()

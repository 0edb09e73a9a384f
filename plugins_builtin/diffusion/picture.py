"""`diffusion.image`: pictures from a prompt, or from a picture and a prompt."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import Field

from plugins_builtin.diffusion.samplers import Sampler
from studio.plugins import (
    Context,
    Generator,
    GeneratorError,
    Image,
    InputError,
    ModelField,
    OutOfMemory,
    Params,
    Requirements,
    Seed,
    ui,
)

MAX_PROMPT = 20_000


class PictureParams(Params):
    """What to draw and how."""

    prompt: str = Field(
        "",
        max_length=MAX_PROMPT,
        description="What the picture shows.",
        json_schema_extra=ui(role="prompt", widget="multiline", label="Prompt"),
    )
    negative_prompt: str = Field(
        "",
        max_length=MAX_PROMPT,
        description="What the picture should not show. Needs a guidance scale above 1.",
        json_schema_extra=ui(role="negative", widget="multiline", label="Negative prompt"),
    )
    model: Annotated[str, Field(description="The model that draws.")] = ModelField("stable-diffusion", default="spark")
    width: int = Field(
        256,
        ge=64,
        le=2048,
        multiple_of=8,
        description="Width of the picture. Models draw best near the size they learned.",
        json_schema_extra=ui(role="width", widget="number", label="Width", unit="px", step=8),
    )
    height: int = Field(
        256,
        ge=64,
        le=2048,
        multiple_of=8,
        description="Height of the picture. Models draw best near the size they learned.",
        json_schema_extra=ui(role="height", widget="number", label="Height", unit="px", step=8),
    )
    steps: int = Field(
        20,
        ge=1,
        le=150,
        description="How often the picture is refined. More steps take longer and add detail up to a point.",
        json_schema_extra=ui(role="steps", widget="slider", label="Steps"),
    )
    guidance_scale: float = Field(
        5.0,
        ge=1,
        le=30,
        description="How closely the picture follows the prompt. High values look harsh; 1 is off.",
        json_schema_extra=ui(role="guidance", widget="slider", label="Guidance scale", step=0.1),
    )
    sampler: Sampler = Field(
        "Model's own",
        description="The method that turns noise into the picture. Some need fewer steps than others.",
        json_schema_extra=ui(role="sampler", widget="choice", label="Sampler"),
    )
    seed: Seed = Field(0, description="The noise to start from. The same seed and settings give the same picture.")
    init_image: Image | None = Field(
        None,
        description="A picture to start from instead of noise.",
        json_schema_extra=ui(role="init_image", label="Start from", media="image"),
    )
    strength: float = Field(
        0.6,
        ge=0,
        le=1,
        description="How far the result may leave the picture it starts from. 0 keeps it, 1 starts over.",
        json_schema_extra=ui(role="strength", widget="slider", label="Strength", step=0.01, needs="init_image"),
    )
    eta: float = Field(
        0.0,
        ge=0,
        le=1,
        description="Fresh noise at every step of the DDIM sampler. 0 adds none.",
        json_schema_extra=ui(widget="slider", label="Eta", step=0.05, group="Advanced"),
    )


class Picture(Generator):
    """Text to image and image to image with any model folder in diffusers' StableDiffusionPipeline layout."""

    id = "diffusion.image"
    title = "Picture"
    produces = "image"
    summary = "Draws what you describe, from noise or from a picture of yours."
    icon = "image"
    requires = Requirements(memory=1500 * 2**20)
    libraries = ("torch", "diffusers", "transformers")

    class Params(PictureParams):
        """What to draw and how."""

    def __init__(self) -> None:
        self._model: Any = None

    def load(self, ctx: Context) -> None:
        """Bring the model in. Raises `GeneratorError` for broken files, `OutOfMemory` where it is too big."""
        ctx.check()
        from plugins_builtin.diffusion.model import load_model

        with _memory_errors():
            self._model = load_model(ctx.model("model"), ctx.device)
        ctx.check()

    def unload(self) -> None:
        self._model = None

    def run(self, params: PictureParams, ctx: Context) -> Image:
        """Draw one picture.

        Raises:
            InputError: the picture to start from cannot be read.
            OutOfMemory: the size is too large for this machine.
        """
        from plugins_builtin.diffusion.model import Settings

        if self._model is None:
            raise GeneratorError("The picture model is not loaded.")
        ctx.check()
        notes: dict[str, Any] = {}
        width, height = self._size(params, ctx, notes)
        self._note_truncation(params, ctx, notes)
        settings = Settings(
            prompt=_clean(params.prompt),
            negative_prompt=_clean(params.negative_prompt),
            width=width,
            height=height,
            steps=params.steps,
            guidance_scale=params.guidance_scale,
            sampler=params.sampler,
            seed=params.seed,
            eta=params.eta,
            init=_start(params.init_image, width, height),
            strength=params.strength,
        )
        with _memory_errors():
            picture, done = self._model.run(settings, self._reporter(ctx))
        return Image.from_pil(picture, steps=done, **notes)

    def _reporter(self, ctx: Context) -> Any:
        def on_step(step: int, of: int, latents: Any) -> None:
            ctx.check()
            # after the last step the picture itself follows at once
            show = latents is not None and step < of and ctx.wants_preview()
            ctx.progress(step, of, self._model.previewer(latents) if show else None)

        return on_step

    def _size(self, params: PictureParams, ctx: Context, notes: dict[str, Any]) -> tuple[int, int]:
        width, height = self._model.fit_side(params.width), self._model.fit_side(params.height)
        if (width, height) != (params.width, params.height):
            notes["resized_from"] = [params.width, params.height]
            ctx.log(f"This model draws in steps of {self._model.scale} pixels, so the picture is {width} x {height}.")
        return width, height

    def _note_truncation(self, params: PictureParams, ctx: Context, notes: dict[str, Any]) -> None:
        for field in ("prompt", "negative_prompt"):
            over = self._model.truncated(_clean(getattr(params, field)))
            if over:
                notes[f"{field}_tokens_unread"] = over
                name = field.replace("_", " ")
                ctx.log(f"The {name} is longer than the model reads; its last {over} tokens are left out.")


def _start(image: Image | None, width: int, height: int) -> Any:
    """The picture to start from, upright, on white, scaled to cover width x height and cropped at the centre."""
    if image is None:
        return None
    import PIL.Image
    import PIL.ImageOps

    try:
        picture = PIL.ImageOps.exif_transpose(image.pil())
        if picture.mode in ("RGBA", "LA", "PA") or "transparency" in picture.info:
            picture = picture.convert("RGBA")
            white = PIL.Image.new("RGBA", picture.size, "white")
            picture = PIL.Image.alpha_composite(white, picture)
        picture = picture.convert("RGB")
    except (InputError, OSError, ValueError) as error:
        raise InputError("The picture to start from cannot be read.", field="init_image") from error
    return PIL.ImageOps.fit(picture, (width, height), PIL.Image.Resampling.LANCZOS)


class _memory_errors:  # noqa: N801  (used as a statement)
    """Turns the libraries' ways of saying "out of memory" into `OutOfMemory`."""

    def __enter__(self) -> None:
        return None

    def __exit__(self, kind: Any, error: BaseException | None, trace: Any) -> None:
        if error is None or isinstance(error, GeneratorError):
            return
        said = str(error).lower()
        full = isinstance(error, MemoryError) or type(error).__name__ == "OutOfMemoryError"
        if full or (isinstance(error, RuntimeError) and ("can't allocate memory" in said or "out of memory" in said)):
            raise OutOfMemory(
                "There is not enough memory for this picture; make it smaller or close other programs."
            ) from error


def _clean(text: str) -> str:
    """No lone surrogates, which no tokenizer takes."""
    return text.encode("utf-8", "replace").decode("utf-8")

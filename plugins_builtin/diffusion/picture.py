"""`diffusion.image`: pictures from a prompt, or from a picture and a prompt."""

from __future__ import annotations

from typing import Any

from plugins_builtin.diffusion.params import PictureParams
from studio.plugins import Context, Generator, GeneratorError, Image, InputError, OutOfMemory, Requirements


class Picture(Generator):
    """Text to image, image to image and inpainting with model folders in diffusers' StableDiffusionPipeline layout."""

    id = "diffusion.image"
    title = "Picture"
    produces = "image"
    summary = "Draws what you describe, from noise or from a picture of yours."
    version = "2"
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
            InputError: a picture or a mask cannot be read, or the mask changes nothing.
            OutOfMemory: the size is too large for this machine.
        """
        from plugins_builtin.diffusion import starts
        from plugins_builtin.diffusion.inpaint import Composite
        from plugins_builtin.diffusion.model import Settings

        if self._model is None:
            raise GeneratorError("The picture model is not loaded.")
        ctx.check()
        notes: dict[str, Any] = {}
        init = inpaint = None
        if params.mask is not None:
            if params.init_image is None:
                raise InputError("A mask needs a picture to start from; choose one.", field="mask")
            width, height = params.width, params.height
            start = starts.with_mask(params.init_image, params.mask, width, height)
            inpaint, notes["composite"] = Composite(start, self._model.scale), True
        else:
            width, height = self._size(params, ctx, notes)
            init = starts.on_white(params.init_image, width, height) if params.init_image is not None else None
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
            init=init,
            strength=params.strength,
            inpaint=inpaint,
        )
        with _memory_errors():
            picture, done = self._model.run(settings, self._reporter(ctx, inpaint))
        return Image.from_pil(picture, steps=done, **notes)

    def _reporter(self, ctx: Context, composite: Any) -> Any:
        def on_step(step: int, of: int, latents: Any) -> None:
            ctx.check()
            # after the last step the picture itself follows at once
            show = latents is not None and step < of and ctx.wants_preview()
            ctx.progress(step, of, self._model.previewer(latents, composite) if show else None)

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

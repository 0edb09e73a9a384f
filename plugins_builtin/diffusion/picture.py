"""`diffusion.image`: pictures from a prompt, or from a picture and a prompt."""

from __future__ import annotations

from typing import Any

from plugins_builtin.diffusion.params import PictureParams
from studio.plugins import (
    Context,
    Generator,
    GeneratorError,
    Image,
    OutOfMemory,
    Requirements,
)


class Picture(Generator):
    """Text to image, image to image and inpainting with model folders in diffusers' StableDiffusionPipeline layout."""

    id = "diffusion.image"
    title = "Picture"
    produces = "image"
    summary = "Draws what you describe, from noise or from a picture of yours."
    version = "2"
    icon = "image"
    requires = Requirements(memory=1500 * 2**20)
    libraries = ("torch", "diffusers", "transformers", "compel", "peft", "opencv-python-headless", "ai-edge-litert")

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
        from plugins_builtin.diffusion.request import Reading

        if self._model is None:
            raise GeneratorError("The picture model is not loaded.")
        ctx.check()
        reading = Reading(params, self._model, ctx)
        settings = reading.settings()
        with _memory_errors():
            picture, done = self._model.run(settings, self._reporter(ctx, settings.inpaint))
        return Image.from_pil(picture, steps=done, **reading.notes)

    def _reporter(self, ctx: Context, composite: Any) -> Any:
        def on_step(step: int, of: int, latents: Any) -> None:
            ctx.check()
            # after the last step the picture itself follows at once
            show = latents is not None and step < of and ctx.wants_preview()
            ctx.progress(step, of, self._model.previewer(latents, composite) if show else None)

        return on_step


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

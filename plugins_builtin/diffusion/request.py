"""From what a person asked to what a loaded model is run with."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from plugins_builtin.diffusion import prompts, starts
from plugins_builtin.diffusion.inpaint import Composite, padded
from plugins_builtin.diffusion.leads import leads_of
from plugins_builtin.diffusion.loras import draft_of
from plugins_builtin.diffusion.params import PictureParams
from plugins_builtin.diffusion.regions import RegionPrompt
from plugins_builtin.diffusion.settings import Settings
from plugins_builtin.pictures import grey
from studio.plugins import Context, InputError, Mask, ModelFiles, ModelMissing

if TYPE_CHECKING:
    from plugins_builtin.diffusion.model import Loaded

LORA_BOUND = 4.0
"""Weights of LoRAs go from minus this to this; beyond there is only noise."""


class Reading:
    """Reads one request. `notes` is what the result has to say about it.

    Args:
        model: the model that will run it.
        ctx: hears in the log what could not be done as asked.
    """

    def __init__(self, params: PictureParams, model: Loaded, ctx: Context) -> None:
        self._params, self._model, self._ctx = params, model, ctx
        self.notes: dict[str, Any] = {}

    def settings(self) -> Settings:
        """Everything the model needs. Raises `InputError`, naming the field."""
        params = self._params
        width, height, init, inpaint = self._start()
        prompt, tags = prompts.loras(clean(params.prompt))
        negative = clean(params.negative_prompt)
        self._note_words({"prompt": prompt, "negative_prompt": negative})
        loras = self._named_loras(tags)
        scale, sampler = self._draft(loras)
        return Settings(
            prompt=prompt,
            negative_prompt=negative,
            width=width,
            height=height,
            steps=params.steps,
            guidance_scale=scale,
            sampler=sampler,
            seed=params.seed,
            eta=params.eta,
            init=init,
            strength=params.strength,
            inpaint=inpaint,
            loras=tuple(loras),
            leads=leads_of(params, self._model, self._ctx, width, height),
            regions=self._regions(width, height),
        )

    # ---------------------------------------------------------------- pictures

    def _start(self) -> tuple[int, int, Any, Composite | None]:
        """Width, height, the picture to start from and what an inpainting works on."""
        params = self._params
        if params.mask is None:
            width, height = self._size()
            init = starts.on_white(params.init_image, width, height) if params.init_image is not None else None
            return width, height, init, None
        if params.init_image is None:
            raise InputError("A mask needs a picture to start from; choose one.", field="mask")
        start = starts.with_mask(params.init_image, params.mask, params.width, params.height)
        self.notes["composite"] = True
        return params.width, params.height, None, Composite(start, self._model.scale)

    def _size(self) -> tuple[int, int]:
        params = self._params
        width, height = self._model.fit_side(params.width), self._model.fit_side(params.height)
        if (width, height) != (params.width, params.height):
            self.notes["resized_from"] = [params.width, params.height]
            self._ctx.log(
                f"This model draws in steps of {self._model.scale} pixels, so the picture is {width} x {height}."
            )
        return width, height

    def _regions(self, width: int, height: int) -> tuple[RegionPrompt, ...]:
        return tuple(
            RegionPrompt(prompts.loras(clean(region.prompt))[0], self._region_mask(region.mask, width, height))
            for region in self._params.regions
        )

    def _region_mask(self, mask: Mask, width: int, height: int) -> Any:
        import numpy as np
        import PIL.Image

        matte = grey(mask, "regions", "The mask of a region")
        matte = matte.resize((width, height), PIL.Image.Resampling.BILINEAR)
        return padded(np.asarray(matte, dtype=np.float32) / 255, self._model.scale)

    # ---------------------------------------------------------------- words

    def _note_words(self, texts: dict[str, str]) -> None:
        for field, text in texts.items():
            over = self._model.truncated(text)
            if over:
                name = field.replace("_", " ")
                self.notes[f"{field}_tokens_unread"] = over
                self._ctx.log(f"The {name} is longer than the model reads; its last {over} tokens are left out.")

    def _named_loras(self, tags: list[prompts.LoraTag]) -> list[tuple[ModelFiles, float]]:
        """The files of the LoRAs that the prompt names; those that are not there are left out, and said to be."""
        found: list[tuple[ModelFiles, float]] = []
        for tag in tags:
            try:
                files = self._ctx.model(f"lora:{tag.name}")
            except ModelMissing:
                self.notes.setdefault("loras_missing", []).append(tag.name)
                self._ctx.log(f"There is no LoRA “{tag.name}” among the models, so it is left out.")
                continue
            found = [(have, weight) for have, weight in found if have.path != files.path]
            found.append((files, max(-LORA_BOUND, min(tag.weight, LORA_BOUND))))
        return found

    def _draft(self, loras: list[tuple[ModelFiles, float]]) -> tuple[float, str]:
        """Guidance and sampler; a draft adds the model's own LoRA for few steps to `loras`, if it has one.

        A LoRA that draws without guidance cannot heed a negative prompt, so with one the few steps are guided ones.
        """
        scale, sampler = self._params.guidance_scale, str(self._params.sampler)
        card = draft_of(self._model.path) if self._params.quality == "Draft" else None
        if card is not None and not (card.guidance_scale == 1 and self._params.negative_prompt.strip()):
            loras.append((ModelFiles("draft", "lora", card.path), 1.0))
            scale, sampler = card.guidance_scale or scale, card.sampler or sampler
            self.notes |= {"draft": "lora", "guidance_scale": scale, "sampler": sampler}
        return scale, sampler


def clean(text: str) -> str:
    """No lone surrogates, which no tokenizer takes."""
    return text.encode("utf-8", "replace").decode("utf-8")

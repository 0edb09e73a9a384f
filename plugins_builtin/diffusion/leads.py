"""From the control layers of a request to pictures and the nets that follow them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from plugins_builtin.control.extract import AS_IT_IS, DETECTORS, POSE, REFERENCE, control_picture, flattened
from plugins_builtin.diffusion.control import CONTROLNET, IP_ADAPTER, own_control
from plugins_builtin.diffusion.inpaint import padded
from plugins_builtin.diffusion.params import PictureParams
from plugins_builtin.diffusion.settings import Lead
from plugins_builtin.pictures import upright
from studio.plugins import Context, Image, InputError, ModelFiles, ModelMissing

if TYPE_CHECKING:
    from plugins_builtin.diffusion.model import Loaded

WHAT = {POSE: "for poses", REFERENCE: "for references (IP-Adapter)", AS_IT_IS: "that takes a picture as it is"}
"""How a sentence names the control that a kind needs; else "for edges"."""


@dataclass(frozen=True)
class _Asked:
    """One control layer; `image_field`, `model_field` and `detector_field` name its parts in the request."""

    kind: str
    image: Image
    weight: float
    start: float
    end: float
    image_field: str
    model_field: str
    detector_field: str = ""


def leads_of(params: PictureParams, model: Loaded, ctx: Context, width: int, height: int) -> tuple[Lead, ...]:
    """What is followed when a picture of width x height is made.

    Raises:
        InputError: a picture is missing or cannot be read, or there is no net for it; names the field.
        ModelMissing: the network that makes the control picture is not installed.
    """
    return tuple(_lead(asked, model, ctx, width, height) for asked in _asked(params) if asked.weight > 0)


def _asked(params: PictureParams) -> list[_Asked]:
    found = [
        _Asked(layer.kind, layer.image, layer.weight, layer.start, layer.end, f"controls.{i}.image",
               f"controls.{i}.model", f"controls.{i}.detector")
        for i, layer in enumerate(params.controls)
    ]
    if params.control == "None" or params.control_weight == 0:
        return found
    if params.control_image is None:
        raise InputError("Control needs a picture to follow; choose one.", field="control_image")
    return [*found, _Asked(params.control, params.control_image, params.control_weight, 0.0, 1.0, "control_image",
                           "control_model")]


def _lead(asked: _Asked, model: Loaded, ctx: Context, width: int, height: int) -> Lead:
    import numpy as np
    import PIL.ImageOps

    files = _net(asked, model, ctx)
    if asked.kind == REFERENCE:
        # not cropped to the frame: the encoder looks at the whole
        whole = np.asarray(flattened(upright(asked.image, asked.image_field, "The reference picture")))
        return Lead(files, whole, asked.weight, asked.start, asked.end, asked.model_field)
    if model.wants_mask:
        raise InputError("A model made for inpainting takes no control picture; choose another model.", field="model")
    seen = flattened(upright(asked.image, asked.image_field, "The control picture"))
    picture = PIL.ImageOps.fit(seen, (width, height), PIL.Image.Resampling.LANCZOS)
    detector = None
    if asked.kind in DETECTORS:
        detector = model.detector(asked.kind, ctx.model(asked.detector_field))
    drawn = np.asarray(control_picture(picture, asked.kind, detector))
    return Lead(files, padded(drawn, model.scale), asked.weight, asked.start, asked.end, asked.model_field)


def _net(asked: _Asked, model: Loaded, ctx: Context) -> ModelFiles:
    wanted = IP_ADAPTER if asked.kind == REFERENCE else CONTROLNET
    try:
        files = ctx.model(asked.model_field)
    except ModelMissing as error:
        if error.model and error.model != asked.model_field:  # it was named, and is not there
            raise
        own = own_control(model.path, asked.kind)
        if own is None:
            what = WHAT.get(asked.kind, "for edges")
            raise InputError(f"The model {ctx.model().name} has no control {what}; install one made for it, or take "
                             "this control layer off.", field=asked.model_field) from error
        return own
    if files.kind != wanted:
        raise InputError(f"{files.name} is {'an IP-Adapter' if files.kind == IP_ADAPTER else 'a ControlNet'} and does "
                         f"not fit the control “{asked.kind}”; choose another.", field=asked.model_field)
    return files



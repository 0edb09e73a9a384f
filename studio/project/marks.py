"""What an exported file says about itself: the recipe, the settings as other programs read them, and that a model made
it (IPTC digital source type, inside XMP)."""

from __future__ import annotations

import html
import json
import re
from collections.abc import Mapping
from typing import Any

from studio.project.dialects.settings import PictureSettings, name, real, side, text, whole
from studio.project.rows import Json, ResultRow, plain

RECIPE_KEY = "pieria.recipe"
PARAMETERS_KEY = "parameters"
XMP_KEY = "XML:com.adobe.xmp"
SOURCE_TYPE = "http://cv.iptc.org/newscodes/digitalsourcetype/trainedAlgorithmicMedia"
SOURCE_TYPES = {
    "model": SOURCE_TYPE,
    "both": "http://cv.iptc.org/newscodes/digitalsourcetype/compositeWithTrainedAlgorithmicMedia",
    "person": "http://cv.iptc.org/newscodes/digitalsourcetype/digitalCreation",
}
"""Who made a picture: a model, a model and a person, a person."""
NAMESPACE = "urn:pieria:1#"


def public_recipe(recipe: Json) -> Json:
    """The recipe without the places of models on this machine, which are nobody else's business."""
    models = recipe.get("models")
    if not isinstance(models, dict):
        return recipe
    kept = {field: {k: v for k, v in model.items() if k != "path"} if isinstance(model, dict) else model
            for field, model in models.items()}
    return {**recipe, "models": kept}


def recipe_text(recipe: Json, indent: int | None = None) -> str:
    """The recipe as JSON with sorted keys, in ASCII: the same recipe gives the same text."""
    separators = (",", ":") if indent is None else None
    return json.dumps(plain(public_recipe(recipe)), sort_keys=True, separators=separators, indent=indent,
                      allow_nan=False)


def _first(params: Mapping[str, Any], *names: str) -> Any:
    return next((params[name] for name in names if params.get(name) not in (None, "")), None)


def _quoted(value: Any) -> str:
    text = str(value)
    return json.dumps(text, ensure_ascii=False) if re.search(r'[,:\n"]', text) else text


def parameters_text(row: ResultRow) -> str:
    """Prompt, negative prompt and one line of settings, as AUTOMATIC1111's web UI writes and many programs read."""
    given = row.recipe.get("params")
    params: Json = given if isinstance(given, dict) else {}
    width, height = params.get("width") or row.meta.get("width"), params.get("height") or row.meta.get("height")
    models = row.recipe.get("models")
    model = next(iter(models.values()), None) if isinstance(models, dict) else None
    model = model if isinstance(model, dict) else {}
    settings = {
        "Steps": _first(params, "steps", "num_inference_steps"),
        "Sampler": _first(params, "sampler", "scheduler"),
        "CFG scale": _first(params, "guidance", "guidance_scale", "cfg_scale"),
        "Seed": row.seed,
        "Size": f"{width}x{height}" if width and height else None,
        "Model hash": str(model.get("sha256") or "")[:10] or None,
        "Model": model.get("name") or params.get("model") or None,
        "Denoising strength": _first(params, "strength"),
        "Version": "Pieria",
    }
    line = ", ".join(f"{name}: {_quoted(value)}" for name, value in settings.items() if value is not None)
    negative = _first(params, "negative", "negative_prompt")
    return "\n".join(part for part in (row.prompt, f"Negative prompt: {negative}" if negative else "", line) if part)


def xmp(recipe: str = "", source: str = SOURCE_TYPE) -> str:
    """An XMP packet: by whom it was made, with Pieria; with the recipe where it has no chunk of its own."""
    kept = f'\n    pieria:recipe="{html.escape(recipe)}"' if recipe else ""
    return f"""<?xpacket begin="\ufeff" id="W5M0MpCehiHzreSzNTczkc9d"?>
<x:xmpmeta xmlns:x="adobe:ns:meta/">
 <rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">
  <rdf:Description rdf:about=""
    xmlns:Iptc4xmpExt="http://iptc.org/std/Iptc4xmpExt/2008-02-29/"
    xmlns:xmp="http://ns.adobe.com/xap/1.0/"
    xmlns:pieria="{NAMESPACE}"
    Iptc4xmpExt:DigitalSourceType="{source}"
    xmp:CreatorTool="Pieria"{kept}/>
 </rdf:RDF>
</x:xmpmeta>
<?xpacket end="r"?>"""


def recipe_settings(recipe: Json) -> PictureSettings | None:
    """A recipe of this program in the words that all dialects share; None where it has no parameters."""
    params, parts = recipe.get("params"), recipe.get("parts")
    if isinstance(parts, list) and parts and isinstance(parts[0], dict) and params is None:
        return recipe_settings({key: value for key, value in parts[0].items() if key != "parts"})
    if not isinstance(params, dict):
        return None
    models = recipe.get("models")
    model = next(iter(models.values()), None) if isinstance(models, dict) else None
    return PictureSettings(
        "pieria", text(_first(params, "prompt")), text(_first(params, "negative_prompt", "negative")),
        whole(params.get("seed")), whole(_first(params, "steps", "num_inference_steps")),
        real(_first(params, "guidance_scale", "guidance", "cfg_scale")), name(_first(params, "sampler", "scheduler")),
        side(params.get("width")), side(params.get("height")),
        name(model.get("name") if isinstance(model, dict) else params.get("model")), real(params.get("strength")))

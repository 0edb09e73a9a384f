"""InvokeAI in its three ages: ``invokeai_metadata`` (3 and later), ``sd-metadata`` (2) and ``Dream`` (1)."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from studio.project.dialects.settings import PictureSettings, name, parsed, real, side, text, whole


def read(texts: Mapping[str, str]) -> PictureSettings | None:
    """Settings from the newest form that is there."""
    if found := parsed(texts.get("invokeai_metadata")):
        return _metadata(found)
    if found := parsed(texts.get("sd-metadata")):
        return _sd_metadata(found)
    if dream := texts.get("Dream"):
        return _dream(dream)
    return None


def _metadata(found: Mapping[str, Any]) -> PictureSettings:
    model = found.get("model")
    model = model.get("name") or model.get("model_name") if isinstance(model, dict) else model
    return PictureSettings(
        "invokeai", text(found.get("positive_prompt")), text(found.get("negative_prompt")), whole(found.get("seed")),
        whole(found.get("steps"), 1, 100_000), real(found.get("cfg_scale")), name(found.get("scheduler")),
        side(found.get("width")), side(found.get("height")), name(model), real(found.get("strength")),
        {"version": name(found.get("app_version"))} if found.get("app_version") else {})


def _sd_metadata(found: Mapping[str, Any]) -> PictureSettings:
    image = found.get("image")
    image = image if isinstance(image, dict) else {}
    said = image.get("prompt")
    if isinstance(said, list):
        said = " ".join(text(part.get("prompt")) for part in said[:100] if isinstance(part, dict))
    prompt, negative = _split(text(said))
    return PictureSettings(
        "invokeai", prompt, negative, whole(image.get("seed")), whole(image.get("steps"), 1, 100_000),
        real(image.get("cfg_scale")), name(image.get("sampler")), side(image.get("width")), side(image.get("height")),
        name(found.get("model_weights")), real(image.get("strength")))


def _split(prompt: str) -> tuple[str, str]:
    """Version 1 and 2 keep what is not wanted in square brackets."""
    negative = re.findall(r"\[([^\[\]]{0,2000})\]", prompt)
    return " ".join(re.sub(r"\[[^\[\]]{0,2000}\]", " ", prompt).split()), ", ".join(part.strip() for part in negative)


def _dream(dream: str) -> PictureSettings | None:
    quoted = re.match(r'\s*"((?:\\.|[^"\\]){0,20000})"(.*)', dream[:40_000], re.DOTALL)
    if quoted is None:
        return None
    prompt, negative = _split(quoted.group(1))
    flags = dict(re.findall(r"-([sSWHCAf])\s*([\w.\-]{1,60})", quoted.group(2)))
    return PictureSettings(
        "invokeai", prompt, negative, whole(flags.get("S")), whole(flags.get("s"), 1, 100_000), real(flags.get("C")),
        name(flags.get("A")), side(flags.get("W")), side(flags.get("H")), "", real(flags.get("f")))

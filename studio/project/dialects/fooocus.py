"""Fooocus: JSON under ``parameters`` or in UserComment, marked by ``fooocus_scheme`` or its own keys."""

from __future__ import annotations

import re
from collections.abc import Mapping

from studio.project.dialects.settings import PictureSettings, name, parsed, real, side, text, whole

_STEPS = {"quality": 60, "speed": 30, "extreme speed": 8, "lightning": 4, "hyper-sd": 4}


def read(texts: Mapping[str, str]) -> PictureSettings | None:
    """Settings from the JSON scheme; the "a1111" scheme is read by that dialect."""
    found = parsed(texts.get("parameters")) or parsed(texts.get("UserComment"))
    if found is None or not ("base_model" in found or str(found.get("version", "")).startswith("Fooocus")
                             or "fooocus_scheme" in texts):
        return None
    size = re.findall(r"\d{1,7}", str(found.get("resolution", ""))[:60])
    sampler, schedule = name(found.get("sampler")), name(found.get("scheduler"))
    performance = name(found.get("performance"))
    steps = whole(found.get("steps"), 1, 100_000) or _STEPS.get(performance.lower())
    styles = found.get("styles")
    return PictureSettings(
        "fooocus", text(found.get("prompt")), text(found.get("negative_prompt")), whole(found.get("seed")), steps,
        real(found.get("guidance_scale")), f"{sampler} {schedule}".strip(),
        side(size[0]) if len(size) == 2 else None, side(size[1]) if len(size) == 2 else None,
        name(found.get("base_model")), None,
        {key: value for key, value in (("styles", text(str(styles), 2000) if styles else ""),
                                       ("performance", performance), ("version", name(found.get("version")))) if value})

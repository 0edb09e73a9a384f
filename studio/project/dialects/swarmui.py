"""SwarmUI: JSON with ``sui_image_params`` under ``parameters`` or in UserComment."""

from __future__ import annotations

from collections.abc import Mapping

from studio.project.dialects.settings import PictureSettings, name, parsed, real, side, text, whole


def read(texts: Mapping[str, str]) -> PictureSettings | None:
    """Settings from ``sui_image_params``."""
    outer = parsed(texts.get("parameters")) or parsed(texts.get("UserComment"))
    found = outer.get("sui_image_params") if outer else None
    if not isinstance(found, dict):
        return None
    sampler, schedule = name(found.get("sampler")), name(found.get("scheduler"))
    return PictureSettings(
        "swarmui", text(found.get("prompt")), text(found.get("negativeprompt")), whole(found.get("seed")),
        whole(found.get("steps"), 1, 100_000), real(found.get("cfgscale")),
        f"{sampler} {schedule}".strip() if schedule not in ("", "normal", "simple") else sampler,
        side(found.get("width")), side(found.get("height")), name(found.get("model")),
        real(found.get("initimagecreativity")),
        {"version": name(found.get("swarm_version"))} if found.get("swarm_version") else {})

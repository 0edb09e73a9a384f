"""NovelAI: the prompt under ``Description``, the rest as JSON under ``Comment``, with ``Software`` "NovelAI"."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from studio.project.dialects.settings import PictureSettings, name, parsed, real, side, text, whole


def _caption(found: Mapping[str, Any], key: str) -> str:
    """The prompt of version 4, which has a caption for the whole and one for each character."""
    prompt = found.get(key)
    caption = prompt.get("caption") if isinstance(prompt, dict) else None
    if not isinstance(caption, dict):
        return ""
    people = caption.get("char_captions")
    parts = [caption.get("base_caption")] + [p.get("char_caption") for p in (people if isinstance(people, list) else [])
                                             if isinstance(p, dict)]
    return ", ".join(filter(None, (text(part) for part in parts[:50])))


def read(texts: Mapping[str, str]) -> PictureSettings | None:
    """Settings from ``Comment``."""
    found = parsed(texts.get("Comment"))
    if found is None:
        return None
    if "NovelAI" not in texts.get("Software", "")[:100] and not {"uc", "sampler", "scale"} <= found.keys():
        return None
    schedule = name(found.get("noise_schedule"))
    sampler = name(found.get("sampler"))
    return PictureSettings(
        "novelai", _caption(found, "v4_prompt") or text(found.get("prompt")) or text(texts.get("Description", "")),
        _caption(found, "v4_negative_prompt") or text(found.get("uc")), whole(found.get("seed")),
        whole(found.get("steps"), 1, 100_000), real(found.get("scale")),
        f"{sampler} {schedule}".strip() if schedule not in ("", "native") else sampler,
        side(found.get("width")), side(found.get("height")), name(texts.get("Source", "")), real(found.get("strength")))

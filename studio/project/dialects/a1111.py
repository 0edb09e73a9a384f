"""AUTOMATIC1111's web UI, Forge and the many that write like them: prompt, negative prompt, one line of settings.

The text stands under ``parameters`` in a PNG and in the EXIF UserComment of JPEG and WebP.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping

from studio.project.dialects.settings import PictureSettings, name, real, side, text, whole

_NAME = re.compile(r"\s*([\w \-/]{1,60}):")
_NEGATIVE = "Negative prompt:"


def _unquoted(value: str) -> str:
    if not value.startswith('"'):
        return value
    try:
        return str(json.loads(value))
    except ValueError:
        return value.strip('"')


def _parts(line: str) -> list[str]:
    """The line cut at its commas, but not at those between quotes; in one pass, whatever the line holds."""
    parts, start, quoted, escaped = [], 0, False, False
    for at, character in enumerate(line):
        if character == "," and not quoted:
            parts.append(line[start:at])
            start = at + 1
        elif character == '"' and not escaped:
            quoted = not quoted
        escaped = character == "\\" and quoted and not escaped
    return [*parts, line[start:]]


def _settings(line: str) -> dict[str, str]:
    """``Name: value`` pairs of a line."""
    found: dict[str, str] = {}
    for part in _parts(line):
        if match := _NAME.match(part[:200]):
            found[match.group(1).strip()] = _unquoted(part[match.end():].strip()[:4000])
    return found


def parse(value: str) -> tuple[str, str, dict[str, str]]:
    """Prompt, negative prompt and settings as far as they can be told apart; any text at all has a prompt."""
    lines = value[:200_000].strip().split("\n")
    last = lines[-1][:20_000]
    settings = _settings(last)
    if "Steps" not in settings and len(settings) < 3:
        last, settings = "", {}
    body = lines[:-1] if last else lines
    start = next((i for i, line in enumerate(body) if line.startswith(_NEGATIVE)), len(body))
    negative = "\n".join(body[start:]).removeprefix(_NEGATIVE)
    return "\n".join(body[:start]).strip(), negative.strip(), settings


def read(texts: Mapping[str, str]) -> PictureSettings | None:
    """Settings from ``parameters`` or UserComment."""
    value = texts.get("parameters") or texts.get("UserComment")
    if not value or value.lstrip().startswith("{"):
        return None
    prompt, negative, found = parse(value)
    if not found and "parameters" not in texts:
        return None  # some camera's comment
    across, _, down = found.get("Size", "").partition("x")
    sampler, schedule = found.get("Sampler", ""), found.get("Schedule type", "")
    if schedule and schedule.lower() not in ("automatic", sampler.lower()) and schedule.lower() not in sampler.lower():
        sampler = f"{sampler} {schedule}"
    known = {"Steps", "Sampler", "Schedule type", "CFG scale", "Seed", "Size", "Model", "Denoising strength"}
    return PictureSettings(
        "a1111", text(prompt), text(negative), whole(found.get("Seed")), whole(found.get("Steps"), 1, 100_000),
        real(found.get("CFG scale")), name(sampler), side(across), side(down), name(found.get("Model", "")),
        real(found.get("Denoising strength")), {key: v for key, v in found.items() if key not in known})

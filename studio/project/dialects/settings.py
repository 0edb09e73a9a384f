"""What all dialects come down to."""

from __future__ import annotations

import json
import math
from dataclasses import asdict, dataclass, field
from typing import Any

MAX_PROMPT = 100_000
MAX_NAME = 300
MAX_SIDE = 1_000_000


@dataclass(frozen=True)
class PictureSettings:
    """How a picture was made, in the words of this program. None is unknown; sizes are pixels.

    sampler keeps the other program's name; `nearest_sampler` finds ours. extra: what has no place of its own.
    """

    dialect: str
    prompt: str = ""
    negative_prompt: str = ""
    seed: int | None = None
    steps: int | None = None
    guidance_scale: float | None = None
    sampler: str = ""
    width: int | None = None
    height: int | None = None
    model: str = ""
    strength: float | None = None
    extra: dict[str, Any] = field(default_factory=dict)

    def to_json(self) -> dict[str, Any]:
        """Plain data for `studio inspect` and the form."""
        return asdict(self)


def text(value: Any, most: int = MAX_PROMPT) -> str:
    """A string of at most `most` characters; "" for anything that is no text or number."""
    if isinstance(value, bool) or not isinstance(value, (str, int, float)):
        return ""
    return str(value)[:most].replace("\0", " ").strip()


def name(value: Any) -> str:
    """A short string on one line, such as a sampler's or a model's name."""
    return " ".join(text(value, MAX_NAME).split())


def whole(value: Any, least: int = 0, most: int = 2**63 - 1) -> int | None:
    """An integer within bounds, from a number or its text."""
    number = real(value)
    if number is None:
        return None
    if isinstance(value, str):
        try:
            exact = int(value[:40])
        except ValueError:
            exact = int(number)
    else:
        exact = int(value)
    return exact if least <= exact <= most else None


def real(value: Any) -> float | None:
    """A finite float, from a number or its text."""
    if isinstance(value, bool) or not isinstance(value, (str, int, float)):
        return None
    try:
        number = float(value[:40] if isinstance(value, str) else value)
    except (ValueError, OverflowError):
        return None
    return number if math.isfinite(number) else None


def side(value: Any) -> int | None:
    """A width or height in pixels."""
    return whole(value, 1, MAX_SIDE)


def parsed(value: str | None) -> dict[str, Any] | None:
    """A JSON object, or None for anything else."""
    if not value or "{" not in value[:100]:
        return None
    try:
        found = json.loads(value)
    except (ValueError, RecursionError):
        return None
    return found if isinstance(found, dict) else None

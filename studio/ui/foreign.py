"""Settings of other programs' pictures, as the form of a generator takes them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from studio.engine.job import GeneratorInfo
from studio.project.dialects import nearest_sampler
from studio.ui.prompt import MAX_SEED, PromptState
from studio.ui.schema import FieldSpec, fields_of

DIALECTS = {"a1111": "AUTOMATIC1111", "comfyui": "ComfyUI", "invokeai": "InvokeAI", "swarmui": "SwarmUI",
            "fooocus": "Fooocus", "novelai": "NovelAI", "pieria": "Pieria"}
_NUMBERS = {"steps": "steps", "guidance": "guidance_scale", "strength": "strength", "width": "width",
            "height": "height"}


def program(found: Mapping[str, Any]) -> str:
    """The program that wrote the settings, "" where there are none."""
    return DIALECTS.get(str(found.get("dialect", "")), "")


def adopt(draft: PromptState, found: Mapping[str, Any], info: GeneratorInfo) -> tuple[PromptState, list[str]]:
    """The draft with the settings that `studio.project.inspect` found, and what was taken otherwise, a sentence each.

    Numbers are brought into the bounds and steps of the form; a sampler that is not there becomes the nearest.
    """
    values, notes = dict(draft.values), list[str]()
    specs = {spec.role: spec for spec in fields_of(info.schema) if spec.role and len(spec.path) == 1}
    for role, key in _NUMBERS.items():
        spec, wanted = specs.get(role), found.get(key)
        if spec is not None and isinstance(wanted, (int, float)):
            taken = _fitted(spec, wanted)
            values[spec.path[0]] = taken
            if abs(taken - wanted) > 1e-6:
                notes.append(f"{spec.title} {wanted:g} became {taken:g}.")
    _take_sampler(specs.get("sampler"), str(found.get("sampler") or ""), values, notes)
    if "quality" in specs and isinstance(found.get("steps"), int):
        values[specs["quality"].path[0]] = "Custom"
    changes: dict[str, Any] = {"values": values, "prompt": str(found.get("prompt") or ""), "style": "",
                               "negative": str(found.get("negative_prompt") or "")}
    if isinstance(found.get("seed"), int):
        changes |= {"seed": int(found["seed"]) % MAX_SEED, "seed_locked": True}
    if found.get("model") and found.get("dialect") != "pieria":
        notes.append(f"It was made with {found['model']}, which this form does not choose.")
    return replace(draft, **changes), notes


def _fitted(spec: FieldSpec, wanted: float) -> float:
    """The number within the bounds, in whole steps where the field has them."""
    number = float(wanted)
    if spec.whole:
        step = int(spec.step or 1)
        number = round(number / step) * step
    number = max(number, spec.minimum) if spec.minimum is not None else number
    number = min(number, spec.maximum) if spec.maximum is not None else number
    return int(number) if spec.whole else number


def _take_sampler(spec: FieldSpec | None, name: str, values: dict[str, Any], notes: list[str]) -> None:
    if spec is None or not name or not spec.choices:
        return
    choice, same = nearest_sampler(name, [str(value) for value, _ in spec.choices])
    if choice:
        values[spec.path[0]] = choice
    if not choice:
        notes.append(f"The sampler {name} is not known here; the one that is set stays.")
    elif not same:
        notes.append(f"The sampler {name} is not there; {choice} is the nearest.")

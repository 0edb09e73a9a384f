"""From JSON Schema to fields of a form: plain data, no widgets. Whatever it does not know becomes a text field."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

FieldKind = Literal["slider", "number", "optional_number", "text", "multiline", "choice", "switch", "seed", "model",
                    "media", "lines", "chips", "json"]

MAX_DEPTH = 6
"""How deep nested models are followed before they become a text field."""

MOST_SLIDER_STEPS = 100_000


@dataclass(frozen=True)
class FieldSpec:
    """One field of a form.

    Attributes:
        path: names from the outermost model to the field.
        kind: which control edits it.
        choices: (value, title) of a choice.
        hidden_default: there is a default that the schema does not tell (a default factory), so an untouched field
            has no value.
        nullable: None is allowed; an empty control means None.
        group: title of the section it stands in, "" for always shown.
        media: kind of a media input, "image", "mask", "audio", ...
        presets: for some choices, the values of other fields that they stand for.
        auto: the value that leaves it to the generator, None where there is none; usual: the number to begin with.
        when: the field is shown only while each of these others has one of the values.
        families: names to pick from, by family ("" for those of none); listed: they are a list, not one string.
    """

    path: tuple[str, ...]
    kind: FieldKind
    title: str
    description: str = ""
    default: Any = None
    hidden_default: bool = False
    nullable: bool = False
    minimum: float | None = None
    maximum: float | None = None
    step: float | None = None
    whole: bool = False
    unit: str = ""
    role: str = ""
    group: str = ""
    media: str = ""
    kinds: tuple[str, ...] = ()
    choices: tuple[tuple[Any, str], ...] = field(default=())
    max_length: int | None = None
    presets: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    auto: Any = None
    usual: float | None = None
    when: Mapping[str, tuple[Any, ...]] = field(default_factory=dict)
    families: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    listed: bool = False

    @property
    def name(self) -> str:
        return ".".join(self.path)


def fields_of(schema: Any) -> list[FieldSpec]:
    """The fields of an object schema in its own order; never raises, whatever the schema holds."""
    if not isinstance(schema, Mapping):
        return []
    defs = schema.get("$defs", schema.get("definitions"))
    return _object_fields(schema, defs if isinstance(defs, Mapping) else {}, (), "", 0)


def _object_fields(schema: Mapping[str, Any], defs: Mapping[str, Any], path: tuple[str, ...], group: str,
                   depth: int) -> list[FieldSpec]:
    properties = schema.get("properties")
    if not isinstance(properties, Mapping):
        return []
    wanted = schema.get("required")
    required = {r for r in wanted if isinstance(r, str)} if isinstance(wanted, list) else set()
    found: list[FieldSpec] = []
    for name, raw in properties.items():
        here = (*path, str(name))
        flat, nullable = _flat(raw, defs)
        hints = _hints(flat)
        if hints.get("widget") == "none":
            continue
        nested = flat.get("properties")
        if isinstance(nested, Mapping) and nested and "media" not in hints and depth < MAX_DEPTH:
            section = _text(hints.get("group")) or group or _title(here, flat)
            found += _object_fields(flat, defs, here, section, depth + 1)
        else:
            found.append(_field(here, flat, nullable, group, str(name) in required))
    return found


def _flat(raw: Any, defs: Mapping[str, Any]) -> tuple[dict[str, Any], bool]:
    """A schema with $ref followed, single allOf merged and null taken out of anyOf; and whether null was there."""
    node: dict[str, Any] = dict(raw) if isinstance(raw, Mapping) else {}
    nullable = False
    for _ in range(MAX_DEPTH * 2):
        ref = node.get("$ref")
        if isinstance(ref, str):
            target = defs.get(ref.rsplit("/", 1)[-1])
            rest = {k: v for k, v in node.items() if k != "$ref"}
            node = _merged(target if isinstance(target, Mapping) else {}, rest)
            continue
        key = next((k for k in ("anyOf", "oneOf", "allOf") if isinstance(node.get(k), list)), None)
        if key is None:
            break
        options = [o for o in node[key] if isinstance(o, Mapping)]
        real = [o for o in options if o.get("type") != "null"]
        nullable = nullable or len(real) < len(options)
        rest = {k: v for k, v in node.items() if k != key}
        if len(real) == 1:
            node = _merged(real[0], rest)
        elif real and all(o.get("type") in ("integer", "number") for o in real):
            node = _merged({"type": "number"}, rest)
        elif real and all("const" in o for o in real):
            node = _merged({"enum": [o["const"] for o in real]}, rest)
        else:
            node = rest | {"type": "unknown"}
            break
    kinds = node.get("type")
    if isinstance(kinds, list):
        nullable = nullable or "null" in kinds
        real_kinds = [k for k in kinds if k != "null"]
        node["type"] = real_kinds[0] if len(real_kinds) == 1 else "unknown"
    return node, nullable


def _merged(inner: Mapping[str, Any], outer: Mapping[str, Any]) -> dict[str, Any]:
    """`outer` wins, but the hints of both stay."""
    return {**inner, **outer, "x-studio": {**_hints(inner), **_hints(outer)}}


def _hints(node: Mapping[str, Any]) -> dict[str, Any]:
    hints = node.get("x-studio")
    return dict(hints) if isinstance(hints, Mapping) else {}


def _text(value: Any) -> str:
    return value if isinstance(value, str) else ""


def _number(value: Any) -> float | None:
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    try:
        number = float(value)
    except OverflowError:
        return None
    return number if math.isfinite(number) else None


def sentence_case(name: str) -> str:
    """ "num_inference_steps" gives "Num inference steps"; words that are all capitals stay."""
    words = name.replace("_", " ").split()
    return " ".join(w if w.isupper() and len(w) > 1 else w.capitalize() if i == 0 else w.lower()
                    for i, w in enumerate(words)) or name


def _title(path: tuple[str, ...], node: Mapping[str, Any]) -> str:
    label = _text(_hints(node).get("label"))
    if label:
        return label
    title = _text(node.get("title"))
    made_up = path[-1].replace("_", " ").title()
    return title if title and title != made_up else sentence_case(path[-1])


def _field(path: tuple[str, ...], node: dict[str, Any], nullable: bool, group: str, required: bool) -> FieldSpec:
    hints = _hints(node)
    low, high = _bounds(node)
    step = _number(hints.get("step")) or _number(node.get("multipleOf"))
    whole = node.get("type") == "integer"
    choices = _choices(node, hints)
    kind = _kind(node, hints, nullable, low, high, choices)
    kinds = hints.get("kinds")
    length = node.get("maxLength")
    return FieldSpec(
        path=path, kind=kind, title=_title(path, node), description=_text(node.get("description")),
        default=node.get("default"), hidden_default=not required and "default" not in node, nullable=nullable,
        minimum=low, maximum=high, step=step if step and step > 0 else None, whole=whole,
        unit=_text(hints.get("unit")), role=_text(hints.get("role")), group=_text(hints.get("group")) or group,
        media=_text(hints.get("media")),
        kinds=tuple(k for k in kinds if isinstance(k, str)) if isinstance(kinds, list | tuple) else (),
        presets=_presets(hints), choices=choices, auto=hints.get("auto"), usual=_number(hints.get("usual")),
        when=_when(hints, path), families=_families(hints), listed=node.get("type") == "array",
        max_length=length if isinstance(length, int) and 0 < length < 2**31 else None,
    )


def _presets(hints: Mapping[str, Any]) -> dict[str, dict[str, Any]]:
    given = hints.get("presets")
    if not isinstance(given, Mapping):
        return {}
    return {str(choice): dict(values) for choice, values in given.items() if isinstance(values, Mapping)}


def _when(hints: Mapping[str, Any], path: tuple[str, ...]) -> dict[str, tuple[Any, ...]]:
    """The fields on which showing depends, by their whole names: they stand beside the field."""
    given = hints.get("when")
    if not isinstance(given, Mapping):
        return {}
    return {".".join((*path[:-1], str(name))): tuple(values) if isinstance(values, list | tuple) else (values,)
            for name, values in given.items()}


def _families(hints: Mapping[str, Any]) -> dict[str, tuple[str, ...]]:
    """From a list of names, or of pairs of a family and its names."""
    given = hints.get("names")
    found: dict[str, tuple[str, ...]] = {}
    for one in given if isinstance(given, list | tuple) else ():
        if isinstance(one, str) and one:
            found[""] = (*found.get("", ()), one)
        elif isinstance(one, list | tuple) and len(one) == 2 and isinstance(one[1], list | tuple):
            names = tuple(name for name in one[1] if isinstance(name, str) and name)
            found |= {str(one[0]): names} if names else {}
    return found


def _bounds(node: Mapping[str, Any]) -> tuple[float | None, float | None]:
    """Inclusive bounds; an exclusive one of a whole number moves by 1, of a float stays (the host checks)."""
    low, high = _number(node.get("minimum")), _number(node.get("maximum"))
    shift = 1 if node.get("type") == "integer" else 0
    above, below = _number(node.get("exclusiveMinimum")), _number(node.get("exclusiveMaximum"))
    if above is not None:
        low = max(above + shift, low if low is not None else -math.inf)
    if below is not None:
        high = min(below - shift, high if high is not None else math.inf)
    if low is not None and high is not None and low > high:
        return None, None
    return low, high


def _choices(node: Mapping[str, Any], hints: Mapping[str, Any]) -> tuple[tuple[Any, str], ...]:
    values = node.get("enum")
    if not isinstance(values, list):
        values = [node["const"]] if "const" in node else []
    names, told = ({**given} if isinstance(given := hints.get(key), Mapping) else {} for key in ("titles", "choices"))
    for key, facts in told.items():
        if isinstance(facts, Mapping):
            names.setdefault(key, facts.get("title"))
    return tuple((v, _text(names.get(str(v))) or choice_title(v)) for v in values if v is not None)


def choice_title(value: Any) -> str:
    """How an enum value reads: "heun_karras" gives "Heun karras"; what has capitals or digits stays as it is."""
    if isinstance(value, bool):
        return "On" if value else "Off"
    text = str(value)
    plain = all(c.isalpha() or c in "_- " for c in text) and text.islower()
    return sentence_case(text.replace("-", " ")) if plain else text or "Empty"


def _kind(node: Mapping[str, Any], hints: Mapping[str, Any], nullable: bool, low: float | None, high: float | None,
          choices: tuple[tuple[Any, str], ...]) -> FieldKind:
    asked, type_ = hints.get("widget"), node.get("type")
    if _text(hints.get("media")):
        return "media"
    if choices:
        return "choice"
    if type_ == "boolean":
        return "choice" if nullable else "switch"
    if type_ in ("integer", "number"):
        return _number_kind(node, hints, nullable, low, high)
    if type_ == "string":
        if asked == "model" or hints.get("role") == "model":
            return "model"
        if asked == "chips" and _families(hints):
            return "chips"
        return "multiline" if asked == "multiline" else "text"
    if type_ == "array":
        items = node.get("items")
        if isinstance(items, Mapping) and items.get("type") == "string" and "prefixItems" not in node:
            return "chips" if asked == "chips" and _families(hints) else "lines"
    return "json"


def _number_kind(node: Mapping[str, Any], hints: Mapping[str, Any], nullable: bool, low: float | None,
                 high: float | None) -> FieldKind:
    asked, whole = hints.get("widget"), node.get("type") == "integer"
    if nullable:
        return "optional_number"
    if whole and (asked == "seed" or hints.get("role") == "seed"):
        return "seed"
    if asked == "number" or low is None or high is None or not high > low:
        return "number"
    step = _number(hints.get("step")) or (1.0 if whole else 0.0)
    if asked != "slider" and ((whole and high - low > 4096) or high - low > 1e6):
        return "number"
    return "slider" if not step or (high - low) / step <= MOST_SLIDER_STEPS else "number"

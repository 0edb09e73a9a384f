"""Command-line values into parameters of a generator, by its JSON Schema. The host checks them again with pydantic."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from studio.cli.output import CommandError

Json = dict[str, Any]


def fields(schema: Mapping[str, Any]) -> dict[str, Json]:
    """Each parameter's own schema, with $ref and "or null" resolved."""
    return {name: resolved(prop, schema) for name, prop in schema.get("properties", {}).items()}


def resolved(prop: Mapping[str, Any], schema: Mapping[str, Any]) -> Json:
    """One property without indirections; a value that may be null has "nullable": True."""
    own = {k: v for k, v in prop.items() if k not in ("$ref", "allOf", "anyOf")}
    for reference in [prop.get("$ref"), *(part.get("$ref") for part in prop.get("allOf", ()))]:
        if isinstance(reference, str) and reference.startswith("#/$defs/"):
            own = {**schema.get("$defs", {}).get(reference.removeprefix("#/$defs/"), {}), **own}
    kinds = [resolved(part, schema) for part in prop.get("anyOf", ())]
    some = [kind for kind in kinds if kind.get("type") != "null"]
    if len(some) < len(kinds):
        own["nullable"] = True
    if some:
        hints = {**some[0].get("x-studio", {}), **own.get("x-studio", {})}
        own = {**some[0], **own, **({"x-studio": hints} if hints else {})}
    return own


def hint(prop: Mapping[str, Any], name: str) -> Any:
    return prop.get("x-studio", {}).get(name)


def with_role(schema: Mapping[str, Any], role: str) -> str:
    """Name of the parameter with a role ("prompt", "seed", ...), "" if there is none."""
    props = fields(schema)
    return next((n for n, p in props.items() if hint(p, "role") == role), role if role in props else "")


def media_fields(schema: Mapping[str, Any]) -> dict[str, str]:
    """The parameters that take a file, and what kind each takes ("image", "mask", "audio", ...).

    Those of a list's items are named with a place: "controls.N.image".
    """
    props = fields(schema)
    found = {n: str(hint(p, "media")) for n, p in props.items() if hint(p, "media")}
    for name, prop in props.items():
        items = resolved(prop.get("items") or {}, schema)
        inner = {n: resolved(p, schema) for n, p in items.get("properties", {}).items()}
        found |= {f"{name}.N.{n}": str(hint(p, "media")) for n, p in inner.items() if hint(p, "media")}
    return found


def without_places(name: str) -> str:
    """ "controls.0.image" as `media_fields` names it: "controls.N.image"."""
    return re.sub(r"\.\d{1,3}(?=\.)", ".N", name)


def put(values: Json, references: Mapping[str, Any]) -> None:
    """Put values at dotted names. Raises CommandError where a list has no such item."""
    for name, value in references.items():
        here: Any = values
        *outer, last = name.split(".")
        try:
            for step in outer:
                here = here[int(step) if isinstance(here, list) else step]
            here[last] = value
        except (LookupError, TypeError, ValueError) as error:
            raise CommandError(f"There is no {'.'.join(outer)} to take a file; give it first: "
                               f"--set '{outer[0]}=[{{...}}]'.", field=name) from error


def model_fields(schema: Mapping[str, Any]) -> dict[str, list[str]]:
    """The parameters that name weights, and the kinds each takes."""
    return {n: list(hint(p, "kinds") or []) for n, p in fields(schema).items() if hint(p, "role") == "model"}


def split(text: str, option: str) -> tuple[str, str]:
    """ "name=value" into its halves."""
    name, equals, value = text.partition("=")
    if not equals or not name:
        raise CommandError(f"{option} takes NAME=VALUE, got {text!r}.", field=name or option)
    return name, value


def settings(schema: Mapping[str, Any], given: Iterable[str]) -> Json:
    """Values of --set. Raises CommandError that names the field."""
    props, media = fields(schema), media_fields(schema)
    values: Json = {}
    for text in given:
        name, value = split(text, "--set")
        if name not in props:
            raise unknown(name, (n for n in props if n not in media))
        if name in media:
            raise CommandError(f"{name} takes a file: --input {name}=FILE.", field=name)
        values[name] = coerced(name, value, props[name])
    return values


def unknown(name: str, known: Iterable[str]) -> CommandError:
    return CommandError(f"This generator has no parameter {name}; it has {', '.join(sorted(known)) or 'none'}.",
                        field=name)


def coerced(name: str, text: str, prop: Mapping[str, Any]) -> Any:
    """The text of a value as the type its schema wants, checked against its bounds. Raises CommandError."""
    if prop.get("nullable") and text.lower() in ("", "null", "none"):
        return None
    kind = prop.get("type", "string" if "enum" not in prop and "const" not in prop else "")
    value = _CONVERT.get(str(kind), _guess)(name, text)
    check(name, value, prop)
    return value


def check(name: str, value: Any, prop: Mapping[str, Any]) -> None:
    """Raise CommandError unless `value` keeps the bounds of its schema."""
    if "const" in prop and value != prop["const"]:
        raise CommandError(f"{name} can only be {prop['const']}.", field=name)
    if "enum" in prop and value not in prop["enum"]:
        raise CommandError(f"{name} can be {', '.join(map(str, prop['enum']))}, not {value!r}.", field=name)
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        _check_number(name, value, prop)
    elif isinstance(value, str):
        if len(value) > prop.get("maxLength", math.inf):
            raise CommandError(f"{name} may have {prop['maxLength']:,} characters and has {len(value):,}; shorten it.",
                               field=name)
        if len(value) < prop.get("minLength", 0):
            raise CommandError(f"{name} must have at least {prop['minLength']} characters.", field=name)
        if "pattern" in prop and not re.search(prop["pattern"], value):
            raise CommandError(f"{name} does not have the form {prop['pattern']}.", field=name)


def _check_number(name: str, value: float, prop: Mapping[str, Any]) -> None:
    if not math.isfinite(value):
        raise CommandError(f"{name} must be a number, not {value}.", field=name)
    rules = (("minimum", value >= prop.get("minimum", -math.inf), "at least"),
             ("maximum", value <= prop.get("maximum", math.inf), "at most"),
             ("exclusiveMinimum", value > prop.get("exclusiveMinimum", -math.inf), "more than"),
             ("exclusiveMaximum", value < prop.get("exclusiveMaximum", math.inf), "less than"))
    for key, kept, words in rules:
        if not kept:
            raise CommandError(f"{name} must be {words} {prop[key]}, not {value}.", field=name)
    step = prop.get("multipleOf")
    if step and abs(value / step - round(value / step)) > 1e-9:
        raise CommandError(f"{name} must be a multiple of {step}, not {value}.", field=name)


def _integer(name: str, text: str) -> int:
    try:
        return int(text)
    except ValueError:
        raise CommandError(f"{name} must be a whole number, not {text!r}.", field=name) from None


def _number(name: str, text: str) -> float:
    try:
        return float(text)
    except ValueError:
        raise CommandError(f"{name} must be a number, not {text!r}.", field=name) from None


def _boolean(name: str, text: str) -> bool:
    word = text.strip().lower()
    if word in ("1", "true", "yes", "on"):
        return True
    if word in ("0", "false", "no", "off"):
        return False
    raise CommandError(f"{name} can be yes or no, not {text!r}.", field=name)


def _list(name: str, text: str) -> list[Any]:
    value = _guess(name, text)
    return value if isinstance(value, list) else [part for part in text.split(",") if part]


def _object(name: str, text: str) -> Json:
    value = _guess(name, text)
    if not isinstance(value, dict):
        raise CommandError(f"{name} takes a JSON object.", field=name)
    return value


def _text(_: str, text: str) -> str:
    return text


def _guess(_: str, text: str) -> Any:
    """JSON if it is that, else the text: for an enum of mixed types."""
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return text


_CONVERT: dict[str, Callable[[str, str], Any]] = {
    "integer": _integer, "number": _number, "boolean": _boolean, "array": _list, "object": _object, "string": _text}

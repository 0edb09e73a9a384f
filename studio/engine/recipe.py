"""Recipes: what was made of what. The same inputs give the same recipe; it holds no times, paths or random ids."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from studio import __version__
from studio.engine.job import Request

if TYPE_CHECKING:
    from studio.plugins import Device

Json = dict[str, Any]

SCHEMA = "pieria.recipe/1"


def build(*, generator: Mapping[str, str], produces: str, params: Json, models: Mapping[str, Mapping[str, Any]],
          parents: Iterable[str], device: Device, libraries: Iterable[str] = ()) -> Json:
    """Write a recipe down.

    Args:
        generator: "id", "title", "version", "plugin", "plugin_version".
        params: all parameters, defaults included; media as {"media": sha256, "type"}.
        models: for each model field, as `Request.models`; of it name, kind and hash are kept.
        libraries: distributions whose installed versions are noted.
    """
    facts = ("id", "title", "version", "plugin", "plugin_version")
    return {
        "schema": SCHEMA,
        "generator": {key: str(generator.get(key, "")) for key in facts},
        "produces": produces,
        "params": params,
        "models": {name: {key: str(model.get(key, "")) for key in ("name", "kind", "sha256")}
                   for name, model in sorted(models.items())},
        "inputs": list(dict.fromkeys(sha for sha, _ in media_in(params))),
        "parents": list(parents),
        "seed": params.get("seed"),
        "device": asdict(device),
        "libraries": versions(libraries),
        "studio": __version__,
    }


def to_request(recipe: Mapping[str, Any], models: Mapping[str, Json] | None = None) -> Request:
    """The request that makes it again.

    Args:
        models: for each model field of the recipe, what `studio.models` resolved now ("path" included).

    Raises:
        ValueError: this is no recipe, or one of a later schema.
    """
    schema = recipe.get("schema")
    if schema != SCHEMA:
        raise ValueError("This recipe comes from a newer version of Pieria; update Pieria to use it."
                         if str(schema).startswith("pieria.recipe/") else "This is not a recipe.")
    generator, params = recipe.get("generator"), recipe.get("params")
    if not isinstance(generator, Mapping) or not isinstance(params, Mapping) or not generator.get("id"):
        raise ValueError("This recipe is damaged: it names no generator or no parameters.")
    return Request(str(generator["id"]), dict(params), {name: dict(model) for name, model in (models or {}).items()},
                   parents=tuple(str(parent) for parent in recipe.get("parents") or ()))


def is_media(value: Any) -> bool:
    """Whether a JSON value is a reference to media: {"media": sha256, "type": media type}."""
    return isinstance(value, Mapping) and isinstance(value.get("media"), str) and set(value) <= {"media", "type"}


def media_in(value: Any, field: str = "") -> Iterator[tuple[str, str]]:
    """Each media reference in `value`, as (sha256, dotted name of its field)."""
    if is_media(value):
        yield value["media"], field
    elif isinstance(value, Mapping):
        for name, item in value.items():
            yield from media_in(item, f"{field}.{name}" if field else str(name))
    elif isinstance(value, (list, tuple)):
        for index, item in enumerate(value):
            yield from media_in(item, f"{field}.{index}")


def versions(distributions: Iterable[str]) -> dict[str, str]:
    """Installed versions, without those that are not installed."""
    from importlib import metadata

    found = {}
    for name in sorted(set(distributions)):
        try:
            found[name] = metadata.version(name)
        except metadata.PackageNotFoundError:
            continue
    return found

"""What a speech generator tells of its voices, as plain data. Nothing here raises, whatever a schema holds."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from studio.ui.schema import choice_title

SAMPLE = "Good evening. This is how I sound."
"""What a voice says where its plugin gives no sentence for it."""
ROLES = ("language", "speed", "pitch")
"""What stands below the cards, in this order."""


@dataclass(frozen=True)
class Voice:
    """One card.

    Attributes:
        key: the value of the field.
        about: a few words.
        language: as people say it, "" where it is not told.
        sample: the sentence that lets it be heard.
    """

    key: str
    title: str
    about: str = ""
    language: str = ""
    sample: str = SAMPLE

    def fits(self, words: str, language: str) -> bool:
        """Whether a search finds it."""
        told = f"{self.title} {self.about} {self.language}".casefold()
        return (not language or language == self.language) and all(word in told for word in words.casefold().split())


def field_of(schema: Mapping[str, Any], role: str) -> str:
    """The field with this role, or else of this name; "" where there is none."""
    props = _map(schema.get("properties"))
    return next((name for name, prop in props.items() if _hints(prop).get("role") == role), role if role in props
                else "")


def speaks(schema: Mapping[str, Any]) -> bool:
    """Whether a generator has a voice and reads a text."""
    return bool(field_of(schema, "voice") and field_of(schema, "prompt"))


def voices_of(schema: Mapping[str, Any]) -> list[Voice]:
    """The voices that the schema itself names."""
    prop = _map(_map(schema.get("properties")).get(field_of(schema, "voice")))
    hints, values = _hints(prop), prop.get("enum")
    told = _map(hints.get("choices"))
    keys = values if isinstance(values, list) else list(told)
    return _voices([key for key in keys if isinstance(key, str) and key], told, _text(hints.get("sample")))


def voices_in(text: str, schema: Mapping[str, Any]) -> list[Voice]:
    """The voices that another generator gave as JSON (the hint `choices_by`)."""
    try:
        told = _map(json.loads(text))
    except (ValueError, RecursionError):
        return []
    prop = _map(_map(schema.get("properties")).get(field_of(schema, "voice")))
    return _voices([str(key) for key in told if key], told, _text(_hints(prop).get("sample")))


def asked_by(schema: Mapping[str, Any]) -> str:
    """The generator that names the voices of a model; "" where the schema does."""
    return _text(_hints(_map(schema.get("properties")).get(field_of(schema, "voice"))).get("choices_by"))


def languages(voices: Iterable[Voice]) -> list[str]:
    """In order of appearance."""
    return list(dict.fromkeys(voice.language for voice in voices if voice.language))


def part_of(schema: Mapping[str, Any], roles: Sequence[str] = ROLES) -> dict[str, Any]:
    """The schema with the fields of these roles alone, none of them in a folded group."""
    props, found = _map(schema.get("properties")), {}
    for role in roles:
        if name := field_of(schema, role):
            hints = {key: value for key, value in _hints(props[name]).items() if key != "group"}
            found[name] = {**_map(props[name]), "x-studio": hints}
    defs = {key: schema[key] for key in ("$defs", "definitions") if key in schema}
    return {"type": "object", "title": "Voice", "properties": found, **defs}


def assigned(names: Iterable[str], kept: Mapping[str, str], voices: Sequence[Voice], narrator: str) -> dict[str, str]:
    """A voice for each name: the one it had, else the next that nobody has, round and round where they run out."""
    names, keys = list(names), [voice.key for voice in voices]
    cast = {name: kept[name] for name in names if kept.get(name) in keys}
    free = [key for key in keys if key not in {narrator, *cast.values()}] or [k for k in keys if k != narrator] or keys
    new = [name for name in names if name not in cast]
    cast |= {name: free[number % len(free)] for number, name in enumerate(new)} if free else {}
    return {name: cast[name] for name in names if name in cast}


def _voices(keys: Iterable[str], told: Mapping[str, Any], sample: str) -> list[Voice]:
    found = []
    for key in keys:
        facts = _map(told.get(key))
        found.append(Voice(key, _text(facts.get("title")) or choice_title(key), _text(facts.get("about")),
                           _text(facts.get("language")), _text(facts.get("sample")) or sample or SAMPLE))
    return found


def _hints(prop: Any) -> Mapping[str, Any]:
    return _map(_map(prop).get("x-studio"))


def _map(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}


def _text(value: Any) -> str:
    return value if isinstance(value, str) else ""

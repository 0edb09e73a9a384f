"""Parameters as JSON into a generator's Params: media references become artifacts, errors become plain sentences."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, get_args, get_origin

from pydantic import BaseModel, ValidationError

from studio.engine.recipe import is_media
from studio.plugins import Artifact, InputError, Params

Media = Mapping[str, tuple[bytes, str]]

_NOUNS = {"image": "a picture", "mask": "a mask", "text": "text", "audio": "a sound", "score": "a MIDI file",
          "video": "a film", "mesh": "a 3D object"}

_SENTENCES = {
    "missing": "is missing",
    "finite_number": "must be a finite number",
    "bool_type": "must be on or off", "bool_parsing": "must be on or off",
    "string_type": "must be text", "string_unicode": "must be text",
    "int_type": "must be a whole number", "int_parsing": "must be a whole number",
    "int_from_float": "must be a whole number", "int_parsing_size": "is too large a number",
    "float_type": "must be a number", "float_parsing": "must be a number",
    "list_type": "must be a list", "dict_type": "must be a group of settings",
    "less_than_equal": "must be at most {le}", "less_than": "must be less than {lt}",
    "greater_than_equal": "must be at least {ge}", "greater_than": "must be more than {gt}",
    "multiple_of": "must be a multiple of {multiple_of}",
    "string_too_long": "may have at most {max_length} characters",
    "string_too_short": "must have at least {min_length} characters",
    "too_long": "may have at most {max_length} items", "too_short": "must have at least {min_length} items",
    "literal_error": "must be one of {expected}", "enum": "must be one of {expected}",
}


def parse(model: type[Params], values: Mapping[str, Any], media: Media) -> Params:
    """Validate `values`, with media references replaced by the artifacts that the fields ask for.

    Raises:
        InputError: one plain sentence, and the dotted name of the field.
    """
    bound = {name: _bind(model.model_fields[name].annotation, value, media, name)
             if name in model.model_fields else value for name, value in values.items()}
    try:
        return model.model_validate(bound)
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        raise InputError(sentence(model, first), ".".join(map(str, first["loc"]))) from error


def sentence(model: type[BaseModel], error: Mapping[str, Any]) -> str:
    """One pydantic error as a sentence, e.g. "Steps must be at most 150."."""
    kind, loc = error["type"], tuple(error["loc"])
    context = {key: f"{value:,}" if isinstance(value, int) and key.endswith("length") else value
               for key, value in error.get("ctx", {}).items()}
    if kind == "extra_forbidden":
        return f"There is no setting called “{'.'.join(map(str, loc))}”."
    name = label(model, loc)
    if kind == "is_instance_of":
        classes = [cls for part in loc[:1] for cls in _artifacts(_annotation(model, part))]
        return f"{name} must be {_NOUNS.get(_role(classes[0]) if classes else '', 'another kind of value')}."
    if kind == "value_error" and "error" in context:
        text = str(context["error"]).strip().rstrip(".")
        return f"{text}." if text[:1].isupper() else f"{name}: {text}."
    pattern = _SENTENCES.get(kind)
    if pattern is None:
        text = str(error.get("msg", "is not valid")).rstrip(".")
        return f"{name} cannot be used: {text[:1].lower()}{text[1:]}."
    return f"{name} {pattern.format(**context)}."


def label(model: type[BaseModel], loc: tuple[Any, ...]) -> str:
    """The name under which the form shows a field: its hint, its title, or its name in words."""
    if not loc:
        return "One of the settings"
    field = model.model_fields.get(str(loc[0]))
    extra = field.json_schema_extra if field is not None else None
    hints = extra.get("x-studio", {}) if isinstance(extra, dict) else {}
    hinted = hints.get("label") if isinstance(hints, dict) else None
    words = hinted or (field.title if field is not None else None) or str(loc[0]).replace("_", " ").capitalize()
    inner = [str(part + 1) if isinstance(part, int) else str(part).replace("_", " ") for part in loc[1:]]
    return " ".join([str(words), *inner])


def model_names(model: type[BaseModel], params: Params) -> dict[str, str]:
    """For each `ModelField` of `model`, the name of the weights that `params` asks for."""
    names = {}
    for name, field in model.model_fields.items():
        extra = field.json_schema_extra
        hints = extra.get("x-studio") if isinstance(extra, dict) else None
        if isinstance(hints, dict) and hints.get("role") == "model":
            names[name] = str(getattr(params, name, ""))
    return names


def _bind(annotation: Any, value: Any, media: Media, field: str) -> Any:
    if isinstance(value, str):
        # Half an emoji, as a text field may cut it, is no reason to refuse a prompt: it becomes U+FFFD.
        return value.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    if is_media(value):
        classes = list(_artifacts(annotation))
        if not classes:
            return value
        if value["media"] not in media:
            raise InputError("Something that this was to be made from is no longer in the project; choose it again.",
                             field)
        data, media_type = media[value["media"]]
        media_type = str(value.get("type") or media_type)
        family = media_type.partition("/")[0]
        cls = next((c for c in classes if c.default_type.partition("/")[0] == family), classes[0])
        return cls(bytes(data), media_type)
    if isinstance(value, list):
        return [_bind(annotation, item, media, f"{field}.{index}") for index, item in enumerate(value)]
    if isinstance(value, Mapping):
        fields = {name: info.annotation for model in _models(annotation) for name, info in model.model_fields.items()}
        return {name: _bind(fields.get(name, annotation), item, media, f"{field}.{name}")
                for name, item in value.items()}
    return value


def _parts(annotation: Any) -> Iterator[Any]:
    yield annotation
    if get_origin(annotation) is not None:
        for part in get_args(annotation):
            yield from _parts(part)


def _artifacts(annotation: Any) -> Iterator[type[Artifact]]:
    return (part for part in _parts(annotation) if isinstance(part, type) and issubclass(part, Artifact))


def _models(annotation: Any) -> Iterator[type[BaseModel]]:
    return (part for part in _parts(annotation) if isinstance(part, type) and issubclass(part, BaseModel))


def _annotation(model: type[BaseModel], name: Any) -> Any:
    field = model.model_fields.get(str(name))
    return field.annotation if field is not None else None


def _role(cls: type[Artifact]) -> str:
    return str(getattr(cls, "role", cls.kind))

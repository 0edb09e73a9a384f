"""What the prompt bar and the form hold for one workspace, kept in the project file."""

from __future__ import annotations

import secrets
from dataclasses import asdict, dataclass, field, replace
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from studio.engine.job import GeneratorInfo

MAX_SEED = 2**32


@dataclass(frozen=True)
class PromptState:
    """The draft of the next request of a workspace.

    Attributes:
        values: the form's values without prompt, negative prompt and seed.
        style: name of the style whose words are put around the prompt when it is sent, "" for none.
        seed: the seed of the next request while `seed_locked`; otherwise each request rolls its own.
    """

    generator: str = ""
    prompt: str = ""
    negative: str = ""
    count: int = 1
    seed: int = 0
    seed_locked: bool = False
    from_canvas: bool = False
    style: str = ""
    values: dict[str, Any] = field(default_factory=dict)

    def to_json(self) -> dict[str, Any]:
        return asdict(self)

    @classmethod
    def from_json(cls, data: Any) -> PromptState:
        """Read what an earlier version wrote; what is unknown or of another type falls back to the default."""
        if not isinstance(data, dict):
            return cls()
        known = {}
        for name, default in asdict(cls()).items():
            if name in data and isinstance(data[name], type(default)):
                known[name] = data[name]
        return cls(**known)

    def rolled(self) -> PromptState:
        """With the seed of the next request: the locked one, or a fresh one."""
        return self if self.seed_locked else replace(self, seed=secrets.randbelow(MAX_SEED))

    def params(self, schema: dict[str, Any]) -> dict[str, Any]:
        """JSON for the generator: form values plus the fields that the prompt bar shows, by their roles."""
        own = {"prompt": self.prompt, "negative": self.negative, "seed": self.seed}
        out = {name: value for name, value in self.values.items() if name in schema.get("properties", {})}
        for name, prop in schema.get("properties", {}).items():
            role = prop.get("x-studio", {}).get("role")
            if role in own:
                out[name] = own[role]
        return out


def field_of_role(schema: dict[str, Any], role: str) -> str:
    """The name of the Params field with this role, "" if there is none."""
    for name, prop in schema.get("properties", {}).items():
        if prop.get("x-studio", {}).get("role") == role:
            return name
    return ""


def hint_of(schema: dict[str, Any], name: str, hint: str) -> Any:
    """What the plugin says of a field, None where it says nothing."""
    hints = schema.get("properties", {}).get(name, {}).get("x-studio")
    return hints.get(hint) if isinstance(hints, dict) else None


def is_listed(schema: dict[str, Any]) -> bool:
    """Whether a person chooses this generator for the prompt bar; the others are called by parts of the window."""
    hints = schema.get("x-studio")
    return not isinstance(hints, dict) or hints.get("listed") is not False


def can_count(info: GeneratorInfo | None) -> bool:
    """Whether several results at once make sense: pictures, continuations, and takes of sound that differ by their
    seed."""
    if info is None:
        return False
    seeded = bool(field_of_role(info.schema, "seed"))
    return info.produces in ("image", "text") or (info.produces in ("audio", "score") and seeded)


def put_at(params: dict[str, Any], path: str, value: Any) -> None:
    """Set a value by the dotted name of its field, as recipes name media: "init_image", "regions.0.mask"."""
    here: Any = params
    *outer, last = path.split(".")
    for step in outer:
        here = here[int(step) if isinstance(here, list) else step]
    here[last] = value


def media_field(schema: dict[str, Any], kind: str) -> str:
    """The name of the first media field of Params that takes `kind` ("image", "mask", "text", ...), "" if none."""
    for name, prop in schema.get("properties", {}).items():
        options = [prop, *prop.get("anyOf", [])]
        if any(option.get("x-studio", {}).get("media") == kind for option in options):
            return name
    return ""

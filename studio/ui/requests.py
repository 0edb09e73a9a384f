"""From what a pane wants made to jobs: media into the project, models resolved, wildcards settled, seeds counted."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Mapping
from copy import deepcopy
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Protocol, TypeAlias

from studio.engine.job import GeneratorInfo, Job, Request, new_id
from studio.engine.recipe import to_request
from studio.engine.wildcards import expand
from studio.project import Project, ResultRow
from studio.ui.prompt import MAX_SEED, field_of_role, put_at

LIVE = "live"
"""Kind of the target of what is only tried out: neither request nor result is kept unless the person keeps it."""
PREVIEW = "preview"
"""Kind of the target of what is only looked at, such as the edges of a layer; it is never kept."""

RENDER = "render"
"""Kind of the target of what is worked out from something that is kept, such as the sound of notes; where it is put
decides whether it is kept."""


def is_live(target: Mapping[str, Any]) -> bool:
    """Whether what is made for this target is only tried out, looked at or worked out."""
    return target.get("kind") in (LIVE, PREVIEW, RENDER)


def is_preview(target: Mapping[str, Any]) -> bool:
    """Whether what is made for this target is only looked at; nobody is told of it."""
    return target.get("kind") == PREVIEW


class ModelLibrary(Protocol):
    """What the session asks of `studio.models.library.Library`."""

    def installed(self) -> Any: ...
    def resolve(self, name: str, kinds: Any) -> dict[str, Any]: ...
    def resolve_loras(self, prompt: str, schema: Any) -> dict[str, Any]: ...
    def resolve_listed(self, params: Any, schema: Any) -> dict[str, Any]: ...


Media: TypeAlias = tuple[bytes | Callable[[], bytes], str]
"""Encoded bytes, or what gives them (it is called off the UI thread), and their media type."""


@dataclass(frozen=True)
class Ask:
    """What a pane wants made.

    Attributes:
        generator: id.
        params: JSON of its Params without media; `seed` is the first job's, the others count up from it.
        media: for each media field (dotted where it is nested: "regions.0.mask"), the encoded bytes and their type.
        parents: content hashes of results among `media`.
        target: see `Request.target`.
        cells: for each picture of a grid the parameters that are its own; () makes `count` results with seeds that
            count up.
    """

    generator: str
    params: dict[str, Any]
    count: int = 1
    media: Mapping[str, Media] = field(default_factory=dict)
    parents: tuple[str, ...] = ()
    target: dict[str, Any] = field(default_factory=dict)
    cells: tuple[dict[str, Any], ...] = ()


def model_fields(schema: Mapping[str, Any]) -> dict[str, list[str]]:
    """The fields of a Params schema that name weights, with the kinds each takes."""
    hints = {name: prop.get("x-studio", {}) for name, prop in schema.get("properties", {}).items()}
    return {name: list(hint.get("kinds", [])) for name, hint in hints.items() if hint.get("role") == "model"}


class RequestMaker:
    """Makes the jobs of an `Ask`. It reads files and hashes models, so it is called off the UI thread."""

    def __init__(self, project: Project, library: ModelLibrary, wildcards: Path) -> None:
        """wildcards: the folder of the files that ``__name__`` in a prompt stands for."""
        self.project, self.library, self.wildcards = project, library, wildcards

    def jobs(self, ask: Ask, info: GeneratorInfo | None) -> list[Job]:
        """One job for each result, or for each cell of a grid. Raises what the library raises for missing models."""
        params, batch = self._with_media(ask), new_id()
        schema = info.schema if info else {}
        seed = field_of_role(schema, "seed") or ("seed" if "seed" in schema.get("properties", {}) else "")
        first = int(params.get(seed, secrets.randbelow(MAX_SEED))) if seed else 0
        jobs = []
        for index in range(len(ask.cells) or ask.count):
            own = params | ({seed: (first + (0 if ask.cells else index)) % MAX_SEED} if seed else {})
            own |= ask.cells[index] if ask.cells else {}
            if info is not None and info.produces == "image":
                own = self._expanded(schema, own, int(own.get(seed, 0)) if seed else index)
            models = self.resolve(schema, own)
            jobs.append(Job(Request(ask.generator, own, models, ask.target, ask.parents, batch, index)))
        return jobs

    def replay(self, row: ResultRow, info: GeneratorInfo | None, target: dict[str, Any]) -> list[Job]:
        """The job that makes a result again from its recipe."""
        models = self.resolve(info.schema if info else {}, row.recipe.get("params", {}))
        request = replace(to_request(row.recipe, models), target=target, batch=new_id(), parents=())
        return [Job(replace(request, parents=tuple(row.recipe.get("parents", ()))))]

    def resolve(self, schema: Mapping[str, Any], params: Mapping[str, Any]) -> dict[str, dict[str, Any]]:
        """The files of each model field, of those in lists, and of the LoRAs that the prompt names."""
        props, models = schema.get("properties", {}), {}
        for name, kinds in model_fields(schema).items():
            wanted = str(params.get(name) or props[name].get("default", ""))
            if wanted or not props[name].get("x-studio", {}).get("optional"):
                models[name] = self.library.resolve(wanted, kinds)
        models |= self.library.resolve_listed(params, schema)
        return models | self.library.resolve_loras(str(params.get("prompt", "")), schema)

    def _with_media(self, ask: Ask) -> dict[str, Any]:
        """The parameters with the media in the project; what is only tried out is lent, not kept."""
        params = deepcopy(ask.params)
        for name, (source, media_type) in ask.media.items():
            data = source() if callable(source) else source
            sha = (self.project.lend_media(data, media_type) if is_live(ask.target)
                   else self.project.put_media(data, media_type).result())
            put_at(params, name, {"media": sha, "type": media_type})
        return params

    def _expanded(self, schema: Mapping[str, Any], params: dict[str, Any], seed: int) -> dict[str, Any]:
        """With a choice made at each wildcard of the prompts."""
        named = {name: params[name] for role in ("prompt", "negative")
                 if (name := field_of_role(dict(schema), role)) and isinstance(params.get(name), str)}
        return params | {name: expand(text, seed, self.wildcards) for name, text in named.items()}

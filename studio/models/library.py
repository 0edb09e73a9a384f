"""The model library: which weights are on this machine, and which files a request runs with."""

from __future__ import annotations

import contextlib
import hashlib
import json
import re
import threading
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

from studio.models import install, scan
from studio.models.errors import ModelDamaged, ModelError, ModelNotInstalled, PackError
from studio.models.hashing import HashCache
from studio.models.model import Model
from studio.models.packs import Pack, find_pack, load_catalogue

if TYPE_CHECKING:
    from studio.models.install import OnProgress

_LORA_TAG = re.compile(r"<lora:([^<>:\n]{1,200})(?::[^<>:\n]{0,16})?>")


def listed_model_fields(schema: Mapping[str, Any]) -> dict[str, dict[str, Mapping[str, Any]]]:
    """List in a Params schema -> field of its items that names weights -> that field's hints."""
    found: dict[str, dict[str, Mapping[str, Any]]] = {}
    for name, prop in schema.get("properties", {}).items():
        ref = str((prop.get("items") or {}).get("$ref", "")).rpartition("/")[2] if isinstance(prop, Mapping) else ""
        inner = schema.get("$defs", {}).get(ref, {}).get("properties", {})
        hints = {field: own.get("x-studio", {}) for field, own in inner.items()}
        models = {field: hint for field, hint in hints.items() if hint.get("role") == "model"}
        if models:
            found[name] = models
    return found


class ModelPaths(Protocol):
    """Where the library keeps things; `studio.settings.Paths` is one."""

    @property
    def models(self) -> Path: ...
    @property
    def cache(self) -> Path: ...


@dataclass(frozen=True)
class Offer:
    """An entry of the catalogue and whether it is on this machine."""

    pack: Pack
    installed: bool

    def to_json(self) -> dict[str, Any]:
        pack = self.pack
        return {"name": pack.name, "title": pack.title, "kind": pack.kind, "summary": pack.summary, "size": pack.size,
                "licence": pack.licence.spdx, "generator": pack.generator, "default": pack.default,
                "installed": self.installed}


class Library:
    """What weights exist. Every method may be called from any thread.

    Args:
        paths: `models` is the folder packs are installed into, `cache` the one for remembered hashes.
        folders: a person's own folders and files with models (`Settings.model_folders`), read in place.
        catalogue: the packs on offer; by default those that Pieria ships.
    """

    def __init__(self, paths: ModelPaths, folders: Iterable[str | Path] = (),
                 catalogue: Sequence[Pack] | None = None) -> None:
        self.root = paths.models
        self.catalogue = tuple(load_catalogue() if catalogue is None else catalogue)
        self._folders = [Path(f) for f in folders]
        self._hashes = HashCache(paths.cache / "model-hashes.json")
        self._lock = threading.RLock()
        self._scanned: dict[Path, list[scan.Found]] = {}

    # ------------------------------------------------------------ what is there

    def installed(self) -> list[Model]:
        """All models on this machine: packs in catalogue order, then those in folders of the person's own.

        Those folders are searched once; `rescan` has them searched anew.
        """
        with self._lock:
            models = [m for m in (self._from_pack(p) for p in self.catalogue) if m is not None]
            models += self._own_installed({m.name for m in models})
            taken = {m.name for m in models}
            paths = {m.path.resolve() for m in models}
            for found in (f for folder in self._folders for f in self._scan(folder)):
                if found.path.resolve() not in paths:
                    models.append(self._from_folder(found, taken))
                    taken.add(models[-1].name)
                    paths.add(found.path.resolve())
            return models

    def rescan(self) -> None:
        """Look at the folders again when next asked."""
        with self._lock:
            self._scanned.clear()

    def available(self) -> list[Offer]:
        """The catalogue, in its order."""
        return self.offers({pack.name for pack in self.catalogue if self._from_pack(pack) is not None})

    def offers(self, installed: Collection[str]) -> list[Offer]:
        """The catalogue, in its order, where the packs of these names are installed. Reads no files."""
        return [Offer(pack, pack.name in installed) for pack in self.catalogue]

    def get(self, name: str) -> Model | None:
        return next((m for m in self.installed() if m.name == name), None)

    def resolve(self, name: str, kinds: Sequence[str] = ()) -> dict[str, str]:
        """The files a request runs with: {"name", "kind", "path", "sha256"}, for `Request.models`.

        Hashes the model if that was not done before, which takes about a second for each 500 MB.

        Args:
            name: a model's name; "" takes the default of `kinds`.
            kinds: the layouts the generator can run; empty means any.

        Raises:
            ModelNotInstalled: `command` says how to get it.
            ModelDamaged: the pack has to be installed again, as `command` says.
            ModelError: it is there and cannot be used, or is of another kind.
        """
        model = self._choose(name, kinds)
        try:
            # Other programs change files of the person's own; a pack's are compared with its manifest each time.
            problem = scan.problem_of(model.path) if model.source == "folder" else model.problem
            if problem and model.source == "installed" and find_pack(self.catalogue, model.name):
                raise ModelDamaged(model.name, problem)
            if problem:
                raise ModelError(problem)
            sha256 = model.sha256 or self._hashes.model(model.path)
        except OSError as error:
            raise ModelError(f"The model “{model.name}” cannot be read ({error.strerror}); check its files.") from error
        return {"name": model.name, "kind": model.kind, "path": str(model.path), "sha256": sha256}

    def resolve_loras(self, prompt: str, schema: Mapping[str, Any]) -> dict[str, dict[str, str]]:
        """The LoRAs that a prompt names as `<lora:NAME:WEIGHT>`, under "lora:NAME", where the generator takes any.

        A generator says so by a hint of its prompt's field: "loras", the kinds it takes. Names that are not installed
        are left out; the generator leaves their tags out too, and says so. NAME is the model's, or its file's without
        the suffix.
        """
        kinds = schema.get("properties", {}).get("prompt", {}).get("x-studio", {}).get("loras", ())
        found = {}
        for name in (tag.strip() for tag in _LORA_TAG.findall(prompt) if kinds):
            model = next((m for m in self.installed() if m.kind in kinds and name.lower() in (m.name, m.title.lower())),
                         None)
            with contextlib.suppress(ModelError):
                found[f"lora:{name}"] = self.resolve(model.name if model else name, kinds)
        return found

    def resolve_listed(self, params: Mapping[str, Any], schema: Mapping[str, Any]) -> dict[str, dict[str, str]]:
        """The weights that items of lists name, under "LIST.INDEX.FIELD", such as "controls.0.model".

        A field of an item that is not named and has the hint `needs` takes the default of the kind that another field
        of the item asks for: {"field": "kind", "kinds": {"Pose": "blazepose"}}. Raises as `resolve` does.
        """
        found = {}
        for name, fields in listed_model_fields(schema).items():
            items = params.get(name)
            for index, item in enumerate(items if isinstance(items, list) else ()):
                for field, hints in fields.items() if isinstance(item, Mapping) else ():
                    needs = hints.get("needs") or {}
                    kind = (needs.get("kinds") or {}).get(item.get(needs.get("field", "")))
                    kinds, wanted = [kind] if kind else list(hints.get("kinds", ())), str(item.get(field) or "")
                    if wanted or kind:
                        found[f"{name}.{index}.{field}"] = self.resolve(wanted, kinds)
        return found

    def _choose(self, name: str, kinds: Sequence[str]) -> Model:
        models = self.installed()
        if not any(m.name == name if name else m.kind in kinds for m in models):
            self.rescan()
            models = self.installed()
        if name:
            model = next((m for m in models if m.name == name), None)
            if model is None:
                if find_pack(self.catalogue, name) is None:
                    raise ModelNotInstalled(name, "studio models install " + name, self._unknown(name, kinds))
                raise ModelNotInstalled(name)
            if kinds and model.kind not in kinds:
                raise ModelError(f"The model “{name}” is of the kind {model.kind}, and this generator runs "
                                 f"{' or '.join(kinds)}; choose another model.")
            return model
        fitting = [m for m in models if not kinds or m.kind in kinds]
        best = sorted(fitting, key=lambda m: (bool(m.problem), not m.default))
        if best:
            return best[0]
        packs = [p for p in self.catalogue if not kinds or p.kind in kinds]
        if not packs:
            raise ModelNotInstalled(kinds[0] if kinds else "model", "studio models install FOLDER",
                                    f"No {' or '.join(kinds) or 'model'} model is installed; name a folder that holds "
                                    "one with: studio models install FOLDER")
        raise ModelNotInstalled(min(packs, key=lambda p: not p.default).name)

    def _unknown(self, name: str, kinds: Sequence[str]) -> str:
        known = [m.name for m in self.installed() if not kinds or m.kind in kinds]
        known += [p.name for p in self.catalogue if (not kinds or p.kind in kinds) and p.name not in known]
        offer = f"; there is {', '.join(known)}" if known else ""
        return f"There is no model “{name}”{offer}. To use one of your own: studio models install FOLDER"

    # ------------------------------------------------------------ changes

    def install(self, name: str, on_progress: OnProgress | None = None,
                should_stop: Callable[[], bool] | None = None) -> Model:
        """Fetch, verify and put in place a pack of the catalogue; see `install.install` for arguments and errors."""
        pack = find_pack(self.catalogue, name)
        if pack is None:
            raise PackError(f"There is no model pack “{name}”; `studio models` lists those there are.")
        install.install(pack, self.root, on_progress, should_stop)
        model = self._from_pack(pack)
        if model is None:
            raise PackError(f"The model “{name}” vanished while it was being installed; try again.")
        return model if model.sha256 else replace(model, sha256=self._hashes.model(model.path))

    def remove(self, name: str) -> None:
        """Delete an installed pack's files. Raises PackError for one that is not there or not ours to delete."""
        pack, model = find_pack(self.catalogue, name), self.get(name)
        if model is not None and model.source == "folder":
            raise PackError(f"“{name}” lies in a folder of your own ({model.path}); delete it there.")
        if pack is not None and pack.bundled and not (self.root / name).exists():
            raise PackError(f"“{name}” comes with Pieria and cannot be removed on its own.")
        install.remove(name, self.root)

    def add_folder(self, path: str | Path) -> list[Model]:
        """Look for models in one more folder (or at one GGUF file); the caller keeps it in the settings.

        Raises PackError where there is no model.
        """
        folder = Path(path).expanduser().absolute()
        with self._lock:
            self._scanned.pop(folder, None)
            found = {f.path.resolve() for f in self._scan(folder)}
        if not found:
            raise PackError(f"No model was found in {folder}; Pieria reads GGUF files and the folders of diffusers' "
                            "Stable Diffusion, of transformers' language and speech models and of faster-whisper.")
        with self._lock:
            if folder not in self._folders:
                self._folders.append(folder)
        return [m for m in self.installed() if m.path.resolve() in found]

    def remove_folder(self, path: str | Path) -> None:
        """Forget a folder; its files stay."""
        with self._lock:
            self._folders = [f for f in self._folders if f != Path(path)]

    @property
    def folders(self) -> list[Path]:
        return list(self._folders)

    # ------------------------------------------------------------ inside

    def _from_pack(self, pack: Pack) -> Model | None:
        """The installed copy of a pack, else the bundled one."""
        model = self._own(self.root / pack.name)
        if model is None and pack.bundled is not None:
            folder = pack.bundled.folder()
            path = folder / pack.path if folder and pack.path else folder
            if path is not None and (path.is_file() or scan.folder_kind(path)):
                model = Model(pack.name, pack.title, pack.kind, path, pack.size, self._hashes.model_if_known(path),
                              source="bundled", problem=scan.problem_of(path))
        if model is None:
            return None
        return replace(model, title=pack.title, licence=pack.licence.spdx, summary=pack.summary, default=pack.default)

    def _own(self, folder: Path) -> Model | None:
        """A pack that `install` put in place, from its manifest; None where there is none."""
        try:
            manifest = json.loads((folder / install.MANIFEST).read_text("utf-8"))
            path = folder / manifest["path"] if manifest["path"] else folder
            files = [(folder / f["path"], f) for f in manifest["files"]]
            sha256 = str(manifest["sha256"])
            model = Model(manifest["name"], manifest["title"], manifest["kind"], path, sum(f["size"] for _, f in files),
                          licence=manifest.get("licence", ""), summary=manifest.get("summary", ""))
        except (OSError, ValueError, KeyError, TypeError):
            return None
        try:
            stamps = [(p.stat().st_size, p.stat().st_mtime_ns) for p, _ in files]
        except OSError:
            return replace(model, problem=f"Files of the model “{model.name}” are missing; install it again with: "
                                          f"studio models install {model.name}")
        if stamps == [(f["size"], f.get("mtime_ns")) for _, f in files]:
            return replace(model, sha256=sha256)
        # Copied, restored or changed since: the manifest's word no longer counts, the bytes do.
        problem = scan.problem_of(path)
        return replace(model, sha256="" if problem else self._hashes.model_if_known(path), problem=problem)

    def _own_installed(self, taken: set[str]) -> list[Model]:
        """Installed packs that a newer catalogue no longer names."""
        if not self.root.is_dir():
            return []
        folders = sorted(p for p in self.root.iterdir() if not p.name.startswith(".") and p.name not in taken)
        return [m for m in (self._own(f) for f in folders) if m is not None]

    def _from_folder(self, found: scan.Found, taken: set[str]) -> Model:
        name = found.name
        if name in taken or find_pack(self.catalogue, name):
            name += "-" + hashlib.sha256(str(found.path).encode()).hexdigest()[:6]
        sha256 = "" if found.problem else self._hashes.model_if_known(found.path)
        title = found.path.stem if found.path.is_file() else found.path.name
        return Model(name, title, found.kind, found.path, found.size, sha256, source="folder", problem=found.problem)

    def _scan(self, folder: Path) -> list[scan.Found]:
        if folder not in self._scanned:
            try:
                self._scanned[folder] = scan.scan(folder)
            except OSError:
                return []  # a disk that is not plugged in today
        return self._scanned[folder]

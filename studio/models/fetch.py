"""Download one file over HTTP: with progress, resumed where it stopped, retried, and verified."""

from __future__ import annotations

import http.client
import shutil
import ssl
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit
from urllib.request import url2pathname

from studio.models.errors import InstallStopped, PackError
from studio.models.hashing import file_sha256

NETWORK_ERRORS = (urllib.error.URLError, http.client.HTTPException, TimeoutError, ConnectionError, ssl.SSLError)
CHUNK = 1 << 16
TIMEOUT = 30.0
MAX_BYTES = 200 << 30


class AccessRefused(PackError):
    """The server wants a name and a password."""


@dataclass(frozen=True)
class Remote:
    """A file to download. size: bytes, 0 if not known. sha256: "" if not known. headers: sent to this host alone."""

    url: str
    name: str
    size: int = 0
    sha256: str = ""
    headers: Mapping[str, str] = field(default_factory=dict)


class _SameHostRedirects(urllib.request.HTTPRedirectHandler):
    """A hub sends downloads on to other hosts; the person's token must not go along."""

    def redirect_request(self, req: Any, fp: Any, code: int, msg: str, headers: Any, newurl: str) -> Any:
        if urlsplit(newurl).scheme not in ("http", "https"):
            raise PackError("The server sends the download to an address that is not on the web.")
        new = super().redirect_request(req, fp, code, msg, headers, newurl)
        if new is not None and urlsplit(newurl).netloc != urlsplit(req.full_url).netloc:
            new.remove_header("Authorization")
        return new


class Downloader:
    """Downloads into a folder; what was left half done there is gone on with.

    Args:
        on_bytes: called with (bytes of this file so far, bytes in all or 0), often.
        should_stop: asked between pieces of 64 KiB and while waiting; True raises `InstallStopped`.
        retries: attempts in a row that bring no new byte before it gives up.
        backoff: seconds before the second attempt, doubled each time.
        certificate: a file with the certificate authority of a company's proxy, "" for the system's.
    """

    def __init__(self, on_bytes: Callable[[int, int], None], should_stop: Callable[[], bool], *, retries: int = 5,
                 backoff: float = 0.5, certificate: str = "") -> None:
        self._on_bytes, self._should_stop = on_bytes, should_stop
        self._retries, self._backoff = retries, backoff
        self._opener = urllib.request.build_opener(
            _SameHostRedirects(), urllib.request.HTTPSHandler(context=_tls(certificate)))

    def fetch(self, remote: Remote, target: Path) -> Path:
        """Bring `remote` to `target`. The bytes so far lie in `target`.part until they are complete and verified.

        Raises:
            InstallStopped, AccessRefused.
            PackError: the server could not be reached, gave something else, or the bytes have the wrong hash.
        """
        target.parent.mkdir(parents=True, exist_ok=True)
        if target.is_file() and (not remote.sha256 or file_sha256(target) == remote.sha256):
            return target
        part = target.with_name(target.name + ".part")
        resumed = part.exists()
        self._whole(remote, part)
        if not self._verified(remote, part):
            part.unlink()
            if resumed:  # the old half may belong to another version of the file: once more, from the start
                self._whole(remote, part)
            if not resumed or not self._verified(remote, part):
                part.unlink(missing_ok=True)
                raise PackError(f"{remote.name} arrived with the wrong SHA-256 and was thrown away; "
                                "its source is damaged or was changed.")
        part.replace(target)
        return target

    def _verified(self, remote: Remote, part: Path) -> bool:
        try:
            return not remote.sha256 or file_sha256(part, self._should_stop) == remote.sha256
        except InterruptedError as error:
            raise InstallStopped("Stopped.") from error

    def _whole(self, remote: Remote, part: Path) -> None:
        if urlsplit(remote.url).scheme == "file":
            self._copy(remote, part)
            return
        failures = 0
        while True:
            before = part.stat().st_size if part.exists() else 0
            try:
                if self._once(remote, part, before):
                    return
                reason = "the connection was cut"
            except NETWORK_ERRORS as error:
                reason = _reason(remote, error)
            after = part.stat().st_size if part.exists() else 0
            failures = 0 if after > before else failures + 1
            if failures > self._retries:
                raise PackError(f"{remote.name} could not be downloaded ({reason}); check the connection and try "
                                "again: what arrived is kept.")
            self._wait(self._backoff * 2.0 ** max(failures - 1, 0))

    def _once(self, remote: Remote, part: Path, have: int) -> bool:
        """One connection. True once the file is whole, False if the connection ended early."""
        if remote.size and have > remote.size:
            part.unlink()
            have = 0
        if remote.size and have == remote.size:
            return True
        headers = {"User-Agent": "pieria-studio", "Accept-Encoding": "identity", **remote.headers}
        if have:
            headers["Range"] = f"bytes={have}-"
        try:
            response = self._opener.open(urllib.request.Request(remote.url, headers=headers), timeout=TIMEOUT)
        except urllib.error.HTTPError as error:
            with error:
                if error.code == 416:  # nothing after what we have, or another file by now: verify, or start again
                    if not remote.size and remote.sha256:
                        return True
                    part.unlink(missing_ok=True)
                    return False
                raise
        with response:
            return self._receive(remote, part, have, response)

    def _receive(self, remote: Remote, part: Path, have: int, response: Any) -> bool:
        goes_on = response.status == 206 and response.headers.get("Content-Range", "").startswith(f"bytes {have}-")
        have = have if goes_on else 0
        length = response.headers.get("Content-Length")
        expected = have + int(length) if length and length.isdigit() else 0
        if remote.size and expected and expected != remote.size:
            raise PackError(f"{remote.name} should have {remote.size:,} bytes and the server offers {expected:,}; "
                            "its source was changed.")
        limit = remote.size or expected or MAX_BYTES
        with part.open("ab" if have else "wb") as file:
            while chunk := response.read1(CHUNK):
                have += len(chunk)
                if have > limit:
                    raise PackError(f"{remote.name} is longer than it should be; its source was changed.")
                file.write(chunk)
                self._on_bytes(have, limit if limit != MAX_BYTES else 0)
                self._check()
        return have == limit or limit == MAX_BYTES

    def _copy(self, remote: Remote, part: Path) -> None:
        source = Path(url2pathname(urlsplit(remote.url).path))
        try:
            total = source.stat().st_size
            with source.open("rb") as file, part.open("wb") as out:
                while chunk := file.read(CHUNK * 16):
                    out.write(chunk)
                    self._on_bytes(out.tell(), total)
                    self._check()
        except FileNotFoundError as error:
            raise PackError(f"{source} is not there any more.") from error

    def _check(self) -> None:
        if self._should_stop():
            raise InstallStopped("Stopped.")

    def _wait(self, seconds: float) -> None:
        end = time.monotonic() + seconds
        while True:
            self._check()
            left = end - time.monotonic()
            if left <= 0:
                return
            time.sleep(min(left, 0.1))


def _reason(remote: Remote, error: BaseException) -> str:
    """What happened, in a few words; raises at once for what another attempt cannot change."""
    if isinstance(error, urllib.error.HTTPError):
        if error.code in (401, 403, 407):
            raise AccessRefused(f"The server refuses access to {remote.name} (HTTP {error.code}).") from error
        if error.code in (404, 410):
            raise PackError(f"{remote.name} is no longer at its source (HTTP {error.code}).") from error
        return f"HTTP {error.code}"
    cause = getattr(error, "reason", error)
    if isinstance(cause, ssl.SSLCertVerificationError):
        raise PackError(f"The server that has {remote.name} shows a certificate that is not trusted here.") from error
    return str(cause) or type(cause).__name__


def _tls(certificate: str) -> ssl.SSLContext:
    context = ssl.create_default_context()
    try:
        import certifi  # Pythons from some installers come without the system's authorities

        context.load_verify_locations(certifi.where())
    except (ImportError, OSError):
        pass
    if certificate and Path(certificate).is_file():
        context.load_verify_locations(certificate)
    return context


def need_space(folder: Path, needed: int) -> None:
    """Raise PackError unless `needed` bytes (and a little air) are free where `folder` is."""
    folder.mkdir(parents=True, exist_ok=True)
    free = shutil.disk_usage(folder).free
    if free < needed + (16 << 20):
        raise PackError(f"{needed / 1e6:,.0f} MB are needed and {free / 1e6:,.0f} MB are free on the disk of {folder}; "
                        "make room and try again.")

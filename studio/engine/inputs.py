"""The media that a request goes to the host with."""

from __future__ import annotations

from collections.abc import Callable

from studio.engine.job import Request
from studio.engine.recipe import media_in


def no_media(sha256: str) -> tuple[bytes, str]:
    """For requests without media inputs."""
    raise KeyError(sha256)


def gather(request: Request, media: Callable[[str], tuple[bytes, str]]) -> dict[str, tuple[bytes, str]]:
    """Bytes and media type of everything that `request` names, by content hash.

    Raises:
        LookupError: with the name of the field whose media are gone.
    """
    found: dict[str, tuple[bytes, str]] = {}
    for sha, field in media_in(request.params):
        if sha in found:
            continue
        try:
            data, kind = media(sha)
            found[sha] = (bytes(data), str(kind))
        except Exception as error:
            raise LookupError(field) from error
    return found

"""Small makings for the tests of the project file."""

from __future__ import annotations

import io
import struct
import zlib
from collections.abc import Sequence
from concurrent.futures import Future
from typing import Any, NamedTuple

from studio.project import Project, ResultRow
from studio.project.manuscript.rows import Prose


def png(red: int = 200, green: int = 30, blue: int = 40, width: int = 32, height: int = 24) -> bytes:
    def chunk(name: bytes, body: bytes) -> bytes:
        return struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))

    rows = (b"\0" + bytes((red, green, blue)) * width) * height
    return (b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0))
            + chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b""))


def pixels(data: bytes) -> tuple[str, tuple[int, int], bytes]:
    import PIL.Image

    picture = PIL.Image.open(io.BytesIO(data))
    return picture.mode, picture.size, picture.tobytes()


def recipe(prompt: str = "a red apple", seed: int = 7, **params: Any) -> dict[str, Any]:
    return {"version": 1, "generator": {"id": "diffusion.image", "title": "Picture", "version": "1"},
            "params": {"prompt": prompt, "seed": seed, **params}, "models": {}, "parents": []}


def add_picture(project: Project, prompt: str = "a red apple", seed: int = 7, data: bytes = b"",
                **more: Any) -> ResultRow:
    return project.add_result(kind="image", data=data or png(seed % 256), media_type="image/png",
                              meta={"width": 32, "height": 24}, recipe=recipe(prompt, seed), **more).result(30)


def add_text(project: Project, text: str, prompt: str = "a story") -> ResultRow:
    return project.add_result(kind="text", data=text.encode("utf-8", "replace"), media_type="text/plain", meta={},
                              recipe=recipe(prompt)).result(30)


def first_scene(project: Project, document: str) -> str:
    """Id of the first scene of a manuscript. Raises KeyError, StopIteration."""
    return next(node.id for node in project.manuscript_nodes(document) if node.kind == "scene")


class Text(NamedTuple):
    text: str = ""
    spans: tuple[Any, ...] = ()
    cursor: int = 0


def text_of(project: Project, document: str) -> Text:
    """Of the first scene."""
    prose, cursor = project.prose(first_scene(project, document))
    return Text(prose.text, prose.spans, cursor)


def write_text(project: Project, document: str, text: str, spans: Sequence[Any] = (), cursor: int = 0) -> Future[None]:
    """Write into the first scene."""
    return project.set_prose(first_scene(project, document), Prose(text, spans=tuple(spans)), cursor)

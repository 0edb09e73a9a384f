"""What a file says about how it was made. The file may come from anywhere, so every length is bounded."""

from __future__ import annotations

import hashlib
import html
import json
import re
import struct
from collections.abc import Iterator
from pathlib import Path
from typing import Any, BinaryIO

from studio.project import png
from studio.project.dialects import PictureSettings, read_settings
from studio.project.errors import ProjectError
from studio.project.export import sidecar_path
from studio.project.marks import RECIPE_KEY, XMP_KEY, recipe_settings
from studio.project.rows import Json

MAX_SEGMENT = 4 << 20
MAX_SIDECAR = 16 << 20
MAX_TEXT = 100_000
"""Characters of a foreign text that are handed on."""

_KINDS = {".png": "image", ".jpg": "image", ".jpeg": "image", ".webp": "image", ".ora": "image", ".psd": "image",
          ".tif": "image", ".tiff": "image", ".txt": "text", ".md": "text", ".wav": "audio", ".flac": "audio",
          ".mp3": "audio", ".ogg": "audio", ".mid": "score", ".mp4": "video", ".glb": "mesh"}
_FOREIGN = frozenset({"parameters", "workflow", "prompt", "invokeai_metadata", "sd-metadata", "Dream", "Comment",
                      "Description", "Software", "Source", "fooocus_scheme", "UserComment", "Make", "Model"})
"""Texts in which other programs keep their settings."""
_SOURCE = re.compile(
    r"""DigitalSourceType(?:\s*=\s*["']|[^>]{0,200}>|\s+rdf:resource=["'])\s*([^"'<\s]{1,300})""")


class _Findings:
    """What was found so far. The first recipe wins."""

    def __init__(self, kind: str) -> None:
        self.kind = kind
        self.recipe: Json | None = None
        self.texts: dict[str, str] = {}
        self.marks: dict[str, Any] = {}
        self.problems: list[str] = []

    def take_recipe(self, text: str) -> None:
        recipe = _json_object(text)
        if recipe is None:
            self.problems.append("the recipe in it is broken")
        elif self.recipe is None:
            self.recipe = recipe

    def take_xmp(self, text: str) -> None:
        source = _SOURCE.search(text)
        if source:
            self.marks["digital_source_type"] = html.unescape(source.group(1))
        tool = re.search(r"""CreatorTool(?:\s*=\s*["']|>)([^"'<]{1,200})""", text)
        if tool:
            self.marks["software"] = html.unescape(tool.group(1))
        recipe = re.search(r'pieria:recipe="([^"]*)"', text)
        if recipe:
            self.take_recipe(html.unescape(recipe.group(1)))

    def take_text(self, keyword: str, text: str) -> None:
        if keyword == RECIPE_KEY:
            self.take_recipe(text)
        elif keyword == XMP_KEY:
            self.take_xmp(text)
        elif keyword in _FOREIGN and text:
            self.texts.setdefault(keyword, text)
            if keyword == "Software":
                self.marks.setdefault("software", text[:200])

    def settings(self) -> PictureSettings | None:
        """How it was made, by its own recipe or by what another program wrote."""
        own = recipe_settings(self.recipe) if self.recipe is not None else None
        return own or read_settings(self.texts)

    def to_json(self) -> dict[str, Any]:
        if self.problems:
            self.marks["problems"] = self.problems[:20]
        found = self.settings()
        settings = (found or PictureSettings("")).to_json()
        raw = {keyword: text[:MAX_TEXT] for keyword, text in self.texts.items()} if found else {}
        return {"kind": self.kind, "recipe": self.recipe, "marks": self.marks, **settings, "raw": raw}


def _json_object(text: str) -> Json | None:
    try:
        value = json.loads(text)
    except (ValueError, RecursionError):
        return None
    return value if isinstance(value, dict) else None


def inspect_file(path: str | Path) -> dict[str, Any]:
    """The recipe and marks in a PNG, JPEG or WebP picture, a WAV, FLAC, OGG or MP3, or in the sidecar of any file.

    Returns:
        {"kind": "image", ... or "" where unknown; "recipe": dict or None; "marks": {"digital_source_type",
        "software", "unchanged", "problems": [sentence], ...}; the fields of `PictureSettings`, whose "dialect" is
        "pieria", "a1111", "comfyui", "invokeai", "swarmui", "fooocus", "novelai" or "" where nothing is known;
        "raw": the texts they came from}.

    Raises:
        ProjectError: the file cannot be read ("missing", "failed"). Whatever is in it never raises.
    """
    place = Path(path)
    try:
        if place.name.endswith(".recipe.json"):
            found = _Findings("")
            _sidecar(found, place, None)
            return found.to_json()
        with place.open("rb") as file:
            found = _look(file, place)
        beside = sidecar_path(place)
        if found.recipe is None and beside.is_file():
            _sidecar(found, beside, place)
    except FileNotFoundError as error:
        raise ProjectError(f"There is no file {place}.", kind="missing") from error
    except OSError as error:
        raise ProjectError(f"{place.name} cannot be read ({error.strerror or error}).") from error
    return found.to_json()


def _look(file: BinaryIO, place: Path) -> _Findings:
    start = file.read(16)
    file.seek(0)
    found = _Findings(_KINDS.get(place.suffix.lower(), ""))
    try:
        if start.startswith(png.SIGNATURE):
            found.kind = "image"
            for chunk in png.read_texts(file):
                if chunk.text is None:
                    found.problems.append(chunk.problem)
                else:
                    found.take_text(chunk.keyword, chunk.text)
        elif start.startswith(b"\xff\xd8"):
            found.kind = "image"
            _take_segments(found, _jpeg_segments(file))
        elif start[:4] == b"RIFF" and start[8:12] == b"WEBP":
            found.kind = "image"
            _take_segments(found, _webp_chunks(file))
        elif start[:3] == b"ID3" or start[:4] in (b"RIFF", b"RF64", b"fLaC", b"OggS"):
            _take_sound(found, place)
    except png.BadPng as error:
        found.problems.append(str(error))
    return found


def _take_sound(found: _Findings, place: Path) -> None:
    """Tags of a sound, as `sound.tags` writes them."""
    from studio.project.sound import tags

    said = tags.read(place)
    found.kind = found.kind or "audio"
    if said.get("comment", "").startswith("{"):
        found.take_recipe(said["comment"])
    if said.get("source_type"):
        found.marks["digital_source_type"] = said["source_type"]
    found.marks |= {name: said[name] for name in ("title", "artist", "date") if name in said}


def _take_segments(found: _Findings, segments: Iterator[tuple[str, bytes]]) -> None:
    for name, body in segments:
        if name == "xmp":
            found.take_xmp(body.decode("utf-8", "replace"))
        elif name == "exif":
            for keyword, text in _exif_texts(body).items():
                found.take_text(keyword, text)
        else:
            found.problems.append(name)


def _jpeg_segments(file: BinaryIO) -> Iterator[tuple[str, bytes]]:
    """XMP and EXIF of a JPEG: its APP1 segments before the picture (ISO/IEC 10918-1, annex B)."""
    file.seek(2)
    for _ in range(1000):
        head = file.read(4)
        if len(head) < 4 or head[0] != 0xFF:
            yield "this JPEG picture is cut off", b""
            return
        marker, length = head[1], struct.unpack(">H", head[2:])[0]
        if marker == 0xDA or length < 2:
            return
        body = file.read(length - 2)
        if marker == 0xE1 and body.startswith(b"http://ns.adobe.com/xap/1.0/\0"):
            yield "xmp", body[29:]
        elif marker == 0xE1 and body.startswith(b"Exif\0\0"):
            yield "exif", body[6:]


def _webp_chunks(file: BinaryIO) -> Iterator[tuple[str, bytes]]:
    """XMP and EXIF of a WebP: chunks of its RIFF container."""
    file.seek(12)
    for _ in range(10_000):
        head = file.read(8)
        if len(head) < 8:
            return
        name, length = struct.unpack("<4sI", head)
        if name in (b"XMP ", b"EXIF") and length <= MAX_SEGMENT:
            body = file.read(length)
            yield ("xmp", body) if name == b"XMP " else ("exif", body.removeprefix(b"Exif\0\0"))
            file.seek(length % 2, 1)
        else:
            if name in (b"XMP ", b"EXIF"):
                yield "the marks in it are too long to read", b""
            file.seek(length + length % 2, 1)


_TAGS = {0x010F: "Make", 0x0110: "Model", 0x0131: "Software"}


def _exif_texts(exif: bytes) -> dict[str, str]:
    """The texts of an EXIF block in which picture programs keep settings."""
    import PIL.Image

    try:
        tags = PIL.Image.Exif()
        tags.load(b"Exif\0\0" + exif)
        raw = tags.get_ifd(0x8769).get(0x9286, b"")
        raw = raw if isinstance(raw, bytes) else str(raw).encode()
        found = {keyword: str(tags.get(tag, "")) for tag, keyword in _TAGS.items()}
    except Exception:  # hostile EXIF raises all sorts
        return {}
    return {**found, "UserComment": _user_comment(raw)}


def _user_comment(raw: bytes) -> str:
    """The text of a UserComment (Exif 3.0, section 4.6.6: eight bytes name the character code)."""
    code, text = raw[:8], raw[8:]
    if code == b"UNICODE\0":
        order = "utf-16-le" if text[1:2] == b"\0" and text[:1] != b"\0" else "utf-16-be"
        return text.decode(order, "replace").strip("\0 ")
    return text.decode("utf-8", "replace").strip("\0 ")


def _sidecar(found: _Findings, sidecar: Path, of: Path | None) -> None:
    if sidecar.stat().st_size > MAX_SIDECAR:
        found.problems.append("the recipe beside it is too long to read")
        return
    facts = _json_object(sidecar.read_text(encoding="utf-8", errors="replace"))
    if facts is None or facts.get("format") != RECIPE_KEY or not isinstance(facts.get("recipe"), dict):
        found.problems.append("the recipe beside it is broken")
        return
    found.recipe = facts["recipe"]
    found.kind = found.kind or str(facts.get("kind", ""))[:20]
    if isinstance(facts.get("digital_source_type"), str):
        found.marks["digital_source_type"] = facts["digital_source_type"][:300]
    if of is not None:
        with of.open("rb") as file:
            digest = hashlib.file_digest(file, "sha256").hexdigest()
        found.marks["unchanged"] = digest == facts.get("sha256")

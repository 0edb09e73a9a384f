"""OpenRaster (.ora), both ways: https://www.openraster.org, version 0.0.5.

OpenRaster knows no layer masks, no clipping, no text and no prompts. Every file therefore says everything twice where
that is needed: `stack.xml` and the PNGs it names show the right pixels in any program, with masks and clipping already
worked into them; `pieria/document.json` and the PNGs it names hold the originals. The second is used only while the
first is just as it was written (see docs/adr/0006-openraster-says-it-twice.md).
"""

from __future__ import annotations

import hashlib
import io
import json
import zipfile
import zlib
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

from studio.project.export import write_atomically
from studio.project.formats.common import Opened, WriteOptions, png, straight
from studio.project.formats.limits import (
    MAX_DEPTH,
    MAX_FILE,
    MAX_JSON,
    MAX_XML,
    Budget,
    FormatError,
    check_file,
    check_size,
    damaged,
    read_at_most,
)
from studio.project.formats.orastack import StackWriter, mode_of
from studio.project.formats.pictures import decode, decode_mask
from studio.project.paint.compositor import compose
from studio.project.paint.layer import Layer, new_id
from studio.project.paint.picture import Picture
from studio.project.paint.plane import Key, Pixels, Plane, Tile, from_qimage
from studio.project.paint.store import build, masks_in, tree_of

MIME = b"image/openraster"
OWN = "pieria/document.json"
THUMBNAIL = 256


# ---------------------------------------------------------------- writing

def write(picture: Picture, path: str | Path, options: WriteOptions | None = None) -> list[str]:
    """Write all layers. Returns what other programs will not see as it is, one sentence each. Raises ProjectError where
    the place cannot be written."""
    options = options or WriteOptions()
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_STORED) as archive:
        _put(archive, "mimetype", MIME)
        writer = StackWriter(lambda name, data: _put(archive, name, data))
        stack = writer.stack(picture)
        merged = from_qimage(compose(picture, picture.rect))
        _put(archive, "mergedimage.png", png(straight(merged), options))
        _put(archive, "Thumbnails/thumbnail.png", _thumbnail(merged))
        _put(archive, "stack.xml", stack)
        own = {"version": 1, "width": picture.width, "height": picture.height, "tree": tree_of(picture),
               "planes": writer.originals(picture), "of": _fingerprint(archive)}
        _put(archive, OWN, json.dumps(own, ensure_ascii=False, separators=(",", ":")).encode(), packed=True)
    write_atomically(Path(path), out.getvalue())
    return writer.notes


def _put(archive: zipfile.ZipFile, name: str, data: bytes, *, packed: bool = False) -> None:
    entry = zipfile.ZipInfo(name, (1980, 1, 1, 0, 0, 0))  # no clock: the same picture gives the same bytes
    entry.compress_type = zipfile.ZIP_DEFLATED if packed else zipfile.ZIP_STORED
    archive.writestr(entry, data)


def _thumbnail(merged: Pixels) -> bytes:
    image = straight(merged)
    image.thumbnail((THUMBNAIL, THUMBNAIL))
    return png(image)


def _fingerprint(archive: zipfile.ZipFile) -> str:
    """What other programs read, in short: name and CRC-32 of each part but our own."""
    parts = sorted((info.filename, info.CRC, info.file_size) for info in archive.infolist()
                   if not info.filename.startswith("pieria/"))
    return hashlib.sha256(json.dumps(parts).encode()).hexdigest()


# ---------------------------------------------------------------- reading

def read(path: str | Path) -> Opened:
    """The layers of an OpenRaster file. Raises FormatError."""
    place = Path(path)
    check_file(place)
    try:
        with zipfile.ZipFile(place) as archive:
            return _Reader(archive, place.name).read()
    except FormatError:
        raise
    except (zipfile.BadZipFile, zlib.error, EOFError, OSError, NotImplementedError, RuntimeError, ValueError) as error:
        raise damaged(place.name) from error


class _Reader:
    """Reads one archive."""

    def __init__(self, archive: zipfile.ZipFile, name: str) -> None:
        self._archive, self._name = archive, name
        self._budget = Budget(name)
        self._notes: list[str] = []
        self._active = ""

    def read(self) -> Opened:
        if "stack.xml" not in self._archive.namelist():
            raise FormatError(f"{self._name} is a zip file but holds no OpenRaster picture.")
        own = self._own()
        if own is not None:
            return own
        self._budget, self._notes = Budget(self._name), []
        root = self._xml()
        width, height = _whole(root.get("w")), _whole(root.get("h"))
        check_size(self._name, width, height)
        stack = root.find("stack")
        layers = self._layers(stack if stack is not None else [], 0)
        if not layers:
            self._notes.append(f"{self._name} has no layers.")
        active = self._active or (layers[-1].id if layers else "")
        return Opened(Picture(width, height, layers, active), self._notes)

    def _bytes(self, name: str, limit: int) -> bytes:
        with self._archive.open(name) as file:
            return read_at_most(file, limit, self._name)  # type: ignore[arg-type]

    def _xml(self) -> Any:
        data = self._bytes("stack.xml", MAX_XML)
        if b"<!DOCTYPE" in data or b"<!ENTITY" in data:  # nobody writes them; they are how XML grows without end
            raise damaged(self._name)
        try:
            root = ElementTree.fromstring(data)  # no entities, see above
        except ElementTree.ParseError as error:
            raise damaged(self._name) from error
        if root.tag != "image":
            raise damaged(self._name)
        return root

    # ------------------------------------------------------------ any program's

    def _layers(self, stack: Any, depth: int) -> tuple[Layer, ...]:
        """ORA lists the topmost first, we the rearmost."""
        if depth > MAX_DEPTH:
            self._notes.append(f"Groups more than {MAX_DEPTH} deep were left out.")
            return ()
        return tuple(layer for node in reversed(list(stack)) if (layer := self._layer(node, depth)) is not None)

    def _layer(self, node: Any, depth: int) -> Layer | None:
        if node.tag not in ("layer", "stack"):
            if node.tag not in ("filter", "text"):
                return None
            self._notes.append(f"A {node.tag} layer was left out.")
            return None
        self._budget.layer()
        title = (node.get("name") or ("Group" if node.tag == "stack" else "Layer"))[:200]
        operator = node.get("composite-op") or "svg:src-over"
        blend = mode_of(operator)
        if blend is None:
            self._notes.append(f"Layer “{title}” is drawn with “{operator[:40]}”, which is not known; here normally.")
        layer = Layer(new_id(), title, opacity=_share(node.get("opacity")), blend=blend or "normal",
                      visible=node.get("visibility") != "hidden", locked=node.get("edit-locked") == "true",
                      clipped=operator == "svg:src-atop")
        if node.get("selected") == "true":
            self._active = layer.id
        if node.tag == "stack":
            return self._group(layer, node, depth)
        x, y = _whole(node.get("x")), _whole(node.get("y"))
        return layer.with_(plane=self._pixels(node.get("src") or "", title, x, y))

    def _group(self, layer: Layer, node: Any, depth: int) -> Layer:
        made = layer.with_(kind="group", children=self._layers(node, depth + 1))
        isolated = (node.get("isolation") == "isolate" or made.opacity < 1 or made.blend != "normal")
        if not isolated and any(child.blend != "normal" for child in made.children):
            self._notes.append(f"Group “{made.name}” lets its layers mix with what is below it; here it is isolated.")
        return made

    def _pixels(self, name: str, title: str, x: int, y: int) -> Plane:
        try:
            array, notes = decode(self._bytes(name, MAX_FILE), f"Layer “{title}”", self._budget.pixels)
        except KeyError:
            self._notes.append(f"The pixels of layer “{title}” are missing.")
            return Plane.empty()
        except FormatError as error:
            self._notes.append(str(error))
            return Plane.empty()
        self._notes += notes
        return Plane.from_array(array, x, y)

    # ------------------------------------------------------------ our own

    def _own(self) -> Opened | None:
        """The originals, where they are there, whole, and what other programs see is still what was written."""
        try:
            data = json.loads(self._bytes(OWN, MAX_JSON))
            if data["version"] != 1 or data["of"] != _fingerprint(self._archive):
                return None
            check_size(self._name, int(data["width"]), int(data["height"]))
            masks, tiles = masks_in(data["tree"]), {}
            for plane, part in data["planes"].items():
                tiles[str(plane)] = self._original(part, plane in masks)
            picture = build(int(data["width"]), int(data["height"]), data["tree"], tiles, _no_source, self._notes)
        except FormatError:
            raise
        except (KeyError, ValueError, TypeError, AttributeError, RecursionError, OverflowError):
            return None
        return Opened(picture, self._notes)

    def _original(self, part: dict[str, Any], mask: bool) -> dict[Key, Tile]:
        data, x, y = self._bytes(str(part["file"]), MAX_FILE), int(part["x"]), int(part["y"])
        if mask:
            return dict(Plane.from_array(decode_mask(data, self._name, self._budget.pixels), x, y,
                                         int(part.get("default", 0))).tiles)
        return dict(Plane.from_array(decode(data, self._name, self._budget.pixels)[0], x, y).tiles)


def _no_source(_: dict[str, Any]) -> Plane:
    raise ValueError("no such picture")


def _whole(text: str | None) -> int:
    """A whole number that XML holds as text; 0 where it is none."""
    try:
        value = round(float(text or 0))
    except (ValueError, OverflowError):
        return 0
    return min(max(value, -(1 << 24)), 1 << 24)


def _share(text: str | None) -> float:
    try:
        value = float(text) if text is not None else 1.0
    except ValueError:
        return 1.0
    return min(max(value, 0.0), 1.0) if value == value else 1.0

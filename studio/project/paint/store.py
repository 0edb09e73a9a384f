"""A picture as rows of the project file: the tree of layers as JSON, the pixels as compressed tiles.

`delta` compares two values by the identity of their tiles, so that a stroke writes the tiles it touched and no others.
A tile is kept as one byte that names the coding (1) and a Zstandard frame (RFC 8878) of its rows, each minus the one
above, modulo 256. On painted tiles that takes 0.23 of the raw size (zlib level 1 of the raw bytes: 0.50), on
photographic ones 0.62 (0.75), at a fifth to a tenth of zlib's time.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, fields
from itertools import chain
from types import MappingProxyType
from typing import Any

import numpy as np
import zstandard

from studio.project.paint.blend import BLEND_IDS
from studio.project.paint.layer import CONTROLS, Layer
from studio.project.paint.picture import MAX_SIDE, Picture
from studio.project.paint.plane import TILE, Key, Plane, Tile, frozen
from studio.project.rows import Json, dumps, plain

CODING = b"\x01"
LEVEL = 1
THREADS = 2
"""Tiles are decoded in this many threads; more than two gain nothing, as only Zstandard's part leaves Python's lock."""

BATCH = 16
"""Tiles that are decoded together: 4 MB, which a processor's cache still holds."""

MAX_DEPTH = 60
"""Groups inside groups that are read; deeper ones are left out, as Python's own stack would end."""

FAR = 1 << 24
"""Columns and rows of tiles, and offsets of layers, stay below this."""

Row = tuple[str, int, int, bytes]
"""plane, tx, ty, data"""
Source = Callable[[Json], Plane]
"""Draws what a layer's "source" names: {"media": SHA-256, "width", "height"} in pixels."""


class BadTile(ValueError):
    """A tile's bytes cannot be decoded."""


def encode_tile(tile: Tile) -> bytes:
    """The bytes of a (256, 256, 4) or (256, 256) tile."""
    rows = tile.reshape(TILE, -1)
    steps = rows.copy()
    np.subtract(rows[1:], rows[:-1], out=steps[1:])
    return CODING + zstandard.ZstdCompressor(level=LEVEL).compress(steps.tobytes())


def _unpack(data: bytes, channels: int) -> bytes:
    size = TILE * TILE * channels
    try:
        if data[:1] != CODING or zstandard.get_frame_parameters(data[1:]).content_size != size:
            raise BadTile("unknown coding or size")
        raw = zstandard.ZstdDecompressor().decompress(data[1:], max_output_size=size)
    except zstandard.ZstdError as error:
        raise BadTile(str(error)) from error
    if len(raw) != size:
        raise BadTile("cut off")
    return raw


def decode_tile(data: bytes, channels: int) -> Tile:
    """The read-only tile behind `data`. Raises BadTile."""
    tile = decode_tiles([data], channels)[0]
    if tile is None:
        raise BadTile("unknown coding, or cut off")
    return tile


def decode_tiles(many: Sequence[bytes], channels: int) -> list[Tile | None]:
    """The read-only tiles behind these bytes; None for one that cannot be decoded. Several at once are several times as
    fast, as numpy sums the same row of all of them in one call (its own accumulate is slower still)."""
    shape = (TILE, TILE, 4) if channels == 4 else (TILE, TILE)
    rows = np.zeros((len(many), TILE, TILE * channels), np.uint8)
    good = []
    for index, data in enumerate(many):
        try:
            rows[index] = np.frombuffer(_unpack(data, channels), np.uint8).reshape(TILE, -1)
            good.append(index)
        except BadTile:
            pass
    for y in range(1, TILE):
        np.add(rows[:, y - 1], rows[:, y], out=rows[:, y])
    tiles: list[Tile | None] = [None] * len(many)
    for index in good:
        tiles[index] = frozen(rows[index].reshape(shape).copy())  # its own memory: the others may go before it
    return tiles


# ---------------------------------------------------------------- writing

@dataclass
class Delta:
    """What has to change in the file. gone: whole planes; removed: single tiles; put: tiles that are new or changed."""

    width: int
    height: int
    tree: str
    gone: list[str] = field(default_factory=list)
    removed: list[tuple[str, int, int]] = field(default_factory=list)
    put: list[Row] = field(default_factory=list)

    @property
    def nbytes(self) -> int:
        """Bytes of the tiles to write."""
        return sum(len(row[3]) for row in self.put)


def delta(before: Picture | None, after: Picture) -> Delta:
    """The way from `before` (None: nothing) to `after`, with all new tiles compressed."""
    old = before.planes() if before is not None else {}
    new = after.planes()
    made = Delta(after.width, after.height, dumps(tree_of(after)), gone=[name for name in old if name not in new])
    done: dict[int, bytes] = {}
    for name, plane in new.items():
        past = old.get(name)
        if past is not None and (past.channels, past.default) != (plane.channels, plane.default):
            made.gone.append(name)
            past = None
        for key in sorted(plane.changed(past if past is not None else Plane.empty(plane.channels, plane.default))):
            tile = plane.tiles.get(key)
            if tile is None:
                made.removed.append((name, *key))
                continue
            data = done.get(id(tile)) or encode_tile(tile)
            done[id(tile)] = data
            made.put.append((name, *key, data))
    return made


_PLAIN = ("id", "name", "kind", "dx", "dy", "opacity", "blend", "visible", "locked", "alpha_locked", "clipped",
          "mask_on", "folded", "result", "prompt", "control", "control_weight", "control_start", "control_end",
          "control_model")
_DEFAULTS = {f.name: f.default for f in fields(Layer)}


def tree_of(picture: Picture) -> Json:
    """Everything but the pixels. What has its default value is left out."""
    tree: Json = {"layers": [_layer_json(layer) for layer in picture.layers], "active": picture.active}
    for name in ("selection", "mask"):
        plane = getattr(picture, name)
        if plane is not None:
            tree[name] = {"default": plane.default}
    return tree


def _layer_json(layer: Layer) -> Json:
    data: Json = {name: value for name in _PLAIN if (value := getattr(layer, name)) != _DEFAULTS[name]}
    if layer.mask is not None:
        data["mask"] = {"default": layer.mask.default}
    if layer.children:
        data["children"] = [_layer_json(child) for child in layer.children]
    if layer.text is not None:
        data["text"] = plain(dict(layer.text))
    return data


# ---------------------------------------------------------------- reading

def picture_of(width: int, height: int, tree: Json, rows: Iterable[Row], source: Source,
               notes: list[str]) -> Picture:
    """The picture behind what the file holds. What is broken is left out and named in `notes`, one sentence each."""
    return build(width, height, tree, decode_rows(rows, masks_in(tree), notes), source, notes)


def build(width: int, height: int, tree: Json, tiles: Mapping[str, Mapping[Key, Tile]], source: Source,
          notes: list[str]) -> Picture:
    """The picture behind a tree and the tiles of its planes."""
    reader = _Reader(tiles, source, notes)
    layers = reader.layers(tree.get("layers"), 0)
    picture = Picture(_whole(width, 1, 1, MAX_SIDE), _whole(height, 1, 1, MAX_SIDE), layers,
                      selection=reader.single(tree, "selection", "selection"), mask=reader.single(tree, "mask", "mask"))
    active = tree.get("active")
    return picture.with_active(active) if isinstance(active, str) and picture.find(active) is not None else picture


def masks_in(tree: Json) -> set[str]:
    """Names of the planes that have one channel."""
    return {"selection", "mask"} | {f"{layer.get('id')}/mask" for layer in _layers_in(tree)}


def planes_in(tree: Json) -> set[str]:
    """Names of all planes that the tree speaks of."""
    layers = _layers_in(tree)
    return ({name for name in ("selection", "mask") if name in tree} | {str(layer.get("id")) for layer in layers}
            | {f"{layer.get('id')}/mask" for layer in layers if "mask" in layer})


def _layers_in(tree: Json) -> list[Json]:
    found: list[Json] = []
    waiting = [layer for layer in _list(tree.get("layers")) if isinstance(layer, dict)]
    while waiting:
        found.append(layer := waiting.pop())
        waiting += [child for child in _list(layer.get("children")) if isinstance(child, dict)]
    return found


def decode_rows(rows: Iterable[Row], masks: set[str], notes: list[str]) -> dict[str, dict[Key, Tile]]:
    """The tiles of each plane. Tiles with the same bytes are one object."""
    known: dict[tuple[int, bytes], list[tuple[str, Key]]] = {}
    for plane, tx, ty, data in rows:
        known.setdefault((1 if plane in masks else 4, bytes(data)), []).append((plane, (tx, ty)))
    found: dict[str, dict[Key, Tile]] = {}
    broken = 0
    for channels in (1, 4):
        places = [where for (count, _), where in known.items() if count == channels]
        packed = [data for count, data in known if count == channels]
        for where, tile in zip(places, _decode_all(packed, channels), strict=True):
            if tile is None:
                broken += len(where)
                continue
            for plane, key in where:
                found.setdefault(plane, {})[key] = tile
    if broken:
        notes.append(f"{broken} pieces of 256 x 256 pixels are damaged and left empty.")
    return found


def _decode_all(data: list[bytes], channels: int) -> list[Tile | None]:
    batches = [data[start:start + BATCH] for start in range(0, len(data), BATCH)]
    with ThreadPoolExecutor(THREADS, thread_name_prefix="tiles") as pool:
        return list(chain.from_iterable(pool.map(lambda batch: decode_tiles(batch, channels), batches)))


class _Reader:
    """Builds layers from JSON that may have been damaged or written by hand."""

    def __init__(self, tiles: Mapping[str, Mapping[Key, Tile]], source: Source, notes: list[str]) -> None:
        self._tiles, self._source, self._notes = tiles, source, notes
        self._ids: set[str] = set()

    def layers(self, value: Any, depth: int) -> tuple[Layer, ...]:
        if depth > MAX_DEPTH:
            self._notes.append(f"Groups more than {MAX_DEPTH} deep are left out.")
            return ()
        made = []
        for data in _list(value):
            if not isinstance(data, dict) or not isinstance(key := data.get("id"), str) or not key or key in self._ids:
                self._notes.append("A layer cannot be read and is left out.")
                continue
            self._ids.add(key)
            made.append(self._layer(key, data, depth))
        return tuple(made)

    def single(self, data: Json, field_name: str, plane: str) -> Plane | None:
        """A plane of one channel, if the tree says that there is one."""
        said = data.get(field_name)
        if not isinstance(said, dict):
            return None
        return Plane(MappingProxyType(dict(self._tiles.get(plane, {}))), 1, _whole(said.get("default"), 0, 0, 255))

    def _layer(self, key: str, data: Json, depth: int) -> Layer:
        kind = data.get("kind")
        text = data.get("text")
        values: dict[str, Any] = {
            "dx": _whole(data.get("dx"), 0, -FAR, FAR), "dy": _whole(data.get("dy"), 0, -FAR, FAR),
            "opacity": _number(data.get("opacity"), 1.0, 0.0, 1.0),
            "control_weight": _number(data.get("control_weight"), 1.0, 0.0, 2.0),
            "control_start": _number(data.get("control_start"), 0.0, 0.0, 1.0),
            "control_end": _number(data.get("control_end"), 1.0, 0.0, 1.0),
            "control": data["control"] if data.get("control") in CONTROLS else "",
            "text": MappingProxyType(text) if isinstance(text, dict) else None,
        }
        for name in ("visible", "mask_on", "locked", "alpha_locked", "clipped", "folded"):
            values[name] = bool(data.get(name, _DEFAULTS[name]))
        values["blend"] = data["blend"] if data.get("blend") in BLEND_IDS else "normal"
        for name in ("result", "prompt", "control_model"):
            values[name] = str(data.get(name, ""))
        return Layer(key, str(data.get("name", "Layer")), kind if kind in ("group", "text") else "pixels",
                     self._pixels(key, data), mask=self.single(data, "mask", f"{key}/mask"),
                     children=self.layers(data.get("children"), depth + 1), **values)

    def _pixels(self, key: str, data: Json) -> Plane:
        said = data.get("source")
        if isinstance(said, dict):
            try:
                return self._source(said)
            except Exception as error:  # decoders raise all sorts on broken files
                self._notes.append(f"The picture of layer “{data.get('name', '')}” cannot be read and is left empty "
                                   f"({error}).")
                return Plane.empty()
        return Plane(MappingProxyType(dict(self._tiles.get(key, {}))))


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []


def _whole(value: Any, default: int, least: int, most: int) -> int:
    return min(max(value, least), most) if isinstance(value, int) and not isinstance(value, bool) else default


def _number(value: Any, default: float, least: float, most: float) -> float:
    if not isinstance(value, (int, float)) or not math.isfinite(value):
        return default
    return min(max(float(value), least), most)

"""What the project hands out and takes: plain, frozen data."""

from __future__ import annotations

import json
import math
from dataclasses import dataclass
from typing import Any, Literal

Json = dict[str, Any]
DocumentKind = Literal["canvas", "manuscript", "sound"]


def dumps(value: Any) -> str:
    """JSON for the file. What JSON cannot hold (NaN, infinities, odd objects) becomes null or text, so that no result
    is lost over its meta data; lone surrogates stay as escapes."""
    try:
        text = json.dumps(value, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
    except (ValueError, TypeError):
        text = json.dumps(plain(value), ensure_ascii=False, allow_nan=False, separators=(",", ":"))
    try:
        text.encode()
    except UnicodeEncodeError:
        text = json.dumps(json.loads(text), ensure_ascii=True, separators=(",", ":"))
    return text


def plain(value: Any, depth: int = 0) -> Any:
    """`value` with what JSON cannot hold turned into null or text; deeper than 100 levels it ends."""
    if depth > 100:
        return None
    if isinstance(value, dict):
        return {str(k): plain(v, depth + 1) for k, v in value.items()}
    if isinstance(value, (list, tuple, set, frozenset)):
        return [plain(v, depth + 1) for v in value]
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    return value if value is None or isinstance(value, (str, int, bool)) else str(value)


def loads(text: str, default: Any) -> Any:
    """JSON from the file; `default` where it does not parse or is of another type."""
    try:
        value = json.loads(text)
    except (ValueError, TypeError, RecursionError):
        return default
    return value if default is None or isinstance(value, type(default)) else default


@dataclass(frozen=True)
class ResultQuery:
    """Which results. text: words of prompt and text, all of which must occur, each perhaps unfinished. kinds: any of
    these; () is all. starred: only those. deleted: the thrown-away ones instead. liked: -1, 0 or 1; None is any."""

    text: str = ""
    kinds: tuple[str, ...] = ()
    starred: bool = False
    deleted: bool = False
    liked: int | None = None
    limit: int = 200
    offset: int = 0


@dataclass(frozen=True)
class ResultRow:
    """One result without its bytes. created, deleted: seconds since 1970 (UTC); deleted is None while it is there.
    media: SHA-256 of its bytes. title: of the generator. text_preview: how a text begins, 400 characters."""

    id: str
    created: float
    kind: str
    media: str
    media_type: str
    generator: str
    title: str
    prompt: str
    seed: int | None
    recipe: Json
    meta: Json
    batch: str
    index: int
    starred: bool
    liked: int
    deleted: float | None
    text_preview: str
    job: str = ""


@dataclass(frozen=True)
class DocumentRow:
    """A canvas, a manuscript or a sound document. state: what its pane keeps (view, frame, ...). updated: seconds since
    1970 (UTC)."""

    id: str
    kind: str
    title: str
    position: int
    state: Json
    updated: float


@dataclass(frozen=True)
class CanvasItem:
    """A picture on a canvas. x, y: top left corner, and width, height: size, in canvas pixels; z: higher is in front;
    opacity: 0 to 1; result: id of the result that it shows, "" for a picture from elsewhere."""

    id: str
    document: str
    media: str
    x: float
    y: float
    width: float
    height: float
    z: float = 0.0
    name: str = ""
    opacity: float = 1.0
    visible: bool = True
    locked: bool = False
    result: str = ""


def fit_spans(spans: list[Json] | tuple[Json, ...], length: int) -> list[Json]:
    """The spans cut to a text of `length`; empty ones fall away."""
    kept = []
    for span in spans:
        start = max(0, int(span["start"]))
        end = min(length, int(span["start"]) + int(span["length"]))
        if end > start:
            kept.append({**span, "start": start, "length": end - start})
    return kept

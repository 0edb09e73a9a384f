"""Render and join the pictures: ``python -m training.spark.data``.

Writes ``build/spark/pictures.npy`` (uint8, N x 256 x 256 x 4, straight alpha) and ``build/spark/index.json``
(N rows: hexcode, label, names, tags, style, split, weight, dominant colour). Needs npm for the first run.
"""

from __future__ import annotations

import io
import json
import sys
import zlib
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from . import concepts, packages
from .colours import dominant

SIZE = 256
STYLES = ("3d", "clip art", "flat")
PICTURES = packages.BUILD / "pictures.npy"
INDEX = packages.BUILD / "index.json"
HELD_OUT = 150
SVG = 'xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink"'
NO_PICTURES = {"skin-tone", "hair-style", "country-flag", "subdivision-flag", "keycap", "alphanum", None}


@dataclass(frozen=True)
class Row:
    """One picture: where it came from and what may be said about it."""

    hexcode: str
    label: str
    names: tuple[str, ...]
    tags: tuple[str, ...]
    style: str
    split: str  # "train" (concepts of this version), "shapes" (autoencoder only) or "held out"
    weight: float
    colour: str
    share: float  # of the opaque picture that has the dominant colour, 0..1


def normal(hexcode: str) -> str:
    """Codepoints in lower case without variation selectors: the key that joins all the packages."""
    return "-".join(part for part in hexcode.lower().split("-") if part != "fe0f")


class Sources:
    """The three picture sets, addressed by normalised codepoint."""

    def __init__(self) -> None:
        assets = packages.npm(*packages.FLUENT_3D) / "assets"
        self.webp = {normal(path.stem): path for path in assets.glob("*.webp")}
        self.svg = {"clip art": self._icons(packages.NOTO), "flat": self._icons(packages.FLUENT_FLAT)}

    @staticmethod
    def _icons(package: tuple[str, str]) -> dict[str, str]:
        folder = packages.npm(*package)
        icons = json.loads((folder / "icons.json").read_text("utf-8"))
        chars = json.loads((folder / "chars.json").read_text("utf-8"))
        found: dict[str, str] = {}
        for code, name in chars.items():
            icon = icons["icons"].get(name) or icons["icons"].get(icons["aliases"].get(name, {}).get("parent"))
            if icon:
                width, height = icon.get("width", icons["width"]), icon.get("height", icons["height"])
                found[normal(code)] = f'<svg {SVG} viewBox="0 0 {width} {height}">{icon["body"]}</svg>'
        return found

    def render(self, code: str, style: str) -> NDArray[np.uint8] | None:
        """RGBA picture of SIZE x SIZE, or None when this set lacks the emoji."""
        if style == "3d":
            path = self.webp.get(code)
            return None if path is None else _rgba(Image.open(path))
        svg = self.svg[style].get(code)
        if svg is None:
            return None
        import resvg_py

        png = resvg_py.svg_to_bytes(svg_string=svg, width=SIZE, height=SIZE)
        return _rgba(Image.open(io.BytesIO(bytes(png))))


def _rgba(image: Image.Image) -> NDArray[np.uint8]:
    image = image.convert("RGBA")
    if image.size != (SIZE, SIZE):
        image = image.resize((SIZE, SIZE), Image.Resampling.LANCZOS)
    return np.asarray(image)


def emoji() -> Iterator[tuple[str, str, str, tuple[str, ...]]]:
    """Yield (normalised hexcode, label, subgroup, tags); people of the list come once for each skin tone."""
    folder = packages.npm(*packages.EMOJIBASE) / "en"
    messages = json.loads((folder / "messages.json").read_text("utf-8"))
    key = {group["order"]: group["key"] for group in messages["subgroups"]}
    key[46] = "food-sweet"  # the package gives two subgroups this number; both are food
    for entry in json.loads((folder / "data.json").read_text("utf-8")):
        subgroup = key.get(entry.get("subgroup"))
        if subgroup in NO_PICTURES:
            continue
        tags = tuple(entry.get("tags", ()))
        codes = [entry["hexcode"]]
        if entry["label"] in concepts.PEOPLE:
            codes += [skin["hexcode"] for skin in entry.get("skins", ())]
        for code in codes:
            yield normal(code), entry["label"], subgroup, tags


def prepare(limit: int | None = None) -> list[Row]:
    """Render every picture and write the two files; returns the rows of the index."""
    sources, rows, pictures = Sources(), [], []
    for code, label, subgroup, tags in emoji():
        people = sum(label == row.label for row in rows) if label in concepts.PEOPLE else 0
        for style in STYLES:
            picture = sources.render(code, style)
            if picture is None or int(picture[..., 3].max()) < 128:
                continue
            wanted = concepts.wanted(label, subgroup)
            weight = concepts.weight(label) / (6 if people or label in concepts.PEOPLE else 1)
            colour, share = dominant(picture)
            row = Row(
                code, label, concepts.names(label), tags, style, "train" if wanted else "shapes", weight, colour, share
            )
            rows.append(row)
            pictures.append(picture)
        if limit and len(rows) >= limit:
            break
    rows = _hold_out(rows)
    packages.BUILD.mkdir(parents=True, exist_ok=True)
    np.save(PICTURES, np.stack(pictures))
    INDEX.write_text(json.dumps([asdict(row) for row in rows], ensure_ascii=False, indent=0), "utf-8")
    return rows


def _hold_out(rows: list[Row]) -> list[Row]:
    """Mark about HELD_OUT pictures, chosen by hash among the ``shapes``, which no caption ever names."""
    spare = [i for i, row in enumerate(rows) if row.split == "shapes"]
    spare.sort(key=lambda i: zlib.crc32(f"{rows[i].hexcode}/{rows[i].style}".encode()))
    held = set(spare[:HELD_OUT])
    return [Row(**{**asdict(row), "split": "held out"}) if i in held else row for i, row in enumerate(rows)]


def load() -> tuple[NDArray[np.uint8], list[Row]]:
    """The prepared pictures (memory-mapped) and their rows; prepares them when they are missing."""
    if not INDEX.exists():
        prepare()
    raw = json.loads(Path(INDEX).read_text("utf-8"))
    names = {row["label"]: concepts.names(row["label"]) for row in raw}
    rows = [Row(**{**row, "names": names[row["label"]], "tags": tuple(row["tags"])}) for row in raw]
    return np.load(PICTURES, mmap_mode="r"), rows


def main() -> int:
    rows = prepare()
    train = [row for row in rows if row.split == "train"]
    print(f"{len(rows)} pictures, {len(train)} of {len({r.label for r in train})} concepts, ", end="")
    print(f"{sum(r.split == 'held out' for r in rows)} held out -> {PICTURES}")
    return 0


if __name__ == "__main__":
    sys.exit(main())

"""Read the freely usable parts of music21's corpus once into plain JSON lines outside the repository.

``python -m training.music corpus``. Which directories are read, and why others are not, is in README.md beside this.
A tune that music21 cannot read, or whose bars do not add up, is left out.
"""

from __future__ import annotations

import contextlib
import json
import re
import warnings
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

TICKS = 12
"""Ticks in a quarter note: sixteenths and triplets of eighths fall on whole ticks."""

TUNE_BOOKS = ("oneills1850", "ryansMammoth", "airdsAirs", "miscFolk")
FREE_SCORES = (
    "johnson_j_r/lift_every_voice.mxl", "liliuokalani/aloha_oe.mxl", "lusitano/allor_che_ignuda.mxl",
    "weber/concertino_clarinet.mxl", "leadSheet/fosterBrownHair.mxl",
)
"""Single scores that say themselves that they are in the public domain or CC0; a name that is not there is skipped."""


@dataclass(frozen=True)
class Source:
    """One piece before it is parsed: `text` of an ABC tune, or the `path` of a score."""

    collection: str
    name: str
    path: Path
    text: str = ""


def corpus_folder() -> Path:
    import music21

    return Path(music21.__file__).parent / "corpus"


def abc_tunes(path: Path) -> Iterator[str]:
    """The tunes of an ABC file, each with its own header."""
    text = path.read_text("utf-8", "replace")
    for part in re.split(r"(?m)^(?=X:)", text):
        if part.startswith("X:"):
            yield part


def sources(folder: Path | None = None) -> Iterator[Source]:
    """All pieces that are used, in a fixed order."""
    root = folder or corpus_folder()
    for book in TUNE_BOOKS:
        for path in sorted((root / book).glob("*.abc")):
            for number, text in enumerate(abc_tunes(path)):
                yield Source(book, f"{path.stem}-{number}", path, text)
    for path in sorted((root / "bach").glob("bwv*.mxl")):
        if not path.stem.startswith("bwv846"):
            yield Source("bach", path.stem, path)
    for name in FREE_SCORES:
        if (root / name).is_file() and free(root / name):
            yield Source("free", Path(name).stem, root / name)


def free(path: Path) -> bool:
    """Whether a compressed score says that it is in the public domain or CC0."""
    with zipfile.ZipFile(path) as archive:
        words = " ".join(archive.read(name).decode("utf-8", "replace") for name in archive.namelist()).lower()
    return "public domain" in words or "cc0" in words


def headers(text: str) -> dict[str, list[str]]:
    """Fields of an ABC header by letter."""
    found: dict[str, list[str]] = {}
    for line in text.splitlines():
        match = re.match(r"([A-Za-z]):\s*(.*)", line)
        if match:
            found.setdefault(match[1], []).append(match[2].strip())
    return found


def parse(source: Source) -> dict[str, Any] | None:
    """Notes, bars, key, metre and words of a piece as plain data; None where it is of no use."""
    from music21 import converter

    if source.text:
        score = converter.parse(source.text, format="abc")
    else:
        score = converter.parse(source.path, forceSource=True)
    parts = [part for part in (_part(part) for part in score.parts) if part and part["notes"]]
    if not parts:
        return None
    signature = next(iter(score.recurse().getElementsByClass("TimeSignature")), None)
    return {
        "collection": source.collection, "name": source.name, "headers": headers(source.text), "parts": parts,
        "metre": [signature.numerator, signature.denominator] if signature else None,
        "metres": len({s.ratioString for s in score.recurse().getElementsByClass("TimeSignature")}),
        "key": _key(score),
    }


def _key(score: Any) -> list[Any]:
    """[tonic pitch class, mode] as written, or as music21 estimates it from the notes."""
    written = next(iter(score.recurse().getElementsByClass("KeySignature")), None)
    mode = getattr(written, "mode", None)
    if written is not None and mode:
        return [int(written.tonic.pitchClass), str(mode), int(written.sharps)]
    estimate = score.analyze("key")
    return [int(estimate.tonic.pitchClass), str(estimate.mode), None if written is None else int(written.sharps)]


def _part(part: Any) -> dict[str, Any]:
    """Notes as [start tick, ticks, MIDI pitch] and bar starts in ticks; ties joined, grace notes dropped."""
    measures = [[_ticks(m.offset), _ticks(m.duration.quarterLength)] for m in part.getElementsByClass("Measure")]
    notes = []
    for note in part.stripTies().flatten().notes:
        length = _ticks(note.quarterLength)
        if length > 0:
            start, pitches = _ticks(note.offset), [p.midi for p in note.pitches]
            if pitches:
                notes.append([start, length, max(pitches)])
    exact = all(abs(float(n.offset) * TICKS - round(float(n.offset) * TICKS)) < 0.1 for n in part.flatten().notes)
    return {"name": str(part.partName or ""), "notes": notes, "measures": measures, "exact": exact}


def _ticks(quarters: Any) -> int:
    return round(float(quarters) * TICKS)


def read_all(target: Path) -> tuple[int, int]:
    """Parse everything into `target` (JSON lines); returns (pieces kept, pieces that could not be read)."""
    warnings.simplefilter("ignore")
    kept = broken = 0
    target.parent.mkdir(parents=True, exist_ok=True)
    with target.with_suffix(".part").open("w", encoding="utf-8") as out:
        for source in sources():
            piece = None
            with contextlib.suppress(Exception):  # whatever a broken file makes the parser raise
                piece = parse(source)
            if piece is None:
                broken += 1
                continue
            kept += 1
            out.write(json.dumps(piece, separators=(",", ":")) + "\n")
            if kept % 250 == 0:
                print(f"{kept} pieces read, {broken} left out", flush=True)
    target.with_suffix(".part").replace(target)
    return kept, broken

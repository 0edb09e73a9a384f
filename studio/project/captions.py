"""Times of spoken words as captions: SubRip (.srt), WebVTT (.vtt) and JSON.

Formats: https://www.w3.org/TR/webvtt1/ ; SubRip as matroska.org describes it. Lines follow what broadcasters ask for:
at most two of 42 characters, up and down within 7 seconds.
"""

from __future__ import annotations

import json
import textwrap
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

LINE, LINES, SECONDS, GAP = 42, 2, 7.0, 1.0
ENDINGS = (".srt", ".vtt", ".json")
_CLAUSE = (",", ";", ":", "—", "–")
_TITLES = ("Mr.", "Mrs.", "Ms.", "Dr.", "Prof.", "St.")
_SENTENCE = (".", "!", "?", "…", "。", "！", "？", "”", '"')


@dataclass(frozen=True)
class Caption:
    """start, end: seconds. text: may have a line break."""

    start: float
    end: float
    text: str


def captions(meta: Mapping[str, Any]) -> list[Caption]:
    """Captions from a transcript's "words", else its "segments" or a speech's "sentences"; none where there are no
    times."""
    words = _timed(meta.get("words"))
    if words:
        return [_caption(group) for group in _groups(words)]
    parts = _timed(meta.get("segments")) or _timed(meta.get("sentences"))
    return [Caption(part.start, part.end, _wrapped(part.text)) for part in parts]


def srt(lines: Sequence[Caption]) -> str:
    """SubRip."""
    blocks = (f"{number}\n{_clock(c.start, ',')} --> {_clock(c.end, ',')}\n{c.text}\n"
              for number, c in enumerate(lines, 1))
    return "\n".join(blocks)


def vtt(lines: Sequence[Caption]) -> str:
    """WebVTT."""
    blocks = (f"{_clock(c.start, '.')} --> {_clock(c.end, '.')}\n{_escaped(c.text)}\n" for c in lines)
    return "\n".join(["WEBVTT\n", *blocks])


def captioned(text: str, meta: Mapping[str, Any], ending: str) -> str | None:
    """A text with times in the format of a file name ending; None where it has no times or the ending is another."""
    lines = captions(meta)
    if not lines or ending not in ENDINGS:
        return None
    if ending == ".json":
        known = {key: meta[key] for key in ("language", "seconds", "segments", "sentences", "words") if key in meta}
        return json.dumps({"text": text, **known}, ensure_ascii=False, indent=1) + "\n"
    return srt(lines) if ending == ".srt" else vtt(lines)


def _timed(parts: Any) -> list[Caption]:
    made = []
    for part in parts if isinstance(parts, (list, tuple)) else ():
        try:
            start, end, text = float(part["start"]), float(part["end"]), " ".join(str(part["text"]).split())
        except (KeyError, TypeError, ValueError):
            continue
        if text and 0 <= start < 1e7:
            made.append(Caption(start, max(start, end), text))
    return made


def _groups(words: Sequence[Caption]) -> list[list[Caption]]:
    """Words that are shown together."""
    groups: list[list[Caption]] = []
    for word in words:
        held = groups[-1] if groups else []
        length = len(" ".join(w.text for w in held)) + 1 + len(word.text)
        full = length > LINE * LINES or (held and word.end - held[0].start > SECONDS)
        pause = held and word.start - held[-1].end > GAP
        ended = held and ((held[-1].text.endswith(_SENTENCE) and held[-1].text not in _TITLES)
                          or (held[-1].text.endswith(_CLAUSE) and length > LINE * 1.5))
        if not held or full or pause or ended:
            groups.append([word])
        else:
            held.append(word)
    return groups


def _caption(group: Sequence[Caption]) -> Caption:
    return Caption(group[0].start, group[-1].end, _wrapped(" ".join(word.text for word in group)))


def _wrapped(text: str) -> str:
    """In lines of about the same length."""
    if len(text) <= LINE:
        return text
    rows = -(-len(text) // LINE)
    lines = textwrap.wrap(text, min(LINE, -(-len(text) // rows) + 4), break_long_words=False)
    return "\n".join(lines if len(lines) <= rows else textwrap.wrap(text, LINE, break_long_words=False))


def _clock(seconds: float, point: str) -> str:
    whole = round(seconds * 1000)
    return f"{whole // 3_600_000:02}:{whole // 60_000 % 60:02}:{whole // 1000 % 60:02}{point}{whole % 1000:03}"


def _escaped(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
